"""Exports to JavaScript, run by Node: what `predict`, `classify` and a table's recipe give.

One process answers for many networks. Types are compared with the module by their names.
"""

import json
import re
import shutil
import subprocess

import exports_to_make as make
import numpy as np
import pytest

from glassnet import Network
from glassnet.losses import SquaredError
from glassnet.saving.export.javascript_text import literal, quoted

BOUND = {"float32": 1e-5, "float64": 1e-12}
MODERN = 16
"""The first version of Node that has `atob`, as browsers have."""


def node_version():
    if shutil.which("node") is None:
        return 0
    done = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)", done.stdout)
    return int(found[1]) if found else 0


pytestmark = pytest.mark.skipif(
    node_version() < MODERN, reason=f"Node {MODERN} or newer is not installed here"
)

PREDICT = """
import { readFileSync } from "node:fs";
const said = [];
for (const [k, rows] of JSON.parse(readFileSync(0)).entries()) {
  const net = await import(`./n${k}.mjs`);
  said.push({
    outputs: rows.map((row) => Array.from(net.predict(row), String)),
    labels: net.classify && rows.map(net.classify),
    sizes: [net.inputs, net.outputs],
  });
}
console.log(JSON.stringify(said));
"""


def answer(folder, source, data=""):
    """What a module beside the exported ones prints, as JSON."""
    (folder / "main.mjs").write_text(source, encoding="utf-8")
    done = subprocess.run(
        ["node", "main.mjs"],
        cwd=folder,
        input=data,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[:3000]
    return json.loads(done.stdout)


def predictions(folder, nets, rows):
    """{"outputs", "labels"} of each network for its rows."""
    for k, net in enumerate(nets):
        net.export(folder / f"n{k}.mjs")
    found = answer(folder, PREDICT, json.dumps([X.tolist() for X in rows]))
    for net, each in zip(nets, found, strict=True):
        assert each["sizes"] == [net.layers[0], net.layers[-1]]
        each["outputs"] = np.array(each["outputs"], np.float64)
    return found


@pytest.mark.parametrize("dtype", make.DTYPES)
def test_outputs_and_labels_of_every_kind_of_network_are_those_of_predict(tmp_path, dtype):
    named = list(make.every_kind(dtype))
    nets = [net for _, net in named]
    rows = [make.rows(net) for net in nets]
    found = predictions(tmp_path, nets, rows)
    for (name, net), X, each in zip(named, rows, found, strict=True):
        assert make.close(each["outputs"], net.predict(X), BOUND[dtype]), name
        labels = make.labels_of(net, X)
        assert each.get("labels") == (None if labels is None else labels.tolist()), name


@pytest.mark.parametrize("dtype", make.DTYPES)
def test_every_activation_and_link_takes_scores_of_any_size(tmp_path, dtype):
    sizes = [0, 1e-30, 1e-7, 0.1, 1, 3, 17, 50, 88, 89, 104, 709, 710, 746, 1e4, 1e10, 1e18]
    X = np.array([*sizes, *(-size for size in sizes)], dtype)[:, None]
    losses = [*(SquaredError(each) for each in make.ALL_ACTIVATIONS), "softmax_cross_entropy"]
    losses += [make.GaussianLikelihood(), make.Pinball((0.1, 0.9)), "gamma"]
    nets = [Network([1, 2], loss=loss, dtype=dtype) for loss in losses]
    rows = []
    for net in nets:
        net.weights[0][...] = [[1.0, -1.0]]
        sine = net.loss == SquaredError("sine")  # of a large number it hangs on the last bit
        rows.append(X[np.abs(X[:, 0]) < 1e4] if sine else X)
    found = predictions(tmp_path, nets, rows)
    tolerance = 1e-6 if dtype == "float32" else 1e-14
    for net, X, each in zip(nets, rows, found, strict=True):
        outputs = each["outputs"].astype(dtype)
        np.testing.assert_allclose(
            outputs, net.predict(X), rtol=tolerance, atol=tolerance / 5, err_msg=f"{net.loss}"
        )
        assert not np.isnan(outputs).any()


@pytest.mark.parametrize("dtype", make.DTYPES)
def test_parameters_come_back_to_the_bit(tmp_path, dtype):
    net = Network([1, 300], loss="squared_error", dtype=dtype, seed=0)
    net.weights[0][0, :3] = [np.finfo(dtype).max, np.finfo(dtype).tiny, -0.0]
    (each,) = predictions(tmp_path, [net], [np.array([[1.0]])])
    assert each["outputs"].astype(dtype).tobytes() == (net.weights[0][0] + 0.0).tobytes()


TEXTS = [*make.HOSTILE, "<!--", "</SCRIPT ", "${alert(1)}", "\ud800", "//# sourceMappingURL=x"]


def hostile_network(text):
    """The text wherever a user's text may stand."""
    net = make.of(layers=[4, 4, 2], classes=[text, text + "2"])
    category = {"name": text, "kind": "category", "categories": [text + "c", "other"]}
    number = {"name": "__proto__", "kind": "number"}
    net.columns = {
        "inputs": [{"name": text + "n", "kind": "number"}, category, number],
        "target": {"name": text, "kind": "class"},
    }
    return net


def test_no_text_of_the_users_breaks_out_of_the_source(tmp_path):
    texts = [text for text in TEXTS if text != "\ud800"]  # no file may hold it: refused before
    for k, text in enumerate(texts):
        hostile_network(text).export(tmp_path / f"h{k}.mjs")
        for path in (tmp_path / f"h{k}.mjs", tmp_path / f"h{k}.d.mts"):
            source = path.read_bytes()
            assert re.fullmatch(rb"[\n -~]*", source)
            assert not re.search(rb"(?i)</script|<!--|-->", source)
    source = """
import { readFileSync } from "node:fs";
const said = [];
for (const [k, row] of JSON.parse(readFileSync(0)).entries()) {
  const net = await import(`./h${k}.mjs`);
  said.push([net.labels, net.columns, net.encode(Object.fromEntries(row)), Object.keys(net)]);
}
console.log(JSON.stringify(said));
"""
    rows = [[[text + "n", 1.5], [text, text + "c"], ["__proto__", 2]] for text in texts]
    names = ["classify", "columns", "encode", "inputs", "labels", "outputs", "predict"]
    assert answer(tmp_path, source, json.dumps(rows)) == [
        [
            [text, text + "2"],
            [[text + "n", None], [text, [text + "c", "other"]], ["__proto__", None]],
            [1.5, 1, 0, 2],
            names,
        ]
        for text in texts
    ]


@pytest.mark.parametrize("text", TEXTS)
def test_a_quoted_text_is_the_same_text(text):
    assert json.loads(quoted(text)) == text


def test_labels_keep_their_type(tmp_path):
    exact, beyond = 2**53 - 1, 2**53
    assert [literal(each) for each in ("a", True, False, -3, 0.5)] == [
        '"a"',
        "true",
        "false",
        "-3",
        "0.5",
    ]
    assert [literal(each) for each in (exact, beyond, -beyond)] == [
        "9007199254740991",
        "9007199254740992n",
        "-9007199254740992n",
    ]
    make.of(layers=[2, 3], classes=[-(2**60), 2, 3]).export(tmp_path / "n.mjs")
    source = """
import { labels } from "./n.mjs";
console.log(JSON.stringify([labels.map(String), labels.map((each) => typeof each)]));
"""
    kinds = ["bigint", "number", "number"]
    assert answer(tmp_path, source) == [[str(-(2**60)), "2", "3"], kinds]


def test_rows_that_do_not_fit_are_refused_in_words(tmp_path):
    net = make.of_a_table()
    net.export(tmp_path / "t.mjs")
    source = """
import { predict, encode } from "./t.mjs";
const attempts = [
  () => predict([1, 2]),
  () => predict([1, 2, 3, 4, NaN]),
  () => predict([1, 2, 3, 4, "5"]),
  () => encode({ width: 1, colour: "blue", "*/ \\n": 1 }),
  () => encode({ width: "1", colour: "red", "*/ \\n": 1 }),
  () => encode({ width: 1, colour: "red" }),
  () => encode({ width: 1, colour: "blue", "*/ \\n": 1 }, true),
];
console.log(JSON.stringify(attempts.map((attempt) => {
  try {
    return attempt();
  } catch (error) {
    return error.name + ": " + error.message;
  }
})));
"""
    assert answer(tmp_path, source) == [
        "RangeError: predict needs 5 numbers; got 2",
        "TypeError: every input must be a finite number",
        "TypeError: every input must be a finite number",
        'RangeError: column "colour" must be one of ["red","green","größer \\"\\n"]',
        'TypeError: column "width" must be a finite number',
        'TypeError: column "*/ \\n" must be a finite number',
        [1, 0, 0, 0, 1],
    ]


@pytest.mark.parametrize(
    ("name", "types"), [("n.mjs", "n.d.mts"), ("n.js", "n.d.ts"), ("N.MJS", "N.d.mts")]
)
def test_types_lie_beside_and_declare_what_the_module_exports(tmp_path, name, types):
    for net in (
        make.of_a_table(),
        make.of(loss="huber"),
        make.of(loss="logistic"),
        make.of(loss="logistic", layers=[2, 1]),
    ):
        net.export(tmp_path / name)
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, types])
        declared = re.findall(r"export declare (?:const|function) (\w+)", read(tmp_path / types))
        exported = re.findall(r"export (?:const|function) (\w+)", read(tmp_path / name))
        assert sorted(declared) == sorted(exported)


def test_types_tell_labels_and_columns(tmp_path):
    make.of_a_table().export(tmp_path / "t.mjs")
    types = read(tmp_path / "t.d.mts")
    assert 'type Label = "a" | "b\\"\'\\n" | "c";' in types
    assert '"colour": "red" | "green" | "gr\\u00f6\\u00dfer \\"\\n";' in types
    assert '"width": number;' in types


def read(path):
    return path.read_text(encoding="utf-8")


def test_options_of_other_formats_are_refused(tmp_path):
    with pytest.raises(TypeError, match="has no option 'int8'; it has none"):
        make.of().export(tmp_path / "n.mjs", int8=True)
    assert not list(tmp_path.iterdir())
