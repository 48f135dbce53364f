"""What became of rows that were not simply imported: in a file for machines, and counted for people."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from tributary.failure import Failure
from tributary.importing.records import Entry, Kind, Outcome

__all__ = ["Finding", "Report", "open_report"]

# So many are shown in the end; the file has all.
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of the report. `kind` is empty where it is not known what the row is."""

    file: str
    line: int
    source_id: str
    kind: str
    outcome: str
    code: str
    message: str


class Report:
    """Counts rows, and writes findings as they come."""

    def __init__(self, file: TextIO | None = None, *, as_csv: bool = False) -> None:
        self._file, self._csv = file, csv.writer(file) if file is not None and as_csv else None
        self.counts: Counter[tuple[Kind | None, str]] = Counter()
        self.first: list[Finding] = []
        if self._csv is not None:
            self._csv.writerow(Finding.__slots__)

    def count(self, kind: Kind, what: str) -> None:
        """Count a row that is `created` or `there`."""
        self.counts[kind, what] += 1

    def add(self, entry: Entry, outcome: Outcome, code: str, message: str) -> None:
        """Report a row; it counts as refused, skipped or noted."""
        kind = entry.kind.value if entry.kind else ""
        finding = Finding(entry.file, entry.line, entry.source_id, kind, outcome.value, code, message)
        self.counts[entry.kind, outcome.value] += 1
        if outcome is Outcome.REFUSED and len(self.first) < SHOWN:
            self.first.append(finding)
        if self._csv is not None:
            self._csv.writerow(asdict(finding).values())
        elif self._file is not None:
            self._file.write(json.dumps(asdict(finding), ensure_ascii=False) + "\n")
        if self._file is not None:
            self._file.flush()

    @property
    def refused(self) -> int:
        """How many rows were refused, of all kinds."""
        return sum(number for (_, what), number in self.counts.items() if what == Outcome.REFUSED.value)


@contextmanager
def open_report(path: Path | None) -> Iterator[Report]:
    """Write a report, as CSV or JSONL by the file's name; only count without one.

    Raises:
        Failure: the name says neither, or the file cannot be written.
    """
    if path is None:
        yield Report()
        return
    if path.suffix not in {".csv", ".jsonl"}:
        raise Failure(f"{path.name} is neither .csv nor .jsonl", "name the report so that it says which")
    try:
        file = path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise Failure(f"{path} cannot be written ({error.strerror})", "name another file with --report") from error
    with file:
        yield Report(file, as_csv=path.suffix == ".csv")
