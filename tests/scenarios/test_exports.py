"""`tributary export` through the router: whole tables, whose totals are those of the charts."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.testkit.shop import Shop
from tests.testkit.system import RunningSystem
from tributary.demo_clients import read_demo_clients
from tributary.export.tables import TABLES

START = (datetime.now(UTC) - timedelta(days=300)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
# The first of next month: charts are of whole months, and so is an export up to it.
END = (datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=31)).replace(day=1)
CHARTS = """
query($from: DateTime!, $to: DateTime!, $currency: CurrencyCode!) {
  mrr: mrrSeries(from: $from, to: $to, interval: MONTH, currency: $currency) {
    opening { amount } new { amount } closing { amount } churn { amount } subscriptions
  }
  revenue: revenueSeries(from: $from, to: $to, interval: MONTH, currency: $currency) {
    invoiced { amount } credited { amount } recognised { amount }
  }
  billing: billingSeries(from: $from, to: $to, interval: MONTH, currency: $currency) {
    invoiced { amount } tax { amount } credited { amount } paid { amount } outstanding { amount }
  }
  agedReceivables { currencyCode total { amount } }
}"""
TENANT = "kite-builds"


def tributary(system: RunningSystem, *arguments: str) -> str:
    command = [sys.executable, "-m", "tributary", *arguments, "--data-dir", str(system.data)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def seeded(system: RunningSystem) -> Shop:
    """A demo tenant with a history."""
    tributary(system, "seed", "--customers", "12")
    client = next(one for one in read_demo_clients(system.data) if one.tenant == TENANT)
    return Shop(system, "", (client.client_id, client.client_secret))


def exported(system: RunningSystem, table: str, out: Path, format: str) -> list[dict[str, Any]]:
    """Return what the command wrote, as text by column."""
    reach = ("--from", START.date().isoformat(), "--to", END.date().isoformat())
    tributary(system, "export", table, *reach, "--format", format, "--tenant", TENANT, "--out", str(out))
    if format == "jsonl":
        return [json.loads(line) for line in out.read_text().splitlines()]
    return list(csv.DictReader(io.StringIO(out.read_bytes().decode(), newline="")))


def total(rows: Iterable[Mapping[str, Any]], column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in rows), Decimal(0))


def charted(points: Iterable[Mapping[str, Any]], field: str) -> Decimal:
    return sum((Decimal(point[field]["amount"]) for point in points), Decimal(0))


async def test_totals_of_exports_are_those_of_the_charts(system: RunningSystem, seeded: Shop, tmp_path: Path) -> None:
    tables = {name: exported(system, name, tmp_path / name, "csv") for name in TABLES}
    [currency] = {row["currency"] for row in tables["invoices"]}
    asked = {"from": START.isoformat(), "to": END.isoformat(), "currency": currency}
    charts = await seeded.data(CHARTS, asked)
    mrr, revenue, billing = charts["mrr"], charts["revenue"], charts["billing"]

    movements = tables["mrr-movements"]
    assert Decimal(mrr[0]["opening"]["amount"]) == 0
    assert total(movements, "amount") == Decimal(mrr[-1]["closing"]["amount"]) > 0
    assert total((one for one in movements if one["kind"] == "NEW"), "amount") == charted(mrr, "new")

    for column in ("invoiced", "credited", "recognised"):
        assert total(tables["revenue"], column) == charted(revenue, column)
    assert charted(revenue, "recognised") > 0

    invoices, lines = tables["invoices"], tables["invoice-lines"]
    assert total(invoices, "subtotal") == total(lines, "net") == charted(billing, "invoiced") == charted(revenue, "invoiced") > 0
    assert total(invoices, "tax") == total(lines, "tax") == charted(billing, "tax")
    paid = [one for one in tables["payments"] if one["status"] == "SUCCEEDED"]
    assert total(paid, "amount") == charted(billing, "paid") > 0
    outstanding = total((one for one in invoices if one["status"] == "OPEN"), "amount_due")
    assert outstanding == Decimal(billing[-1]["outstanding"]["amount"])
    assert outstanding == charted(charts["agedReceivables"], "total")

    active = [one for one in tables["subscriptions"] if one["status"] in ("ACTIVE", "PAST_DUE")]
    assert len(active) == mrr[-1]["subscriptions"]
    assert len(tables["customers"]) == 12
    assert {one["customer_id"] for one in invoices} <= {one["id"] for one in tables["customers"]}


def test_json_lines_have_what_the_csv_has(system: RunningSystem, seeded: Shop, tmp_path: Path) -> None:
    for name in ("invoices", "customers", "mrr-movements"):
        rows = exported(system, name, tmp_path / f"{name}.jsonl", "jsonl")
        shown = exported(system, name, tmp_path / f"{name}.csv", "csv")
        assert [{key: "" if value is None else str(value) for key, value in row.items()} for row in rows] == shown
        assert rows
