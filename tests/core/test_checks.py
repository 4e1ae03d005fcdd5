"""Checks of single values, what errors show of them, and the base classes that only promise."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.core import checks
from glassnet.core.activation import Activation
from glassnet.core.arrays import is_plain
from glassnet.core.loss import Loss
from glassnet.core.optimizer import Optimizer

F4 = np.dtype("f4")


@given(st.one_of(st.text(), st.lists(st.integers()), st.dictionaries(st.text(), st.floats())))
def test_what_is_shown_of_a_value_is_one_line_of_at_most_80_characters(value: Any) -> None:
    shown = checks.show(value)
    assert len(shown) <= 80
    assert "\n" not in shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (np.zeros((3, 2)), "an array of shape (3, 2) and dtype float64"),
        (np.float32(0.5), "0.5"),
        (np.str_("a"), "'a'"),
        (np.True_, "True"),
        (None, "None"),
        ("x" * 100, "'" + "x" * 76 + "..."),
        pytest.param(10**5000, "an integer of 16610 bits", id="a huge integer"),
        pytest.param([10**5000], "a value", id="a list of a huge integer"),
    ],
)
def test_what_is_shown_of_a_value(value: Any, shown: str) -> None:
    assert checks.show(value) == shown


@given(st.integers(1, 10**6))
def test_whole_gives_a_python_integer(value: int) -> None:
    for form in (value, np.int64(value), np.uint32(value)):
        found = checks.whole("count", form)
        assert found == value
        assert type(found) is int


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_number_gives_a_python_float(value: float) -> None:
    for form in (value, np.float64(value), np.longdouble(value)):
        found = checks.number("value", form)
        assert found == value
        assert type(found) is float


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.int8, np.uint64, int, float])
def test_number_takes_every_real_type_without_a_warning(kind: Any) -> None:
    assert checks.number("value", kind(3)) == 3.0


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400, np.longdouble("inf")])
def test_number_refuses_what_is_not_finite(value: Any) -> None:
    with pytest.raises(ValueError, match="value must be a finite number"):
        checks.number("value", value)


@pytest.mark.parametrize("value", [True, np.False_, "1", None, 1j, np.array(1.0), [1]])
def test_number_refuses_what_is_no_number(value: Any) -> None:
    with pytest.raises(TypeError, match="value must be a finite number"):
        checks.number("value", value)


def test_ranges_end_where_they_say() -> None:
    assert checks.positive("x", 5e-324) > 0
    assert checks.positive("x", 0, zero=True) == 0.0
    assert checks.fraction("x", 0) == 0.0
    for call in (
        lambda: checks.positive("x", 0),
        lambda: checks.positive("x", -1e-300, zero=True),
        lambda: checks.fraction("x", 0, zero=False),
        lambda: checks.fraction("x", 1),
        lambda: checks.whole("x", 0),
    ):
        with pytest.raises(ValueError, match="x must be"):
            call()
    assert checks.whole("x", 0, low=0) == 0


def test_flag_takes_the_two_bools_and_nothing_else() -> None:
    assert checks.flag("x", np.True_) is True
    assert checks.flag("x", False) is False
    with pytest.raises(TypeError, match="x must be True or False; got 1"):
        checks.flag("x", 1)


def test_choice_takes_a_name_of_the_table_or_an_object_of_the_class() -> None:
    table = {"one": 1, "two": 2}
    assert checks.choice("x", "two", table) == 2
    assert checks.choice("x", 7, table, int) == 7
    with pytest.raises(ValueError, match=r"one of one, two; got 'towo'. Did you mean 'two'\?"):
        checks.choice("x", "towo", table)
    with pytest.raises(TypeError, match="one of the names one, two; got 7"):
        checks.choice("x", 7, table)
    with pytest.raises(TypeError, match="or an object of class int"):
        checks.choice("x", [], table, int)


def test_seed_is_none_or_a_whole_number() -> None:
    assert checks.seed(None) is None
    assert checks.seed(2**70) == 2**70


# The quick look at plain arrays


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.ones((2, 3), F4), True),
        (np.ones((2, 3), F4)[:, ::-1], True),
        (np.asfortranarray(np.ones((2, 3), F4)), True),
        (np.ones((2, 3)), False),
        (np.ones((2, 3), ">f4"), False),
        (np.ones((2, 4), F4), False),
        (np.ones((3,), F4), False),
        (np.ones((0, 3), F4), False),
        (np.ones((5000, 3), F4), False),
        (np.full((2, 3), np.nan, F4), False),
        (np.full((2, 3), -np.inf, F4), False),
        (np.full((2, 3), 1e30, F4), False),
        (np.ma.array(np.ones((2, 3), F4)), False),
        ([[1.0, 2.0, 3.0]], False),
    ],
)
def test_only_what_surely_is_a_matrix_of_finite_numbers_passes_the_quick_look(
    value: Any, plain: bool
) -> None:
    with np.errstate(over="ignore"):
        assert is_plain(value, 3, F4) is plain


# Promises


def test_base_classes_leave_their_mathematics_to_those_derived_from_them() -> None:
    array = np.ones((2, 2))
    for call in (
        lambda: Activation().forward(array, array),
        lambda: Activation().slope(array, array, array),
        lambda: Loss().cells(array, array, array),
        lambda: Optimizer().update(None, 0.1, 1),  # type: ignore[arg-type]  # fails before it looks
    ):
        with pytest.raises(NotImplementedError):
            call()
    assert Loss().link(array) is array
    assert Loss().complaint(array) == ""
