"""Reads files piece by piece, however large they are: rows of CSV, values of JSON and JSONL, each with its line."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

__all__ = ["Malformed", "csv_header", "csv_rows", "json_values"]

CHUNK = 64 * 1024
# One object of an export has a few kilobytes; more than this is no export.
LONGEST_VALUE = 16 * 1024 * 1024
_SPACE = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Malformed:
    """A piece of a file that cannot be read. `final`: nor can what follows it."""

    message: str
    final: bool = False


def csv_header(path: Path) -> list[str]:
    """Return the names in the first row, empty when there is none.

    Raises:
        OSError: it cannot be read.
        UnicodeDecodeError: it is not UTF-8.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [name.strip() for name in next(csv.reader(file), [])]


def csv_rows(path: Path) -> Iterator[tuple[int, dict[str, str] | Malformed]]:
    """Yield each row below the header by column, without surrounding space, and the line it begins on.

    Empty rows are passed over; an empty cell is left out.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        names: list[str] | None = None
        line = 1
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, UnicodeDecodeError) as error:
                yield line, Malformed(f"the file cannot be read on from here ({error}): save it as CSV in UTF-8", final=True)
                return
            if names is None:
                names = [name.strip() for name in cells]
            elif any(cell.strip() for cell in cells):
                if len(cells) != len(names):
                    yield line, Malformed(f"the row has {len(cells)} cells, the header {len(names)}: quote cells with commas")
                else:
                    yield line, {name: cell.strip() for name, cell in zip(names, cells, strict=True) if cell.strip()}


def json_values(path: Path) -> Iterator[tuple[int, dict[str, Any] | Malformed]]:
    """Yield the objects of a file and the line each begins on: those of arrays, of lists as an API answers them
    (`{"object": "list", "data": […]}`), and those that stand by themselves, one per line or not.

    Numbers with a fraction are exact decimals. Where a `.jsonl` or `.ndjson` file has a line that is no JSON, the next lines are
    read all the same; another file is not read on from there.
    """
    with path.open(encoding="utf-8-sig") as file:
        try:
            yield from _lines(file) if path.suffix in {".jsonl", ".ndjson"} and _has_lines(file) else _Scanner(file).values()
        except UnicodeDecodeError as error:
            yield 1, Malformed(f"the file is not UTF-8 ({error.reason})", final=True)


def _has_lines(file: TextIO) -> bool:
    """Tell whether each line is a value of its own, whatever the file's name says: what is printed over lines begins with one."""
    first = file.readline(LONGEST_VALUE).strip()
    file.seek(0)
    return first not in {"{", "["}


def _lines(file: TextIO) -> Iterator[tuple[int, dict[str, Any] | Malformed]]:
    number = 0
    while line := file.readline(LONGEST_VALUE):
        number += 1
        if not line.strip():
            continue
        try:
            value = _checked(_DECODER.decode(line.strip()))
        except (ValueError, RecursionError) as error:
            yield number, Malformed(f"the line is not a JSON object: {error}")
            continue
        listed = value.get("data")
        for one in listed if isinstance(listed, list) else [value]:
            yield number, one if isinstance(one, dict) else Malformed("an element of the list is no object")


class _Scanner:
    """Takes one value after the other off a file, of which it holds no more than the value it is at."""

    def __init__(self, file: TextIO) -> None:
        self._file, self._text, self._at, self._line, self._ended = file, "", 0, 1, False

    def values(self) -> Iterator[tuple[int, dict[str, Any] | Malformed]]:
        try:
            while (char := self._peek()) is not None:
                if char == "[":
                    yield from self._elements()
                elif char == "{":
                    yield from self._object()
                else:
                    raise ValueError(f"an object or a list should begin here, not {char!r}")
        except (ValueError, RecursionError) as error:
            yield self._line, Malformed(f"the file is not JSON from here on: {error}", final=True)

    def _elements(self) -> Iterator[tuple[int, dict[str, Any] | Malformed]]:
        self._take("[")
        if self._peek() == "]":
            self._take("]")
            return
        while True:
            self._peek()
            line, value = self._line, self._value()
            yield line, value if isinstance(value, dict) else Malformed("an element of the list is no object")
            if self._peek() == "]":
                self._take("]")
                return
            self._take(",")

    def _object(self) -> Iterator[tuple[int, dict[str, Any] | Malformed]]:
        """Yield the elements of its `data`, where that is a list; otherwise the object itself."""
        line, found, is_list = self._line, dict[str, Any](), False
        self._take("{")
        while self._peek() != "}":
            name = self._value()
            if not isinstance(name, str):
                raise ValueError("a name should stand here")
            self._take(":")
            if name == "data" and self._peek() == "[":
                is_list = True
                yield from self._elements()
            else:
                found[name] = self._value()
            if self._peek() != "}":
                self._take(",")
        self._take("}")
        if not is_list:
            yield line, found

    def _value(self) -> Any:
        """Return the value at hand; a number at the very end of what was read may go on in the next piece."""
        self._peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except ValueError:
                if self._ended:
                    raise
            else:
                if end < len(self._text) or self._ended:
                    self._advance(end)
                    return value
            if len(self._text) - self._at > LONGEST_VALUE:
                raise ValueError(f"a value is longer than {LONGEST_VALUE} characters")
            self._read()

    def _peek(self) -> str | None:
        """Return the next character that is no space, None at the end."""
        while True:
            at = self._at
            while at < len(self._text) and self._text[at] in _SPACE:
                at += 1
            self._advance(at)
            if at < len(self._text):
                return self._text[at]
            if self._ended:
                return None
            self._read()

    def _take(self, wanted: str) -> None:
        found = self._peek()
        if found != wanted:
            raise ValueError(f"{wanted!r} should stand here, not {'the end' if found is None else repr(found)}")
        self._advance(self._at + 1)

    def _advance(self, to: int) -> None:
        self._line += self._text.count("\n", self._at, to)
        self._at = to

    def _read(self) -> None:
        more = self._file.read(max(CHUNK, len(self._text) - self._at))
        self._ended = not more
        self._text, self._at = self._text[self._at :] + more, 0


def _checked(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("it is another kind of value")
    return value


_DECODER = json.JSONDecoder(parse_float=Decimal)
