"""What may be typed after an option, and what is said of the rest.

Add a new check to both tables: what it reads, and what it refuses.
"""

from argparse import ArgumentTypeError
from collections.abc import Callable

import pytest

from glassnet.cli import options


@pytest.mark.parametrize(
    ("check", "text", "value"),
    [
        (options.positive, "3", 3),
        (options.positive, "1e9", 10**9),
        (options.natural, "0", 0),
        (options.above_zero, "1e-3", 0.001),
        (options.share, "0", 0.0),
        (options.at_least_zero, "0", 0.0),
        (options.layers, "784, 32,10", [784, 32, 10]),
        (options.hidden_layers, "32", [32]),
        (options.hidden_layers, "none", []),
        (options.delimiter, ";", ";"),
        (options.delimiter, "tab", "\t"),
        (options.delimiter, "\\t", "\t"),
        (options.decimal, ",", ","),
        (options.encoding, "latin-1", "latin-1"),
        (options.names, "a, b c", ["a", "b c"]),
        (options.one_of("error", "drop"), "drop", "drop"),
    ],
)
def test_what_is_allowed_is_read(check: Callable[[str], object], text: str, value: object) -> None:
    assert check(text) == value


@pytest.mark.parametrize(
    ("check", "texts"),
    [
        (options.positive, ["0", "-1", "2.5", "nan", "inf", "", "x", "True"]),
        (options.natural, ["-1", "1.5", "9223372036854775808"]),
        (options.above_zero, ["0", "-1", "nan", "inf", "x", ""]),
        (options.at_least_zero, ["-1e-9", "inf"]),
        (options.share, ["1", "-0.1", "nan", "x"]),
        (options.layers, ["", "5", "none", "4,,2", "0,1", "a,b"]),
        (options.hidden_layers, ["", "0", "4,,2", "-3", "2.5"]),
        (options.delimiter, ["", "ab", '"', "\n"]),
        (options.decimal, ["", ";"]),
        (options.encoding, ["klingon", "hex", "a\0b"]),
        (options.names, ["", "a,", ",a"]),
        (options.one_of("error", "drop"), ["", "dorp"]),
    ],
)
def test_what_is_not_allowed_is_refused_with_what_was_given(
    check: Callable[[str], object], texts: list[str]
) -> None:
    for text in texts:
        with pytest.raises(ArgumentTypeError, match="must ") as caught:
            check(text)
        assert "; got " in str(caught.value)


def test_a_word_close_to_an_allowed_one_is_suggested() -> None:
    with pytest.raises(ArgumentTypeError, match="did you mean drop"):
        options.one_of("error", "drop")("dorp")
