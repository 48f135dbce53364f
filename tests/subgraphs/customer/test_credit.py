"""Balances and wallets over HTTP on real stores, and with the worker."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis

from subgraphs.customer.app import create_app
from subgraphs.customer.bootstrap import open_services
from subgraphs.customer.documents import WalletDocument
from subgraphs.customer.domain.wallet import Wallet
from subgraphs.customer.domain.wallet_events import GrantSource
from subgraphs.customer.published import publish
from subgraphs.customer.sagas.card_expiry import CardExpiryTimer
from subgraphs.customer.sagas.clock_agenda import CustomerAgenda
from subgraphs.customer.sagas.expiry import ExpiryTimer
from subgraphs.customer.services import CustomerServices
from subgraphs.customer.worker import event_handlers, read_models
from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.domain.errors import NotReady
from subgraphs.kit.domain.money import Money
from subgraphs.kit.messaging.envelope import Envelope, events_stream
from subgraphs.kit.settings import Settings
from tests.testkit.memory import AT, context
from tests.testkit.received import received
from tests.testkit.subgraph import RunningSubgraph, run_subgraph

BOTH = "customers:read customers:write"
CREATE = 'mutation { customerCreate(input: { name: "Ada", currencyCode: EUR }) { customer { id } } }'.replace("EUR", '"EUR"')
ADJUST = """
mutation($input: CustomerBalanceAdjustInput!) {
  customerBalanceAdjust(input: $input) { balance { id amount { amount currencyCode } } userErrors { field code } }
}"""
BALANCES = """
query($id: ID!, $after: String) {
  customer(id: $id) {
    balances {
      currencyCode amount { minorUnits }
      entries(first: 2, after: $after) {
        nodes { number kind amount { minorUnits } balanceAfter { minorUnits } description } pageInfo { hasNextPage endCursor }
      }
    }
  }
}"""
WALLET = """
  wallet {
    id name priority balance { minorUnits } grants { left { minorUnits } source }
    entries { nodes { kind reference amount { minorUnits } parts { amount { minorUnits } } } }
  }
  userErrors { field code }"""
OPEN = f"mutation($input: WalletCreateInput!) {{ walletCreate(input: $input) {{ {WALLET} }} }}"
TOP_UP = f"mutation($input: WalletTopUpInput!) {{ walletTopUp(input: $input) {{ {WALLET} }} }}"
SPEND = f"mutation($input: WalletSpendInput!) {{ walletSpend(input: $input) {{ {WALLET} }} }}"


@pytest.fixture
async def customers(settings: Settings) -> AsyncIterator[RunningSubgraph]:
    async with run_subgraph(create_app, settings) as running:
        yield running


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[CustomerServices]:
    async with open_services(settings, FixedClock(AT)) as services:
        yield services


async def create(customers: RunningSubgraph) -> str:
    id: str = (await customers.data(CREATE, scopes=BOTH))["customerCreate"]["customer"]["id"]
    return id


def euros(cents: int) -> dict[str, Any]:
    return {"minorUnits": str(cents), "currencyCode": "EUR"}


async def test_a_balance_is_a_paged_ledger_of_its_own_currency(customers: RunningSubgraph) -> None:
    id = await create(customers)
    for cents in (1000, -300, 50):
        adjustment = {"customerId": id, "amount": euros(cents), "description": f"{cents} cents"}
        data = await customers.data(ADJUST, {"input": adjustment}, scopes=BOTH)
        assert data["customerBalanceAdjust"]["userErrors"] == []
    assert data["customerBalanceAdjust"]["balance"]["amount"] == {"amount": "7.50", "currencyCode": "EUR"}
    yen = {"customerId": id, "amount": {"minorUnits": "-5", "currencyCode": "JPY"}}
    data = await customers.data(ADJUST, {"input": yen}, scopes=BOTH)
    refused = {"balance": None, "userErrors": [{"field": ["input", "amount"], "code": "INSUFFICIENT_BALANCE"}]}
    assert data["customerBalanceAdjust"] == refused
    [balance] = (await customers.data(BALANCES, {"id": id}, scopes=BOTH))["customer"]["balances"]
    assert (balance["currencyCode"], balance["amount"]) == ("EUR", {"minorUnits": "750"})
    page = balance["entries"]
    assert [(node["number"], node["amount"]["minorUnits"], node["balanceAfter"]["minorUnits"]) for node in page["nodes"]] == [
        (3, "50", "750"),
        (2, "-300", "700"),
    ]
    assert page["pageInfo"]["hasNextPage"] is True
    after = {"id": id, "after": page["pageInfo"]["endCursor"]}
    [balance] = (await customers.data(BALANCES, after, scopes=BOTH))["customer"]["balances"]
    assert [node["description"] for node in balance["entries"]["nodes"]] == ["1000 cents"]


async def test_a_wallet_is_opened_topped_up_and_spent_with_traceable_parts(customers: RunningSubgraph) -> None:
    id = await create(customers)
    data = await customers.data(OPEN, {"input": {"customerId": id, "name": "Prepaid", "priority": 7}}, scopes=BOTH)
    wallet = data["walletCreate"]["wallet"]
    assert (wallet["priority"], wallet["balance"], wallet["grants"]) == (7, {"minorUnits": "0"}, [])
    for cents, source in ((300, "PURCHASED"), (200, "PROMOTIONAL")):
        top_up = {"walletId": wallet["id"], "amount": euros(cents), "source": source}
        await customers.data(TOP_UP, {"input": top_up}, scopes=BOTH)
    spend = {"walletId": wallet["id"], "amount": euros(400), "reference": "job-1", "idempotencyKey": "k"}
    first = await customers.data(SPEND, {"input": spend}, scopes=BOTH)
    again = await customers.data(SPEND, {"input": spend}, scopes=BOTH)
    assert first == again
    spent = first["walletSpend"]["wallet"]
    assert spent["balance"] == {"minorUnits": "100"}  # 300 + 200 - 400
    assert spent["grants"] == [{"left": {"minorUnits": "100"}, "source": "PROMOTIONAL"}]
    assert spent["entries"]["nodes"][0] == {
        "kind": "SPEND",
        "reference": "job-1",
        "amount": {"minorUnits": "-400"},
        "parts": [{"amount": {"minorUnits": "300"}}, {"amount": {"minorUnits": "100"}}],
    }
    more = spend | {"amount": euros(101), "reference": "job-2", "idempotencyKey": None}
    data = await customers.data(SPEND, {"input": more}, scopes=BOTH)
    assert data["walletSpend"]["userErrors"] == [{"field": ["input", "amount"], "code": "INSUFFICIENT_BALANCE"}]
    listed = "query($id: ID!) { customer(id: $id) { wallets { nodes { name balance { minorUnits } } } } }"
    nodes = (await customers.data(listed, {"id": id}, scopes=BOTH))["customer"]["wallets"]["nodes"]
    assert nodes == [{"name": "Prepaid", "balance": {"minorUnits": "100"}}]


async def test_another_tenant_reaches_neither_balance_nor_wallet(customers: RunningSubgraph) -> None:
    id = await create(customers)
    data = await customers.data(OPEN, {"input": {"customerId": id, "name": "Prepaid"}}, scopes=BOTH)
    wallet_id = data["walletCreate"]["wallet"]["id"]
    top_up = {"walletId": wallet_id, "amount": euros(1)}
    data = await customers.data(TOP_UP, {"input": top_up}, scopes=BOTH, tenant="ten_b")
    assert data["walletTopUp"]["userErrors"] == [{"field": ["input", "walletId"], "code": "NOT_FOUND"}]
    data = await customers.data(ADJUST, {"input": {"customerId": id, "amount": euros(1)}}, scopes=BOTH, tenant="ten_b")
    assert data["customerBalanceAdjust"]["userErrors"] == [{"field": ["input", "customerId"], "code": "NOT_FOUND"}]


async def test_spends_at_the_same_time_never_take_more_than_is_there(customers: RunningSubgraph) -> None:
    id = await create(customers)
    data = await customers.data(OPEN, {"input": {"customerId": id, "name": "Prepaid"}}, scopes=BOTH)
    wallet_id = data["walletCreate"]["wallet"]["id"]
    await customers.data(TOP_UP, {"input": {"walletId": wallet_id, "amount": euros(250)}}, scopes=BOTH)

    async def spend(number: int) -> bool:
        input = {"walletId": wallet_id, "amount": euros(100), "reference": f"job-{number}"}
        answer = await customers.data(SPEND, {"input": input}, scopes=BOTH)
        return not answer["walletSpend"]["userErrors"]

    done = await asyncio.gather(*(spend(number) for number in range(5)))
    assert sum(done) == 2  # 250 is enough for two of 100
    read = "query($id: ID!) { customer(id: $id) { wallets { nodes { balance { minorUnits } } } } }"
    customer = (await customers.data(read, {"id": id}, scopes=BOTH))["customer"]
    assert customer["wallets"]["nodes"] == [{"balance": {"minorUnits": "50"}}]


async def filled(customers: RunningSubgraph, services: CustomerServices) -> str:
    """Return a customer of the tenant ten_a with 1.00 in a wallet and 2.00 on its balance."""
    id = await create(customers)
    data = await customers.data(OPEN, {"input": {"customerId": id, "name": "Prepaid"}}, scopes=BOTH)
    await customers.data(TOP_UP, {"input": {"walletId": data["walletCreate"]["wallet"]["id"], "amount": euros(100)}}, scopes=BOTH)
    await customers.data(ADJUST, {"input": {"customerId": id, "amount": euros(200)}}, scopes=BOTH)
    return id


async def told(services: CustomerServices, type: str) -> list[dict[str, Any]]:
    """Relay what is in the outbox; return the data of every event of `type` that is in the stream."""
    relay = services.stores.relay(publish, read_models(services))
    while await relay.dispatch():
        pass
    redis: Redis = services.stores.redis
    entries = await redis.xrange(events_stream("customer"))
    envelopes = [msgspec.json.decode(fields[b"envelope"], type=Envelope) for _, fields in entries]
    return [event.data for envelope in envelopes for event in envelope.events if event.type == type]


async def test_an_invoice_is_answered_with_what_credit_pays_and_gives_it_back(
    customers: RunningSubgraph, services: CustomerServices, flushed_redis: None
) -> None:
    id = await filled(customers, services)
    handlers = {type: list(found) for type, found in event_handlers(services).items()}
    asked = {"invoiceId": "inv_1", "customerId": id, "currency": "EUR", "amountMinor": 250}
    for sequence in (1, 1):  # delivered twice
        event = received("invoice-credit-requested.v1", asked, aggregate_id="inv_1", sequence=sequence, tenant="ten_a")
        await handlers["invoice-credit-requested.v1"][0](event)
    answer = {"invoiceId": "inv_1", "customerId": id, "currency": "EUR"}
    # 100 of the wallet, 150 of the balance
    assert await told(services, "invoice-credit-applied.v1") == [
        answer | {"amountMinor": 250, "walletMinor": 100, "balanceMinor": 150}
    ]
    about = {"invoiceId": "inv_1", "customerId": id}
    voided = received("invoice-voided.v1", about, aggregate_id="inv_1", sequence=3, tenant="ten_a")
    for handler in handlers["invoice-voided.v1"] * 2:
        await handler(voided)
    assert await told(services, "invoice-credit-returned.v1") == [answer | {"amountMinor": 250}]
    balances = [(entry["kind"], entry["balanceMinor"]) for entry in await told(services, "customer-balance-changed.v1")]
    assert balances == [("ADJUSTMENT", 200), ("APPLIED_TO_INVOICE", 50), ("RETURNED_FROM_INVOICE", 200)]
    wallets = [(entry["kind"], entry["balanceMinor"]) for entry in await told(services, "wallet-balance-changed.v1")]
    assert wallets == [("TOP_UP", 100), ("SPEND", 0), ("RETURN", 100)]


async def test_a_request_that_comes_after_its_invoice_was_voided_uses_nothing(
    customers: RunningSubgraph, services: CustomerServices, flushed_redis: None
) -> None:
    id = await filled(customers, services)
    handlers = event_handlers(services)

    async def happened(type: str, sequence: int) -> None:
        data = {"invoiceId": "inv_1", "customerId": id, "currency": "EUR", "amountMinor": 250}
        for handler in handlers[type]:
            await handler(received(type, data, aggregate_id="inv_1", sequence=sequence, tenant="ten_a"))

    await happened("invoice-voided.v1", 3)
    for _ in range(2):
        await happened("invoice-credit-requested.v1", 2)
    balances = [(entry["kind"], entry["balanceMinor"]) for entry in await told(services, "customer-balance-changed.v1")]
    assert balances[-1] == ("RETURNED_FROM_INVOICE", 200)
    [returned] = await told(services, "invoice-credit-returned.v1")
    assert returned["amountMinor"] == 250


async def test_a_request_that_comes_again_after_its_invoice_was_paid_changes_nothing(
    customers: RunningSubgraph, services: CustomerServices, flushed_redis: None
) -> None:
    id = await filled(customers, services)
    handlers = event_handlers(services)
    for type, sequence in (("invoice-credit-requested.v1", 2), ("invoice-paid.v1", 3), ("invoice-credit-requested.v1", 2)):
        data = {"invoiceId": "inv_1", "customerId": id, "currency": "EUR", "amountMinor": 250}
        for handler in handlers[type]:
            await handler(received(type, data, aggregate_id="inv_1", sequence=sequence, tenant="ten_a"))
    assert len(await told(services, "invoice-credit-applied.v1")) == 1
    assert await told(services, "invoice-credit-returned.v1") == []


async def test_a_credit_note_fills_the_balance_and_an_unknown_customer_is_waited_for(
    customers: RunningSubgraph, services: CustomerServices
) -> None:
    id = await create(customers)
    handlers = {type: list(found) for type, found in event_handlers(services).items()}
    note = {"creditNoteId": "cn_1", "customerId": id, "currency": "EUR", "balanceMinor": 70}
    for _ in range(2):
        await handlers["credit-note-issued.v1"][0](received("credit-note-issued.v1", note, aggregate_id="cn_1", tenant="ten_a"))
    refund_only = note | {"creditNoteId": "cn_2", "balanceMinor": 0}
    await handlers["credit-note-issued.v1"][0](
        received("credit-note-issued.v1", refund_only, aggregate_id="cn_2", tenant="ten_a")
    )
    [balance] = (await customers.data(BALANCES, {"id": id}, scopes=BOTH))["customer"]["balances"]
    assert [(node["kind"], node["amount"]["minorUnits"]) for node in balance["entries"]["nodes"]] == [("CREDIT_NOTE", "70")]
    asked = {"invoiceId": "inv_1", "customerId": "cus_none", "currency": "EUR", "amountMinor": 250}
    with pytest.raises(NotReady):
        await handlers["invoice-credit-requested.v1"][0](
            received("invoice-credit-requested.v1", asked, aggregate_id="inv_1", tenant="ten_a")
        )


async def test_what_an_invoice_carried_forward_is_collected_by_the_next_and_given_back_when_that_is_void(
    customers: RunningSubgraph, services: CustomerServices, flushed_redis: None
) -> None:
    id, handlers = await create(customers), event_handlers(services)

    async def happened(type: str, invoice: str, sequence: int, **data: Any) -> None:
        about = {"invoiceId": invoice, "customerId": id, "currency": "EUR", **data}
        for handler in list(handlers[type]) * 2:
            await handler(received(type, about, aggregate_id=invoice, sequence=sequence, tenant="ten_a"))

    await happened("invoice-carried-forward.v1", "inv_1", 3, carriedForwardMinor=20)
    [balance] = (await customers.data(BALANCES, {"id": id}, scopes=BOTH))["customer"]["balances"]
    assert balance["amount"] == {"minorUnits": "-20"}
    assert [(node["kind"], node["amount"]["minorUnits"]) for node in balance["entries"]["nodes"]] == [("CARRIED_FORWARD", "-20")]
    await happened("invoice-credit-requested.v1", "inv_2", 2, amountMinor=30)
    [answer] = await told(services, "invoice-credit-applied.v1")
    assert answer == {
        "invoiceId": "inv_2",
        "customerId": id,
        "currency": "EUR",
        "amountMinor": 0,
        "walletMinor": 0,
        "balanceMinor": 0,
        "broughtForward": [{"invoiceId": "inv_1", "amountMinor": 20}],
    }
    await happened("invoice-voided.v1", "inv_2", 3)
    [returned] = await told(services, "invoice-credit-returned.v1")
    assert (returned["amountMinor"], returned["broughtForwardMinor"]) == (0, 20)
    entries = [(entry["kind"], entry["balanceMinor"]) for entry in await told(services, "customer-balance-changed.v1")]
    assert entries == [("CARRIED_FORWARD", -20), ("BROUGHT_FORWARD", 0), ("RETURNED_FROM_INVOICE", -20)]
    carried = {"invoiceId": "inv_9", "customerId": "cus_none", "currency": "EUR", "carriedForwardMinor": 1}
    with pytest.raises(NotReady):
        for handler in handlers["invoice-carried-forward.v1"]:
            await handler(received("invoice-carried-forward.v1", carried, aggregate_id="inv_9", tenant="ten_a"))


async def open_with_grant(services: CustomerServices, id: str, tenant: str, days: int) -> None:
    by = context(tenant=tenant)
    wallet = Wallet.open(id, "cus_1", "EUR", "Prepaid", 1, None, by)
    wallet.top_up(Money(100, "EUR"), GrantSource.PURCHASED, AT + timedelta(days=days), None, by)
    await services.wallets.create(wallet, by)


async def test_expired_grants_are_written_off_in_each_tenants_time(services: CustomerServices) -> None:
    await open_with_grant(services, "wal_due", "ten_a", 1)
    await open_with_grant(services, "wal_later", "ten_a", 3)
    await open_with_grant(services, "wal_frozen", "ten_b", 1)
    await services.stores.clocks.set("ten_b", AT, 1)
    clock = services.clock
    assert isinstance(clock, FixedClock)
    timer = ExpiryTimer(services)
    assert await timer.expire_due() == 0
    clock.at = AT + timedelta(days=2)
    assert await timer.expire_due() == 1
    assert await timer.expire_due() == 0
    wallets = {wallet.id: wallet.balance for wallet in await WalletDocument.find_all().to_list()}
    assert wallets == {"wal_due": 0, "wal_later": 100, "wal_frozen": 100}
    agenda = CustomerAgenda(timer, CardExpiryTimer(services))
    assert [(one.customer_id, one.at - AT) for one in await agenda.upcoming("ten_b", 10)] == [("cus_1", timedelta(days=1))]
    await agenda.do("ten_b", AT + timedelta(days=2), held={"cus_1"})
    await agenda.do("ten_b", AT + timedelta(days=1), held=())
    assert len(await agenda.upcoming("ten_b", 10)) == 1
    await agenda.do("ten_b", AT + timedelta(days=2), held=())
    assert await agenda.upcoming("ten_b", 10) == []
    frozen = await services.wallet_reader.find("ten_b", "wal_frozen")
    assert frozen is not None
    assert (frozen.balance, frozen.next_expiry_at, frozen.grants) == (0, None, [])
