"""`glassnet export`: a saved network as a file that runs without glassnet.

What is in such files is tested in tests/saving; here it is which file comes of which words.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_helpers import Runner

import glassnet
from glassnet.cli.export import FORMATS
from glassnet.saving.export import EXPORTERS, SUFFIXES

TRAIN = ["--layers", "8", "--epochs", "20", "--output", "m.safetensors"]


@pytest.fixture
def flower_model(run: Runner, flowers_csv: Path) -> str:
    assert run("train", flowers_csv.name, "--target", "kind", *TRAIN).code == 0
    return "m.safetensors"


@pytest.fixture
def plain_model(in_folder: Path) -> str:
    """A network that was not made from a table."""
    glassnet.Network([3, 4, 2], loss="huber", seed=1).save_model(in_folder / "m.safetensors")
    return "m.safetensors"


def test_every_format_of_the_library_can_be_asked_for() -> None:
    assert set(FORMATS) == set(EXPORTERS)
    assert set(SUFFIXES.values()) | {"numpy"} == set(FORMATS)


@pytest.mark.parametrize(
    ("output", "form", "start"),
    [
        ("f.py", [], b'"""'),
        ("f.py", ["--format", "numpy"], b'"""'),
        ("f.h", [], b"/* f: a network"),
        ("F.H", [], b"/* F: a network"),
        ("f.txt", ["--format", "c"], b"/* f: a network"),
        ("f.mjs", [], b"/**\n * f: a network"),
        ("f.onnx", [], b""),
    ],
)
def test_the_end_of_the_name_or_the_format_says_what_is_written(
    run: Runner, flower_model: str, output: str, form: list[str], start: bytes
) -> None:
    code, out, err = run("export", flower_model, output, *form)
    assert (code, err) == (0, "")
    assert out.startswith(f"{output}")
    assert Path(output).read_bytes().startswith(start)
    assert (b"import numpy" in Path(output).read_bytes()) == (form == ["--format", "numpy"])


def test_python_answers_a_table_as_the_program_says(run: Runner, flower_model: str) -> None:
    out = run("export", flower_model, "f.py").out
    assert "python f.py < table.csv" in out
    with open("flowers.csv", encoding="utf-8") as table:
        done = subprocess.run(
            [sys.executable, "-I", "f.py"], stdin=table, capture_output=True, text=True, check=True
        )
    found = [line.split(",")[0] for line in done.stdout.split()[1:]]
    assert found == run("predict", flower_model, "flowers.csv").out.split()[1:]


def test_a_name_that_is_no_word_is_quoted_or_refused(run: Runner, plain_model: str) -> None:
    assert "python 'my f.py' < table.csv" in run("export", plain_model, "my f.py").out
    code, _, err = run("export", plain_model, "csv.py")
    assert code == 1
    assert "csv.py would hide Python's module csv; name it otherwise" in err


def test_json_tells_what_was_written(run: Runner, flower_model: str) -> None:
    document = run("export", flower_model, "f.mjs", "--name", "blooms", "--json").document
    files = ["f.mjs", "f.d.mts"]
    assert document == {
        "model": flower_model,
        "output": "f.mjs",
        "format": "javascript",
        "name": "blooms",
        "files": files,
        "bytes": sum(Path(path).stat().st_size for path in files),
    }
    assert "blooms: a network" in Path("f.mjs").read_text()


def test_int8_tells_what_it_costs_on_a_table(run: Runner, flower_model: str) -> None:
    words = ["export", flower_model, "f.h", "--int8", "--data", "flowers.csv", "--overwrite"]
    code, out, _ = run(*words)
    assert code == 0
    assert "Measured on 60 rows" in out
    assert "Measured on 60 rows" in Path("f.h").read_text()
    found = run(*words, "--json").document["int8"]
    assert found["measured"]["rows"] == 60
    before = run("evaluate", flower_model, "flowers.csv", "--json").document
    assert found["measured"]["float"]["accuracy"] == before["accuracy"]
    assert found["weights_bytes"] < found["of"]
    told = run("export", flower_model, "g.h", "--int8").out
    assert "What that costs in accuracy was not measured." in told
    assert (
        run("export", flower_model, "k.h", "--int8", "--json").document["int8"]["measured"] is None
    )


def test_a_network_without_a_table_is_exported_too(run: Runner, plain_model: str) -> None:
    for name in ("n.h", "n.mjs", "n.py", "n.onnx"):
        assert run("export", plain_model, name).code == 0
    assert run("export", plain_model, "n8.h", "--int8").code == 0


@pytest.mark.parametrize("name", ["n.h", "n.d.mts"])
def test_a_file_that_exists_is_replaced_only_where_asked(
    run: Runner, plain_model: str, name: str
) -> None:
    Path(name).write_text("mine")
    output = name.replace(".d.mts", ".mjs")
    code, out, err = run("export", plain_model, output)
    assert (code, out) == (1, "")
    assert f"{name}: it exists; add --overwrite" in err
    assert Path(name).read_text() == "mine"
    assert run("export", plain_model, output, "--overwrite").code == 0
    assert Path(name).read_text() != "mine"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (
            ["n.exe"],
            r"out must end in \.onnx, \.py, \.h, \.mjs, \.js; got 'n.exe'; or say --format",
        ),
        (["n"], r"out must end in"),
        (["-", "--format", "c"], r"out must be the name of a file"),
        (["x.safetensors"], r"the model comes first, then the file to write"),
        (["x.npz", "--format", "c"], r"the model comes first|cannot end in"),
        (["n.h", "--format", "rust"], r"--format: must be onnx or python .*; got 'rust'"),
        (["n.h", "--format", "javscript"], r"did you mean javascript\?"),
        (["n.py", "--int8"], r"--int8 is for C \(.h\) alone; python has no such form"),
        (["n.h", "--data", "t.csv"], r"--data is for --int8"),
        (["n.h", "--name", "9 lives"], r"name must be up to 63 ASCII letters"),
        (["n.h", "--name", "a\n"], r"name must be up to 63 ASCII letters"),
        ([], r"required: out"),
        (["n.h", "more"], r"one word too many: 'more'"),
    ],
)
def test_words_that_are_wrong_are_answered_with_2_and_one_line(
    run: Runner, plain_model: str, words: list[str], complaint: str
) -> None:
    code, out, err = run("export", plain_model, *words)
    assert (code, out) == (2, "")
    assert err.startswith("glassnet export: error: ")
    assert len(err.splitlines()) == 1
    assert re.search(complaint, err)
    assert [path.name for path in Path.cwd().iterdir()] == [plain_model]


def test_what_cannot_be_exported_is_answered_with_1_and_one_line(
    run: Runner, in_folder: Path
) -> None:
    glassnet.Fleet([3, 4, 2], 2, loss="huber").save_model(in_folder / "fleet.safetensors")
    glassnet.Network([3, 2]).save_model(in_folder / "unsettled.safetensors")
    glassnet.Network([3, 2], loss="huber").save_model(in_folder / "m.safetensors")
    (in_folder / "folder.h").mkdir()
    (in_folder / "text.safetensors").write_text("no model")
    (in_folder / "t.csv").write_text("a,b\n1,2\n")
    for words, complaint in [
        (["fleet.safetensors", "n.h"], "n.h: network: it is a fleet; export one member"),
        (["unsettled.safetensors", "n.h"], "export needs a loss"),
        (["absent.safetensors", "n.h"], "absent.safetensors: "),
        (["text.safetensors", "n.h"], "text.safetensors: "),
        (["m.safetensors", "none/n.h"], "none/n.h: "),
        (["m.safetensors", "folder.h"], "folder.h: "),
        (["m.safetensors", "n.h", "--int8", "--data", "t.csv"], "not made by `glassnet train`"),
    ]:
        code, out, err = run("export", *words)
        assert (code, out) == (1, ""), words
        assert len(err.splitlines()) == 1
        assert complaint in err
        assert not (in_folder / "n.h").exists()


def test_rows_with_gaps_are_not_measured_on(run: Runner, flower_model: str) -> None:
    Path("gaps.csv").write_text("length,width,kind\n1,,rose\n", encoding="utf-8")
    code, _, err = run("export", flower_model, "f.h", "--int8", "--data", "gaps.csv")
    assert code == 1
    assert "leave them out of the table that int8 is measured on" in err
    assert not Path("f.h").exists()


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed here")
def test_the_header_answers_as_predict_does(run: Runner, flower_model: str) -> None:
    assert run("export", flower_model, "f.h").code == 0
    Path("main.c").write_text(
        """#include <stdio.h>
#include "f.h"
int main(void) {
    f_row row;
    float x[F_INPUTS];
    while (scanf("%f %f", &row.in_length, &row.in_width) == 2)
        if (f_encode(&row, x) == 0) puts(f_labels[f_classify(x)]);
}
"""
    )
    subprocess.run(["gcc", "-std=c99", "-Wall", "main.c", "-o", "main", "-lm"], check=True)
    table = Path("flowers.csv").read_text(encoding="utf-8").splitlines()[1:]
    numbers = "\n".join(line.rsplit(",", 1)[0].replace(",", " ") for line in table)
    done = subprocess.run(["./main"], input=numbers, capture_output=True, text=True, check=True)
    assert done.stdout.split() == run("predict", flower_model, "flowers.csv").out.split()[1:]
