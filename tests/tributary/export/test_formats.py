"""CSV that other programs read back as it was, and that no spreadsheet executes."""

import csv
import io
import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tributary.export.formats import Cell, ExportFormat, decimal, encode_header, encode_rows

CSV, JSONL = ExportFormat.CSV, ExportFormat.JSONL
TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)


def test_a_csv_has_a_header_and_ends_its_lines_as_rfc_4180_does() -> None:
    rows = [{"name": 'Smith, "Jo"', "amount": Decimal("-8.00"), "quantity": 3, "at": None}]
    columns = ["name", "amount", "quantity", "at"]
    assert encode_header(CSV, columns) + encode_rows(CSV, columns, rows) == (
        b'name,amount,quantity,at\r\n"Smith, ""Jo""",-8.00,3,\r\n'
    )


def test_amounts_are_exact_and_never_in_exponents() -> None:
    amounts: list[Cell] = [Decimal("0.000000000001"), Decimal("1E+3"), Decimal("12345678901234567890.12"), Decimal("-0.10")]
    columns = [f"a{number}" for number in range(len(amounts))]
    row = dict(zip(columns, amounts, strict=True))
    assert encode_rows(CSV, columns, [row]) == b"0.000000000001,1000,12345678901234567890.12,-0.10\r\n"
    assert json.loads(encode_rows(JSONL, columns, [row])) == {
        "a0": "0.000000000001",
        "a1": "1000",
        "a2": "12345678901234567890.12",
        "a3": "-0.10",
    }


@pytest.mark.parametrize(
    "text", ["=1+1", "+49 30 1234", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://evil","x")', "＝1+1", "－1"]
)
def test_a_text_that_would_be_a_formula_is_shown_as_text(text: str) -> None:
    [[read]] = csv.reader(io.StringIO(encode_rows(CSV, ["a"], [{"a": text}]).decode(), newline=""))
    assert read == f"'{text}"
    assert json.loads(encode_rows(JSONL, ["a"], [{"a": text}])) == {"a": text}


@pytest.mark.parametrize("text", ["Team", "1-2", "a=b", "'quoted'", ""])
def test_other_texts_stay_as_they_are(text: str) -> None:
    [read] = csv.reader(io.StringIO(encode_rows(CSV, ["a", "b"], [{"a": text, "b": 1}]).decode(), newline=""))
    assert read == [text, "1"]


@settings(deadline=None)
@given(st.lists(st.fixed_dictionaries({"a": TEXTS, "b": st.none() | st.integers(), "c": TEXTS}), max_size=5))
def test_what_is_written_is_read_back(rows: list[dict[str, Cell]]) -> None:
    columns = ["a", "b", "c"]
    read = list(csv.DictReader(io.StringIO((encode_header(CSV, columns) + encode_rows(CSV, columns, rows)).decode(), newline="")))
    for found, row in zip(read, rows, strict=True):
        for name in ("a", "c"):
            text = str(row[name])
            assert found[name] == text or found[name] == f"'{text}"
            assert not found[name].startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        assert found["b"] == ("" if row["b"] is None else str(row["b"]))
    lines = encode_rows(JSONL, columns, rows).decode().split("\n")
    assert [json.loads(line) for line in lines if line] == rows


def test_what_is_no_amount_is_refused() -> None:
    with pytest.raises(ValueError, match="'=1' is no amount"):
        decimal("=1")
