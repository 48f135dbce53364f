"""Subscription events: the subgraph's payload, completed from other subgraphs."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from graphql import OperationType

from router.execute.executor import RequestContext
from router.plan.nodes import SubscriptionPlan
from tests.testkit.executing import MemoryTransport, entities, executor, fetch, path, prepared, requires

SDL = """
type Query { me: Int }
type Subscription { paid: Invoice! }
type Invoice { id: ID!, customer: Customer }
type Customer { id: ID!, name: String }
"""
SOURCE = fetch("invoice", "subscription($c:ID){paid(customer:$c){id customer{__typename id}}}", variables=("c",))
REST = entities("customer", path("paid", "customer"), requires("Customer", "id"), "...on Customer{name}")
OPERATION = prepared(SDL, "subscription { paid { id customer { name } } }", SubscriptionPlan(SOURCE, REST))
PAID = {"paid": {"id": "i1", "customer": {"__typename": "Customer", "id": "c1"}}}


def test_the_event_source_is_the_plans_primary_fetch() -> None:
    assert OPERATION.operation_type is OperationType.SUBSCRIPTION
    assert OPERATION.subscription_fetch == SOURCE


@pytest.mark.parametrize(
    ("payload", "data", "errors"),
    [
        ({"data": PAID}, {"paid": {"id": "i1", "customer": {"name": "Ann"}}}, None),
        (
            {"data": {"paid": {"id": "i1", "customer": None}}, "errors": [{"message": "x", "path": ["paid", "customer"]}]},
            {"paid": {"id": "i1", "customer": None}},
            [(["paid", "customer"], "x")],
        ),
        ({"data": None, "errors": [{"message": "denied"}]}, None, [(["paid"], "denied")]),
        ({"nothing": 1}, None, [(["paid"], "HTTP fetch failed from 'invoice': the answer has neither data nor errors")]),
    ],
)
async def test_each_event_is_answered(payload: Any, data: Any, errors: Any) -> None:
    transport = MemoryTransport({"invoice": None, "customer": {"data": {"_entities": [{"name": "Ann"}]}}})
    result = await executor(transport).execute_event(OPERATION, deepcopy(payload), {}, RequestContext())
    assert result.data == data
    assert (result.errors and [(e["path"], e["message"]) for e in result.errors]) == errors


async def test_events_do_not_see_each_other() -> None:
    transport = MemoryTransport({"customer": {"data": {"_entities": [{"name": "Ann"}]}}})
    running = executor(transport)
    first = await running.execute_event(OPERATION, deepcopy({"data": PAID}), {}, RequestContext())
    second = await running.execute_event(OPERATION, {"data": {"paid": {"id": "i2"}}}, {}, RequestContext())
    assert first.data == {"paid": {"id": "i1", "customer": {"name": "Ann"}}}
    assert second.data == {"paid": {"id": "i2", "customer": None}}


async def test_a_query_has_no_events() -> None:
    query = prepared(SDL, "{ me }", fetch("invoice", "{me}"))
    with pytest.raises(ValueError, match="not a subscription"):
        await executor(MemoryTransport({})).execute_event(query, {}, {}, RequestContext())
