"""Reading CSV files: what is read, and where it is said to be wrong.

To test another kind of file, write its text or bytes and say what must be read or refused.
"""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.cli.csvfile import Table, parse, read_csv


def table_of(text: str, **options: object) -> Table:
    arguments = {"source": "data.csv", "delimiter": None, "header": True} | options
    return parse(io.StringIO(text, newline=""), **arguments)  # type: ignore[arg-type]  # options of parse


def written(folder: Path, data: bytes) -> str:
    path = folder / "data.csv"
    path.write_bytes(data)
    return str(path)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_the_delimiter_is_guessed_from_the_first_line(mark: str) -> None:
    table = table_of(f"a{mark}b{mark}c\n1{mark}2{mark}3\n")
    assert table.columns == {"a": ["1"], "b": ["2"], "c": ["3"]}


def test_a_delimiter_inside_quotes_is_not_counted() -> None:
    assert list(table_of('"a, b, c";d\n1;2\n').columns) == ["a, b, c", "d"]


def test_a_given_delimiter_is_taken() -> None:
    assert table_of("a|b,c\n1|2\n", delimiter="|").columns == {"a": ["1"], "b,c": ["2"]}


def test_quoted_cells_may_hold_delimiters_quotes_and_line_breaks() -> None:
    table = table_of('a,b\n"1,5","say ""hi"""\n"two\nlines",x\nlast,y\n')
    assert table.columns["a"] == ["1,5", "two\nlines", "last"]
    assert table.columns["b"] == ['say "hi"', "x", "y"]
    assert table.lines == [2, 3, 5]  # the third row starts after the two lines of the second


def test_cells_are_stripped_and_blank_lines_skipped() -> None:
    table = table_of("\n \na , b\n\n 1 ,2\n   \n3, 4\n\n")
    assert table.columns == {"a": ["1", "3"], "b": ["2", "4"]}
    assert table.lines == [5, 7]


def test_every_kind_of_line_end_is_read() -> None:
    for end in ("\n", "\r\n", "\r"):
        assert table_of(f"a,b{end}1,2{end}3,4").columns == {"a": ["1", "3"], "b": ["2", "4"]}


def test_columns_without_a_name_are_left_out_and_told() -> None:
    table = table_of(",a,,b\n0,1,2,3\n")
    assert table.columns == {"a": ["1"], "b": ["3"]}
    assert table.unnamed == (1, 3)


def test_without_a_header_columns_are_numbered() -> None:
    table = table_of("5.1,3.5,x\n4.9,3.0,y\n", header=False)
    assert table.columns["1"] == ["5.1", "4.9"]
    assert table.lines == [1, 2]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "data.csv: the file is empty"),
        ("\n\n", "data.csv: the file is empty"),
        ("a,b\n", "data.csv: there is a header but no row under it"),
        ("a,b\n1,2\n3\n", "data.csv, line 3: 1 cell, but the first line has 2"),
        ("a,b\n1,2,3\n", "data.csv, line 2: 3 cells, but the first line has 2"),
        ("a,b,a\n1,2,3\n", "data.csv, line 1: 2 columns are named 'a'"),
        (
            "5.1,3.5\n4.9,3.0\n",
            "data.csv, line 1: the first line holds '5.1', '3.5', not the names",
        ),
        ('a,b\n1,"2\n3,4\n', "data.csv, line 2: broken CSV: unexpected end of data"),
        ('a,b\n1,2\n"3" 4,5\n', "data.csv, line 3: broken CSV"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint.replace("(", r"\(")):
        table_of(text)


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    assert list(read_csv(written(tmp_path, b"\xef\xbb\xbfa,b\n1,2\n")).columns) == ["a", "b"]


def test_latin_1_is_refused_as_utf_8_with_line_and_hint_and_read_when_named(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, "town,x\nBern,1\nZürich,2\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"line 3: byte 0xfc is not UTF-8 .*--encoding latin-1"):
        read_csv(path)
    assert read_csv(path, encoding="latin-1").columns["town"] == ["Bern", "Zürich"]


def test_the_line_of_a_bad_byte_is_right_far_into_a_file(tmp_path: Path) -> None:
    path = written(tmp_path, b"a,b\n" + b"1,2\n" * 30_000 + b"\xff,2\n")
    with pytest.raises(ValueError, match=r"line 30002"):
        read_csv(path)


def test_utf_16_is_recognised_and_read_when_named(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n1,2\n".encode("utf-16"))
    with pytest.raises(ValueError, match="--encoding utf-16"):
        read_csv(path)
    assert read_csv(path, encoding="utf-16").columns == {"a": ["1"], "b": ["2"]}


def test_bytes_that_are_not_the_named_encoding_are_refused_without_a_hint(tmp_path: Path) -> None:
    path = written(tmp_path, b"a,b\n\xe9,2\n")
    with pytest.raises(ValueError, match="is not ascii text") as caught:
        read_csv(path, encoding="ascii")
    assert "latin-1" not in str(caught.value)


def test_a_minus_sign_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO("a,b\n1,é\n".encode()), encoding="ascii")
    monkeypatch.setattr("sys.stdin", stdin)
    table = read_csv("-")
    assert (table.source, table.columns["b"]) == ("standard input", ["é"])
    assert not stdin.buffer.closed


def test_an_absent_column_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"there is no column 'c'; its columns are 'a', 'b'$"):
        table_of("a,b\n1,2\n").cells("c")


def test_a_long_list_of_columns_is_cut() -> None:
    names = ",".join(f"c{k}" for k in range(30))
    with pytest.raises(ValueError, match=r"'c19', \.\.\.$"):
        table_of(f"{names}\n{names}\n").cells("x")


def test_rows_can_be_kept() -> None:
    kept = table_of("a,b\n1,2\n3,4\n5,6\n").keep([2, 0])
    assert (kept.columns, kept.lines) == ({"a": ["5", "1"], "b": ["6", "2"]}, [4, 2])


TEXT = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=8
)


@given(
    st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=8), st.sampled_from([",", ";", "\t"])
)
def test_what_csv_writes_is_read_back(rows: list[tuple[str, str, str]], mark: str) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=mark, quoting=csv.QUOTE_ALL).writerows([("p", "q", "r"), *rows])
    table = table_of(text.getvalue())
    assert list(zip(*table.columns.values(), strict=True)) == [
        tuple(cell.strip() for cell in row) for row in rows
    ]
