"""An alias over HTTP: reads are redirected, writes are refused; what is open is known from other subgraphs' events."""

from collections.abc import AsyncIterator

import pytest

from subgraphs.customer.app import create_app
from subgraphs.customer.bootstrap import open_services
from subgraphs.customer.services import CustomerServices
from subgraphs.customer.worker import event_handlers
from subgraphs.kit.settings import Settings
from tests.testkit.received import received
from tests.testkit.subgraph import RunningSubgraph, run_subgraph

BOTH = "customers:read customers:write"
CREATE = "mutation($input: CustomerCreateInput!) { customerCreate(input: $input) { customer { id } } }"
MERGE = """
mutation($input: CustomerMergeInput!) { customerMerge(input: $input) { customer { id name } userErrors { field code } } }"""
READ = "query($id: ID!) { customer(id: $id) { id name status mergedCustomers { id name status } } }"
ENTITIES = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Customer { name } } }"
LIST = "query($where: CustomerWhereInput) { customers(where: $where) { nodes { name } } }"


@pytest.fixture
async def customers(settings: Settings) -> AsyncIterator[RunningSubgraph]:
    async with run_subgraph(create_app, settings) as running:
        yield running


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[CustomerServices]:
    async with open_services(settings) as services:
        yield services


async def create(customers: RunningSubgraph, name: str) -> str:
    input = {"name": name, "currencyCode": "EUR", "externalId": f"crm-{name}"}
    data = await customers.data(CREATE, {"input": input}, scopes=BOTH)
    id: str = data["customerCreate"]["customer"]["id"]
    return id


async def test_reads_of_an_alias_give_the_other_customer(customers: RunningSubgraph) -> None:
    alias, other = await create(customers, "Alias"), await create(customers, "Other")
    data = await customers.data(MERGE, {"input": {"id": alias, "intoId": other}}, scopes=BOTH)
    assert data["customerMerge"] == {"customer": {"id": other, "name": "Other"}, "userErrors": []}
    for id in (alias, other):
        assert (await customers.data(READ, {"id": id}, scopes=BOTH))["customer"] == {
            "id": other,
            "name": "Other",
            "status": "ACTIVE",
            "mergedCustomers": [{"id": alias, "name": "Alias", "status": "MERGED"}],
        }
    representations = [{"__typename": "Customer", "id": id} for id in (alias, other)]
    entities = await customers.data(ENTITIES, {"r": representations}, scopes=BOTH)
    assert entities["_entities"] == [{"name": "Other"}, {"name": "Other"}]
    for where, names in (
        (None, ["Other"]),
        ({"externalId": "crm-Alias"}, ["Other"]),
        ({"status": "MERGED"}, ["Alias"]),
    ):
        nodes = (await customers.data(LIST, {"where": where}, scopes=BOTH))["customers"]["nodes"]
        assert [node["name"] for node in nodes] == names
    update = "mutation($input: CustomerUpdateInput!) { customerUpdate(input: $input) { userErrors { code } } }"
    data = await customers.data(update, {"input": {"id": alias, "name": "x"}}, scopes=BOTH)
    assert data["customerUpdate"]["userErrors"] == [{"code": "INVALID_STATE"}]


async def test_another_tenants_customer_is_no_target(customers: RunningSubgraph) -> None:
    alias, other = await create(customers, "Alias"), await create(customers, "Other")
    data = await customers.data(MERGE, {"input": {"id": alias, "intoId": other}}, scopes=BOTH, tenant="ten_b")
    assert data["customerMerge"]["userErrors"] == [{"field": ["input", "id"], "code": "NOT_FOUND"}]


@pytest.mark.parametrize(
    ("opening", "closing", "id_field"),
    [
        ("plan-subscription-started.v1", "plan-subscription-canceled.v1", "planSubscriptionId"),
        ("plan-subscription-started.v1", "plan-subscription-expired.v1", "planSubscriptionId"),
        ("invoice-drafted.v1", "invoice-voided.v1", "invoiceId"),
        ("invoice-finalized.v1", "invoice-paid.v1", "invoiceId"),
        ("invoice-finalized.v1", "invoice-marked-uncollectible.v1", "invoiceId"),
    ],
)
async def test_what_is_open_is_followed_in_any_order(
    customers: RunningSubgraph, services: CustomerServices, opening: str, closing: str, id_field: str
) -> None:
    alias, other = await create(customers, "Alias"), await create(customers, "Other")
    handlers = event_handlers(services)

    async def happened(type: str, id: str, sequence: int) -> None:
        data = {id_field: id, "customerId": alias}
        for handler in handlers[type]:
            await handler(received(type, data, aggregate_id=id, sequence=sequence, tenant="ten_a"))

    await happened(closing, "late", 2)
    await happened(opening, "late", 1)  # came after what it comes before
    await happened(opening, "open", 1)
    assert await services.merge.open_ids("ten_a", alias) == ["open"]
    data = await customers.data(MERGE, {"input": {"id": alias, "intoId": other}}, scopes=BOTH)
    assert data["customerMerge"] == {"customer": None, "userErrors": [{"field": None, "code": "HAS_OPEN_BILLING"}]}
    await happened(closing, "open", 2)
    data = await customers.data(MERGE, {"input": {"id": alias, "intoId": other}}, scopes=BOTH)
    assert data["customerMerge"]["userErrors"] == []


async def test_what_a_voided_invoice_gives_back_to_an_alias_moves_on(
    customers: RunningSubgraph, services: CustomerServices
) -> None:
    alias, other = await create(customers, "Alias"), await create(customers, "Other")
    adjust = "mutation($input: CustomerBalanceAdjustInput!) { customerBalanceAdjust(input: $input) { userErrors { code } } }"
    amount = {"minorUnits": "500", "currencyCode": "EUR"}
    await customers.data(adjust, {"input": {"customerId": alias, "amount": amount}}, scopes=BOTH)

    async def happened(type: str, sequence: int) -> None:
        data = {"invoiceId": "inv_1", "customerId": alias, "currency": "EUR", "amountMinor": 300}
        for handler in event_handlers(services)[type]:
            await handler(received(type, data, aggregate_id="inv_1", sequence=sequence, tenant="ten_a"))

    await happened("invoice-credit-requested.v1", 1)
    await customers.data(MERGE, {"input": {"id": alias, "intoId": other}}, scopes=BOTH)
    balances = "query($id: ID!) { customer(id: $id) { balances { amount { minorUnits } } } }"
    assert (await customers.data(balances, {"id": alias}, scopes=BOTH))["customer"]["balances"] == [
        {"amount": {"minorUnits": "200"}}
    ]
    for _ in range(2):
        await happened("invoice-voided.v1", 2)
    assert (await customers.data(balances, {"id": alias}, scopes=BOTH))["customer"]["balances"] == [
        {"amount": {"minorUnits": "500"}}  # 500 - 300, moved, + 300 that came back
    ]


async def test_a_merge_that_a_crash_left_half_done_is_completed_by_its_event(
    customers: RunningSubgraph, services: CustomerServices
) -> None:
    alias, other = await create(customers, "Alias"), await create(customers, "Other")
    adjust = "mutation($input: CustomerBalanceAdjustInput!) { customerBalanceAdjust(input: $input) { userErrors { code } } }"
    amount = {"minorUnits": "500", "currencyCode": "EUR"}
    await customers.data(adjust, {"input": {"customerId": alias, "amount": amount}}, scopes=BOTH)
    target = await services.customers.get("ten_a", other)
    event = received("customer-merged.v1", {"customerId": alias, "intoCustomerId": other}, aggregate_id=alias, tenant="ten_a")
    by = event.context("client_1")
    await services.customers.update(alias, by, lambda found: found.merge_into(target, by))
    for _ in range(2):
        for handler in event_handlers(services)["customer-merged.v1"]:
            await handler(event)
    balances = "query($id: ID!) { customer(id: $id) { mergedCustomers { id } balances { amount { minorUnits } } } }"
    customer = (await customers.data(balances, {"id": alias}, scopes=BOTH))["customer"]
    assert customer == {"mergedCustomers": [{"id": alias}], "balances": [{"amount": {"minorUnits": "500"}}]}
