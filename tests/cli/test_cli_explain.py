"""`glassnet explain xor`: the text, the formats, the file, and what is refused.

That the numbers are right is tested in tests/diagnostics.
"""

import re
from pathlib import Path

import pytest
from cli_helpers import Runner


def test_one_row_of_xor_is_written_out_on_one_screen(run: Runner) -> None:
    code, out, err = run("explain", "xor")
    assert (code, err) == (0, "")
    assert out.startswith("One row forward and back through a [2, 2, 1] network.")
    assert len(out.splitlines()) <= 50
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("row", "wanted"), [("0,0", 0), ("0,1", 1), ("1,0", 1), ("1,1", 0)])
def test_the_network_has_learned_what_it_explains(
    run: Runner, seed: int, row: str, wanted: int
) -> None:
    document = run("explain", "xor", "--row", row, "--seed", seed, "--json").document
    assert document["wanted"] == wanted
    assert (document["numbers"]["linked"][0][0] > 0.5) == bool(wanted)
    assert document["row"] == [float(each) for each in row.split(",")]
    assert document["epochs"] == 10


def test_without_epochs_the_network_has_learned_nothing(run: Runner) -> None:
    document = run("explain", "xor", "--epochs", "0", "--json").document
    assert document["epochs"] == 0
    assert not any(document["numbers"]["passes"][0]["biases"])


def test_options_choose_row_layers_activation_digits_and_step(run: Runner) -> None:
    options = ("--row", "0.25,-2", "--layers", "2,3,2,1", "--activation", "relu", "--lr", "0.5")
    out = run("explain", "xor", *options, "--digits", "6").out
    assert "[2, 3, 2, 1] network" in out
    assert "relu of the score" in out
    assert "W - 0.5·dL/dW" in out
    assert "(0.25 - " in out
    assert re.search(r"z1_1 = .* = -?\d+\.\d{5}\b", out)


def test_the_same_seed_explains_the_same_network(run: Runner) -> None:
    assert run("explain", "xor").out == run("explain", "xor").out
    assert run("explain", "xor").out != run("explain", "xor", "--seed", "1").out


@pytest.mark.parametrize(("name", "start"), [("markdown", "# One"), ("html", "<!DOCTYPE html>")])
def test_other_formats_go_to_standard_output(run: Runner, name: str, start: str) -> None:
    assert run("explain", "xor", "--format", name).out.startswith(start)


@pytest.mark.parametrize(
    ("suffix", "name"), [("txt", "text"), ("md", "markdown"), ("html", "html")]
)
def test_a_file_gets_the_format_of_its_name(
    run: Runner, in_folder: Path, suffix: str, name: str
) -> None:
    path = f"xor.{suffix}"
    assert run("explain", "xor", "--output", path) == (0, "", f"saved to {path}\n")
    assert (in_folder / path).read_text(encoding="utf-8") == run(
        "explain", "xor", "--format", name
    ).out
    code, _, err = run("explain", "xor", "--output", path, "--quiet")
    assert code == 1
    assert "it exists; add --overwrite" in err
    assert run("explain", "xor", "--output", path, "--overwrite", "--quiet") == (0, "", "")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "the following arguments are required: xor"),
        (["xr"], "must be xor; got 'xr'; did you mean xor?"),
        (["xor", "--row", "1"], "must be two numbers with a comma between them, such as 1,0"),
        (["xor", "--row", "1,x"], "must be two numbers with a comma between them"),
        (["xor", "--row", "1,2,3"], "must be two numbers with a comma between them"),
        (["xor", "--row", "1,nan"], "must be two numbers with a comma between them"),
        (["xor", "--row", "1,1e300"], "too large for float32"),
        (["xor", "--layers", "3,2,1"], "--layers must begin with 2 and end with 1"),
        (["xor", "--digits", "1"], "digits must be an integer of at least 2; got 1"),
        (["xor", "--digits", "40"], "digits must be at most 17"),
        (["xor", "--activation", "foo"], "activation must be one of"),
        (["xor", "--format", "pdf"], "must be text or markdown or html; got 'pdf'"),
        (["xor", "--output", "a.pdf"], "--output must end in .txt or .md or .html; got 'a.pdf'"),
        (["xor", "--output", "a.md", "--format", "text"], "leave out --format"),
        (["xor", "--lr", "0"], "must be a finite number above 0"),
    ],
)
def test_what_is_typed_wrong_is_told_before_any_training(
    run: Runner, monkeypatch: pytest.MonkeyPatch, words: list[str], line: str
) -> None:
    from glassnet.cli import explain

    monkeypatch.delattr(explain, "fit")
    code, out, err = run("explain", *words)
    assert (code, out) == (2, "")
    assert line in err
    assert len(err.splitlines()) == 1


def test_ctrl_c_keeps_nothing(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    from glassnet import Network

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Network, "fit", stop)
    code, out, err = run("explain", "xor", "--output", "a.md")
    assert (code, out) == (130, "")
    assert "nothing was kept" in err


def test_the_formats_that_are_offered_are_those_of_the_library() -> None:
    from glassnet.cli.explain import FORMATS
    from glassnet.diagnostics.explaining.explanation import FORMS

    assert tuple(FORMS) == FORMATS
