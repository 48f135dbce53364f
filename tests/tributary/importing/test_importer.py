"""Given files and what the server has, when they are imported, then what is sent, kept and reported."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tributary.api import Refusal
from tributary.failure import Failure
from tributary.importing.importer import Importer
from tributary.importing.records import Kind, Problem
from tributary.importing.report import Report
from tributary.importing.sources import CsvSource, StripeSource
from tributary.importing.state import ImportState
from tributary.importing.stripe_values import StripeOptions

FILES = Path(__file__).parent / "files"
STRIPE = [FILES / "stripe" / name for name in ("subscriptions.json", "catalogue.jsonl", "customers.json")]
CSV = [FILES / "csv" / name for name in ("subscriptions.csv", "prices.csv", "customers.csv")]
NOW = datetime(2026, 2, 10, tzinfo=UTC)
FIELDS = {
    "customers": "customer",
    "products": "product",
    "plans": "plan",
    "prices": "price",
    "planSubscriptions": "planSubscription",
}


class Killed(BaseException):
    """The process is gone."""


class InMemoryApi:
    """The API's promises that an import relies on: external ids and codes are unique, a key's answer is repeated."""

    tenant = "ten_1"

    def __init__(self) -> None:
        self.things: dict[tuple[str, str], dict[str, Any]] = {}
        self.keys: dict[str, dict[str, Any]] = {}
        self.written: list[tuple[str, dict[str, Any]]] = []
        self.queries = 0
        self.refuse: dict[str, list[Refusal]] = {}
        self.die_after: int | None = None
        self.lose_answers = False

    async def data(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        self.queries += 1
        if "ImportBalance" in query:
            entries = [
                {"description": input["description"]}
                for name, input in self.written
                if name == "customerBalanceAdjust" and input["customerId"] == variables["id"]
            ]
            return {"customer": {"balances": [{"entries": {"nodes": entries}}]}}
        found = {}
        for alias, name, variable in re.findall(r"(f\d+): (\w+)\(first: 1, where: {\w+: \$(n\d+)}\)", query):
            thing = self.things.get((FIELDS[name], variables[variable]))
            found[alias] = {"nodes": [thing] if thing else []}
        return found

    async def mutate(self, mutation: str, variables: Mapping[str, Any]) -> dict[str, Any] | Refusal:
        name = re.findall(r"{ (\w+)\(input", mutation)[0]
        input = dict(variables["input"])
        key = input.pop("idempotencyKey")
        if self.die_after is not None and len(self.written) >= self.die_after and not self.lose_answers:
            raise Killed
        if key in self.keys:
            return self.keys[key]
        if self.refuse.get(name):
            return self.refuse[name].pop(0)
        result = re.findall(r"{ (\w+) { id }", mutation)[0]
        external = input.get("externalId") or (input.get("code") if name == "planCreate" else None)
        if external is not None and (result, external) in self.things:
            return Refusal("ALREADY_EXISTS", "it has it", ("externalId",))
        thing = {"id": f"{result}_{len(self.written)}", "currencyCode": input.get("currencyCode"), "timeZone": "UTC"}
        if external is not None:
            self.things[result, external] = thing
        self.written.append((name, input))
        self.keys[key] = {result: thing, "userErrors": []}
        await asyncio.sleep(0)
        if self.die_after is not None and len(self.written) >= self.die_after and self.lose_answers:
            raise Killed
        return self.keys[key]

    def names(self) -> Counter[str]:
        return Counter(name for name, _ in self.written)

    def input(self, name: str, external_id: str) -> dict[str, Any]:
        [found] = [input for written, input in self.written if written == name and input.get("externalId") == external_id]
        return found


@dataclass
class Run:
    """One run of the import, over what is kept between runs."""

    api: InMemoryApi = field(default_factory=InMemoryApi)
    state: ImportState = field(default_factory=lambda: ImportState({}))
    report: Report = field(default_factory=Report)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def go(self, source: Any, *, apply: bool = True, workers: int = 3, bill_ended: bool = False) -> Report:
        self.report = Report()
        importer = Importer(
            source=source,
            api=self.api,  # type: ignore[arg-type]
            state=self.state,
            report=self.report,
            apply=apply,
            now=NOW,
            workers=workers,
            bill_ended=bill_ended,
            stop=self.stop,
            late_pause_seconds=0,
        )
        await importer.run()
        return self.report

    def counted(self, what: str) -> dict[str, int]:
        return {str(kind): number for (kind, counted), number in self.report.counts.items() if counted == what}


def stripe(*paths: Path, **options: Any) -> StripeSource:
    return StripeSource(paths or STRIPE, StripeOptions(**options), NOW)


def jsonl(folder: Path, *objects: dict[str, Any], name: str = "more.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(one) + "\n" for one in objects))
    return path


CREATED = {"customer": 2, "product": 2, "plan": 2, "price": 5, "subscription": 4}


async def test_a_dry_run_counts_and_writes_nothing() -> None:
    run = Run()
    await run.go(stripe(), apply=False)
    assert (run.counted("created"), run.counted("there"), run.api.written) == (CREATED, {}, [])
    assert run.counted("refused") == {"customer": 1, "price": 1, "subscription": 2}
    assert run.counted("skipped") == {"subscription": 1}


async def test_applied_everything_is_written_once_in_the_order_of_references() -> None:
    run = Run()
    await run.go(stripe())
    assert run.counted("created") == CREATED
    assert run.api.names() == {
        "customerCreate": 2,
        "taxIdAdd": 1,
        "customerBalanceAdjust": 1,
        "productCreate": 2,
        "planCreate": 2,
        "priceCreate": 5,
        "planSubscriptionStart": 4,
    }
    started = run.api.input("planSubscriptionStart", "sub_active")
    things = run.api.things
    assert started == {
        "customerId": things["customer", "cus_Hooli"]["id"],
        "priceId": things["price", "price_seat"]["id"],
        "quantity": 3,
        "addOns": [{"priceId": things["price", "price_support"]["id"], "quantity": 1}],
        "startsAt": "2024-01-31T00:00:00+00:00",
        "billingAnchor": "2024-01-31T00:00:00+00:00",
        "paidThrough": "2026-02-28T00:00:00+00:00",
        "cancelAt": None,
        "couponId": None,
        "externalId": "sub_active",
        "reason": "Imported from stripe",
    }
    assert run.api.input("planSubscriptionStart", "sub_paused")["pause"] == {"resumesAt": None}
    assert run.api.input("planSubscriptionStart", "sub_trial")["trial"] == {
        "endsAt": "2026-02-15T00:00:00+00:00",
        "ending": "CREATE_INVOICE",
    }
    assert run.api.input("priceCreate", "price_tiers")["tiers"] == [
        {"upTo": "10", "unitAmount": "7.00", "flatAmount": {"minorUnits": "0", "currencyCode": "EUR"}},
        {"upTo": None, "unitAmount": "6.505", "flatAmount": {"minorUnits": "500", "currencyCode": "EUR"}},
    ]


async def test_csv_rows_of_one_plan_make_one_plan() -> None:
    run = Run()
    await run.go(CsvSource(CSV, NOW))
    assert run.counted("created") == {"customer": 2, "product": 1, "plan": 3, "price": 4, "subscription": 3}
    assert [(one.source_id, one.code) for one in run.report.first] == [
        ("c3", "INVALID_INPUT"),
        ("s5", "PAID_THROUGH_MISSING"),
        ("s6", "REFERENCE_UNKNOWN"),
    ]


@pytest.mark.parametrize("keep_state", [True, False])
async def test_repeated_it_makes_nothing_new(keep_state: bool) -> None:
    run = Run()
    await run.go(stripe())
    written = list(run.api.written)
    run.api.keys.clear()  # 48 hours later
    if not keep_state:
        run.state = ImportState({})
    await run.go(stripe())
    assert (run.counted("created"), run.counted("there")) == ({}, CREATED)
    assert run.api.written == written
    await run.go(stripe(), apply=False)
    assert (run.counted("created"), run.counted("there")) == ({}, CREATED)


@pytest.mark.parametrize("keys_live", [True, False])
@pytest.mark.parametrize("lose_answers", [True, False])
async def test_killed_at_any_write_it_goes_on_and_makes_nothing_twice(keys_live: bool, lose_answers: bool) -> None:
    whole = Run()
    await whole.go(stripe(), workers=1)
    for number in range(1, len(whole.api.written)):
        run = Run()
        run.api.die_after, run.api.lose_answers = number, lose_answers
        with pytest.raises((Killed, BaseExceptionGroup)):
            await run.go(stripe(), workers=1)
        run.api.die_after = None
        if not keys_live:
            run.api.keys.clear()
        await run.go(stripe(), workers=1)
        if lose_answers and not keys_live and whole.api.written[number - 1][0] == "taxIdAdd":
            assert run.api.names()["taxIdAdd"] == 2  # which changes nothing the second time
        else:
            assert run.api.names() == whole.api.names()


async def test_inactive_prices_are_archived_once_no_row_is_refused(tmp_path: Path) -> None:
    prices = [json.loads(line) for line in (FILES / "stripe" / "catalogue.jsonl").read_text().splitlines()]
    good = jsonl(tmp_path, *(one for one in prices if one["id"] != "price_calls"))
    run = Run()
    await run.go(stripe())
    assert run.api.names()["priceArchive"] == 0
    for _ in range(2):
        await run.go(stripe(good))
        assert (run.report.refused, run.api.names()["priceArchive"]) == (0, 1)
    assert run.api.written[-1] == (
        "priceArchive",
        {"id": run.api.things["price", "price_old"]["id"], "reason": "Imported from stripe"},
    )


async def test_what_is_on_the_server_can_be_referred_to(tmp_path: Path) -> None:
    run = Run()
    run.api.things["customer", "cus_1"] = {"id": "customer_1", "currencyCode": "EUR", "timeZone": "UTC"}
    run.api.things["price", "price_1"] = {"id": "price_1", "currencyCode": "USD"}
    run.api.things["price", "price_2"] = {"id": "price_2", "currencyCode": "EUR"}
    base = {
        "object": "subscription",
        "customer": "cus_1",
        "status": "active",
        "start_date": 1706659200,
        "current_period_end": 1772236800,
        "billing_cycle_anchor": 1706659200,
    }
    path = jsonl(
        tmp_path,
        *(base | {"id": f"sub_{number}", "items": {"data": [{"price": f"price_{number}"}]}} for number in (1, 2, 3)),
    )
    await run.go(stripe(path))
    assert [(one.source_id, one.code) for one in run.report.first] == [
        ("sub_1", "CURRENCIES_DIFFER"),
        ("sub_3", "REFERENCE_UNKNOWN"),
    ]
    assert run.api.input("planSubscriptionStart", "sub_2")["customerId"] == "customer_1"


async def test_a_customer_that_was_there_is_left_as_it_is() -> None:
    run = Run()
    run.api.things["customer", "cus_Hooli"] = {"id": "customer_1", "currencyCode": "EUR", "timeZone": "UTC"}
    await run.go(stripe())
    assert (run.api.names()["taxIdAdd"], run.api.names()["customerBalanceAdjust"]) == (0, 0)
    assert run.counted("there") == {"customer": 1}


async def test_a_customer_that_was_refused_and_then_made_by_somebody_else_is_left_as_it_is() -> None:
    run = Run()
    run.api.refuse["customerCreate"] = [Refusal("INVALID_INPUT", "no such country", ("address", "country"))]
    await run.go(stripe(), workers=1)
    run.api.things["customer", "cus_Hooli"] = {"id": "customer_x", "currencyCode": "EUR", "timeZone": "UTC"}
    await run.go(stripe(), workers=1)
    assert (run.counted("there")["customer"], run.api.names()["customerBalanceAdjust"]) == (2, 0)


async def test_what_has_just_been_created_is_waited_for_until_it_is_known() -> None:
    run = Run()
    run.api.refuse["planSubscriptionStart"] = [Refusal("NOT_FOUND", "no such price", ("priceId",))] * 3
    await run.go(stripe(), workers=1)
    assert run.api.names()["planSubscriptionStart"] == 4


async def test_what_the_server_refuses_is_reported_and_the_next_rows_go_on() -> None:
    run = Run()
    run.api.refuse["planSubscriptionStart"] = [Refusal("INVALID_INPUT", "it is paid through too long", ("paidThrough",))]
    await run.go(stripe(), workers=1)
    assert [(one.source_id, one.message) for one in run.report.first if one.code == "INVALID_INPUT"] == [
        ("sub_active", "paidThrough: it is paid through too long"),
    ]
    assert run.counted("created")["subscription"] == 3


async def test_nobody_is_subscribed_who_is_not_there_whole() -> None:
    run = Run()
    run.api.refuse["taxIdAdd"] = [Refusal("INVALID_TAX_ID", "no such number", ("value",))]
    await run.go(stripe(), workers=1)
    messages = {one.source_id: one.message for one in run.report.first}
    assert messages["cus_Hooli"] == "it is there (customer_0), without its tax id EU VAT DE136695976: no such number"
    assert messages["sub_active"] == "its customer cus_Hooli is not imported (INVALID_TAX_ID): correct that first"
    await run.go(stripe(), workers=1)
    assert (run.api.names()["customerCreate"], run.counted("created")) == (2, {"subscription": 2})


async def test_a_price_of_a_start_that_cannot_be_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    catalogue = FILES / "stripe" / "catalogue.jsonl"
    late = {
        "id": "sub_late",
        "object": "subscription",
        "customer": "cus_Hooli",
        "status": "active",
        "start_date": 1706659200,
        "billing_cycle_anchor": 1706659200,
        "current_period_end": 1774915200,  # 2026-03-31, but the period of February 10 ends on the 28th
        "items": {"data": [{"price": "price_seat"}]},
    }
    run = Run()
    await run.go(stripe(FILES / "stripe" / "customers.json", catalogue, jsonl(tmp_path, late)), apply=False)
    [found] = [one for one in run.report.first if one.source_id == "sub_late"]
    assert (found.code, found.message[:13]) == ("INVALID_INPUT", "paidThrough: ")


@pytest.mark.parametrize(
    ("given", "bill_ended", "refused"),
    [
        ({}, False, ["PERIOD_ENDED"]),
        ({}, True, []),
        ({"pause_collection": {"behavior": "void"}}, False, []),
        ({"status": "trialing", "trial_start": 1769904000, "trial_end": 1770595200}, False, ["PERIOD_ENDED"]),
    ],
)
async def test_an_export_that_is_out_of_date_bills_nothing_twice(
    tmp_path: Path, given: dict[str, Any], bill_ended: bool, refused: list[str]
) -> None:
    ended = {
        "id": "sub_ended",
        "object": "subscription",
        "customer": "cus_Raviga",
        "status": "active",
        "start_date": 1706659200,
        "billing_cycle_anchor": 1706659200,
        "current_period_end": 1769817600,  # 2026-01-31
        "items": {"data": [{"price": "price_seat"}]},
        **given,
    }
    run = Run()
    await run.go(stripe(*STRIPE[1:], jsonl(tmp_path, ended)), bill_ended=bill_ended)
    assert [one.code for one in run.report.first if one.source_id == "sub_ended"] == refused
    assert run.api.names()["planSubscriptionStart"] == (0 if refused else 1)


async def test_a_lookup_that_fails_ends_a_dry_run(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run()

    async def fails(*_: Any) -> Any:
        raise Problem("SERVER_ERROR", "the server fails at it")

    monkeypatch.setattr(run.api, "data", fails)
    with pytest.raises(Failure, match="cannot say which customers it has"):
        await run.go(stripe(), apply=False)


async def test_duplicates_are_refused_and_the_first_stays(tmp_path: Path) -> None:
    customer = {"id": "cus_1", "object": "customer", "name": "One", "currency": "eur"}
    run = Run()
    await run.go(stripe(jsonl(tmp_path, customer, customer | {"name": "Two"}, customer | {"name": None})))
    assert [(one.line, one.code) for one in run.report.first] == [(2, "DUPLICATE"), (3, "NAME_MISSING")]
    assert run.api.input("customerCreate", "cus_1")["name"] == "One"


async def test_what_is_no_row_is_reported_once(tmp_path: Path) -> None:
    path = jsonl(tmp_path, {"object": "invoice", "id": "in_1"}, {"object": "invoice", "id": "in_2"}, {"id": "cus_1"})
    path.write_text(path.read_text() + "{broken\n")
    run = Run()
    await run.go(stripe(path))
    assert run.counted("skipped") == {"None": 2}
    assert [(one.line, one.code) for one in run.report.first] == [(4, "MALFORMED")]


@pytest.mark.parametrize(
    "shape", [{"tax_ids": []}, {"address": "Berlin"}, {"tax_exempt": {}}, {"preferred_locales": 7}, {"balance": "much"}]
)
async def test_objects_of_another_shape_are_refused(tmp_path: Path, shape: dict[str, Any]) -> None:
    customer = {"id": "cus_1", "object": "customer", "name": "One", "currency": "eur", **shape}
    run = Run()
    await run.go(stripe(jsonl(tmp_path, customer)))
    assert run.report.refused == (0 if shape == {"tax_ids": []} else 1)


async def test_stopped_it_ends_after_the_rows_under_way() -> None:
    run = Run()

    class Stopping(StripeSource):
        def entries(self, kind: Kind) -> Iterator[Any]:
            for entry in super().entries(kind):
                if kind is Kind.PRICE:
                    run.stop.set()
                yield entry

    await run.go(Stopping(STRIPE, StripeOptions(), NOW), workers=1)
    assert (run.api.names()["priceCreate"], run.api.names()["planSubscriptionStart"]) == (0, 0)
    run.stop.clear()
    await run.go(stripe())
    assert run.api.names()["planSubscriptionStart"] == 4


async def test_a_server_that_is_gone_ends_the_import(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run()

    async def gone(*_: Any) -> Any:
        raise Failure("nobody answers", "do it again")

    monkeypatch.setattr(run.api, "mutate", gone)
    with pytest.raises(Failure, match="nobody answers"):
        await run.go(stripe())


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("id,name,currency,emial", "columns that customers do not have: emial"),
        ("id,name", "does not name the columns of any kind"),
        ("id,name,currency,name", "a column twice"),
        ("", "does not name the columns of any kind"),
    ],
)
def test_columns_that_nobody_knows_are_told_at_once(tmp_path: Path, header: str, said: str) -> None:
    path = tmp_path / "customers.csv"
    path.write_text(header + "\n")
    with pytest.raises(Failure, match=said):
        CsvSource([path], NOW)
