"""After an erasure no store holds personal data of the customer, and the books still add up."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from subgraphs.customer.app import create_app
from subgraphs.customer.bootstrap import open_services
from subgraphs.customer.published import publish
from subgraphs.customer.sagas import customer_erasure
from subgraphs.customer.services import CustomerServices
from subgraphs.customer.worker import event_handlers, read_models
from subgraphs.kit.messaging.envelope import events_stream
from subgraphs.kit.settings import Settings
from tests.testkit.received import received
from tests.testkit.subgraph import RunningSubgraph, run_subgraph

BOTH = "customers:read customers:write"
HOME = {"line1": "Secretstr. 1", "city": "Secrettown", "country": "DE"}
PERSON = {
    "name": "Secret Ada",
    "email": "secret@ada.example",
    "currencyCode": "EUR",
    "externalId": "secret-1",
    "address": HOME,
    "shippingAddress": HOME,
}
FILL = """
mutation($id: ID!) {
  paymentMethodAttach(
    input: { customerId: $id, provider: "stripe", token: "secret_token", label: "Secret 42" }
  ) { userErrors { message } }
  taxIdAdd(input: { customerId: $id, type: EU_VAT, value: "DE136695976" }) { userErrors { message } }
  taxExemptionSet(input: { customerId: $id, exemption: EXEMPT, reason: "secret reason" }) { userErrors { message } }
  customerBalanceAdjust(
    input: { customerId: $id, amount: { minorUnits: 700, currencyCode: "EUR" }, description: "secret favour" }
  ) { userErrors { message } }
  walletCreate(input: { customerId: $id, name: "Secret wallet" }) { wallet { id } userErrors { message } }
}"""
TOP_UP = """
mutation($id: ID!) {
  walletTopUp(input: { walletId: $id, amount: { minorUnits: 50, currencyCode: "EUR" }, description: "secret gift" }) {
    userErrors { code }
  }
}"""
CREATE = "mutation($input: CustomerCreateInput!) { customerCreate(input: $input) { customer { id } userErrors { code } } }"
ERASE = """
mutation($id: ID!) { customerErase(input: { id: $id }) { customer { name email status } userErrors { field code } } }"""
READ = """
query($id: ID!) {
  customer(id: $id) {
    name email status externalId address { city } shippingAddress { city } taxExemption taxExemptionReason taxIds { value }
    paymentMethods { id } defaultPaymentMethod { id } language
    balances { amount { minorUnits } entries { nodes { kind amount { minorUnits } description } } }
    wallets { nodes { name balance { minorUnits } grants { description } } }
  }
}"""


@pytest.fixture
async def customers(settings: Settings) -> AsyncIterator[RunningSubgraph]:
    async with run_subgraph(create_app, settings) as running:
        yield running


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[CustomerServices]:
    async with open_services(settings) as services:
        yield services


async def person(customers: RunningSubgraph, **more: object) -> str:
    created = (await customers.data(CREATE, {"input": PERSON | more}, scopes=BOTH))["customerCreate"]
    assert created["userErrors"] == []
    id: str = created["customer"]["id"]
    filled = await customers.data(FILL, {"id": id}, scopes=BOTH)
    assert [answer["userErrors"] for answer in filled.values()] == [[]] * 5
    topped_up = await customers.data(TOP_UP, {"id": filled["walletCreate"]["wallet"]["id"]}, scopes=BOTH)
    assert topped_up["walletTopUp"]["userErrors"] == []
    return id


async def everything_stored(services: CustomerServices) -> str:
    """Return all that the subgraph's database and stream hold, as text."""
    database = services.stores.database
    stored = [await database[name].find().to_list() for name in await database.list_collection_names()]
    redis: Redis = services.stores.redis
    return repr([stored, await redis.xrange(events_stream("customer"))])


async def relayed(services: CustomerServices) -> None:
    relay = services.stores.relay(publish, read_models(services))
    while await relay.dispatch():
        pass


async def erased_event_handled(services: CustomerServices, id: str) -> None:
    version = (await services.customers.get("ten_a", id)).version
    event = received("customer-erased.v1", {"customerId": id}, aggregate_id=id, sequence=version, tenant="ten_a")
    for handler in event_handlers(services)["customer-erased.v1"] * 2:
        await handler(event)


async def test_after_an_erasure_only_the_books_are_left_in_every_store(
    customers: RunningSubgraph, services: CustomerServices, flushed_redis: None
) -> None:
    id = await person(customers)
    await relayed(services)
    assert "Secret Ada" in await everything_stored(services)
    for _ in range(2):
        data = await customers.data(ERASE, {"id": id}, scopes=BOTH)
        erased = {"name": "[erased]", "email": None, "status": "ERASED"}
        assert data["customerErase"] == {"customer": erased, "userErrors": []}
    await relayed(services)
    await erased_event_handled(services, id)
    stored = await everything_stored(services)
    assert "secret" not in stored.lower()
    assert "136695976" not in stored
    assert "customer-erased.v1" in stored  # what was told of the erasure itself is still in the stream
    expected: dict[str, Any] = {
        "name": "[erased]",
        "email": None,
        "status": "ERASED",
        "externalId": None,
        "address": None,
        "shippingAddress": None,
        "taxExemption": "EXEMPT",
        "taxExemptionReason": None,
        "taxIds": [],
        "paymentMethods": [],
        "defaultPaymentMethod": None,
        "language": "en",
        "balances": [
            {
                "amount": {"minorUnits": "700"},
                "entries": {"nodes": [{"kind": "ADJUSTMENT", "amount": {"minorUnits": "700"}, "description": None}]},
            }
        ],
        "wallets": {"nodes": [{"name": "[erased]", "balance": {"minorUnits": "50"}, "grants": [{"description": None}]}]},
    }
    assert (await customers.data(READ, {"id": id}, scopes=BOTH))["customer"] == expected


async def test_what_a_relay_that_died_had_sent_is_forgotten_too(
    customers: RunningSubgraph, services: CustomerServices, flushed_redis: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customer_erasure, "PAGE", 2)
    id = await person(customers)
    other = await person(customers, externalId="other-1", name="Secretary")
    relay = services.stores.relay(publish, read_models(services))

    async def dies(_: object) -> None:
        raise RuntimeError("killed before it noted what it had sent")

    with monkeypatch.context() as killed:
        killed.setattr(relay._outbox, "mark_dispatched", dies)
        with pytest.raises(RuntimeError):
            await relay.dispatch()
    await relayed(services)
    told = [fields[b"envelope"] for _, fields in await services.stores.redis.xrange(events_stream("customer"))]
    assert len([envelope for envelope in told if b"Secret Ada" in envelope]) == 2
    await customers.data(ERASE, {"id": id}, scopes=BOTH)
    await relayed(services)
    await erased_event_handled(services, id)
    left = [fields[b"envelope"] for _, fields in await services.stores.redis.xrange(events_stream("customer"))]
    mine = {"Secret Ada", "Secret wallet", "secret gift", "secret favour", id}
    about = [envelope for envelope in left if other.encode() not in envelope and any(text.encode() in envelope for text in mine)]
    assert [b"customer-erased.v1" in envelope for envelope in about] == [True]
    assert len([envelope for envelope in left if b"Secretary" in envelope]) == 2


async def test_the_document_rebuilt_from_events_is_the_one_that_is_read(
    customers: RunningSubgraph, services: CustomerServices
) -> None:
    id = await person(customers)
    await customers.data(ERASE, {"id": id}, scopes=BOTH)
    before = await customers.data(READ, {"id": id}, scopes=BOTH)
    await services.stores.database["customers"].delete_many({})
    [last] = (await services.stores.events.load("ten_a", "Customer", id))[-1:]
    await services.customers.catch_up(last)
    assert await customers.data(READ, {"id": id}, scopes=BOTH) == before


async def test_the_external_id_is_free_again_and_the_erased_customer_is_not_changed(customers: RunningSubgraph) -> None:
    id = await person(customers)
    await customers.data(ERASE, {"id": id}, scopes=BOTH)
    filled = await customers.data(FILL, {"id": id}, scopes=BOTH)
    refused = {name for name, answer in filled.items() if answer["userErrors"]}
    assert refused == {"paymentMethodAttach", "taxIdAdd", "taxExemptionSet", "walletCreate"}
    wallets = "query($id: ID!) { customer(id: $id) { wallets { nodes { id } } } }"
    [wallet] = (await customers.data(wallets, {"id": id}, scopes=BOTH))["customer"]["wallets"]["nodes"]
    topped_up = await customers.data(TOP_UP, {"id": wallet["id"]}, scopes=BOTH)
    assert topped_up["walletTopUp"]["userErrors"] == [{"code": "INVALID_STATE"}]
    entries = (await customers.data(READ, {"id": id}, scopes=BOTH))["customer"]["balances"][0]["entries"]["nodes"]
    assert [entry["description"] for entry in entries] == [None, None]
    assert await person(customers) != id


async def test_an_erasure_reaches_aliases_and_is_refused_for_one(
    customers: RunningSubgraph, services: CustomerServices, flushed_redis: None
) -> None:
    alias, other = await person(customers), await person(customers, externalId="secret-2")
    merge = "mutation($input: CustomerMergeInput!) { customerMerge(input: $input) { userErrors { code } } }"
    merged = await customers.data(merge, {"input": {"id": alias, "intoId": other}}, scopes=BOTH)
    assert merged["customerMerge"]["userErrors"] == []
    data = await customers.data(ERASE, {"id": alias}, scopes=BOTH)
    assert data["customerErase"]["userErrors"] == [{"field": None, "code": "INVALID_STATE"}]
    data = await customers.data(ERASE, {"id": other}, scopes=BOTH)
    assert data["customerErase"]["userErrors"] == []
    await relayed(services)
    for id in (alias, other):
        await erased_event_handled(services, id)
    assert "secret" not in (await everything_stored(services)).lower()
    listed = "{ customers { nodes { id name } } }"
    nodes = (await customers.data(listed, scopes=BOTH))["customers"]["nodes"]
    assert nodes == [{"id": other, "name": "[erased]"}]
    wallets = (await customers.data(READ, {"id": alias}, scopes=BOTH))["customer"]["wallets"]["nodes"]
    assert [wallet["name"] for wallet in wallets] == ["[erased]", "[erased]"]


async def test_an_erasure_waits_for_what_is_open(customers: RunningSubgraph, services: CustomerServices) -> None:
    id = await person(customers)
    opened = {"invoiceId": "inv_1", "customerId": id}
    for handler in event_handlers(services)["invoice-finalized.v1"]:
        await handler(received("invoice-finalized.v1", opened, aggregate_id="inv_1", tenant="ten_a"))
    data = await customers.data(ERASE, {"id": id}, scopes=BOTH)
    assert data["customerErase"]["userErrors"] == [{"field": None, "code": "HAS_OPEN_BILLING"}]
    assert (await customers.data(READ, {"id": id}, scopes=BOTH))["customer"]["name"] == "Secret Ada"
    data = await customers.data(ERASE, {"id": id}, scopes=BOTH, tenant="ten_b")
    assert data["customerErase"]["userErrors"] == [{"field": ["input", "id"], "code": "NOT_FOUND"}]
