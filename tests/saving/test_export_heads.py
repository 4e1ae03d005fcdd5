"""What exported files say of themselves: the example at each head is run as it stands there."""

import ast
import re
import runpy
import shutil
import subprocess
import sys

import exports_to_make as make
import numpy as np
import pytest

NETS = {
    "table": make.of_a_table,
    "bytes": make.of_bytes,
    "several labels": lambda: make.of(loss="logistic"),
    "one output": lambda: make.of(loss="logistic", layers=[4, 1]),
    "numbers": lambda: make.standardised("huber"),
}


def head_of(path):
    """The comment that a source begins with."""
    text = path.read_text()
    return text[: text.index("*/")] if path.suffix != ".py" else ast.get_docstring(ast.parse(text))


def indented(head):
    """The lines of the example, without a comment's stars."""
    lines = [re.sub(r"^ \*", "", line) for line in head.splitlines()]
    return "\n".join(line.strip() for line in lines if line.startswith("    "))


def said(folder, *command):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def of_zeros(net):
    return net.predict(np.zeros((1, net.layers[0]), np.uint8))


@pytest.mark.parametrize("kind", NETS)
@pytest.mark.parametrize(
    ("stem", "format"), [("net", "numpy"), ("my net-2", "python"), ("class", "python")]
)
def test_the_example_of_a_python_file_runs(tmp_path, kind, stem, format):
    net = NETS[kind]()
    net.export(tmp_path / f"{stem}.py", format=format)
    found = said(tmp_path, sys.executable, "-c", indented(head_of(tmp_path / f"{stem}.py")))
    outputs = np.array(re.findall(r"[-+.e\d]+", found), float)
    np.testing.assert_allclose(outputs, of_zeros(net)[0], atol=1e-5)


@pytest.mark.parametrize("kind", NETS)
@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed here")
def test_the_example_of_a_javascript_file_runs(tmp_path, kind):
    for stem in ("net", "my net-2"):
        NETS[kind]().export(tmp_path / f"{stem}.mjs")
        example = indented(head_of(tmp_path / f"{stem}.mjs"))
        (tmp_path / "main.mjs").write_text(example)
        assert said(tmp_path, "node", "main.mjs").startswith("[")


@pytest.mark.parametrize("kind", NETS)
@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed here")
def test_the_example_of_a_header_compiles_and_runs(tmp_path, kind):
    for stem in ("net", "my net-2"):
        NETS[kind]().export(tmp_path / f"{stem}.h", int8=stem == "net")
        (tmp_path / "main.c").write_text(indented(head_of(tmp_path / f"{stem}.h")) + "\n")
        strict = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
        said(tmp_path, "gcc", *strict, "main.c", "-o", "program", "-lm")
        assert said(tmp_path, tmp_path / "program")


@pytest.mark.parametrize("kind", NETS)
def test_the_example_of_an_onnx_file_runs(tmp_path, kind, monkeypatch):
    onnx, onnxruntime = (pytest.importorskip(name) for name in ("onnx", "onnxruntime"))
    monkeypatch.chdir(tmp_path)
    net = NETS[kind]()
    net.export("net.onnx")
    example = onnx.load("net.onnx").doc_string.split("Example: ")[1]
    outputs = eval(example, {"np": np, "onnxruntime": onnxruntime})[0]
    np.testing.assert_allclose(outputs, of_zeros(net), atol=1e-5)


@pytest.mark.parametrize("suffix", [".h", ".mjs", ".py"])
def test_the_head_says_what_inputs_and_outputs_are(tmp_path, suffix):
    def head(net):
        net.export(tmp_path / f"n{suffix}")
        return head_of(tmp_path / f"n{suffix}")

    table = head(make.of_a_table())
    assert "Inputs: 5 finite numbers, in the order and the units of X in training." in table
    assert "They are scaled in here: do not scale them before." in table
    assert "A category is as many inputs as it has values" in table
    assert {".h": "by n_encode", ".mjs": "by encode(row)", ".py": "a dict of COLUMNS"}[
        suffix
    ] in table
    assert ("Inputs are not checked" in table) == (suffix == ".h")
    assert "Inputs: 5 numbers from 0 to 255 (bytes)" in head(make.of_bytes())
    for net, outputs in [
        (make.of(), "6, the probability of each label"),
        (make.of(loss="logistic"), "6, the probability of each label"),
        (make.of(loss="logistic", layers=[2, 1]), "1, the probability of label 1"),
        (make.of(loss="logistic", layers=[2, 1], classes=["a", "b"]), "of the second label"),
        (make.of(loss=make.Pinball((0.1, 0.9))), "6, quantiles, the lowest of every target first"),
        (make.of(loss="gaussian", layers=[2, 2]), "2, means, then variances"),
        (make.of(loss="huber"), "6, numbers as y was in training"),
    ]:
        assert f"{outputs}." in head(net)


@pytest.mark.parametrize(
    "name", ['"""\'.py', "*\u2028.h", "`${1}.mjs", "</script>.js", "\u2028.py"]
)
def test_the_name_of_a_file_cannot_break_out_of_its_head(tmp_path, name):
    path = tmp_path / name.replace("/", "")
    make.of().export(path)
    text = path.read_text(encoding="ascii")
    assert "THIS_FILE" in text
    if path.suffix == ".py":
        assert "predict" in runpy.run_path(str(path))
