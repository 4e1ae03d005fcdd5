"""The two public errors: attributes, messages that stay short and on one line, pickling."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.core.errors import MESSAGE_LIMIT, DivergenceError, ModelFileError


def test_a_model_file_error_is_a_value_error_with_its_parts():
    error = ModelFileError("runs/a.safetensors", "byte 8", "no header")
    assert isinstance(error, ValueError)
    assert (error.path, error.where, error.reason) == ("runs/a.safetensors", "byte 8", "no header")
    assert str(error) == "runs/a.safetensors: byte 8: no header"


@given(st.text(max_size=400), st.text(max_size=400), st.text(max_size=400))
def test_the_message_is_short_and_printable_whatever_the_parts(path, where, reason):
    message = str(ModelFileError(path, where, reason))
    assert len(message) <= MESSAGE_LIMIT
    assert message.isprintable()


def test_of_a_long_path_the_end_is_shown():
    message = str(ModelFileError("/home/" + "x" * 500 + "/model.npz", "file", "too large"))
    assert message.startswith("...x")
    assert message.endswith("/model.npz: file: too large")


def test_control_characters_do_not_reach_the_terminal():
    assert str(ModelFileError("a\x1b[2J\n", "file", "\ud800")) == r"a\x1b[2J\n: file: \ud800"


@pytest.mark.parametrize(
    "error",
    [ModelFileError("a", "b", "c"), DivergenceError("diverged; try less", 3, 17, 0.5)],
    ids=["ModelFileError", "DivergenceError"],
)
def test_errors_survive_pickling(error):
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


def test_a_divergence_error_holds_where_it_happened():
    error = DivergenceError("diverged; try less", 3, 17, 0.5)
    assert isinstance(error, ValueError)
    assert str(error) == "diverged; try less"
    assert (error.epoch, error.batch, error.learning_rate) == (3, 17, 0.5)
