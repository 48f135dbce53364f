"""Every row that was not simply imported is in the report."""

import csv
import json
from pathlib import Path

import pytest

from tributary.failure import Failure
from tributary.importing.records import Entry, Kind, Outcome
from tributary.importing.report import open_report

ENTRY = Entry(file="customers.csv", line=4, kind=Kind.CUSTOMER, source_id="c3")
ROW = {
    "file": "customers.csv",
    "line": 4,
    "source_id": "c3",
    "kind": "customer",
    "outcome": "refused",
    "code": "VALUE_MISSING",
    "message": "name is empty, „really“",
}


def test_as_jsonl(tmp_path: Path) -> None:
    path = tmp_path / "report.jsonl"
    with open_report(path) as report:
        report.add(ENTRY, Outcome.REFUSED, "VALUE_MISSING", "name is empty, „really“")
        # it is there at once
        assert [json.loads(line) for line in path.read_text().splitlines()] == [ROW]


def test_as_csv(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    with open_report(path) as report:
        report.add(ENTRY, Outcome.REFUSED, "VALUE_MISSING", "name is empty, „really“")
    with path.open(newline="") as file:
        assert list(csv.DictReader(file)) == [ROW | {"line": "4"}]


def test_only_refused_rows_count_as_refused_and_the_first_ten_are_shown() -> None:
    with open_report(None) as report:
        report.count(Kind.CUSTOMER, "created")
        report.add(ENTRY, Outcome.SKIPPED, "STATUS", "it has ended")
        report.add(ENTRY, Outcome.NOTED, "DEBT_LEFT", "it is past due")
        for number in range(12):
            report.add(ENTRY, Outcome.REFUSED, f"CODE_{number}", "")
    assert (report.refused, [one.code for one in report.first]) == (12, [f"CODE_{number}" for number in range(10)])
    assert report.counts[Kind.CUSTOMER, "skipped"] == 1


@pytest.mark.parametrize("name", ["report", "report.txt", "missing/report.csv"])
def test_a_report_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Failure), open_report(tmp_path / name):
        pass
