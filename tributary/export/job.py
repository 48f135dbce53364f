"""One export: slice by slice and page by page into a file, in bounded memory, and on from where an interruption left it.

FILE.part        what is written so far
FILE.part.json   which export that is, and where it stands: written after each page, so that what `bytes` counts is whole
FILE             the finished export
"""

import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from errno import ENOSPC
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from tributary.export.formats import ExportFormat, Row, encode_header, encode_rows
from tributary.export.tables import TABLES, Table, slices
from tributary.failure import Failure

__all__ = ["Api", "Wanted", "export_to_file", "export_to_stream"]


class Api(Protocol):
    """Answers queries."""

    async def data(self, query: str, variables: dict[str, Any]) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be exported: a table, as a format, of [start, end); `source` names the API and the client, and so the tenant."""

    source: str
    table: str
    format: ExportFormat
    start: datetime | None
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an export is: in which slice, after which cursor of it, with how many rows and bytes written."""

    slice: int = 0
    after: str | None = None
    rows: int = 0
    bytes: int = 0


async def export_to_stream(api: Api, wanted: Wanted, out: BinaryIO) -> int:
    """Write the export to `out`; return how many rows it has."""
    rows = 0
    out.write(encode_header(wanted.format, list(TABLES[wanted.table].columns)))
    async for progress, encoded in _pages(api, wanted, Progress()):
        out.write(encoded)
        out.flush()
        rows = progress.rows
    return rows


async def export_to_file(api: Api, wanted: Wanted, path: Path, *, ends_now: bool = False) -> int:
    """Write the export to `path`, going on with one that was interrupted; return how many rows it has.

    `ends_now`: no end was asked for, so that one that goes on keeps the end it began with.

    Raises:
        Failure: the file exists or cannot be written, or what was interrupted was another export.
    """
    part, state = path.with_name(f"{path.name}.part"), path.with_name(f"{path.name}.part.json")
    with _writing(path):
        wanted, begun = _begun(path, state, part, wanted, ends_now=ends_now)
        file = _opened(part, begun.bytes)
    rows = begun.rows
    with file:
        if not begun.bytes:
            with _writing(path):
                begun = Progress(bytes=file.write(encode_header(wanted.format, list(TABLES[wanted.table].columns))))
                _keep(file, state, wanted, begun)
        async for progress, encoded in _pages(api, wanted, begun):
            with _writing(path):
                file.write(encoded)
                _keep(file, state, wanted, progress)
            rows = progress.rows
    with _writing(path):
        _finish(part, path, state)
    return rows


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Say in one line that what is written for `path` cannot be, and why; what the API answers is not written in here."""
    try:
        yield
    except OSError as error:
        remedy = "make room, and give the same command again" if error.errno == ENOSPC else "give another --out"
        raise Failure(f"{path} cannot be written ({error.strerror})", remedy) from error


async def _pages(api: Api, wanted: Wanted, progress: Progress) -> AsyncIterator[tuple[Progress, bytes]]:
    """Yield each page as it is written, with the progress once it is; what `progress` has is left out."""
    table = TABLES[wanted.table]
    parts = slices(table.slicing, wanted.start, wanted.end)
    for number in range(progress.slice, len(parts)):
        after, more = (progress.after if number == progress.slice else None), True
        while more:
            variables = {"first": table.page_size, "after": after, **table.variables(parts[number])}
            page = (await api.data(table.query, variables))[table.field]
            rows = [row for node in page["nodes"] for row in table.rows(node) if _is_within(table, wanted, row)]
            encoded = encode_rows(wanted.format, list(table.columns), rows)
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
            progress = Progress(
                slice=number if more else number + 1,
                after=after if more else None,
                rows=progress.rows + len(rows),
                bytes=progress.bytes + len(encoded),
            )
            yield progress, encoded


def _is_within(table: Table, wanted: Wanted, row: Row) -> bool:
    """Tell whether the row lies in the range; what a slice gives does by itself, and months are whole."""
    at = row[table.instant]
    if table.instant == "month":
        return True
    if not isinstance(at, str):
        return False
    instant = datetime.fromisoformat(at)
    return (wanted.start is None or wanted.start <= instant) and instant < wanted.end


def _begun(path: Path, state: Path, part: Path, wanted: Wanted, *, ends_now: bool) -> tuple[Wanted, Progress]:
    if path.exists():
        raise Failure(f"{path} exists", "remove it, or give another --out")
    if not state.is_file() or not part.is_file():
        return wanted, Progress()
    kept = json.loads(state.read_text("utf-8"))
    known = Wanted(
        source=kept["source"],
        table=kept["table"],
        format=ExportFormat(kept["format"]),
        start=_instant(kept["start"]),
        end=_instant(kept["end"]) or datetime.now(UTC),
    )
    if known != (replace(wanted, end=known.end) if ends_now else wanted):
        raise Failure(f"{part} was begun by another export", f"remove it with {state}, or give another --out")
    return known, Progress(**kept["progress"])


def _keep(file: BinaryIO, state: Path, wanted: Wanted, progress: Progress) -> None:
    """Note how far the export is, once what it has written is stored."""
    file.flush()
    os.fsync(file.fileno())
    kept = {
        "source": wanted.source,
        "table": wanted.table,
        "format": wanted.format.value,
        "start": wanted.start.isoformat() if wanted.start else None,
        "end": wanted.end.isoformat(),
        "progress": asdict(progress),
    }
    new = state.with_name(f"{state.name}.new")
    new.write_text(json.dumps(kept), "utf-8")
    new.replace(state)


def _opened(part: Path, size: int) -> BinaryIO:
    """Open the part for writing after its first `size` bytes: what was written after them is not counted, and written again."""
    part.touch(mode=0o600)
    file = part.open("r+b")
    try:
        file.truncate(size)
        file.seek(size)
    except BaseException:
        file.close()
        raise
    return file


def _finish(part: Path, path: Path, state: Path) -> None:
    part.replace(path)
    state.unlink(missing_ok=True)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
