"""The invoice subgraph over HTTP with its worker, on real stores: events of other subgraphs in, GraphQL out."""

import asyncio
import contextlib
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import msgspec
import pytest
from facturx import get_xml_from_pdf
from pypdf import PdfReader
from redis.asyncio import Redis

from subgraphs.invoice import worker
from subgraphs.invoice.app import create_app
from subgraphs.kit.messaging.consumer import Received
from subgraphs.kit.messaging.envelope import events_stream, feed_channel
from subgraphs.kit.settings import Settings
from tests.testkit.e_invoicing import broken_rules, texts
from tests.testkit.invoicing import answer_without_credit, customer_events, period_opened
from tests.testkit.memory import AT
from tests.testkit.received import received
from tests.testkit.smtp import run_mail_server
from tests.testkit.subgraph import RunningSubgraph, run_subgraph
from tests.testkit.websocket import Subscribed, subscribe

READ = "invoices:read"
ALL = "invoices:read invoices:write payments:write"
LIST = """
query($first: Int, $after: String, $where: InvoiceWhereInput) {
  invoices(first: $first, after: $after, where: $where) {
    nodes { id number status customer { id } planSubscription { id } } pageInfo { hasNextPage endCursor }
  }
}"""
WHOLE = """
query($id: ID!) { invoice(id: $id) {
  number status currencyCode total { minorUnits amount } amountDue { amount } amountPaid { amount }
  period { start end } customer { id } planSubscription { id }
  createdAt finalizedAt dueAt paidAt voidedAt voidReason
  lines { description quantity unitAmount amount { amount } period { start } explanation }
  payments { nodes { status amount { amount } paymentMethodLabel failureCode failureMessage invoice { number } } }
} }"""
CHARGED = """
{ invoices(first: 50) { nodes { status finalizesAt creditApplied { total { minorUnits } } payments { nodes { status } } } } }"""
PAY = """
mutation($input: InvoicePayInput!) { invoicePay(input: $input) {
  invoice { status amountDue { amount } } payment { id status failureCode } userErrors { field code }
} }"""
CONFIRM = """
mutation($input: PaymentConfirmInput!) { paymentConfirm(input: $input) {
  invoice { status } payment { status } userErrors { field code }
} }"""
VOID = """
mutation($input: InvoiceVoidInput!) { invoiceVoid(input: $input) {
  invoice { status voidReason amountDue { amount } } userErrors { field code }
} }"""
FINALIZE = """
mutation($input: InvoiceFinalizeInput!) { invoiceFinalize(input: $input) { invoice { number } userErrors { field code } } }"""
GIVE_UP = """
mutation($input: InvoiceMarkUncollectibleInput!) { invoiceMarkUncollectible(input: $input) {
  invoice { status amountDue { amount } uncollectibleAt uncollectibleReason } userErrors { field code }
} }"""
CREATE = """
mutation($input: InvoiceCreateInput!) { invoiceCreate(input: $input) {
  invoice { id number status total { amount } planSubscription { id } lines { description quantity amount { amount } } }
  userErrors { field code }
} }"""
CREDIT = """
mutation($input: CreditNoteCreateInput!) { creditNoteCreate(input: $input) {
  creditNote {
    id number status reason total { amount } fromAmountDue { amount } refund { amount } balance { amount }
    refundFailureCode customer { id } invoice { number } lines { lineNumber description amount { amount } }
  }
  invoice { status amountDue { amount } amountPaid { amount } amountCredited { amount } amountRefunded { amount } }
  userErrors { field code }
} }"""
TAXES = "taxConfiguration { rounding roundingMode rates { id name percentage inclusive country } }"
ADD_TAX = f"""
mutation($input: TaxRateAddInput!) {{ taxRateAdd(input: $input) {{ taxRateId {TAXES} userErrors {{ field code }} }} }}"""
REMOVE_TAX = f"""
mutation($input: TaxRateRemoveInput!) {{ taxRateRemove(input: $input) {{ {TAXES} userErrors {{ field code }} }} }}"""
ROUND_TAX = f"""
mutation($input: TaxRoundingSetInput!) {{ taxRoundingSet(input: $input) {{ {TAXES} userErrors {{ field code }} }} }}"""
TAXED = """
query($id: ID!) { invoice(id: $id) {
  subtotal { amount } tax { amount } total { amount } taxExemption
  taxes { name percentage inclusive country amount { amount } taxable { amount } } lines { taxes { name amount { amount } } }
} }"""
CHANGED = """
subscription($customerId: ID, $id: ID, $after: ID) { invoiceChanged(customerId: $customerId, id: $id, after: $after) {
  id event occurredAt gap invoice { number status total { amount } customer { id } }
} }"""


class Invoicing:
    """The running subgraph, and what others tell it."""

    def __init__(self, subgraph: RunningSubgraph, redis: Redis) -> None:
        self.subgraph, self._redis = subgraph, redis

    async def tell(self, *events: Received) -> None:
        """Put events on the streams of the subgraphs that tell them and wait until the worker has handled them."""
        for event in events:
            source = "customer" if event.event.data.get("customerId") == event.envelope.aggregate_id else "subscription"
            stream = events_stream(source)
            entry = await self._redis.xadd(stream, {"envelope": msgspec.json.encode(event.envelope)})
            async with asyncio.timeout(20):
                while not any(
                    group["pending"] == 0 and group["last-delivered-id"] == entry
                    for group in await self._redis.xinfo_groups(stream)
                ):
                    await asyncio.sleep(0.01)

        for tenant in {event.tenant for event in events if event.event.type == "billing-period-opened.v1"}:
            await self._charged(tenant)

    async def _charged(self, tenant: str) -> None:
        """Wait until the customers' credit has answered and every charge is settled."""
        async with asyncio.timeout(20):
            while not all(map(_is_charged, (await self.data(CHARGED, READ, tenant))["invoices"]["nodes"])):
                await asyncio.sleep(0.01)

    async def data(self, query: str, scopes: str = ALL, tenant: str = "acme", **variables: Any) -> dict[str, Any]:
        return await self.subgraph.data(query, variables, scopes=scopes, tenant=tenant)

    async def invoices(self, tenant: str = "acme", **variables: Any) -> list[dict[str, Any]]:
        nodes: list[dict[str, Any]] = (await self.data(LIST, READ, tenant, **variables))["invoices"]["nodes"]
        return nodes

    @contextlib.asynccontextmanager
    async def changes(self, **filters: str) -> AsyncIterator[Subscribed]:
        """Follow the changes of acme's invoices."""
        url, token = f"{self.subgraph.url}/graphql", self.subgraph.token(READ, "acme")
        channel = feed_channel("invoice", "acme")
        async with subscribe(self.subgraph.session, url, token, CHANGED, filters) as changes, asyncio.timeout(30):
            while dict(await self._redis.pubsub_numsub(channel))[channel.encode()] == 0:
                await asyncio.sleep(0.02)
            yield changes

    async def billed(self, token: str, status: str) -> str:
        """Bill a new customer who pays with this method; return the invoice's id."""
        await self.tell(*customer_events(token, "sandbox_success"), period_opened())
        [invoice] = await self.invoices()
        assert invoice["status"] == status
        id: str = invoice["id"]
        return id


def _is_charged(invoice: dict[str, Any]) -> bool:
    if invoice["status"] in {"PAID", "VOID"} or invoice["finalizesAt"] is not None:
        return True
    latest = [payment["status"] for payment in invoice["payments"]["nodes"]][:1]
    return invoice["creditApplied"] is not None and latest in (["FAILED"], ["ACTION_REQUIRED"])


@pytest.fixture
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The environment that the worker reads its settings from."""
    monkeypatch.setenv("MONGODB_URI", settings.mongodb_uri.get_secret_value())
    monkeypatch.setenv("REDIS_URL", settings.redis_url.get_secret_value())
    monkeypatch.setenv("TRIBUTARY_DATABASE_PREFIX", settings.database_prefix)
    yield


@pytest.fixture
async def invoicing(settings: Settings, environment: None, flushed_redis: None) -> AsyncIterator[Invoicing]:
    async with run_invoicing(settings) as running:
        yield running


@contextlib.asynccontextmanager
async def run_invoicing(settings: Settings) -> AsyncIterator[Invoicing]:
    """Run the subgraph and its worker, with the environment's settings."""
    async with run_subgraph(create_app, settings) as running, contextlib.AsyncExitStack() as stack:
        redis: Redis = await stack.enter_async_context(Redis.from_url(settings.redis_url.get_secret_value()))
        stop = asyncio.Event()
        working, answering = asyncio.create_task(worker.main(stop)), asyncio.create_task(answer_without_credit(redis))
        try:
            yield Invoicing(running, redis)
        finally:
            answering.cancel()
            stop.set()
            async with asyncio.timeout(10):
                await working


async def test_an_opened_period_becomes_an_invoice_that_is_read_whole(invoicing: Invoicing) -> None:
    id = await invoicing.billed("sandbox_success", "PAID")
    at = "2026-01-31T12:00:00.123Z"
    assert (await invoicing.data(WHOLE, READ, id=id))["invoice"] == {
        "number": "INV-000001",
        "status": "PAID",
        "currencyCode": "EUR",
        "total": {"minorUnits": "5650", "amount": "56.50"},  # 19.00 + 3 * 12.50
        "amountDue": {"amount": "0.00"},
        "amountPaid": {"amount": "56.50"},
        "period": {"start": "2026-02-01T00:00:00.000Z", "end": "2026-03-01T00:00:00.000Z"},
        "customer": {"id": "cus_1"},
        "planSubscription": {"id": "psub_1"},
        "createdAt": at,
        "finalizedAt": at,
        "dueAt": at,
        "paidAt": at,
        "voidedAt": None,
        "voidReason": None,
        "lines": [
            {
                "description": "Team",
                "quantity": 1,
                "unitAmount": None,
                "amount": {"amount": "19.00"},
                "period": {"start": "2026-02-01T00:00:00.000Z"},
                "explanation": "19.00 EUR flat",
            },
            {
                "description": "Seats",
                "quantity": 3,
                "unitAmount": "12.50",
                "amount": {"amount": "37.50"},
                "period": {"start": "2026-02-01T00:00:00.000Z"},
                "explanation": "3 × 12.50 EUR",
            },
        ],
        "payments": {
            "nodes": [
                {
                    "status": "SUCCEEDED",
                    "amount": {"amount": "56.50"},
                    "paymentMethodLabel": "Visa •••• 4242",
                    "failureCode": None,
                    "failureMessage": None,
                    "invoice": {"number": "INV-000001"},
                }
            ]
        },
    }


async def test_an_event_redelivered_by_the_stream_changes_nothing(invoicing: Invoicing) -> None:
    later = period_opened(1, at=AT + timedelta(days=28))
    await invoicing.tell(*customer_events("sandbox_success"), period_opened(), period_opened(), later)
    assert [node["number"] for node in await invoicing.invoices()] == ["INV-000002", "INV-000001"]


async def test_another_tenant_sees_nothing(invoicing: Invoicing) -> None:
    id = await invoicing.billed("sandbox_declined", "OPEN")
    query = """query($id: ID!, $r: [_Any!]!) { invoice(id: $id) { id } invoices { nodes { id } }
      _entities(representations: $r) { ... on Invoice { id } ... on Customer { invoices { nodes { id } } } } }"""
    representations = [{"__typename": "Invoice", "id": id}, {"__typename": "Customer", "id": "cus_1"}]
    data = await invoicing.data(query, READ, "rival", id=id, r=representations)
    assert data == {"invoice": None, "invoices": {"nodes": []}, "_entities": [None, {"invoices": {"nodes": []}}]}
    for mutation, extra in ((PAY, {}), (VOID, {"reason": "x"}), (FINALIZE, {})):
        [refused] = (await invoicing.data(mutation, ALL, "rival", input={"id": id, **extra})).values()
        assert (refused["invoice"], refused["userErrors"]) == (None, [{"field": ["input", "id"], "code": "NOT_FOUND"}])


@pytest.mark.parametrize(
    ("query", "scopes"),
    [
        ("{ invoices { nodes { id } } }", "customers:read invoices:write"),
        ('{ invoice(id: "inv_1") { id } }', ""),
        ('{ payment(id: "pay_1") { id } }', "payments:write"),
        ('mutation { invoiceVoid(input: {id: "inv_1", reason: "x"}) { userErrors { code } } }', "invoices:read payments:write"),
        ('mutation { invoiceFinalize(input: {id: "inv_1"}) { userErrors { code } } }', "invoices:read payments:write"),
        ('mutation { invoicePay(input: {id: "inv_1"}) { userErrors { code } } }', "invoices:read invoices:write"),
        ('mutation { paymentConfirm(input: {id: "pay_1"}) { userErrors { code } } }', "invoices:read invoices:write"),
    ],
)
async def test_every_field_needs_its_scope(invoicing: Invoicing, query: str, scopes: str) -> None:
    answer = await invoicing.subgraph.graphql(query, scopes=scopes, tenant="acme")
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHORIZED_FIELD_OR_TYPE"]


async def test_a_declined_invoice_is_paid_with_another_method(invoicing: Invoicing) -> None:
    id = await invoicing.billed("sandbox_declined", "OPEN")
    again = (await invoicing.data(PAY, input={"id": id}))["invoicePay"]
    assert (again["invoice"]["status"], again["payment"]["failureCode"]) == ("OPEN", "card_declined")
    paid = (await invoicing.data(PAY, input={"id": id, "paymentMethodId": "pm_sandbox_success"}))["invoicePay"]
    assert (paid["invoice"], paid["userErrors"]) == ({"status": "PAID", "amountDue": {"amount": "0.00"}}, [])
    read = await invoicing.data("query($id: ID!) { payment(id: $id) { status invoice { id } } }", READ, id=paid["payment"]["id"])
    assert read["payment"] == {"status": "SUCCEEDED", "invoice": {"id": id}}


async def test_a_refused_payment_names_the_field(invoicing: Invoicing) -> None:
    id = await invoicing.billed("sandbox_success", "PAID")
    refused = (await invoicing.data(PAY, input={"id": id, "paymentMethodId": "pm_none"}))["invoicePay"]
    assert refused["userErrors"] == [{"field": ["input", "paymentMethodId"], "code": "NOT_FOUND"}]
    refused = (await invoicing.data(PAY, input={"id": id}))["invoicePay"]
    assert refused["userErrors"] == [{"field": None, "code": "INVALID_STATE"}]


async def test_a_payment_that_needs_action_is_confirmed(invoicing: Invoicing) -> None:
    id = await invoicing.billed("sandbox_requires_action", "OPEN")
    query = "query($id: ID!) { invoice(id: $id) { payments { nodes { id status } } } }"
    [payment] = (await invoicing.data(query, READ, id=id))["invoice"]["payments"]["nodes"]
    assert payment["status"] == "ACTION_REQUIRED"
    for _ in range(2):
        confirmed = (await invoicing.data(CONFIRM, input={"id": payment["id"]}))["paymentConfirm"]
        assert confirmed == {"invoice": {"status": "PAID"}, "payment": {"status": "SUCCEEDED"}, "userErrors": []}
    unknown = (await invoicing.data(CONFIRM, input={"id": "pay_none"}))["paymentConfirm"]
    assert unknown["userErrors"] == [{"field": ["input", "id"], "code": "NOT_FOUND"}]


async def test_an_open_invoice_is_voided(invoicing: Invoicing) -> None:
    id = await invoicing.billed("sandbox_declined", "OPEN")
    refused = (await invoicing.data(VOID, input={"id": id, "reason": " "}))["invoiceVoid"]
    assert refused["userErrors"] == [{"field": ["input", "reason"], "code": "INVALID_INPUT"}]
    voided = (await invoicing.data(VOID, input={"id": id, "reason": "billed by mistake"}))["invoiceVoid"]
    assert voided["invoice"] == {"status": "VOID", "voidReason": "billed by mistake", "amountDue": {"amount": "0.00"}}
    finalized = (await invoicing.data(FINALIZE, input={"id": id}))["invoiceFinalize"]
    assert finalized == {"invoice": {"number": "INV-000001"}, "userErrors": []}


async def test_an_invoice_is_read_as_it_was(invoicing: Invoicing) -> None:
    id = await invoicing.billed("sandbox_declined", "OPEN")
    await invoicing.data(VOID, input={"id": id, "reason": "billed by mistake"})
    query = "query($id: ID!, $asOf: DateTime) { invoice(id: $id, asOf: $asOf) { status createdAt voidedAt } }"
    now = (await invoicing.data(query, READ, id=id))["invoice"]
    assert now["status"] == "VOID"
    then = (await invoicing.data(query, READ, id=id, asOf=now["createdAt"]))["invoice"]
    assert then == {"status": "OPEN", "createdAt": now["createdAt"], "voidedAt": None}
    assert (await invoicing.data(query, READ, id=id, asOf=now["voidedAt"]))["invoice"] == now
    assert (await invoicing.data(query, READ, id=id, asOf="2020-01-01T00:00:00Z"))["invoice"] is None
    assert (await invoicing.data(query, READ, "other", id=id, asOf=now["voidedAt"]))["invoice"] is None
    refused = await invoicing.subgraph.graphql(query, {"id": id, "asOf": "2999-01-01T00:00:00Z"}, scopes=READ, tenant="acme")
    assert refused["data"] == {"invoice": None}
    assert refused["errors"][0]["message"].startswith("asOf lies ahead: it is 20")


async def test_invoices_are_filtered_and_paged(invoicing: Invoicing) -> None:
    await invoicing.tell(*customer_events("sandbox_success"), *customer_events("sandbox_declined", customer_id="cus_2"))
    await invoicing.tell(*(period_opened(number) for number in range(3)))
    await invoicing.tell(period_opened(customer_id="cus_2", plan_subscription_id="psub_2"))
    [other] = await invoicing.invoices(where={"customerId": "cus_2"})
    for where in ({"status": "OPEN"}, {"planSubscriptionId": "psub_2"}, {"number": other["number"]}):
        assert [node["id"] for node in await invoicing.invoices(where=where)] == [other["id"]]
    page = (await invoicing.data(LIST, READ, first=3))["invoices"]
    rest = (await invoicing.data(LIST, READ, first=3, after=page["pageInfo"]["endCursor"]))["invoices"]
    assert (page["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    numbers = {node["number"] for node in page["nodes"] + rest["nodes"]}
    assert numbers == {f"INV-{number:06d}" for number in (1, 2, 3, 4)}


async def test_entities_of_other_subgraphs_show_their_invoices(invoicing: Invoicing) -> None:
    id = await invoicing.billed("sandbox_success", "PAID")
    query = """query($r: [_Any!]!) { _entities(representations: $r) {
      ... on Customer { id invoices(first: 1) { nodes { id } } } ... on PlanSubscription { id invoices { nodes { id } } }
      ... on Invoice { number } } }"""
    customers = [("Customer", "cus_1"), ("Customer", "cus_none")]
    others = [("PlanSubscription", "psub_1"), ("Invoice", id), ("Invoice", "inv_none")]
    data = await invoicing.data(query, READ, r=[{"__typename": type, "id": id} for type, id in customers + others])
    assert data["_entities"] == [
        {"id": "cus_1", "invoices": {"nodes": [{"id": id}]}},
        {"id": "cus_none", "invoices": {"nodes": []}},
        {"id": "psub_1", "invoices": {"nodes": [{"id": id}]}},
        {"number": "INV-000001"},
        None,
    ]


async def test_the_feed_tells_the_life_of_a_customers_invoices(invoicing: Invoicing) -> None:
    await invoicing.tell(*customer_events("sandbox_success"), *customer_events("sandbox_success", customer_id="cus_2"))
    async with invoicing.changes(customerId="cus_1") as changes:
        await invoicing.tell(period_opened(customer_id="cus_2", plan_subscription_id="psub_2"), period_opened())
        told = [(await changes.data())["invoiceChanged"] for _ in range(4)]
    assert [change["event"] for change in told] == [
        "invoice-drafted.v1",
        "invoice-finalized.v1",
        "payment-succeeded.v1",
        "invoice-paid.v1",
    ]
    assert {(change["occurredAt"], change["gap"]) for change in told} == {("2026-01-31T12:00:00.123Z", False)}
    paid = told[-1]["invoice"]
    assert (paid["status"], paid["total"], paid["customer"]) == ("PAID", {"amount": "56.50"}, {"id": "cus_1"})
    async with invoicing.changes(customerId="cus_1", after=told[1]["id"]) as changes:  # as after a lost connection
        again = [(await changes.data())["invoiceChanged"] for _ in range(2)]
    assert [(change["id"], change["event"]) for change in again] == [(one["id"], one["event"]) for one in told[2:]]


async def test_the_feed_of_one_invoice_tells_of_no_other(invoicing: Invoicing) -> None:
    id = await invoicing.billed("sandbox_declined", "OPEN")
    async with invoicing.changes(id=id) as changes:
        await invoicing.tell(period_opened(1))
        await invoicing.data(VOID, input={"id": id, "reason": "billed by mistake"})
        change = (await changes.data())["invoiceChanged"]
    assert (change["event"], change["invoice"]["status"]) == ("invoice-voided.v1", "VOID")


async def test_the_feed_tells_nothing_of_another_tenant(invoicing: Invoicing) -> None:
    theirs = period_opened(customer_id="cus_2", plan_subscription_id="psub_2", tenant="rival")
    await invoicing.tell(*customer_events("sandbox_success"))
    await invoicing.tell(*customer_events("sandbox_success", customer_id="cus_2", tenant="rival"))
    async with invoicing.changes() as changes:
        await invoicing.tell(theirs, period_opened())
        assert (await changes.data())["invoiceChanged"]["invoice"]["customer"] == {"id": "cus_1"}


async def test_the_feed_needs_the_scope(invoicing: Invoicing) -> None:
    subgraph = invoicing.subgraph
    for token in (None, subgraph.token("customers:read", "acme")):
        async with subscribe(subgraph.session, f"{subgraph.url}/graphql", token, CHANGED) as changes:
            message = await changes.message()
        errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
        assert [error["extensions"]["code"] for error in errors] == ["UNAUTHORIZED_FIELD_OR_TYPE"]


async def test_a_payment_asked_for_again_with_its_key_is_answered_as_before(invoicing: Invoicing) -> None:
    id = await invoicing.billed("sandbox_declined", "OPEN")
    input = {"id": id, "paymentMethodId": "pm_sandbox_success", "idempotencyKey": "k1"}
    first = (await invoicing.data(PAY, input=input))["invoicePay"]
    assert (first["invoice"]["status"], first["payment"]["status"], first["userErrors"]) == ("PAID", "SUCCEEDED", [])
    assert (await invoicing.data(PAY, input=input))["invoicePay"] == first
    without_key = (await invoicing.data(PAY, input={**input, "idempotencyKey": None}))["invoicePay"]
    assert [error["code"] for error in without_key["userErrors"]] == ["INVALID_STATE"]


async def test_an_open_invoice_is_given_up_and_paid_after_all(invoicing: Invoicing) -> None:
    id = await invoicing.billed("sandbox_declined", "OPEN")
    marked = (await invoicing.data(GIVE_UP, input={"id": id, "reason": "insolvent"}))["invoiceMarkUncollectible"]
    assert marked["userErrors"] == []
    at = marked["invoice"].pop("uncollectibleAt")
    assert at is not None
    assert marked["invoice"] == {"status": "UNCOLLECTIBLE", "amountDue": {"amount": "56.50"}, "uncollectibleReason": "insolvent"}
    [found] = await invoicing.invoices(where={"status": "UNCOLLECTIBLE"})
    assert found["id"] == id
    paid = (await invoicing.data(PAY, input={"id": id, "paymentMethodId": "pm_sandbox_success"}))["invoicePay"]
    assert (paid["invoice"]["status"], paid["payment"]["status"]) == ("PAID", "SUCCEEDED")
    refused = (await invoicing.data(GIVE_UP, input={"id": id, "reason": "insolvent"}))["invoiceMarkUncollectible"]
    assert refused["userErrors"] == [{"field": None, "code": "INVALID_STATE"}]


LINES = [{"description": "Training day", "quantity": 2, "unitAmount": "120"}, {"description": "Book", "unitAmount": "9.99"}]
ONE_OFF = {"customerId": "cus_1", "currencyCode": "EUR", "lines": LINES}


async def test_a_one_off_invoice_is_billed_and_charged_once_per_key(invoicing: Invoicing) -> None:
    await invoicing.tell(*customer_events("sandbox_success"))
    keyed = {**ONE_OFF, "idempotencyKey": "k1"}
    first = (await invoicing.data(CREATE, input=keyed))["invoiceCreate"]
    assert first == {
        "invoice": {
            "id": first["invoice"]["id"],
            "number": "INV-000001",
            "status": "PAID",
            "total": {"amount": "249.99"},  # 2 * 120.00 + 9.99
            "planSubscription": None,
            "lines": [
                {"description": "Training day", "quantity": 2, "amount": {"amount": "240.00"}},
                {"description": "Book", "quantity": 1, "amount": {"amount": "9.99"}},
            ],
        },
        "userErrors": [],
    }
    assert (await invoicing.data(CREATE, input=keyed))["invoiceCreate"] == first
    assert [node["number"] for node in await invoicing.invoices()] == ["INV-000001"]
    reused = (await invoicing.data(CREATE, input={**keyed, "currencyCode": "USD"}))["invoiceCreate"]
    assert reused["userErrors"] == [{"field": ["input", "idempotencyKey"], "code": "IDEMPOTENCY_KEY_REUSED"}]


UPDATE = """mutation($input: InvoiceUpdateInput!) { invoiceUpdate(input: $input) {
  invoice { total { amount } lines { description quantity } } userErrors { field code message }
} }"""
DELETE = """mutation($input: InvoiceDeleteInput!) { invoiceDelete(input: $input) {
  invoice { status number deletedAt deletionReason amountDue { amount } } userErrors { field code message }
} }"""
STATUSES = "query($where: InvoiceWhereInput) { invoices(where: $where) { nodes { id status } } }"


async def test_a_draft_is_changed_and_given_up(invoicing: Invoicing) -> None:
    await invoicing.tell(*customer_events("sandbox_success"))
    created = (await invoicing.data(CREATE, input={**ONE_OFF, "advance": "DRAFT"}))["invoiceCreate"]["invoice"]
    id = created["id"]
    lines = [{"description": "Training day", "quantity": 3, "unitAmount": "120"}]
    assert (await invoicing.data(UPDATE, input={"id": id, "lines": lines}))["invoiceUpdate"] == {
        "invoice": {"total": {"amount": "360.00"}, "lines": [{"description": "Training day", "quantity": 3}]},
        "userErrors": [],
    }
    deleted = (await invoicing.data(DELETE, input={"id": id, "reason": "Ordered twice."}))["invoiceDelete"]
    assert deleted == {
        "invoice": {
            "status": "DELETED",
            "number": None,
            "deletedAt": deleted["invoice"]["deletedAt"],
            "deletionReason": "Ordered twice.",
            "amountDue": {"amount": "0.00"},
        },
        "userErrors": [],
    }
    assert deleted["invoice"]["deletedAt"] is not None
    assert (await invoicing.data(STATUSES, where=None))["invoices"]["nodes"] == []
    assert (await invoicing.data(STATUSES, where={"customerId": "cus_1"}))["invoices"]["nodes"] == []
    kept = [{"id": id, "status": "DELETED"}]
    assert (await invoicing.data(STATUSES, where={"status": "DELETED"}))["invoices"]["nodes"] == kept
    refused = (await invoicing.data(UPDATE, input={"id": id, "lines": lines}))["invoiceUpdate"]["userErrors"]
    assert [(one["code"], one["message"]) for one in refused] == [("INVALID_STATE", f"invoice {id!r} is DELETED, not DRAFT")]


async def test_a_one_off_invoice_goes_as_far_as_it_is_told(invoicing: Invoicing) -> None:
    await invoicing.tell(*customer_events("sandbox_declined"))
    taken = [
        (await invoicing.data(CREATE, input={**ONE_OFF, "advance": advance}))["invoiceCreate"]["invoice"]
        for advance in ("DRAFT", "OPEN", "CHARGE")
    ]
    assert [(one["status"], one["number"]) for one in taken] == [
        ("DRAFT", None),
        ("OPEN", "INV-000001"),
        ("OPEN", "INV-000002"),  # its charge was declined
    ]
    finalized = (await invoicing.data(FINALIZE, input={"id": taken[0]["id"]}))["invoiceFinalize"]
    assert finalized == {"invoice": {"number": "INV-000003"}, "userErrors": []}


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"customerId": "cus_none"}, ["customerId"], "NOT_FOUND"),
        ({"currencyCode": "USD"}, ["currencyCode"], "INVALID_INPUT"),
        ({"lines": []}, ["lines"], "INVALID_INPUT"),
        ({"lines": [{"description": "x", "quantity": 0, "unitAmount": "1"}]}, ["lines", "0", "quantity"], "INVALID_INPUT"),
        ({"paymentMethodId": "pm_none"}, ["paymentMethodId"], "NOT_FOUND"),
        ({"paymentMethodId": "pm_sandbox_success", "advance": "OPEN"}, ["paymentMethodId"], "INVALID_INPUT"),
    ],
)
async def test_a_refused_one_off_invoice_names_the_field_and_leaves_nothing(
    invoicing: Invoicing, change: dict[str, Any], field: list[str], code: str
) -> None:
    await invoicing.tell(*customer_events("sandbox_success"))
    refused = (await invoicing.data(CREATE, input={**ONE_OFF, **change}))["invoiceCreate"]
    assert refused == {"invoice": None, "userErrors": [{"field": ["input", *field], "code": code}]}
    assert await invoicing.invoices() == []


async def test_a_one_off_invoice_in_another_currency_is_told_the_customers(invoicing: Invoicing) -> None:
    await invoicing.tell(*customer_events("sandbox_success"))
    message = "mutation($input: InvoiceCreateInput!) { invoiceCreate(input: $input) { userErrors { message } } }"
    refused = (await invoicing.data(message, input={**ONE_OFF, "currencyCode": "USD"}))["invoiceCreate"]
    assert refused["userErrors"] == [{"message": "customer 'cus_1' is billed in EUR, not in USD"}]


async def test_a_one_off_invoice_needs_both_scopes(invoicing: Invoicing) -> None:
    for scopes in ("invoices:read invoices:write", "invoices:read payments:write"):
        answer = await invoicing.subgraph.graphql(CREATE, {"input": ONE_OFF}, scopes=scopes, tenant="acme")
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHORIZED_FIELD_OR_TYPE"]


def euros(minor_units: int) -> dict[str, Any]:
    return {"minorUnits": minor_units, "currencyCode": "EUR"}


async def test_a_paid_invoice_is_credited_once_per_key(invoicing: Invoicing) -> None:
    id = await invoicing.billed("sandbox_success", "PAID")
    lines = [{"lineNumber": 1, "amount": euros(500)}, {"lineNumber": 2, "amount": euros(1250)}]
    input = {"invoiceId": id, "reason": "one seat less", "lines": lines, "refund": euros(1000), "balance": euros(750)}
    first = (await invoicing.data(CREDIT, input={**input, "idempotencyKey": "k1"}))["creditNoteCreate"]
    note_id = first["creditNote"].pop("id")
    assert first == {
        "creditNote": {
            "number": "CN-000001",
            "status": "ISSUED",
            "reason": "one seat less",
            "total": {"amount": "17.50"},  # 5.00 + 12.50 = 10.00 + 7.50
            "fromAmountDue": {"amount": "0.00"},
            "refund": {"amount": "10.00"},
            "balance": {"amount": "7.50"},
            "refundFailureCode": None,
            "customer": {"id": "cus_1"},
            "invoice": {"number": "INV-000001"},
            "lines": [
                {"lineNumber": 1, "description": "Team", "amount": {"amount": "5.00"}},
                {"lineNumber": 2, "description": "Seats", "amount": {"amount": "12.50"}},
            ],
        },
        "invoice": {
            "status": "PAID",
            "amountDue": {"amount": "0.00"},
            "amountPaid": {"amount": "56.50"},
            "amountCredited": {"amount": "17.50"},
            "amountRefunded": {"amount": "10.00"},
        },
        "userErrors": [],
    }
    again = (await invoicing.data(CREDIT, input={**input, "idempotencyKey": "k1"}))["creditNoteCreate"]
    assert again["creditNote"]["id"] == note_id
    query = """query($id: ID!, $note: ID!, $r: [_Any!]!) {
      invoice(id: $id) { creditNotes { nodes { id } } lines { number amountCredited { amount } } }
      creditNote(id: $note) { number }
      _entities(representations: $r) {
        ... on Customer { creditNotes { nodes { number } } } ... on CreditNote { total { amount } }
      } }"""
    entities = [{"__typename": "Customer", "id": "cus_1"}, {"__typename": "CreditNote", "id": note_id}]
    assert await invoicing.data(query, READ, id=id, note=note_id, r=entities) == {
        "invoice": {
            "creditNotes": {"nodes": [{"id": note_id}]},
            "lines": [
                {"number": 1, "amountCredited": {"amount": "5.00"}},
                {"number": 2, "amountCredited": {"amount": "12.50"}},
            ],
        },
        "creditNote": {"number": "CN-000001"},
        "_entities": [{"creditNotes": {"nodes": [{"number": "CN-000001"}]}}, {"total": {"amount": "17.50"}}],
    }
    pdf_query = "query($id: ID!) { creditNote(id: $id) { pdf { fileName language contentBase64 } } }"
    pdf = (await invoicing.data(pdf_query, READ, id=note_id))["creditNote"]["pdf"]
    assert (pdf["fileName"], pdf["language"]) == ("CN-000001.pdf", "en")
    [page] = PdfReader(BytesIO(b64decode(pdf["contentBase64"]))).pages
    said = " ".join(page.extract_text().split())
    for part in ("Credit note", "For invoice INV-000001", "Hooli", "Refunded €10.00", "Added to your credit €7.50"):
        assert part in said, said
    foreign = await invoicing.data("query($id: ID!) { creditNote(id: $id) { number } }", READ, "rival", id=note_id)
    assert foreign == {"creditNote": None}


async def test_an_open_invoice_credited_in_full_is_paid_and_told(invoicing: Invoicing) -> None:
    id = await invoicing.billed("sandbox_declined", "OPEN")
    async with invoicing.changes(id=id) as changes:
        credited = (await invoicing.data(CREDIT, input={"invoiceId": id, "reason": "canceled"}))["creditNoteCreate"]
        told = [(await changes.data())["invoiceChanged"]["event"] for _ in range(2)]
    assert credited["creditNote"]["fromAmountDue"] == {"amount": "56.50"}
    assert (credited["invoice"]["status"], credited["invoice"]["amountPaid"]) == ("PAID", {"amount": "0.00"})
    assert told == ["invoice-paid.v1", "credit-note-issued.v1"]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"invoiceId": "inv_none"}, ["invoiceId"], "NOT_FOUND"),
        ({"reason": " "}, ["reason"], "INVALID_INPUT"),
        ({"lines": [{"lineNumber": 1, "amount": euros(1901)}]}, ["lines", "0", "amount"], "INVALID_INPUT"),
        ({"refund": euros(5649)}, ["refund"], "INVALID_INPUT"),
    ],
)
async def test_a_refused_credit_names_the_field(
    invoicing: Invoicing, change: dict[str, Any], field: list[str], code: str
) -> None:
    id = await invoicing.billed("sandbox_success", "PAID")
    input = {"invoiceId": id, "reason": "canceled", **change}
    refused = (await invoicing.data(CREDIT, input=input))["creditNoteCreate"]
    assert refused == {"creditNote": None, "invoice": None, "userErrors": [{"field": ["input", *field], "code": code}]}


async def test_a_credit_needs_both_scopes(invoicing: Invoicing) -> None:
    id = await invoicing.billed("sandbox_success", "PAID")
    for scopes in ("invoices:read invoices:write", "invoices:read payments:write"):
        input = {"invoiceId": id, "reason": "canceled"}
        answer = await invoicing.subgraph.graphql(CREDIT, {"input": input}, scopes=scopes, tenant="acme")
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHORIZED_FIELD_OR_TYPE"]


VAT = {"name": "VAT", "percentage": "8.25", "country": "DE"}


async def test_taxes_are_configured_once_per_key(invoicing: Invoicing) -> None:
    assert await invoicing.data(f"{{ {TAXES} }}", READ) == {"taxConfiguration": None}
    keyed = {**VAT, "idempotencyKey": "k1"}
    first = (await invoicing.data(ADD_TAX, input=keyed))["taxRateAdd"]
    id = first["taxRateId"]
    rate = {"id": id, "name": "VAT", "percentage": "8.25", "inclusive": False, "country": "DE"}
    configuration = {"rounding": "PER_LINE", "roundingMode": "HALF_UP", "rates": [rate]}
    assert first == {"taxRateId": id, "taxConfiguration": configuration, "userErrors": []}
    assert (await invoicing.data(ADD_TAX, input=keyed))["taxRateAdd"] == first
    twice = (await invoicing.data(ADD_TAX, input=VAT))["taxRateAdd"]
    assert twice["userErrors"] == [{"field": ["input", "name"], "code": "ALREADY_EXISTS"}]
    rounding = {"rounding": "PER_INVOICE", "roundingMode": "HALF_EVEN"}
    changed = (await invoicing.data(ROUND_TAX, input=rounding))["taxRoundingSet"]
    assert changed == {"taxConfiguration": {**rounding, "rates": [rate]}, "userErrors": []}
    assert await invoicing.data(f"{{ {TAXES} }}", READ) == {"taxConfiguration": changed["taxConfiguration"]}
    assert await invoicing.data(f"{{ {TAXES} }}", READ, "rival") == {"taxConfiguration": None}
    for _ in range(2):
        removed = (await invoicing.data(REMOVE_TAX, input={"id": id}))["taxRateRemove"]
        assert removed == {"taxConfiguration": {**rounding, "rates": []}, "userErrors": []}
    unknown = (await invoicing.data(REMOVE_TAX, input={"id": "txr_none"}))["taxRateRemove"]
    assert unknown["userErrors"] == [{"field": ["input", "id"], "code": "NOT_FOUND"}]
    refused = (await invoicing.data(ADD_TAX, input={**VAT, "country": "Germany"}))["taxRateAdd"]
    assert refused["userErrors"] == [{"field": ["input", "country"], "code": "INVALID_INPUT"}]


async def test_an_invoice_shows_its_taxes_and_gives_them_back(invoicing: Invoicing) -> None:
    await invoicing.data(ADD_TAX, input=VAT)
    address = {"line1": "Hauptstr. 1", "city": "Berlin", "country": "DE"}
    data = {"customerId": "cus_1", "name": "Hooli", "email": None, "currency": "EUR", "address": address}
    await invoicing.tell(received("customer-created.v1", data, aggregate_id="cus_1", sequence=1))
    lines = [{"description": "Day", "unitAmount": "197"}, {"description": "Book", "unitAmount": "49"}]
    created = await invoicing.data(CREATE, input={**ONE_OFF, "lines": lines, "advance": "OPEN"})
    id = created["invoiceCreate"]["invoice"]["id"]
    # 197.00 * 0.0825 = 16.2525 and 49.00 * 0.0825 = 4.0425
    assert (await invoicing.data(TAXED, READ, id=id))["invoice"] == {
        "subtotal": {"amount": "246.00"},
        "tax": {"amount": "20.29"},
        "total": {"amount": "266.29"},
        "taxExemption": None,
        "taxes": [
            {
                "name": "VAT",
                "percentage": "8.25",
                "inclusive": False,
                "country": "DE",
                "amount": {"amount": "20.29"},
                "taxable": {"amount": "246.00"},
            }
        ],
        "lines": [
            {"taxes": [{"name": "VAT", "amount": {"amount": "16.25"}}]},
            {"taxes": [{"name": "VAT", "amount": {"amount": "4.04"}}]},
        ],
    }
    half = [{"lineNumber": 1, "amount": euros(9850)}]
    first = (await invoicing.data(CREDIT, input={"invoiceId": id, "reason": "half a day", "lines": half}))["creditNoteCreate"]
    assert first["creditNote"]["total"] == {"amount": "106.63"}  # 98.50 + 16.25 / 2 = 8.125
    assert first["invoice"]["amountDue"] == {"amount": "159.66"}
    rest = (await invoicing.data(CREDIT, input={"invoiceId": id, "reason": "the rest"}))["creditNoteCreate"]
    assert rest["creditNote"]["total"] == {"amount": "159.66"}  # 98.50 + 8.12 + 49.00 + 4.04
    assert rest["invoice"]["amountCredited"] == {"amount": "266.29"}


async def test_lines_of_an_invoice_name_their_own_taxes(invoicing: Invoicing) -> None:
    address = {"line1": "Hauptstr. 1", "city": "Berlin", "country": "DE"}
    data = {"customerId": "cus_1", "name": "Hooli", "email": None, "currency": "EUR", "address": address}
    await invoicing.tell(received("customer-created.v1", data, aggregate_id="cus_1", sequence=1))
    rates = [
        {"name": "VAT", "percentage": "19", "country": "DE"},
        {"name": "VAT", "percentage": "7", "country": "DE", "taxCategory": "reduced"},
        {"name": "USt", "percentage": "20", "country": "AT"},
    ]
    austrian = [(await invoicing.data(ADD_TAX, input=rate))["taxRateAdd"]["taxRateId"] for rate in rates][2]
    lines = [
        {"description": "Day", "unitAmount": "100"},
        {"description": "Book", "unitAmount": "49.95", "taxCategory": "reduced"},
        {"description": "Day in Vienna", "unitAmount": "10", "taxRateIds": [austrian]},
    ]
    created = (await invoicing.data(CREATE, input={**ONE_OFF, "lines": lines, "advance": "DRAFT"}))["invoiceCreate"]
    id = created["invoice"]["id"]
    # 100.00 * 0.19 = 19.00; 49.95 * 0.07 = 3.4965; 10.00 * 0.20 = 2.00
    taxed = (await invoicing.data(TAXED, READ, id=id))["invoice"]
    assert [[(tax["name"], tax["amount"]["amount"]) for tax in line["taxes"]] for line in taxed["lines"]] == [
        [("VAT", "19.00")],
        [("VAT", "3.50")],
        [("USt", "2.00")],
    ]
    assert [(tax["percentage"], tax["country"], tax["amount"]["amount"], tax["taxable"]["amount"]) for tax in taxed["taxes"]] == [
        ("19", "DE", "19.00", "100.00"),
        ("7", "DE", "3.50", "49.95"),
        ("20", "AT", "2.00", "10.00"),
    ]
    assert (taxed["tax"]["amount"], taxed["total"]["amount"]) == ("24.50", "184.45")  # 159.95 + 24.50
    # Taxed anew, as when its payment term changes, the lines keep what they name.
    await invoicing.data(UPDATE, input={"id": id, "daysUntilDue": 30})
    assert (await invoicing.data(TAXED, READ, id=id))["invoice"] == taxed
    await invoicing.data(REMOVE_TAX, input={"id": austrian})
    await invoicing.data(UPDATE, input={"id": id, "daysUntilDue": 14})
    without = (await invoicing.data(TAXED, READ, id=id))["invoice"]
    assert without["lines"][2] == {"taxes": [{"name": "VAT", "amount": {"amount": "1.90"}}]}  # 10.00 * 0.19


OWN_RATES = """
mutation($input: CustomerTaxRatesSetInput!) { customerTaxRatesSet(input: $input) {
  taxRates { id percentage } userErrors { field code }
} }"""
OF_CUSTOMER = """query($r: [_Any!]!) { _entities(representations: $r) { ... on Customer { taxRates { id name } } } }"""


async def test_a_customer_bears_rates_of_its_own(invoicing: Invoicing) -> None:
    await invoicing.tell(*customer_events("sandbox_success"))
    rate = (await invoicing.data(ADD_TAX, input={"name": "USt", "percentage": "20", "country": "AT"}))["taxRateAdd"]["taxRateId"]
    for ids, rates in (([rate, rate], [{"id": rate, "percentage": "20"}]), ([rate], [{"id": rate, "percentage": "20"}])):
        changed = (await invoicing.data(OWN_RATES, input={"customerId": "cus_1", "taxRateIds": ids}))["customerTaxRatesSet"]
        assert changed == {"taxRates": rates, "userErrors": []}
    representations = [{"__typename": "Customer", "id": "cus_1"}, {"__typename": "Customer", "id": "cus_2"}]
    found = (await invoicing.data(OF_CUSTOMER, READ, r=representations))["_entities"]
    assert found == [{"taxRates": [{"id": rate, "name": "USt"}]}, {"taxRates": []}]
    assert (await invoicing.data(OF_CUSTOMER, READ, "rival", r=representations))["_entities"][0] == {"taxRates": []}
    created = (await invoicing.data(CREATE, input={**ONE_OFF, "advance": "OPEN"}))["invoiceCreate"]["invoice"]
    assert created["total"] == {"amount": "299.99"}  # 249.99 + 240.00 * 0.20 + 9.99 * 0.20 = 1.998
    cleared = (await invoicing.data(OWN_RATES, input={"customerId": "cus_1", "taxRateIds": []}))["customerTaxRatesSet"]
    assert cleared == {"taxRates": [], "userErrors": []}
    for input, field in (
        ({"customerId": "cus_none", "taxRateIds": []}, "customerId"),
        ({"customerId": "cus_1", "taxRateIds": ["txr_none"]}, "taxRateIds"),
    ):
        refused = (await invoicing.data(OWN_RATES, input=input))["customerTaxRatesSet"]
        assert refused == {"taxRates": None, "userErrors": [{"field": ["input", field], "code": "NOT_FOUND"}]}


@pytest.mark.parametrize(
    ("names", "field", "code"),
    [
        ({"taxRateIds": ["txr_none"]}, "taxRateIds", "NOT_FOUND"),
        ({"taxRateIds": []}, "taxRateIds", "INVALID_INPUT"),
        ({"taxCategory": "Reduced rate"}, "taxCategory", "INVALID_INPUT"),
        ({"taxCategory": "reduced", "rate": True}, "taxCategory", "INVALID_INPUT"),  # with a rate of the tenant
    ],
)
async def test_what_a_line_names_of_taxes_and_cannot_is_refused(
    invoicing: Invoicing, names: dict[str, Any], field: str, code: str
) -> None:
    await invoicing.tell(*customer_events("sandbox_success"))
    rate = (await invoicing.data(ADD_TAX, input=VAT))["taxRateAdd"]["taxRateId"]
    named = {key: value for key, value in names.items() if key != "rate"} | ({"taxRateIds": [rate]} if "rate" in names else {})
    lines = [{"description": "Day", "unitAmount": "1", **named}]
    refused = (await invoicing.data(CREATE, input={**ONE_OFF, "lines": lines}))["invoiceCreate"]
    assert refused == {"invoice": None, "userErrors": [{"field": ["input", "lines", "0", field], "code": code}]}
    other_tenant = (await invoicing.data(ADD_TAX, tenant="rival", input=VAT))["taxRateAdd"]["taxRateId"]
    lines = [{"description": "Day", "unitAmount": "1", "taxRateIds": [other_tenant]}]
    refused = (await invoicing.data(CREATE, input={**ONE_OFF, "lines": lines}))["invoiceCreate"]
    assert refused["userErrors"] == [{"field": ["input", "lines", "0", "taxRateIds"], "code": "NOT_FOUND"}]


async def test_the_feed_of_invoices_leaves_taxes_out(invoicing: Invoicing) -> None:
    id = await invoicing.billed("sandbox_declined", "OPEN")
    async with invoicing.changes() as changes:
        await invoicing.data(ADD_TAX, input=VAT)
        await invoicing.data(VOID, input={"id": id, "reason": "billed by mistake"})
        assert (await changes.data())["invoiceChanged"]["event"] == "invoice-voided.v1"


SELLER = """
mutation($input: SellerProfileSetInput!) { sellerProfileSet(input: $input) {
  sellerProfile { name address { line1 city country } footer } userErrors { field code }
} }"""
PDF = """query($id: ID!) {
  invoice(id: $id) {
    pdf { fileName language contentBase64 }
    billTo { name email language taxIds address { line1 city country } }
  }
  sellerProfile { name taxId }
}"""


async def test_an_invoice_is_printed_in_the_customers_language_with_the_sellers_profile(invoicing: Invoicing) -> None:
    address = {"line1": "Hauptstr. 1", "line2": None, "city": "Berlin", "region": None, "postalCode": "10115", "country": "DE"}
    profile = {"customerId": "cus_1", "name": "Hooli GmbH", "email": None, "language": "de", "address": address}
    updated = received("customer-updated.v1", profile, aggregate_id="cus_1", sequence=8)
    await invoicing.tell(*customer_events("sandbox_success"), updated, period_opened())
    [invoice] = await invoicing.invoices()
    seller = {"name": "Tributary Ltd", "address": {"line1": "1 Quay St", "city": "Dublin", "country": "IE"}, "footer": "IBAN"}
    done = (await invoicing.data(SELLER, input=seller))["sellerProfileSet"]
    assert done == {"sellerProfile": seller, "userErrors": []}
    refused = await invoicing.data(SELLER, input=seller | {"address": seller["address"] | {"country": "Ireland"}})  # type: ignore[operator]
    assert refused["sellerProfileSet"]["userErrors"] == [{"field": ["input", "address", "country"], "code": "INVALID_INPUT"}]
    moved = profile | {"name": "Gavin AG", "language": "fr", "address": address | {"city": "Paris", "country": "FR"}}
    await invoicing.tell(received("customer-updated.v1", moved, aggregate_id="cus_1", sequence=9))
    data = await invoicing.data(PDF, READ, id=invoice["id"])
    pdf = data["invoice"]["pdf"]
    assert (pdf["fileName"], pdf["language"], data["sellerProfile"]) == (
        "INV-000001.pdf",
        "de",
        {"name": "Tributary Ltd", "taxId": None},
    )
    assert data["invoice"]["billTo"] == {
        "name": "Hooli GmbH",
        "email": None,
        "language": "de",
        "taxIds": [],
        "address": {"line1": "Hauptstr. 1", "city": "Berlin", "country": "DE"},
    }
    [page] = PdfReader(BytesIO(b64decode(pdf["contentBase64"]))).pages
    said = page.extract_text().replace("\xa0", " ")
    for expected in ("Rechnung", "Tributary Ltd", "Hooli GmbH", "10115 Berlin", "56,50 €", "Bezahlt am 31.01.2026."):
        assert expected in said, expected


E_INVOICE = """query($id: ID!, $format: EInvoiceFormat!) { invoice(id: $id) { eInvoice(format: $format) {
  file { fileName mediaType contentBase64 } problems { code businessTerm message }
} } }"""
E_CREDIT_NOTE = """query($id: ID!) { creditNote(id: $id) { eInvoice(format: CII_XML) {
  file { fileName mediaType contentBase64 } problems { code }
} } }"""


async def test_an_invoice_and_its_credit_note_are_e_invoices_once_nothing_is_missing(invoicing: Invoicing) -> None:
    address = {"line1": "Hauptstr. 1", "line2": None, "city": "Berlin", "region": None, "postalCode": "10115", "country": "DE"}
    profile = {"customerId": "cus_1", "name": "Hooli GmbH", "email": None, "language": "de", "address": address}
    await invoicing.data(ROUND_TAX, input={"rounding": "PER_INVOICE", "roundingMode": "HALF_UP"})
    await invoicing.data(ADD_TAX, input={"name": "MwSt.", "percentage": "19", "country": "DE"})
    await invoicing.tell(
        customer_events("sandbox_success")[0],
        received("customer-updated.v1", profile, aggregate_id="cus_1", sequence=8),
        *customer_events("sandbox_success")[1:],
        period_opened(),
    )
    [invoice] = await invoicing.invoices()
    refused = (await invoicing.data(E_INVOICE, READ, id=invoice["id"], format="FACTUR_X"))["invoice"]["eInvoice"]
    message = "Nothing says who bills: set the seller profile."
    problem = {"code": "SELLER_PROFILE_MISSING", "businessTerm": "BG-4", "message": message}
    assert refused == {"file": None, "problems": [problem]}
    home = {"line1": "1 Quay St", "city": "Dublin", "country": "IE"}
    await invoicing.data(SELLER, input={"name": "Tributary Ltd", "address": home, "taxId": "IE 6433435F"})

    files = {
        format: (await invoicing.data(E_INVOICE, READ, id=invoice["id"], format=format))["invoice"]["eInvoice"]["file"]
        for format in ("CII_XML", "FACTUR_X")
    }
    assert [(file["fileName"], file["mediaType"]) for file in files.values()] == [
        ("INV-000001.xml", "application/xml"),
        ("INV-000001.pdf", "application/pdf"),
    ]
    xml, pdf = (b64decode(file["contentBase64"]) for file in files.values())
    assert get_xml_from_pdf(pdf) == ("factur-x.xml", xml)
    assert broken_rules(xml) == []
    # 56.50 * 19 % = 10.735; it is paid by now, and still due as it was issued
    assert [texts(xml, f"ram:{name}") for name in ("TaxTotalAmount", "GrandTotalAmount", "DuePayableAmount")] == [
        ["10.74"],
        ["67.24"],
        ["67.24"],
    ]
    said = " ".join(PdfReader(BytesIO(pdf)).pages[0].extract_text().split())
    assert "Zu zahlen 67,24 €" in said
    assert "Bezahlt" not in said

    credited = {"invoiceId": invoice["id"], "reason": "gone", "lines": [{"lineNumber": 1, "amount": euros(1900)}]}
    note = (await invoicing.data(CREDIT, input=credited))["creditNoteCreate"]["creditNote"]
    answer = (await invoicing.data(E_CREDIT_NOTE, READ, id=note["id"]))["creditNote"]["eInvoice"]
    assert (answer["file"]["fileName"], answer["problems"]) == ("CN-000001.xml", [])
    xml = b64decode(answer["file"]["contentBase64"])
    assert broken_rules(xml) == []
    assert texts(xml, "rsm:ExchangedDocument/ram:TypeCode") == ["381"]
    assert texts(xml, "ram:GrandTotalAmount") == ["22.61"]  # 19.00 * 1.19


async def test_a_rate_of_nothing_says_why(invoicing: Invoicing) -> None:
    rate = {"name": "VAT", "percentage": "0", "country": "US", "category": "OUTSIDE_SCOPE", "exemptionReason": "Art. 44"}
    added = (await invoicing.data(ADD_TAX, input=rate))["taxRateAdd"]
    assert added["userErrors"] == []
    shown = "{ taxConfiguration { rates { percentage category exemptionReason } } }"
    assert (await invoicing.data(shown))["taxConfiguration"]["rates"] == [
        {"percentage": "0", "category": "OUTSIDE_SCOPE", "exemptionReason": "Art. 44"}
    ]
    refused = (await invoicing.data(ADD_TAX, input=rate | {"percentage": "5"}))["taxRateAdd"]["userErrors"]
    assert refused == [{"field": ["input", "category"], "code": "INVALID_INPUT"}]


GROUP = """
mutation($input: InvoiceGroupingSetInput!) { invoiceGroupingSet(input: $input) {
  invoiceGrouping { consolidateInvoices draftMinutes } userErrors { field code }
} }"""
UNGROUP = """
mutation($input: InvoiceGroupingRemoveInput!) { invoiceGroupingRemove(input: $input) {
  invoiceGrouping { consolidateInvoices draftMinutes } userErrors { field code }
} }"""
GROUPED = """
query($id: ID!, $r: [_Any!]!) {
  invoice(id: $id) {
    status total { amount } planSubscription { id } planSubscriptions { id } finalizesAt lines { planSubscriptionId }
  }
  invoices(where: {planSubscriptionId: "psub_2"}) { nodes { id } }
  _entities(representations: $r) { ... on PlanSubscription { id invoices { nodes { id } } } }
}"""


async def test_renewals_come_on_one_draft_that_can_be_finalised_at_once(invoicing: Invoicing) -> None:
    await invoicing.tell(*customer_events("sandbox_success"))
    refused = (await invoicing.data(GROUP, input={"consolidateInvoices": True, "draftMinutes": 0}))["invoiceGroupingSet"]
    assert refused == {"invoiceGrouping": None, "userErrors": [{"field": ["input", "draftMinutes"], "code": "INVALID_INPUT"}]}
    unknown = {"consolidateInvoices": True, "customerId": "cus_9"}
    errors = (await invoicing.data(GROUP, input=unknown))["invoiceGroupingSet"]["userErrors"]
    assert errors == [{"field": ["input", "customerId"], "code": "NOT_FOUND"}]
    everybody = {"consolidateInvoices": True, "draftMinutes": 30}
    assert (await invoicing.data(GROUP, input=everybody))["invoiceGroupingSet"] == {
        "invoiceGrouping": everybody,
        "userErrors": [],
    }
    shown = "query($c: ID) { invoiceGrouping(customerId: $c) { consolidateInvoices draftMinutes } }"
    assert (await invoicing.data(shown, READ, c="cus_1"))["invoiceGrouping"] == everybody
    own = {"consolidateInvoices": False, "draftMinutes": 60}
    await invoicing.data(GROUP, input={"consolidateInvoices": False, "customerId": "cus_1"})
    assert (await invoicing.data(shown, READ, c="cus_1"))["invoiceGrouping"] == own
    assert (await invoicing.data(UNGROUP, input={"customerId": "cus_1"}))["invoiceGroupingRemove"]["invoiceGrouping"] == everybody

    await invoicing.tell(*(period_opened(1, plan_subscription_id=id) for id in ("psub_1", "psub_2")))
    [draft] = await invoicing.invoices()
    both = [{"id": "psub_1"}, {"id": "psub_2"}]
    entities = [{"__typename": "PlanSubscription", **one} for one in (*both, {"id": "psub_3"})]
    found = await invoicing.data(GROUPED, READ, id=draft["id"], r=entities)
    finalizes_at = found["invoice"].pop("finalizesAt")
    assert finalizes_at is not None
    assert found == {
        "invoice": {
            "status": "DRAFT",
            "total": {"amount": "113.00"},  # 2 * 56.50
            "planSubscription": None,
            "planSubscriptions": both,
            "lines": [{"planSubscriptionId": f"psub_{number}"} for number in (1, 1, 2, 2)],
        },
        "invoices": {"nodes": [{"id": draft["id"]}]},
        "_entities": [
            {"id": "psub_1", "invoices": {"nodes": [{"id": draft["id"]}]}},
            {"id": "psub_2", "invoices": {"nodes": [{"id": draft["id"]}]}},
            {"id": "psub_3", "invoices": {"nodes": []}},
        ],
    }
    finalize = "mutation($id: ID!) { invoiceFinalize(input: {id: $id}) { invoice { number finalizesAt } userErrors { code } } }"
    done = (await invoicing.data(finalize, id=draft["id"]))["invoiceFinalize"]
    assert done == {"invoice": {"number": "INV-000001", "finalizesAt": None}, "userErrors": []}
    async with asyncio.timeout(20):
        while [invoice["status"] for invoice in await invoicing.invoices()] != ["PAID"]:
            await asyncio.sleep(0.01)


RECEIVABLES = "{ agedReceivables { currencyCode total { amount } byAge { age amount { amount } invoices } } }"


async def test_what_is_owed_is_shown_by_age_and_a_payment_term_counts(invoicing: Invoicing) -> None:
    await invoicing.billed("sandbox_declined", "OPEN")
    line = {"description": "Training", "quantity": 1, "unitAmount": "10"}
    later = {"customerId": "cus_1", "currencyCode": "EUR", "lines": [line], "advance": "OPEN", "daysUntilDue": 30}
    created = (await invoicing.data(CREATE, input=later))["invoiceCreate"]
    assert created["userErrors"] == []
    [eur] = (await invoicing.data(RECEIVABLES, READ))["agedReceivables"]
    assert (eur["currencyCode"], eur["total"]) == ("EUR", {"amount": "66.50"})
    ages = {one["age"]: (one["amount"]["amount"], one["invoices"]) for one in eur["byAge"] if one["invoices"]}
    assert ages["DUE_LATER"] == ("10.00", 1)
    assert sorted(ages.values()) == [("10.00", 1), ("56.50", 1)]
    refused = (await invoicing.data(CREATE, input=later | {"daysUntilDue": 366}))["invoiceCreate"]["userErrors"]
    assert [error["field"] for error in refused] == [["input", "daysUntilDue"]]


RECORD = """
mutation($input: InvoicePaymentRecordInput!) { invoicePaymentRecord(input: $input) {
  invoice { status amountDue { amount } amountPaid { amount } amountRemaining { amount } }
  payment { status amount { amount } provider reference receivedAt clientSecret } userErrors { field code message }
} }"""


def eur(minor_units: int) -> dict[str, Any]:
    return {"minorUnits": minor_units, "currencyCode": "EUR"}


async def test_an_invoice_is_paid_in_parts(invoicing: Invoicing) -> None:
    id = await invoicing.billed("sandbox_declined", "OPEN")
    received = {"invoiceId": id, "reference": "SEPA 4711", "receivedAt": "2026-01-30T00:00:00Z", "idempotencyKey": "bank-1"}
    first = [(await invoicing.data(RECORD, input=received | {"amount": eur(2000)}))["invoicePaymentRecord"] for _ in range(2)]
    assert (
        first[0]
        == first[1]
        == {
            "invoice": {
                "status": "OPEN",
                "amountDue": {"amount": "36.50"},
                "amountPaid": {"amount": "20.00"},
                "amountRemaining": {"amount": "36.50"},  # 56.50 - 20.00
            },
            "payment": {
                "status": "SUCCEEDED",
                "amount": {"amount": "20.00"},
                "provider": None,
                "reference": "SEPA 4711",
                "receivedAt": "2026-01-30T00:00:00.000Z",
                "clientSecret": None,
            },
            "userErrors": [],
        }
    )
    [owed] = (await invoicing.data(RECEIVABLES, READ))["agedReceivables"]
    assert owed["total"] == {"amount": "36.50"}
    for amount, field in ((eur(3651), "amount"), ({**eur(1), "currencyCode": "USD"}, "amount")):
        refused = (await invoicing.data(RECORD, input=received | {"amount": amount, "idempotencyKey": None}))[
            "invoicePaymentRecord"
        ]
        assert [error["field"] for error in refused["userErrors"]] == [["input", field]]
    rest = {"id": id, "paymentMethodId": "pm_sandbox_success"}
    part = (await invoicing.data(PAY, input=rest | {"amount": eur(1650)}))["invoicePay"]
    assert (part["invoice"], part["userErrors"]) == ({"status": "OPEN", "amountDue": {"amount": "20.00"}}, [])
    assert (await invoicing.data(PAY, input=rest))["invoicePay"]["invoice"]["status"] == "PAID"
    assert (await invoicing.data(RECEIVABLES, READ))["agedReceivables"] == []


MINIMUM_SET = """
mutation($input: MinimumChargeSetInput!) { minimumChargeSet(input: $input) {
  dunningConfiguration { minimumCharges { amount { amount currencyCode } } } userErrors { field code }
} }"""
MINIMUM_REMOVE = """
mutation($input: MinimumChargeRemoveInput!) { minimumChargeRemove(input: $input) {
  dunningConfiguration { minimumCharges { amount { amount } } } userErrors { field code }
} }"""
MINIMUMS = "{ dunningConfiguration { minimumCharges { amount { amount } } campaigns { retryAfterDays } } }"
CARRIED = """
query($id: ID!) { invoice(id: $id) {
  status amountDue { amount } amountPaid { amount } amountCarriedForward { amount } amountBroughtForward { amount }
  broughtForward { number amount { amount } invoice { id } } payments { nodes { id } }
} }"""


async def test_a_minimum_charge_is_set_and_what_is_below_it_is_carried_forward(invoicing: Invoicing) -> None:
    assert (await invoicing.data(MINIMUMS, READ))["dunningConfiguration"]["minimumCharges"] == []
    refused = (await invoicing.data(MINIMUM_SET, input={"amount": eur(0)}))["minimumChargeSet"]
    assert refused == {
        "dunningConfiguration": None,
        "userErrors": [{"field": ["input", "amount"], "code": "INVALID_INPUT"}],
    }
    answer = (await invoicing.data(MINIMUM_SET, input={"amount": eur(5651)}))["minimumChargeSet"]
    assert answer["userErrors"] == []
    assert answer["dunningConfiguration"]["minimumCharges"] == [{"amount": {"amount": "56.51", "currencyCode": "EUR"}}]
    id = await invoicing.billed("sandbox_success", "PAID")
    nothing = {"amount": "0.00"}
    assert (await invoicing.data(CARRIED, READ, id=id))["invoice"] == {
        "status": "PAID",
        "amountDue": nothing,
        "amountPaid": nothing,
        "amountCarriedForward": {"amount": "56.50"},
        "amountBroughtForward": nothing,
        "broughtForward": [],
        "payments": {"nodes": []},
    }
    assert (await invoicing.data(RECEIVABLES, READ))["agedReceivables"] == []
    removed = (await invoicing.data(MINIMUM_REMOVE, input={"currencyCode": "EUR"}))["minimumChargeRemove"]
    assert removed == {"dunningConfiguration": {"minimumCharges": []}, "userErrors": []}
    assert (await invoicing.data(MINIMUMS, READ, "other"))["dunningConfiguration"]["minimumCharges"] == []


async def test_what_was_billed_is_in_the_books_of_its_day(invoicing: Invoicing) -> None:
    await invoicing.billed("sandbox_declined", "OPEN")
    day = {"from": AT.isoformat(), "to": (AT + timedelta(days=1)).isoformat()}
    fields = "invoiced { amount } outstanding { amount }"
    asked = f"""query($from: DateTime!, $to: DateTime!) {{
      billingSeries(from: $from, to: $to, interval: MONTH, currency: "EUR") {{ {fields} }}
      revenueSeries(from: $from, to: $to, interval: MONTH, currency: "EUR") {{ invoiced {{ amount }} deferred {{ amount }} }}
      invoiceNumberAudit {{ isComplete last }}
    }}"""
    found: dict[str, Any] = {}
    async with asyncio.timeout(20):  # the relay is a moment behind the command
        while not found.get("billingSeries") or found["billingSeries"][0]["invoiced"]["amount"] == "0.00":
            found = await invoicing.data(asked, READ, **day)
    assert found["billingSeries"][0] == {"invoiced": {"amount": "56.50"}, "outstanding": {"amount": "56.50"}}
    assert found["revenueSeries"][0] == {"invoiced": {"amount": "56.50"}, "deferred": {"amount": "56.50"}}
    assert found["invoiceNumberAudit"] == {"isComplete": True, "last": "INV-000001"}


OUT_OF_BAND = """mutation($input: CreditNoteCreateInput!) { creditNoteCreate(input: $input) {
  creditNote { total { amount } fromAmountDue { amount } refund { amount } outOfBand { amount } balance { amount } }
  invoice { amountRefunded { amount } } userErrors { field message }
} }"""


async def test_what_came_by_bank_transfer_is_recorded_as_given_back_the_same_way(invoicing: Invoicing) -> None:
    id = await invoicing.billed("sandbox_declined", "OPEN")
    received = {"invoiceId": id, "amount": eur(5650), "reference": "TX-1", "receivedAt": "2026-01-31T00:00:00Z"}
    await invoicing.data(RECORD, input=received)
    wanted = {"invoiceId": id, "reason": "half a month", "lines": [{"lineNumber": 1, "amount": eur(1000)}]}
    refused = (await invoicing.data(OUT_OF_BAND, input=wanted | {"refund": eur(1000)}))["creditNoteCreate"]["userErrors"]
    assert refused == [
        {
            "field": ["input", "refund"],
            "message": "0.00 EUR of this invoice was paid through a payment provider and not refunded yet: the rest goes to the "
            "balance, or is outOfBand where you give it back yourself",
        }
    ]
    done = (await invoicing.data(OUT_OF_BAND, input=wanted | {"outOfBand": eur(750), "balance": eur(250)}))["creditNoteCreate"]
    assert done == {
        "creditNote": {
            "total": {"amount": "10.00"},
            "fromAmountDue": {"amount": "0.00"},
            "refund": {"amount": "0.00"},
            "outOfBand": {"amount": "7.50"},
            "balance": {"amount": "2.50"},
        },
        "invoice": {"amountRefunded": {"amount": "7.50"}},
        "userErrors": [],
    }


DISPUTES = """
query($where: DisputeWhereInput) { disputes(first: 5, where: $where) { nodes {
  id status reason amount { amount } evidenceDueAt submittedAt closedAt
  customer { id } invoice { status amountRemaining { amount } } payment { status amountLost { amount } disputes { nodes { id } } }
} } }"""
EVIDENCE = """
mutation($input: DisputeSubmitEvidenceInput!) { disputeSubmitEvidence(input: $input) {
  dispute { status submittedAt } userErrors { field code }
} }"""
ACCEPT = """
mutation($input: DisputeAcceptInput!) { disputeAccept(input: $input) { dispute { status } userErrors { field code } } }"""


async def test_a_dispute_is_listed_answered_and_told_live(invoicing: Invoicing) -> None:
    async with invoicing.changes() as changes:
        id = await invoicing.billed("sandbox_disputed", "PAID")
        while (change := (await changes.data())["invoiceChanged"])["event"] != "dispute-opened.v1":
            pass
        assert change["invoice"]["status"] == "PAID"
        [dispute] = (await invoicing.data(DISPUTES, READ, where={"status": "NEEDS_EVIDENCE", "invoiceId": id}))["disputes"][
            "nodes"
        ]
        assert (dispute["reason"], dispute["amount"], dispute["customer"]) == ("fraudulent", {"amount": "56.50"}, {"id": "cus_1"})
        assert dispute["payment"]["disputes"]["nodes"] == [{"id": dispute["id"]}]
        assert (dispute["submittedAt"], dispute["closedAt"]) == (None, None)
        assert dispute["evidenceDueAt"] is not None
        refused = (await invoicing.data(EVIDENCE, input={"id": dispute["id"], "text": " "}))["disputeSubmitEvidence"]
        assert refused == {"dispute": None, "userErrors": [{"field": ["input", "text"], "code": "INVALID_INPUT"}]}
        given = (await invoicing.data(EVIDENCE, input={"id": dispute["id"], "text": "losing_evidence"}))["disputeSubmitEvidence"]
        assert (given["dispute"]["status"], given["userErrors"]) == ("LOST", [])
        while (change := (await changes.data())["invoiceChanged"])["event"] != "dispute-lost.v1":
            pass
        assert change["invoice"]["status"] == "UNCOLLECTIBLE"
    [lost] = (await invoicing.data(DISPUTES, READ, where={"customerId": "cus_1"}))["disputes"]["nodes"]
    assert (lost["status"], lost["invoice"]) == ("LOST", {"status": "UNCOLLECTIBLE", "amountRemaining": {"amount": "56.50"}})
    assert lost["payment"]["amountLost"] == {"amount": "56.50"}
    again = (await invoicing.data(ACCEPT, input={"id": dispute["id"]}))["disputeAccept"]
    assert again == {"dispute": None, "userErrors": [{"field": ["input", "id"], "code": "INVALID_STATE"}]}
    assert (await invoicing.data(DISPUTES, READ, tenant="rival"))["disputes"]["nodes"] == []


async def test_the_worker_writes_to_customers(
    settings: Settings, environment: None, flushed_redis: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with run_mail_server() as server:
        monkeypatch.setenv("SMTP_URL", server.url)
        monkeypatch.setenv("MAIL_FROM", "billing@t.example")
        async with run_invoicing(settings) as invoicing:
            # On a clock of its own, what happened at AT is news.
            clock = received("test-clock-moved.v1", {"now": AT.isoformat()}, aggregate_id="acme")
            profile = {"customerId": "cus_1", "name": "Hooli", "email": "pay@hooli.example", "language": "de"}
            known = received("customer-updated.v1", profile, aggregate_id="cus_1", sequence=8)
            await invoicing.tell(clock, *customer_events("sandbox_success"), known, period_opened())
            async with asyncio.timeout(20):
                while not server.taken:
                    await asyncio.sleep(0.05)
        assert [str(message["Subject"]) for message in server.taken] == ["Beleg zu Rechnung INV-000001"]
        assert server.recipients == ["pay@hooli.example"]


REPLACE = """
mutation($input: InvoiceVoidInput!) { invoiceVoid(input: $input) {
  invoice { status replacedBy { id status } }
  replacement { id status number total { amount } replaces { id number } planSubscription { id } }
  userErrors { field code }
} }"""


async def test_a_void_invoice_is_replaced_by_one_draft_with_the_taxes_of_now(invoicing: Invoicing) -> None:
    id = await invoicing.billed("sandbox_declined", "OPEN")
    profile = {"customerId": "cus_1", "name": "Hooli", "email": None, "language": "en", "address": {"country": "DE"}}
    await invoicing.tell(received("customer-updated.v1", profile, aggregate_id="cus_1", sequence=8))
    await invoicing.data(ADD_TAX, input={"name": "VAT", "percentage": "10", "country": "DE"})
    found = [
        (await invoicing.data(REPLACE, input={"id": id, "reason": "wrong tax", "replace": True}))["invoiceVoid"] for _ in range(2)
    ]
    assert found[0] == found[1]
    replacement = found[0]["replacement"]
    assert replacement == {
        "id": replacement["id"],
        "status": "DRAFT",
        "number": None,
        "total": {"amount": "62.15"},  # 56.50 + 10 %
        "replaces": {"id": id, "number": "INV-000001"},
        "planSubscription": {"id": "psub_1"},
    }
    assert found[0]["invoice"] == {"status": "VOID", "replacedBy": {"id": replacement["id"], "status": "DRAFT"}}
