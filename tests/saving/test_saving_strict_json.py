"""Strict JSON: what is allowed equals the standard parser's answer, the rest is a ValueError."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.saving.strict_json import MAX_COMMAS, MAX_DIGITS, MAX_LISTS, parse, shown

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**70), 10**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab{[\"\\,'é"), inner),
    max_leaves=12,
)


@given(plain, st.booleans())
def test_whatever_json_writes_is_read_back_equal_and_of_the_same_type(value, ascii_only):
    text = json.dumps(value, ensure_ascii=ascii_only, allow_nan=False)
    assert json.dumps(parse(text, max_depth=64)) == json.dumps(value)


REFUSED = {
    "nothing": ("", "Expecting value"),
    "two values": ("1 2", "Extra data"),
    "trailing comma": ("[1,]", "Expecting value|trailing comma"),
    "unclosed string": ('{"a', "Unterminated string"),
    "unclosed list": ("[1", "Expecting"),
    "backslash at the end": ('"\\', "Unterminated string|Invalid"),
    "raw control character": ('"\n"', "control character"),
    "byte order mark": ("\ufeff{}", "BOM|Expecting"),
    "single quotes": ("{'a':1}", "Expecting"),
    "comment": ("{} // no", "Extra data"),
    "plus sign": ("+1", "Expecting"),
    "leading zero": ("01", "Extra data"),
    "NaN": ("NaN", "NaN"),
    "Infinity": ("[Infinity]", "Infinity"),
    "minus Infinity": ('{"a":-Infinity}', "-Infinity"),
    "too large a float": ("1e999", "too large"),
    "key twice": ('{"a":1,"b":2,"a":1}', "'a' twice"),
    "key twice, once escaped": ('{"a":1,"\\u0061":2}', "'a' twice"),
    "key twice inside": ('[{"a":{"b":1,"b":1}}]', "'b' twice"),
    "too deep": ("[" * 5 + "]" * 5, "nested more than 4"),
    "far too deep": ("[" * 200_000, "nested more than 4"),
    "deep objects": ('{"a":' * 100_000, "nested more than 4"),
    "half a character": ('"\\ud800"', "half a character"),
    "half a character in a key": ('{"\\udfff":1}', "half a character"),
    "half a character in a list": ('[["x","\\ud83d"]]', "half a character"),
    "long integer": ("1" * (MAX_DIGITS + 1), f"{MAX_DIGITS + 1} digits"),
    "very long integer": ("[-" + "7" * 100_000 + "]", "digits"),
    "too many lists": ("[" + "[]," * MAX_LISTS + "0]", "lists"),
    "too many values": ("[" + "0," * (MAX_COMMAS + 1) + "0]", "values"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses(case):
    text, why = REFUSED[case]
    with pytest.raises(ValueError, match=why):
        parse(text, max_depth=4)


def test_depth_counts_levels_and_brackets_inside_texts_do_not_count():
    assert parse('[[[["[[[[{{{{", "\\"[[[["]]]]', max_depth=4) == [[[["[[[[{{{{", '"[[[[']]]]


def test_a_surrogate_pair_is_one_character():
    assert parse('"\\ud83d\\ude00"', max_depth=1) == "\N{GRINNING FACE}"


def test_numbers_keep_their_type():
    value = parse("[1, 1.0, -0, -0.0, 1e3, true]", max_depth=1)
    assert [type(item) for item in value] == [int, float, int, float, float, bool]
    assert math.copysign(1, value[3]) == -1


def test_many_escaped_quotes_without_an_end_take_linear_time():
    with pytest.raises(ValueError, match="Unterminated"):
        parse('"' + '\\"' * 500_000, max_depth=4)


def test_many_different_keys_and_one_twice_take_linear_time():
    keys = ",".join(f'"{number}":0' for number in [*range(79_000), 78_999])
    with pytest.raises(ValueError, match="'78999' twice"):
        parse("{" + keys + "}", max_depth=4)


@pytest.mark.parametrize("value", ["x" * 10**6, list(range(1000)), {"a": "b" * 200}])
def test_what_is_shown_is_cut(value):
    assert len(shown(value)) == 60


def test_what_is_short_is_shown_whole():
    assert shown("a\n") == r"'a\n'"
