"""Every write can be repeated safely, in every subgraph, and over HTTP in one of them."""

import asyncio
from collections.abc import AsyncIterator
from importlib import import_module
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLSchema, get_named_type

from subgraphs.customer.app import create_app
from subgraphs.customer.sealed_events import SealedEventLog
from subgraphs.kit.graphql import writes
from subgraphs.kit.persistence.event_store import MongoEventStore
from subgraphs.kit.persistence.repository import AggregateRepository
from subgraphs.kit.settings import Settings
from tests.testkit.payments import Crash
from tests.testkit.subgraph import RunningSubgraph, run_subgraph

BOTH = "customers:read customers:write"
CREATE = """
mutation($input: CustomerCreateInput!) {
  customerCreate(input: $input) { customer { id name createdAt email } userErrors { field code message } }
}"""
UPDATE = """
mutation($input: CustomerUpdateInput!) { customerUpdate(input: $input) { customer { name } userErrors { field code } } }"""
NAMES = "{ customers(first: 100) { nodes { name } } }"


@pytest.fixture
async def customers(settings: Settings) -> AsyncIterator[RunningSubgraph]:
    async with run_subgraph(create_app, settings) as running:
        yield running


async def create(customers: RunningSubgraph, key: str | None, name: str = "Ada", **more: Any) -> dict[str, Any]:
    tenant = more.pop("tenant", "ten_a")
    input = {"name": name, "currencyCode": "EUR", "idempotencyKey": key, **more}
    payload: dict[str, Any] = (await customers.data(CREATE, {"input": input}, scopes=BOTH, tenant=tenant))["customerCreate"]
    return payload


async def names(customers: RunningSubgraph, tenant: str = "ten_a") -> list[str]:
    found = await customers.data(NAMES, scopes=BOTH, tenant=tenant)
    return [node["name"] for node in found["customers"]["nodes"]]


@pytest.mark.parametrize("name", ["customer", "plan", "subscription", "invoice", "auth"])
def test_every_mutation_takes_a_key_and_a_reason(name: str) -> None:
    schema: GraphQLSchema = import_module(f"subgraphs.{name}.schema").schema._schema
    assert schema.mutation_type is not None
    for field in schema.mutation_type.fields.values():
        [argument] = field.args.values()
        input = get_named_type(argument.type)
        assert isinstance(input, GraphQLInputObjectType)
        assert {"idempotencyKey", "reason"} <= set(input.fields), input.name


async def test_a_repeated_write_gets_the_same_answer_and_changes_nothing(customers: RunningSubgraph) -> None:
    first = await create(customers, "key-1")
    assert first["userErrors"] == []
    assert await create(customers, "key-1") == first
    assert await names(customers) == ["Ada"]


async def test_a_repeated_write_gets_the_answer_of_then_not_of_now(customers: RunningSubgraph) -> None:
    first = await create(customers, "key-1")
    await customers.data(UPDATE, {"input": {"id": first["customer"]["id"], "name": "Bob"}}, scopes=BOTH)
    assert await create(customers, "key-1") == first


async def test_the_reason_of_a_write_is_kept_with_its_change(customers: RunningSubgraph, monkeypatch: pytest.MonkeyPatch) -> None:
    append, reasons = SealedEventLog.append, []

    async def noting(self: SealedEventLog, commit: Any) -> None:
        reasons.append(commit.context.reason)
        await append(self, commit)

    monkeypatch.setattr(SealedEventLog, "append", noting)
    for reason in ("asked by phone", None, "r" * 500):
        assert (await create(customers, None, reason=reason))["userErrors"] == []
    assert reasons == ["asked by phone", None, "r" * 500]
    refused = (await create(customers, None, reason="r" * 501))["userErrors"]
    assert [(error["code"], error["field"]) for error in refused] == [("INVALID_INPUT", ["input", "reason"])]
    assert await names(customers) == ["Ada"] * 3


async def test_without_a_key_each_request_is_a_change_of_its_own(customers: RunningSubgraph) -> None:
    assert (await create(customers, None))["customer"]["id"] != (await create(customers, None))["customer"]["id"]


async def test_the_same_key_with_another_input_is_refused(customers: RunningSubgraph) -> None:
    await create(customers, "key-1")
    for more in ({"name": "Bob"}, {"email": "a@b.example"}, {"externalId": "1"}):
        refused = await create(customers, "key-1", **more)
        assert refused["customer"] is None
        assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [
            ("IDEMPOTENCY_KEY_REUSED", ["input", "idempotencyKey"])
        ]
    assert await names(customers) == ["Ada"]


async def test_requests_at_the_same_time_are_one_execution_with_one_answer(customers: RunningSubgraph) -> None:
    answers = await asyncio.gather(*(create(customers, "key-1") for _ in range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert await names(customers) == ["Ada"]


async def test_a_key_belongs_to_a_tenant_and_a_mutation(customers: RunningSubgraph) -> None:
    first = await create(customers, "key-1")
    other = await create(customers, "key-1", tenant="ten_b")
    assert other["customer"]["id"] != first["customer"]["id"]
    update = {"id": first["customer"]["id"], "name": "Bob", "idempotencyKey": "key-1"}
    changed = await customers.data(UPDATE, {"input": update}, scopes=BOTH)
    assert changed["customerUpdate"] == {"customer": {"name": "Bob"}, "userErrors": []}


async def test_a_refused_write_does_not_use_up_its_key(customers: RunningSubgraph) -> None:
    refused = await create(customers, "key-1", " ")
    assert [error["field"] for error in refused["userErrors"]] == [["input", "name"]]
    assert (await create(customers, "key-1", "Ada"))["userErrors"] == []


@pytest.mark.parametrize("key", ["", "x" * 256, "a\nb"])
async def test_a_malformed_key_is_refused(customers: RunningSubgraph, key: str) -> None:
    refused = await create(customers, key)
    assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [
        ("INVALID_INPUT", ["input", "idempotencyKey"])
    ]


async def test_a_write_that_takes_too_long_asks_to_come_again(
    customers: RunningSubgraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writes, "WAIT_SECONDS", 0.05)
    append, begun, may_go_on = MongoEventStore.append, asyncio.Event(), asyncio.Event()

    async def slow(self: MongoEventStore, commit: Any) -> None:
        begun.set()
        await may_go_on.wait()
        await append(self, commit)

    monkeypatch.setattr(MongoEventStore, "append", slow)
    first = asyncio.create_task(create(customers, "key-1"))
    async with asyncio.timeout(10):
        await begun.wait()
    busy = await create(customers, "key-1")
    assert [error["code"] for error in busy["userErrors"]] == ["IDEMPOTENCY_KEY_IN_USE"]
    may_go_on.set()
    assert (await first)["userErrors"] == []
    assert await create(customers, "key-1") == await first


@pytest.mark.parametrize("after", ["append", "projection"])
async def test_a_write_that_was_interrupted_is_finished_by_its_repetition(
    customers: RunningSubgraph, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    save = AggregateRepository._save

    async def interrupted(self: Any, aggregate: Any, context: Any) -> None:
        if after == "projection":
            await save(self, aggregate, context)
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(AggregateRepository, "_save", interrupted)
        input = {"name": "Ada", "currencyCode": "EUR", "externalId": "crm-1", "idempotencyKey": "key-1"}
        answer = await customers.graphql(CREATE, {"input": input}, scopes=BOTH)
        assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    done = await create(customers, "key-1", externalId="crm-1")
    assert (done["customer"]["name"], done["userErrors"]) == ("Ada", [])
    assert await names(customers) == ["Ada"]
