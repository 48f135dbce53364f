"""The files to import: what kinds they hold, and the entries of one kind after the other. Nothing is kept of what was read."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from tributary.failure import Failure
from tributary.importing import csv_columns, stripe_objects
from tributary.importing.csv_columns import csv_record
from tributary.importing.reading import Malformed, csv_header, csv_rows, json_values
from tributary.importing.records import Entry, Kind, Problem, Record, refused, skipped
from tributary.importing.stripe_objects import stripe_record
from tributary.importing.stripe_values import StripeOptions

__all__ = ["CsvSource", "Source", "StripeSource"]


class Source(Protocol):
    """Where rows come from. Files are read once for `survey`, and once for each kind that they hold."""

    name: str

    def survey(self) -> Iterator[Entry]:
        """Yield what in the files is no row of any kind; afterwards `counts` tells how many rows of each kind there are."""
        ...

    @property
    def counts(self) -> Mapping[Kind, int]: ...

    def entries(self, kind: Kind) -> Iterator[Entry]:
        """Yield the rows of a kind, in the order of the files."""
        ...


class CsvSource:
    """CSV files, one kind per file, told by its columns.

    Raises:
        Failure: a file cannot be read, has columns that nobody knows, or lacks some.
    """

    name = "csv"

    def __init__(self, paths: Sequence[Path], now: datetime) -> None:
        self._files = [(path, _kind_of_columns(path)) for path in paths]
        self._now = now
        self.counts: Counter[Kind] = Counter()

    def survey(self) -> Iterator[Entry]:
        self.counts.clear()
        for path, file_kind in self._files:
            for line, row in csv_rows(path):
                if isinstance(row, Malformed):
                    yield _malformed(path, line, row)
                else:
                    self.counts.update(csv_columns.KINDS[file_kind])

    def entries(self, kind: Kind) -> Iterator[Entry]:
        for path, file_kind in self._files:
            if kind not in csv_columns.KINDS[file_kind]:
                continue
            name = {Kind.PRODUCT: "product", Kind.PLAN: "plan"}.get(kind, "id")
            for line, row in csv_rows(path):
                if not isinstance(row, Malformed):
                    yield _entry(path, line, kind, row.get(name, ""), partial(csv_record, kind, row, self._now))


class StripeSource:
    """JSON exports of Stripe, of any objects in any order.

    Raises:
        Failure: a file cannot be read.
    """

    name = "stripe"

    def __init__(self, paths: Sequence[Path], options: StripeOptions, now: datetime) -> None:
        for path in paths:
            _check_readable(path)
        self._paths, self._options, self._now = paths, options, now
        self._kinds: dict[Path, set[Kind]] = {}
        self.counts: Counter[Kind] = Counter()

    def survey(self) -> Iterator[Entry]:
        self.counts.clear()
        for path in self._paths:
            others: Counter[str] = Counter()
            held = self._kinds[path] = set()
            for line, found in json_values(path):
                if isinstance(found, Malformed):
                    yield _malformed(path, line, found)
                    continue
                type = str(found.get("object"))
                kinds = stripe_objects.KINDS.get(type, ())
                held.update(kinds)
                self.counts.update(kinds)
                if not kinds and not others[type]:
                    problem = skipped(
                        "NOT_IMPORTED", f"objects of type {type!r} are not imported: neither this nor others like it"
                    )
                    yield Entry(file=str(path), line=line, kind=None, source_id=str(found.get("id") or ""), problem=problem)
                if not kinds:
                    others[type] += 1

    def entries(self, kind: Kind) -> Iterator[Entry]:
        for path in self._paths:
            if kind not in self._kinds.get(path, {kind}):
                continue
            for line, found in json_values(path):
                if isinstance(found, Malformed) or kind not in stripe_objects.KINDS.get(str(found.get("object")), ()):
                    continue
                id = str(found.get("id") or "")
                yield _entry(path, line, kind, id, partial(stripe_record, kind, found, self._options, self._now))


def _entry(path: Path, line: int, kind: Kind, id: str, build: Callable[[], Record]) -> Entry:
    try:
        record, problem = build(), None
    except Problem as error:
        record, problem = None, error
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError) as error:
        record, problem = None, refused("SHAPE_UNKNOWN", f"it is not shaped as such an object is ({error})")
    return Entry(file=str(path), line=line, kind=kind, source_id=id, record=record, problem=problem)


def _malformed(path: Path, line: int, found: Malformed) -> Entry:
    return Entry(file=str(path), line=line, kind=None, source_id="", problem=refused("MALFORMED", found.message))


def _check_readable(path: Path) -> None:
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise Failure(f"{path} cannot be read ({error.strerror})", "name files that can") from error


def _kind_of_columns(path: Path) -> Kind:
    try:
        header = csv_header(path)
    except OSError as error:
        raise Failure(f"{path} cannot be read ({error.strerror})", "name files that can") from error
    except UnicodeDecodeError as error:
        raise Failure(f"{path} is not UTF-8", "save it as CSV in UTF-8") from error
    matching = [kind for kind, needed in csv_columns.REQUIRED.items() if set(needed) <= set(header)]
    if not matching:
        wanted = "; or ".join(f"{kind}s: {', '.join(needed)}" for kind, needed in csv_columns.REQUIRED.items())
        raise Failure(f"the first row of {path} does not name the columns of any kind", f"it needs, for {wanted}")
    [kind] = matching[:1]
    unknown = sorted(set(header) - set(csv_columns.COLUMNS[kind]))
    if unknown or len(set(header)) < len(header):
        what = f"columns that {kind}s do not have: {', '.join(unknown)}" if unknown else "a column twice"
        raise Failure(f"{path} has {what}", f"use {', '.join(csv_columns.COLUMNS[kind])}")
    return kind
