"""An export is whole, however often it was interrupted, and holds one page at a time."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tributary.export.formats import ExportFormat
from tributary.export.job import Wanted, export_to_file, export_to_stream
from tributary.failure import Failure

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 8, tzinfo=UTC)


class Killed(Exception):
    """The process ended."""


def payment(number: int, day: int) -> dict[str, Any]:
    return {
        "id": f"pay_{number:04}",
        "status": "SUCCEEDED",
        "invoice": {"id": "inv_1", "number": f"INV-{number:06}"},
        "customer": None,
        "amount": {"amount": f"{number}.10", "currencyCode": "EUR"},
        "amountRefunded": {"amount": "0.00"},
        "amountLost": {"amount": "0.00"},
        "provider": "sandbox",
        "paymentMethodLabel": "Visa",
        "reference": None,
        "failureCode": None,
        "createdAt": (START + timedelta(days=day)).isoformat(),
        "receivedAt": None,
        "settledAt": (START + timedelta(days=day, hours=5)).isoformat(),
    }


class Payments:
    """An API with these payments, newest first, `size` on a page; it ends the process before the request `dies_at`."""

    def __init__(self, days: list[int], size: int = 2) -> None:
        self.all = [payment(number, day) for number, day in enumerate(days)]
        self.size, self.requests, self.largest = size, 0, 0
        self.dies_at: int | None = None

    async def data(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        if self.requests == self.dies_at:
            raise Killed
        self.requests += 1
        where = variables["where"]
        start = datetime.fromisoformat(where["settledFrom"]) if "settledFrom" in where else datetime.min.replace(tzinfo=UTC)
        end, after = datetime.fromisoformat(where["settledTo"]), variables["after"]
        found = [one for one in reversed(self.all) if start <= datetime.fromisoformat(one["settledAt"]) < end]
        found = [one for one in found if after is None or one["id"] < after]
        page = found[: self.size]
        self.largest = max(self.largest, len(page))
        return {
            "payments": {
                "nodes": page,
                "pageInfo": {"hasNextPage": len(found) > self.size, "endCursor": page[-1]["id"] if page else None},
            }
        }


def wanted(format: ExportFormat = ExportFormat.JSONL, end: datetime = END) -> Wanted:
    return Wanted(source="http://api client_1", table="payments", format=format, start=START, end=end)


async def whole(api: Payments, format: ExportFormat = ExportFormat.JSONL) -> bytes:
    out = io.BytesIO()
    await export_to_stream(api, wanted(format), out)
    return out.getvalue()


async def test_every_row_is_there_once_day_by_day(tmp_path: Path) -> None:
    api = Payments([0, 0, 0, 2, 2, 6, 7])  # the last is outside
    assert await export_to_file(api, wanted(), tmp_path / "p.jsonl") == 6
    rows = [json.loads(line) for line in (tmp_path / "p.jsonl").read_text().splitlines()]
    assert [row["id"] for row in rows] == ["pay_0002", "pay_0001", "pay_0000", "pay_0004", "pay_0003", "pay_0005"]
    assert (rows[0]["amount"], rows[0]["currency"], rows[0]["customer_id"]) == ("2.10", "EUR", None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.jsonl"]


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 6), max_size=14),
    st.lists(st.integers(0, 6), max_size=4),
    st.sampled_from(ExportFormat),
    st.booleans(),
)
async def test_however_often_it_is_interrupted_the_file_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, days: list[int], deaths: list[int], format: ExportFormat, torn: bool
) -> None:
    api, path = Payments(days), tmp_path_factory.mktemp("export") / "p"
    expected = await whole(Payments(days), format)
    for requests in deaths:
        api.requests, api.dies_at = 0, requests
        try:
            await export_to_file(api, wanted(format), path)
            break
        except Killed:
            if torn and (part := path.with_name("p.part")).exists():
                with part.open("ab") as file:
                    file.write(b"half a ro")  # written, and not noted
    api.dies_at = None
    if not path.exists():
        await export_to_file(api, wanted(format), path)
    assert path.read_bytes() == expected
    assert api.largest <= api.size


async def interrupted(path: Path, what: Wanted) -> Payments:
    api = Payments([0, 0, 0, 1, 2])
    api.dies_at = 1
    with pytest.raises(Killed):
        await export_to_file(api, what, path)
    api.dies_at = None
    return api


async def test_one_that_goes_on_does_not_ask_again_for_what_it_has(tmp_path: Path) -> None:
    api = await interrupted(tmp_path / "p", wanted())
    assert await export_to_file(api, wanted(), tmp_path / "p") == 5
    assert api.requests == 8  # two pages of the first day, one of each of the other six


@pytest.mark.parametrize(
    "other",
    [
        lambda: wanted(ExportFormat.CSV),
        lambda: wanted(end=END + timedelta(days=1)),
        lambda: replace(wanted(), table="invoices"),
        lambda: replace(wanted(), source="http://api client_of_another_tenant"),
        lambda: replace(wanted(), start=None),
    ],
)
async def test_one_does_not_go_on_as_another(tmp_path: Path, other: Callable[[], Wanted]) -> None:
    api = await interrupted(tmp_path / "p", wanted())
    with pytest.raises(Failure, match="was begun by another export"):
        await export_to_file(api, other(), tmp_path / "p")


async def test_one_without_an_end_keeps_the_one_it_began_with(tmp_path: Path) -> None:
    api = await interrupted(tmp_path / "p", wanted())
    later = wanted(end=END + timedelta(days=3))
    assert await export_to_file(api, later, tmp_path / "p", ends_now=True) == 5
    assert api.requests == 8


async def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "p").write_text("mine")
    with pytest.raises(Failure, match="exists"):
        await export_to_file(Payments([]), wanted(), tmp_path / "p")
    assert (tmp_path / "p").read_text() == "mine"


@pytest.mark.parametrize("out", ["nope/x.csv", "file/x.csv"])
async def test_a_path_that_cannot_be_written_is_named_in_one_line_before_anything_is_asked(tmp_path: Path, out: str) -> None:
    (tmp_path / "file").write_text("no folder")
    api = Payments([1])
    with pytest.raises(Failure) as failed:
        await export_to_file(api, wanted(), tmp_path / out)
    line = str(failed.value)
    assert line.startswith(f"{tmp_path / out} cannot be written (")
    assert line.endswith(" → give another --out")
    assert (failed.value.exit_code, api.requests) == (2, 0)
