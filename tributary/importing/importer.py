"""Imports one kind after the other: reads, checks, and writes or only says what would be written."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from subgraphs.plan.domain.values import PriceTerms
from tributary.api import Refusal
from tributary.failure import Failure
from tributary.importing.api import ImportApi
from tributary.importing.checks import check_record, check_start
from tributary.importing.records import (
    CustomerRecord,
    Entry,
    Kind,
    Outcome,
    PlanRecord,
    PriceRecord,
    Problem,
    ProductRecord,
    Record,
    SubscriptionRecord,
    refused,
)
from tributary.importing.report import Report
from tributary.importing.sources import Source
from tributary.importing.state import ImportState
from tributary.importing.stripe_catalogue import code_of
from tributary.importing.writes import (
    BALANCE_ENTRIES,
    Found,
    Step,
    archive_step,
    balance_description,
    create_step,
    customer_steps,
    find,
    found,
    idempotency_key,
)

__all__ = ["Importer", "OnProgress"]

OnProgress = Callable[[Kind, int, int], None]
"""Called with a kind, how many of its rows are done, and how many there are."""

# So many are asked for by one query.
BATCH = 25
# What was just created reaches the other subgraphs by events; behind a long queue that takes a while.
LATE_ATTEMPTS = 20
LATE_PAUSE_SECONDS = 1.0
_LATE = {"customerId", "priceId"}


@dataclass(slots=True)
class Known:
    """What is known of a row. `id` is ours, None in a dry run of what is not there yet; `reason` is why it is not imported."""

    id: str | None = None
    reason: str | None = None
    currency: str = ""
    time_zone: str = "UTC"
    terms: PriceTerms | None = None
    record: Record | None = None


@dataclass(kw_only=True)
class Importer:
    """One run. With `apply` false nothing is written, neither to the API nor to the state."""

    source: Source
    api: ImportApi
    state: ImportState
    report: Report
    apply: bool
    now: datetime
    workers: int
    stop: asyncio.Event
    on_progress: OnProgress = lambda kind, done, total: None
    bill_ended: bool = False
    late_pause_seconds: float = LATE_PAUSE_SECONDS
    _known: dict[Kind, dict[str, Known]] = field(default_factory=lambda: {kind: {} for kind in Kind})
    _reported: set[tuple[str, int]] = field(default_factory=set)

    async def run(self) -> None:
        """Import everything, or as much as there is until `stop` is set.

        Raises:
            Failure: the API does not answer any more, or does not permit it. What was done until then is done.
        """
        for entry in self.source.survey():
            self._report_problem(entry)
            if self.stop.is_set():
                return
        for kind in Kind:
            await (self._write_all(kind) if self.apply else self._check_all(kind))
        # Who has such a price keeps it; a row that is corrected and imported again still needs it.
        if self.apply and not self.report.refused and not self.stop.is_set():
            await self._archive()

    # A dry run

    async def _check_all(self, kind: Kind) -> None:
        batch: list[tuple[Entry, Record]] = []
        for done, entry in enumerate(self.source.entries(kind), start=1):
            if self.stop.is_set():
                return
            record = await self._checked(kind, entry)
            if record is not None:
                batch.append((entry, record))
            if len(batch) == BATCH:
                await self._look_up(kind, batch)
                batch = []
            self.on_progress(kind, done, self.source.counts[kind])
        await self._look_up(kind, batch)

    async def _look_up(self, kind: Kind, batch: list[tuple[Entry, Record]]) -> None:
        asked = [record for _, record in batch if self._done(kind, record.id) is None]
        try:
            there = await self._find(kind, [self._name(kind, record.id) for record in asked])
        except Problem as problem:
            raise Failure(f"the API cannot say which {kind}s it has ({problem.message})", "do it again later") from problem
        for entry, record in batch:
            server = there.get(self._name(kind, record.id))
            id = self._done(kind, record.id) or (server.id if server else None)
            self._known[kind][record.id].id = id
            self.report.count(kind, "created" if id is None else "there")
            if id is None:
                self._note(entry, record)

    # Writing

    async def _write_all(self, kind: Kind) -> None:
        entries, done, failure = self.source.entries(kind), 0, list[Failure]()

        async def work(entries: Iterator[Entry]) -> None:
            nonlocal done
            for entry in entries:
                if self.stop.is_set() or failure:
                    return
                try:
                    await self._write(kind, entry)
                except Failure as error:
                    failure.append(error)
                    return
                done += 1
                self.on_progress(kind, done, self.source.counts[kind])

        # Each takes the next row when it is done with one: no more is read than is written.
        async with asyncio.TaskGroup() as group:
            for _ in range(self.workers):
                group.create_task(work(entries))
        if failure:
            raise failure[0]

    async def _write(self, kind: Kind, entry: Entry) -> None:
        record = await self._checked(kind, entry)
        if record is None:
            return
        known = self._known[kind][record.id]
        try:
            created = await self._created(kind, record, known)
            self.report.count(kind, "created" if created else "there")
            if created:
                self._note(entry, record)
        except Problem as problem:
            known.reason = problem.code
            self._report(entry, problem)

    async def _created(self, kind: Kind, record: Record, known: Known) -> bool:
        """Have the record on the server, whole; tell whether it was created now."""
        begun, created = bool(self.state.result(kind, record.id, "begun")), False
        known.id = self._done(kind, record.id)
        if known.id is None:
            known.id, created = await self._create(kind, record, begun=begun)
        if isinstance(record, CustomerRecord) and self.state.result(kind, record.id, "found") is None:
            await self._complete(record, known.id, begun=begun)
        return created

    async def _create(self, kind: Kind, record: Record, *, begun: bool) -> tuple[str, bool]:
        """Return our id of the record, and whether it was created now rather than found; either is on the disk then.

        What follows on a customer's creation is only for those that this import creates, whichever of its runs does.
        """
        of_steps = isinstance(record, CustomerRecord)
        if of_steps and not begun:
            self.state.note(kind, record.id, "begun", "yes")
        answer = await self._sent(kind, record.id, create_step(record, self._ids(record)))
        if isinstance(answer, str):
            self.state.note(kind, record.id, "create", answer)
            return answer, True
        try:
            id = (await self._there(kind, record.id, answer)).id
        except Problem:
            if of_steps:  # nothing was created: who has this id later is somebody else's
                self.state.note(kind, record.id, "begun", "")
            raise
        # Where it was begun, the run that created it was killed before it could write that down.
        self.state.note(kind, record.id, "create" if begun else "found", id)
        return id, False

    async def _complete(self, record: CustomerRecord, id: str, *, begun: bool) -> None:
        for step in customer_steps(record, id, self.source.name):
            if self.state.result(Kind.CUSTOMER, record.id, step.name) is not None:
                continue
            if step.name == "balance" and begun and await self._has_balance(record, id):
                self.state.note(Kind.CUSTOMER, record.id, step.name, id)
                continue
            answer = await self._sent(Kind.CUSTOMER, record.id, step)
            if isinstance(answer, Refusal):
                raise refused(answer.code, f"it is there ({id}), without its {step.name.replace('_', ' ')}: {answer.message}")
            self.state.note(Kind.CUSTOMER, record.id, step.name, answer)

    async def _has_balance(self, record: CustomerRecord, id: str) -> bool:
        """Tell whether the balance was taken over: idempotency keys end, and a run that was killed may go on long after."""
        customer = (await self.api.data(BALANCE_ENTRIES, {"id": id}))["customer"]
        wanted = balance_description(self.source.name, record.id)
        entries = (entry for balance in customer["balances"] for entry in balance["entries"]["nodes"])
        return any(entry["description"] == wanted for entry in entries)

    async def _sent(self, kind: Kind, id: str, step: Step) -> str | Refusal:
        """Return the id of what the step made; what it refers to may have to become known first."""
        key = idempotency_key(self.api.tenant, self.source.name, kind, id, step.name)
        input = {**step.input, "idempotencyKey": key, "reason": f"Imported from {self.source.name}"}
        answer: dict[str, object] | Refusal = Refusal("", "", ())
        for _ in range(LATE_ATTEMPTS):
            answer = await self.api.mutate(step.mutation, {"input": input})
            if isinstance(answer, dict):
                result = answer[step.result]
                return str(result["id"]) if isinstance(result, dict) else ""
            if answer.code != "NOT_FOUND" or not _LATE & set(answer.field):
                break
            await asyncio.sleep(self.late_pause_seconds)
        assert isinstance(answer, Refusal)  # noqa: S101  a payload has been returned
        return answer

    async def _there(self, kind: Kind, id: str, refusal: Refusal) -> Found:
        """Return what is there already; whatever else the refusal means is a problem of the row."""
        if refusal.code in {"ALREADY_EXISTS", "IDEMPOTENCY_KEY_REUSED"}:
            name = self._name(kind, id)
            if server := (await self._find(kind, [name])).get(name):
                return server
        where = ".".join(refusal.field)
        raise refused(refusal.code, f"{where}: {refusal.message}" if where else refusal.message)

    async def _archive(self) -> None:
        for entry in self.source.entries(Kind.PRICE):
            record = entry.record
            if self.stop.is_set():
                return
            if not isinstance(record, PriceRecord) or record.active:
                continue
            id = self.state.result(Kind.PRICE, record.id, "create")
            if id is None or self.state.result(Kind.PRICE, record.id, "archive") is not None:
                continue
            try:
                answer = await self._sent(Kind.PRICE, record.id, archive_step(id))
                if isinstance(answer, Refusal):
                    raise refused(answer.code, f"it is there ({id}), and can still be sold at: {answer.message}")
                self.state.note(Kind.PRICE, record.id, "archive", answer)
            except Problem as problem:
                self._report(entry, problem)

    # Checking

    async def _checked(self, kind: Kind, entry: Entry) -> Record | None:
        """Return the row's record when it can be written; otherwise None, and it is reported."""
        known, mine = self._known[kind], entry.source_id not in self._known[kind]
        try:
            if entry.problem is not None:
                raise entry.problem
            record = entry.record
            assert record is not None  # noqa: S101  either one or the other
            earlier = known.get(record.id)
            if earlier is not None:
                if self.source.name == "csv" and kind in {Kind.PRODUCT, Kind.PLAN} and earlier.record in {None, record}:
                    return None  # each price of a plan tells of the plan
                raise refused("DUPLICATE", f"an earlier row is of {kind} {record.id} too: keep one, or let them say the same")
            found = known[record.id] = Known()
            if isinstance(record, ProductRecord | PlanRecord):
                found.record = record
            if isinstance(record, CustomerRecord):
                found.currency, found.time_zone = record.currency, record.time_zone
            found.terms = check_record(record)
            if isinstance(record, PriceRecord):
                found.currency = record.currency
            await self._check_references(record)
        except Problem as problem:
            if entry.source_id and mine:
                known[entry.source_id] = Known(reason=problem.code)
            self._report(entry, problem)
            return None
        return record

    async def _check_references(self, record: Record) -> None:
        match record:
            case PlanRecord():
                await self._resolve(Kind.PRODUCT, record.product_id)
            case PriceRecord():
                await self._resolve(Kind.PLAN, record.plan_id)
            case SubscriptionRecord():
                self._check_not_ended(record)
                customer = await self._resolve(Kind.CUSTOMER, record.customer_id)
                prices = {item.price_id: await self._resolve(Kind.PRICE, item.price_id) for item in record.items}
                for id, price in prices.items():
                    if price.currency != customer.currency:
                        raise refused(
                            "CURRENCIES_DIFFER",
                            f"price {id} is in {price.currency}, customer {record.customer_id} is billed in {customer.currency}",
                        )
                terms = {id: price.terms for id, price in prices.items() if price.terms is not None}
                if len(terms) == len(prices):
                    check_start(record, terms, customer.time_zone, self.now)

    def _check_not_ended(self, record: SubscriptionRecord) -> None:
        """Refuse what would be billed at once: an export that is out of date has it billed twice."""
        billed_from = record.trial.at if record.trial else record.paid_through
        if billed_from is not None and billed_from <= self.now and not record.paused and not self.bill_ended:
            raise refused(
                "PERIOD_ENDED",
                f"its period, or its trial, ended at {billed_from.isoformat()}, and what follows would be billed at once: "
                "export it again, or give --bill-ended when nobody else has billed it",
            )

    async def _resolve(self, kind: Kind, id: str) -> Known:
        """Return what a row refers to: another row, or what the server has under its id."""
        known = self._known[kind].get(id)
        if known is None:
            name = self._name(kind, id)
            server = (await self._find(kind, [name])).get(name)
            # Not kept where it is not there: a row that comes later in the files could still bring it.
            known = Known(reason="UNKNOWN") if server is None else Known(server.id, None, server.currency, server.time_zone)
            if server is not None:
                self._known[kind][id] = known
        if known.reason == "UNKNOWN":
            raise refused("REFERENCE_UNKNOWN", f"its {kind} {id} is neither in the files nor on the server: add it")
        if known.reason is not None:
            raise refused("REFERENCE_REFUSED", f"its {kind} {id} is not imported ({known.reason}): correct that first")
        return known

    def _ids(self, record: Record) -> dict[str, str]:
        """Return our ids of what the record refers to."""
        match record:
            case PlanRecord():
                wanted = [(Kind.PRODUCT, record.product_id)]
            case PriceRecord():
                wanted = [(Kind.PLAN, record.plan_id)]
            case SubscriptionRecord():
                wanted = [(Kind.CUSTOMER, record.customer_id), *((Kind.PRICE, item.price_id) for item in record.items)]
            case _:
                wanted = []
        return {id: self._known[kind][id].id or "" for kind, id in wanted}

    def _done(self, kind: Kind, id: str) -> str | None:
        return self.state.result(kind, id, "create") or self.state.result(kind, id, "found")

    def _name(self, kind: Kind, id: str) -> str:
        """Return what the server knows it by: its external id, or a plan's code."""
        return code_of(id) if kind is Kind.PLAN and self.source.name == "stripe" else id

    async def _find(self, kind: Kind, names: list[str]) -> dict[str, Found]:
        if not names:
            return {}
        query, variables = find(kind, names)
        return found(await self.api.data(query, variables), names)

    # Reporting

    def _report_problem(self, entry: Entry) -> None:
        if entry.problem is not None:
            self._report(entry, entry.problem)

    def _report(self, entry: Entry, problem: Problem) -> None:
        place = entry.file, entry.line
        if entry.kind in {Kind.PRODUCT, Kind.PLAN}:  # one row is both, and has one problem
            if place in self._reported:
                return
            self._reported.add(place)
        self.report.add(entry, problem.outcome, problem.code, problem.message)

    def _note(self, entry: Entry, record: Record) -> None:
        for code, message in record.notes:
            self.report.add(entry, Outcome.NOTED, code, message)
