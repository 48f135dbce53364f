"""Rows as CSV (RFC 4180, UTF-8) or as JSON lines. Amounts are exact decimals as text, beside their currency. Pure.

A spreadsheet takes a text that begins with = + - @, a tab or a line break for a formula and may execute it: in CSV, such a text
gets an apostrophe in front, which a spreadsheet shows as text. Numbers are left as they are, negative ones too. JSON lines are
not changed.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from enum import StrEnum

__all__ = ["Cell", "ExportFormat", "Row", "encode_header", "encode_rows"]

Cell = str | int | Decimal | None
Row = Mapping[str, Cell]
"""Values by column. A Decimal or an int is a number; a str is text, even where it looks like one."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class ExportFormat(StrEnum):
    """What an export is written as."""

    CSV = "csv"
    JSONL = "jsonl"


def encode_header(format: ExportFormat, columns: Sequence[str]) -> bytes:
    """Return what a file begins with."""
    return _csv([columns]) if format is ExportFormat.CSV else b""


def encode_rows(format: ExportFormat, columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    """Return the rows, each with all of the columns in their order."""
    if format is ExportFormat.CSV:
        return _csv([[_csv_cell(row[column]) for column in columns] for row in rows])
    lines = [json.dumps({column: _json_cell(row[column]) for column in columns}, ensure_ascii=False) for row in rows]
    return "".join(f"{line}\n" for line in lines).encode()


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _csv_cell(value: Cell) -> str:
    match value:
        case None:
            return ""
        case Decimal():
            return f"{value:f}"
        case int():
            return str(value)
        case _ if value.startswith(_FORMULA):
            return f"'{value}"
    return value


def _json_cell(value: Cell) -> str | int | None:
    return f"{value:f}" if isinstance(value, Decimal) else value


def decimal(text: str) -> Decimal:
    """Return an amount of the API.

    Raises:
        ValueError: it is no decimal number.
    """
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is no amount") from error
