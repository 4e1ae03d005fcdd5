"""Exports to C99, compiled with every warning an error and run with sanitizers on.

Many networks go into one program, as one compiler run costs more than all else here.
"""

import re
import shutil
import subprocess
import tempfile

import exports_to_make as make
import numpy as np
import pytest

from glassnet import ModelFileError, Network
from glassnet.activations import ACTIVATIONS
from glassnet.losses import SquaredError
from glassnet.saving.export import default_name
from glassnet.saving.export.int8 import measure, quantize, rounded

STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wdouble-promotion"]
SANITIZED = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
COMPILERS = {"gcc": ["gcc", "-x", "c", "-std=c99"], "g++": ["g++", "-x", "c++"]}
BOUND = {"float32": 1e-5, "float64": 1e-12}


def usable():
    """Whether both compilers are here, with their sanitizers."""
    for compiler, command in COMPILERS.items():
        if shutil.which(compiler) is None:
            return False
        with tempfile.TemporaryDirectory() as folder:
            words = [*command, *SANITIZED, "-", "-o", f"{folder}/program"]
            source = b"int main(void) { return 0; }"
            if subprocess.run(words, input=source, capture_output=True, check=False).returncode:
                return False
    return True


pytestmark = pytest.mark.skipif(
    not usable(), reason="gcc and g++ with their sanitizers are not installed here"
)

PASS = """
static void run_{name}(int rows) {{
    {real} x[{inputs}], y[{outputs}];
    int labels[{labels}] = {{0}};
    for (int row = 0; row < rows; row++) {{
        if (fread(x, sizeof x, 1, stdin) != 1) exit(3);
        {name}_predict(x, y);
        fwrite(y, sizeof y, 1, stdout);
        {classify};
        fwrite(labels, sizeof labels, 1, stdout);
    }}
}}
"""
CLASSIFY = {
    "none": "labels[0] = 0",
    "one": "labels[0] = {name}_classify(x)",
    "several": "{name}_classify(x, labels)",
}


def build(folder, source, compiler="gcc"):
    """The program made of a C source, beside which headers lie."""
    (folder / "main.c").write_text("#include <stdio.h>\n#include <stdlib.h>\n" + source)
    command = [
        *COMPILERS[compiler],
        *STRICT,
        "-Werror",
        *SANITIZED,
        "main.c",
        "-o",
        "program",
        "-lm",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:3000]
    return folder / "program"


def answer(program, data=b""):
    done = subprocess.run([program], input=data, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-3000:].decode()
    return done.stdout


def kind_of_labels(net, X):
    found = make.labels_of(net, X[:1])
    return "none" if found is None else "one" if found.ndim == 1 else "several"


def predictions(folder, nets, rows, compiler="gcc", **options):
    """(outputs, places of labels) of each network for its rows, from one program."""
    source, data = "", b""
    for k, (net, X) in enumerate(zip(nets, rows, strict=True)):
        net.export(folder / f"n{k}.h", **options)
        kind, outputs = kind_of_labels(net, X), net.layers[-1]
        words = {"name": f"n{k}", "inputs": net.layers[0], "outputs": outputs}
        words["real"] = "float" if net.dtype == np.float32 else "double"
        words["labels"] = outputs if kind == "several" else 1
        words["classify"] = CLASSIFY[kind].format(**words)
        source += f'#include "n{k}.h"\n' + PASS.format(**words)
        data += np.ascontiguousarray(X, net.dtype).tobytes()
    calls = "".join(f"    run_n{k}({len(X)});\n" for k, X in enumerate(rows))
    program = build(folder, f"{source}\nint main(void) {{\n{calls}    return 0;\n}}\n", compiler)
    answered = memoryview(answer(program, data))
    for net, X in zip(nets, rows, strict=True):
        outputs = net.layers[-1]
        labels = outputs if kind_of_labels(net, X) == "several" else 1
        row = np.dtype([("outputs", net.dtype, (outputs,)), ("labels", np.intc, (labels,))])
        size = row.itemsize * len(X)
        found = np.frombuffer(answered[:size], row)
        answered = answered[size:]
        yield found["outputs"], found["labels"]


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("dtype", make.DTYPES)
def test_outputs_and_labels_of_every_kind_of_network_are_those_of_predict(
    tmp_path, compiler, dtype
):
    named = list(make.every_kind(dtype))
    nets = [net for _, net in named]
    rows = [make.rows(net) for net in nets]
    results = predictions(tmp_path, nets, rows, compiler)
    for (name, net), X, (outputs, places) in zip(named, rows, results, strict=True):
        assert make.close(outputs, net.predict(X), BOUND[dtype]), name
        labels = make.labels_of(net, X)
        if labels is not None:
            found = places if labels.ndim == 2 else places[:, 0]
            if net.classes is not None and labels.ndim == 1:
                found = np.array(net.classes)[found]
            assert (found == labels).all(), name


@pytest.mark.parametrize("dtype", make.DTYPES)
def test_every_activation_and_link_takes_scores_of_any_size(tmp_path, dtype):
    sizes = [0, 1e-30, 1e-7, 0.1, 1, 3, 17, 50, 88, 89, 104, 709, 710, 746, 1e4, 1e10, 1e18]
    X = np.array([*sizes, *(-size for size in sizes)], dtype)[:, None]
    nets = [Network([1, 1], loss=SquaredError(each), dtype=dtype) for each in make.ALL_ACTIVATIONS]
    nets += [Network([1, 2], loss=loss, dtype=dtype) for loss in ("softmax_cross_entropy", "gamma")]
    nets += [Network([1, 2], loss=make.GaussianLikelihood(), dtype=dtype)]
    nets += [Network([1, 3], loss=make.Pinball((0.1, 0.5, 0.9)), dtype=dtype)]
    rows = []
    for net in nets:
        net.weights[0][...] = np.array([1.0, -1.0, 0.5])[: net.layers[-1]]
        sine = net.loss == SquaredError("sine")  # of a large number it hangs on the last bit
        rows.append(X[np.abs(X[:, 0]) < 1e4] if sine else X)
    results = predictions(tmp_path, nets, rows)
    tolerance = 1e-6 if dtype == "float32" else 1e-14
    for net, X, (outputs, _) in zip(nets, rows, results, strict=True):
        np.testing.assert_allclose(
            outputs, net.predict(X), rtol=tolerance, atol=tolerance / 5, err_msg=f"{net.loss}"
        )
        assert not np.isnan(outputs).any()


@pytest.mark.parametrize("dtype", make.DTYPES)
def test_numbers_of_every_size_are_exact(tmp_path, dtype):
    info = np.finfo(dtype)
    odd = [info.max, info.tiny, info.smallest_subnormal, -0.0, -info.max, info.eps, 0.1]
    net = Network([1, len(odd)], loss="squared_error", dtype=dtype)
    net.weights[0][...] = odd
    net.biases[0][-1] = info.smallest_subnormal
    moved = Network([2, 2], loss="squared_error", dtype=dtype)
    moved.weights[0][...] = np.eye(2)
    moved.input_scaling = make.Scaling(np.array([-0.0, 5e-324]), np.array([1e-300, 1e300]))
    moved.target_scaling = make.Scaling(np.array([5e-324, -0.0]), np.array([1e-300, 1e300]))
    rows = [np.array([[1.0]], dtype), np.array([[1.0, 0.0], [0.0, 1e-30]], dtype)]
    for (found, _), each, X in zip(
        predictions(tmp_path, [net, moved], rows), [net, moved], rows, strict=True
    ):
        assert (found + 0.0).tobytes() == (each.predict(X) + 0.0).tobytes()


def test_two_source_files_may_include_one_header_twice(tmp_path):
    make.of_a_table().export(tmp_path / "t.h")
    make.of_bytes().export(tmp_path / "b.h", int8=True)
    include = (
        '#include "t.h"\n#include "b.h"\n#include "t.h"\n#include "b.h"\nint other(float *x);\n'
    )
    call = "return t_classify(x) + b_classify(x);"
    (tmp_path / "other.c").write_text(f"{include}int other(float *x) {{ {call} }}\n")
    main = (
        f"{include}int main(void) {{ float x[5] = {{1, 2, 3, 4, 5}}; {call[:-1]} - other(x); }}\n"
    )
    (tmp_path / "main.c").write_text(main)
    for command in COMPILERS.values():
        words = [*command, *STRICT, "-Werror", "main.c", "other.c", "-o", "program", "-lm"]
        subprocess.run(words, cwd=tmp_path, check=True)
        answer(tmp_path / "program")


def hostile_network(text):
    """The text wherever a user's text may stand."""
    net = make.of(layers=[3, 4, 2], classes=[text, text + "2"])
    category = {"name": text, "kind": "category", "categories": [text + "c", "other"]}
    net.columns = {
        "inputs": [{"name": text + "n", "kind": "number"}, category],
        "target": {"name": text, "kind": "class"},
    }
    return net


def in_c(text):
    return text.encode("utf-8", "surrogatepass").replace(b"\0", b"\xc0\x80")


TEXTS = [*make.HOSTILE, "??/\n#error", "??)*/", "/* // \\\n", "%s%n", '";}//', "-->", "*??/\n/"]


def test_no_text_of_the_users_breaks_out_of_the_source(tmp_path):
    source, calls = "", ""
    for k, text in enumerate(TEXTS):
        path = tmp_path / f"h{k}.h"
        hostile_network(text).export(path)
        assert re.fullmatch(rb"[\n -~]*", path.read_bytes())
        literal = "".join(f"\\{byte:03o}" for byte in in_c(text + "c"))
        source += f"""#include "h{k}.h"
static void show_{k}(void) {{
    float x[3] = {{0, 0, 0}};
    const h{k}_row row = {{1.5f, "{literal}"}};
    printf("%d ", h{k}_encode(&row, x));
    printf("%g %g %g", (double)x[0], (double)x[1], (double)x[2]);
    for (int i = 0; i < H{k}_LABELS; i++) fwrite(h{k}_labels[i], strlen(h{k}_labels[i]) + 1, 1,
        stdout);
}}
"""
        calls += f"    show_{k}();\n"
    program = build(tmp_path, f"#include <string.h>\n{source}int main(void) {{\n{calls}}}\n")
    expected = b"".join(
        b"0 1.5 1 0" + in_c(text) + b"\0" + in_c(text + "2") + b"\0" for text in TEXTS
    )
    assert answer(program) == expected


def test_the_compiler_would_tell_a_text_that_breaks_out(tmp_path):
    make.of().export(tmp_path / "n.h")
    text = (tmp_path / "n.h").read_text()
    (tmp_path / "n.h").write_text(text.replace("layers 5", "layers /* 5"))
    with pytest.raises(AssertionError, match="Werror=comment"):
        build(tmp_path, '#include "n.h"\nint main(void) { return N_INPUTS; }\n')


@pytest.mark.parametrize("text", ["x" * 4096, "é" * 2048])
def test_a_text_that_c_cannot_hold_is_refused_in_words(tmp_path, text):
    with pytest.raises(ModelFileError, match="too many for C99"):
        hostile_network(text).export(tmp_path / "n.h")
    assert not list(tmp_path.iterdir())
    hostile_network("x" * 4094).export(tmp_path / "n.h")


@pytest.mark.parametrize(
    "name", ["", "9a", "_a", "a-b", "a b", "é", "a\n", "a;", "*/", "x" * 64, "a\0", 5, b"a"]
)
def test_a_name_that_is_no_name_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match="name must be up to 63 ASCII letters"):
        make.of().export(tmp_path / "n.h", name=name)


@pytest.mark.parametrize(
    ("stem", "name"),
    [("digits", "digits"), ("my-net 2", "my_net_2"), ("2", "model_2"), ("数", "model")],
)
def test_functions_are_called_after_the_file_or_as_asked(tmp_path, stem, name):
    make.of().export(tmp_path / f"{stem}.h")
    assert default_name(f"{stem}.h") == name
    assert f"void {name}_predict(" in (tmp_path / f"{stem}.h").read_text()
    make.of().export(tmp_path / f"{stem}.h", name="Other_1")
    assert "void Other_1_predict(" in (tmp_path / f"{stem}.h").read_text()
    assert "#define OTHER_1_INPUTS 5" in (tmp_path / f"{stem}.h").read_text()


def test_a_row_of_the_table_becomes_inputs(tmp_path):
    net = make.of_a_table()
    net.classes = ["one", "two", "three"]
    net.columns = {
        "inputs": [
            {"name": "a b", "kind": "number"},
            {"name": "a.b", "kind": "category", "categories": ["x", "xy"]},
            {"name": "++", "kind": "category", "categories": ["", "ü"]},
        ],
        "target": {"name": "t", "kind": "class"},
    }
    net.export(tmp_path / "t.h")
    rows = ['1, "xy", "ü"', '2, "x", ""', '3, "xyz", "u"', "4, 0, 0", '5, "x", "q"']
    program = build(
        tmp_path,
        '#include "t.h"\nint main(void) {\n'
        f"    const t_row rows[5] = {{{', '.join('{' + row + '}' for row in rows)}}};\n"
        """    for (int k = 0; k < 5; k++) {
        float x[T_INPUTS];
        printf("%d", t_encode(&rows[k], x));
        for (int i = 0; i < T_INPUTS; i++) printf(" %g", (double)x[i]);
        printf("; %s\\n", t_labels[t_classify(x)]);
    }
}
""",
    )
    X = np.array(
        [[1, 0, 1, 0, 1], [2, 1, 0, 1, 0], [3, 0, 0, 0, 0], [4] + [0] * 4, [5, 1, 0, 0, 0]]
    )
    codes = [0, 0, 2, 2, 3]
    lines = [
        f"{code} {' '.join(map(str, row))}; {label}"
        for code, row, label in zip(codes, X.tolist(), net.classify(X), strict=True)
    ]
    assert answer(program).decode().splitlines() == lines
    fields = re.findall(r"(in\w*); /\* \"", (tmp_path / "t.h").read_text())
    assert fields == ["in_a_b", "in2_a_b", "in_3"]


@pytest.mark.parametrize("dtype", make.DTYPES)
def test_int8_predicts_what_the_network_with_rounded_weights_does(tmp_path, dtype):
    nets = [net for _, net in make.every_kind(dtype)][::4]
    nets[0].weights[0][:, 1] = 0.0
    rows = [make.rows(net, 200) for net in nets]
    results = predictions(tmp_path, nets, rows, int8=True)
    for net, X, (outputs, _) in zip(nets, rows, results, strict=True):
        assert make.close(outputs, rounded(net).predict(X), BOUND[dtype])


def test_int8_is_nowhere_off_by_more_than_half_a_step(tmp_path):
    weights = np.random.default_rng(0).normal(0, 1, (50, 7)).astype(np.float32)
    weights[:, 0], weights[:, 1], weights[:, 2] = 0, 1e-44, 3e38
    numbers, scales = quantize(weights)
    assert (numbers.dtype, scales.dtype) == (np.int8, np.float32)
    assert np.abs(numbers[:, 2:]).max(axis=0).tolist() == [127] * 5
    off = np.abs(numbers * scales.astype(np.float64) - weights)
    assert (off <= 0.5001 * scales).all()


def test_what_int8_costs_is_measured_and_told(tmp_path):
    net = make.of("relu", layers=[5, 30, 4], classes=["a", "b", "c", "d"])
    X = make.rows(net)
    y = net.classify(X)
    found = measure(net, X, y)
    assert found["rows"] == 1000
    assert found["float"]["accuracy"] == 1.0
    assert (
        found["int8"]["accuracy"] == found["same_labels"] == np.mean(rounded(net).classify(X) == y)
    )
    assert 0.9 < found["same_labels"] < 1
    assert found["largest_difference"] == np.abs(rounded(net).predict(X) - net.predict(X)).max()
    net.export(tmp_path / "n.h", int8=True, X=X, y=y)
    told = (tmp_path / "n.h").read_text().split("*/")[0]
    assert f"labels that stayed the same: {100 * found['same_labels']:.2f} %" in told
    assert f"accuracy: {found['int8']['accuracy']:.6g} instead of 1" in told
    assert "406 bytes instead of 1080" in told
    net.export(tmp_path / "n.h", int8=True)
    assert "was not measured" in (tmp_path / "n.h").read_text()


def test_what_int8_costs_a_regression_is_told_by_outputs(tmp_path):
    net = make.standardised(SquaredError())
    X = make.rows(net)
    assert "same_labels" not in measure(net, X)
    net.export(tmp_path / "n.h", int8=True, X=X, y=net.predict(X) + 0.1)
    told = (tmp_path / "n.h").read_text().split("*/")[0]
    assert "r2: " in told
    assert "difference of outputs" in told


def test_what_does_not_go_together_is_refused(tmp_path):
    net = make.of()
    X = make.rows(net, 3)
    with pytest.raises(ValueError, match="to measure what int8 costs"):
        net.export(tmp_path / "n.h", X=X)
    with pytest.raises(ValueError, match="pass int8=True, X=X, y=y"):
        net.export(tmp_path / "n.h", int8=True, y=[1, 2, 3])
    with pytest.raises(TypeError, match="int8 must be True or False"):
        net.export(tmp_path / "n.h", int8="yes")
    with pytest.raises(ValueError, match="3 columns"):
        net.export(tmp_path / "n.h", int8=True, X=X[:, :3])
    with pytest.raises(TypeError, match="no option 'int9'; its options are int8, X, y"):
        net.export(tmp_path / "n.h", int9=True)
    assert not list(tmp_path.iterdir())


def test_every_activation_has_a_formula():
    from glassnet.saving.export import c99_formulas, javascript

    assert set(c99_formulas.ACTIVATIONS) == set(javascript.ACTIVATIONS) == set(ACTIVATIONS)
