"""Exports to Python, plain and with NumPy: what `predict` and `classify` give, in one file."""

import ast
import csv
import io
import json
import runpy
import subprocess
import sys

import exports_to_make as make
import numpy as np
import pytest

from glassnet import Network

FORMATS = ("python", "numpy")
KINDS = [
    pytest.param(net, id=name) for dtype in make.DTYPES for name, net in make.every_kind(dtype)
]
BOUND = {"float32": 1e-5, "float64": 1e-12}


def exported(net, folder, format):
    path = folder / "net.py"
    net.export(path, format=format)
    return path


def listed(values):
    return values if isinstance(values, list) else values.tolist()


def answer(path, text, *flags):
    """What the file, run as a program in a new process, answers to a text on standard input."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-I", *flags, path],
        input=text.encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    return done.stdout.decode(), done.stderr.decode().strip(), done.returncode


def as_csv(*rows):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("net", KINDS)
def test_outputs_and_labels_of_every_kind_of_network_are_those_of_predict(tmp_path, net, format):
    made = runpy.run_path(str(exported(net, tmp_path, format)))
    X = make.rows(net)
    found = made["predict"](X if format == "numpy" else X.tolist())
    assert make.close(np.array(found), net.predict(X), BOUND[str(net.dtype)])
    labels = make.labels_of(net, X)
    assert ("classify" in made) == (labels is not None)
    if labels is not None:
        assert listed(made["classify"](X.tolist())) == labels.tolist()


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("dtype", make.DTYPES)
def test_scores_beyond_all_bounds_give_what_predict_gives(tmp_path, format, dtype):
    for activation in make.ALL_ACTIVATIONS:
        if activation.name == "sine":
            continue  # of such numbers it depends on the last bit
        net = make.of(activation, dtype=dtype, layers=[1, 3, 4, 3])
        made = runpy.run_path(str(exported(net, tmp_path, format)))
        X = np.array([[0.0], [1e4], [-1e4], [1e18], [-1e18]], net.dtype)
        np.testing.assert_allclose(
            made["predict"](X.tolist()), net.predict(X), rtol=1e-4, err_msg=str(activation)
        )


def test_plain_python_has_the_784_32_16_10_network_in_a_new_interpreter_without_numpy(tmp_path):
    net = make.of("leaky_relu", layers=[784, 32, 16, 10])
    net.input_scaling = make.Scaling(np.zeros(()), np.array(1 / 255), "bytes")
    path = exported(net, tmp_path, "python")
    X = make.rows(net)
    program = f"""
import json, sys
try:
    import numpy
except ImportError:
    sys.path.insert(0, {str(tmp_path)!r})
    import net
    rows = json.load(sys.stdin)
    print(json.dumps([net.predict(rows), net.classify(rows), sorted(sys.modules)]))
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-S", "-I", "-c", program],
        input=json.dumps(X.tolist()),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    outputs, labels, modules = json.loads(done.stdout)
    np.testing.assert_allclose(outputs, net.predict(X), rtol=0, atol=1e-5)
    assert labels == net.classify(X).tolist()
    assert not {"numpy", "glassnet", "site"} & set(modules)
    assert path.stat().st_size < 160_000


@pytest.mark.parametrize("format", FORMATS)
def test_rows_may_be_dicts_of_what_a_table_holds(tmp_path, format):
    net = make.of_a_table()
    made = runpy.run_path(str(exported(net, tmp_path, format)))
    colours = make.RECIPE["inputs"][1]["categories"]
    rows = [
        {"width": 1.5, "colour": colours[2], "*/ \n": "-2", "unused": None},
        {"width": 4, "colour": "red", "*/ \n": 1e1},
    ]
    X = np.array([[1.5, 0, 0, 1, -2], [4, 1, 0, 0, 10]])
    assert make.close(np.array(made["predict"](rows)), net.predict(X), 1e-6)
    assert listed(made["classify"](rows)) == net.classify(X).tolist()
    assert listed(made["predict"]([])) == []
    for wrong, message in [
        ({"width": 1, "*/ \n": 1}, "row 1 has no column 'colour'"),
        ({"width": 1, "colour": "blue", "*/ \n": 1}, "'blue' is none of"),
        ({"width": "1_0", "colour": "red", "*/ \n": 1}, "'1_0' is not a finite number"),
        ({"width": None, "colour": "red", "*/ \n": 1}, "None is not a finite number"),
        ([1, 2, 3, 4, 10**400], "is not a finite number"),
        ([1, 2, 3, 4, np.inf], "inf is not a finite number"),
        ([1, 2, 3], "row 1 has 3 numbers, not 5"),
    ]:
        with pytest.raises(ValueError, match=message):
            made["predict"]([wrong])


class Frame(dict):
    """A data frame: columns by name, in an order of their own."""

    columns = property(dict.keys)
    to_numpy = __array__ = None


@pytest.mark.parametrize("format", FORMATS)
def test_columns_of_a_data_frame_go_by_their_names_not_by_their_order(tmp_path, format):
    net = make.of_a_table()
    predict = runpy.run_path(str(exported(net, tmp_path, format)))["predict"]
    columns = {"unused": [0, 0], "*/ \n": [-2, 10], "colour": ["green", "red"], "width": [1.5, 4]}
    X = np.array([[1.5, 0, 1, 0, -2], [4, 1, 0, 0, 10]])
    assert make.close(np.array(predict(Frame(columns))), net.predict(X), 1e-6)
    del columns["width"]
    with pytest.raises(ValueError, match="row 1 has no column 'width'"):
        predict(Frame(columns))


@pytest.mark.parametrize("format", FORMATS)
def test_one_row_in_place_of_a_list_of_rows_is_told(tmp_path, format):
    predict = runpy.run_path(str(exported(make.of_a_table(), tmp_path, format)))["predict"]
    for wrong, shown in [
        ([1, 2], "1"),
        ({"width": 1}, "'width'"),
        ("abc", "'a'"),
        ([None], "None"),
    ]:
        with pytest.raises(ValueError, match=f"rows must be a list of rows; row 1 is {shown}"):
            predict(wrong)


def test_arrays_of_other_shapes_or_kinds_are_refused_with_numpy(tmp_path):
    predict = runpy.run_path(str(exported(make.of(), tmp_path, "numpy")))["predict"]
    for wrong in (np.zeros((2, 3)), np.zeros(5), np.array([["1"] * 5])):
        with pytest.raises(ValueError, match=r"rows must be numbers of shape \(rows, 5\), not an"):
            predict(wrong)
    with pytest.raises(ValueError, match="finite"):
        predict(np.full((1, 5), np.nan))


@pytest.mark.parametrize("format", FORMATS)
def test_dicts_need_names_of_columns(tmp_path, format):
    net = make.of(layers=[2, 3])
    predict = runpy.run_path(str(exported(net, tmp_path, format)))["predict"]
    with pytest.raises(ValueError, match="does not know the names of its inputs"):
        predict([{"a": 1, "b": 2}])
    net.columns = {"names": ["b", "a"]}
    predict = runpy.run_path(str(exported(net, tmp_path, format)))["predict"]
    assert listed(predict([{"a": 1, "b": 2}])) == listed(predict([[2, 1]]))


@pytest.mark.parametrize("format", FORMATS)
def test_hostile_labels_and_columns_come_back_and_stay_texts(tmp_path, format):
    texts = list(make.HOSTILE)
    net = make.of(layers=[len(texts), 3, len(texts)], classes=texts)
    inputs = [{"name": text, "kind": "number"} for text in texts[1:]]
    first = {"name": texts[0], "kind": "category", "categories": [texts[0]]}
    net.columns = {"inputs": [first, *inputs], "target": {"name": texts[2], "kind": "class"}}
    path = exported(net, tmp_path, format)
    source = path.read_text(encoding="ascii")
    harmless = make.of(layers=[len(texts), 3, len(texts)], classes=[str(k) for k in range(10)])
    inputs = [{"name": name} for name in "bcdefghij"]
    harmless.columns = {"inputs": [{"name": "a", "categories": ["x"]}, *inputs]}
    harmless.columns["target"] = {"name": "k"}
    expected = exported(harmless, tmp_path, format).read_text(encoding="ascii")
    assert shape_of(source) == shape_of(expected)
    made = runpy.run_path(str(exported(net, tmp_path, format)))
    assert (made["CLASSES"], made["HEAD"]) == (texts, [texts[2], *texts])
    assert [name for name, _ in made["COLUMNS"]] == texts
    X = make.rows(net)
    assert listed(made["classify"](X.tolist())) == net.classify(X).tolist()


def shape_of(source):
    """A program without the values of its constants."""
    tree = ast.parse(source)
    named = ("CLASSES", "COLUMNS", "HEAD")
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in named:
            assert ast.literal_eval(node.value) is not None
            node.value = ast.Constant(None)
    return ast.dump(tree)


@pytest.mark.parametrize(("format", "flags"), [("python", ["-S"]), ("numpy", [])])
def test_a_table_is_answered_on_the_command_line(tmp_path, format, flags):
    net = make.of_a_table()
    net.columns = json.loads(json.dumps(make.RECIPE).replace("*/ \\n", "*/, x"))
    path = exported(net, tmp_path, format)
    table = as_csv(["*/, x", "colour", "id", "width"], ["-2", "green", "7", " 1.5 "], [])
    found, error, code = answer(path, "\ufeff" + table, *flags)
    assert (error, code) == ("", 0)
    X = np.array([[1.5, 0, 1, 0, -2]])
    head, (label, *outputs) = csv.reader(io.StringIO(found, newline=""))
    assert (head, label) == (["kind\n", *net.classes], net.classify(X)[0])
    assert make.close(np.array([outputs], float), net.predict(X), 1e-6)
    rows = [{"width": 1.5, "colour": "green", "*/, x": -2}, X[0].tolist()]
    found, error, code = answer(path, json.dumps(rows), *flags)
    assert (error, code) == ("", 0)
    one, other = json.loads(found)
    assert one == other == {"label": label, "outputs": [float(each) for each in outputs]}


@pytest.mark.parametrize(("format", "flags"), [("python", ["-S"]), ("numpy", [])])
def test_numbers_need_no_head_on_the_command_line(tmp_path, format, flags):
    net = make.of(loss="huber", layers=[2, 3, 2])
    path = exported(net, tmp_path, format)
    expected = net.predict(np.array([[1.0, 2.0], [3.0, 4.5]]))
    for text in ("1,2\n3,4.5\n", "x;y\n1;2\n\n3;4.5", "a\tb\n1\t2\n3\t4.5\n"):
        found, error, code = answer(path, text, *flags)
        assert (error, code) == ("", 0)
        head, *outputs = csv.reader(io.StringIO(found))
        assert head == ["output_1", "output_2"]
        assert make.close(np.array(outputs, float), expected, 1e-6)
    found, _, _ = answer(path, "[[1, 2], [3, 4.5]]", *flags)
    assert make.close(np.array(json.loads(found)), expected, 1e-6)


def test_what_cannot_be_answered_is_said_on_the_command_line(tmp_path):
    path = exported(make.of_a_table(), tmp_path, "python")
    for text, message in [
        ("", "net: the table is empty"),
        ("width,width,colour\n1,2,red\n", "net: the first line must name the column 'width' once"),
        ("1,0,0,0,2\n1,x,0,0,2\n", "net: row 2: 'x' is not a finite number"),
        ("[[1]]", "net: row 1 has 1 numbers, not 5"),
        ("[1]", "net: rows must be a list of rows; row 1 is 1"),
        ("[", "net: Expecting value: line 1 column 2 (char 1)"),
    ]:
        found, error, code = answer(path, text, "-S")
        assert (found, error, code) == ("", message, 1)
    net = make.of(layers=[2, 2])
    net.columns = {"names": ["a", "b"]}
    found, error, _ = answer(exported(net, tmp_path, "python"), "a,b\n1,2\n1,2,3\n", "-S")
    assert (found, error) == ("", "net: row 2 has other cells than the first line")


def test_heads_of_answers_say_what_stands_below(tmp_path):
    def head(**options):
        net = Network(seed=1, **{"loss": "logistic", "layers": [2, 1], **options})
        return runpy.run_path(str(exported(net, tmp_path, "python")))["HEAD"]

    assert head() == ["label", "1"]
    assert head(classes=["no", "yes"]) == ["label", "yes"]
    assert head(layers=[2, 3], loss="softmax_cross_entropy") == ["label", "0", "1", "2"]
    assert head(layers=[2, 3]) == ["output_1", "output_2", "output_3"]
    net = Network([1, 1], loss="huber")
    net.columns = {"inputs": [{"name": "a", "kind": "number"}], "target": {"name": "price"}}
    assert runpy.run_path(str(exported(net, tmp_path, "python")))["HEAD"] == ["price"]
