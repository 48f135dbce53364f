"""Every commit of every subgraph becomes one entry, kept within its tenant."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis

from subgraphs.auth.app import create_app
from subgraphs.auth.audit_log import audit_entry
from subgraphs.auth.settings import AuthSettings
from subgraphs.auth.worker import AUDITED, main
from subgraphs.kit.messaging.envelope import Envelope, PublicEvent, events_stream
from tests.testkit.memory import AT
from tests.testkit.subgraph import RunningSubgraph, run_subgraph

ENTRIES = """
query($where: AuditEntryWhereInput, $first: Int, $after: String) {
  auditEntries(where: $where, first: $first, after: $after) {
    nodes { at actor requestId reason entityType entityId entityVersion streamId eventTypes client { name } }
    pageInfo { hasNextPage endCursor }
  }
}"""
CREATE = """
mutation { oauthClientCreate(input: {name: "Back office", scopes: ["plans:read"]}) { oauthClient { id createdAt } clientSecret } }
"""


def envelope(number: int = 1, *, tenant: str = "ten_a", actor: str = "client-1", kind: str = "Customer", **more: Any) -> Envelope:
    """Return the envelope of the first commit of one aggregate."""
    id = f"{kind.lower()}_{number}"
    values: dict[str, Any] = {
        "commit_id": f"{tenant}/{kind}/{id}/0000000001",
        "tenant": tenant,
        "kind": kind,
        "aggregate_id": id,
        "version": 1,
        "at": AT + timedelta(minutes=number),
        "actor": actor,
        "request_id": f"req_{number}",
        "reason": None,
        "changes": (f"{kind}Created",),
        "events": (),
    }
    return Envelope(**values | more)


class Audit:
    def __init__(self, subgraph: RunningSubgraph, redis: Redis) -> None:
        self.subgraph, self.redis = subgraph, redis

    async def send(self, *envelopes: Envelope, source: str = "customer") -> None:
        for one in envelopes:
            await self.redis.xadd(events_stream(source), {"envelope": msgspec.json.encode(one)})

    async def entries(self, tenant: str = "ten_a", **variables: Any) -> dict[str, Any]:
        data = await self.subgraph.data(ENTRIES, variables, scopes="audit:read clients:read", tenant=tenant)
        found: dict[str, Any] = data["auditEntries"]
        return found

    async def ids(self, tenant: str = "ten_a", **where: Any) -> list[str]:
        return [node["entityId"] for node in (await self.entries(tenant, where=where))["nodes"]]

    async def until(self, reached: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(20):
            while not await reached():
                await asyncio.sleep(0.05)

    async def count(self, wanted: int, tenant: str = "ten_a") -> None:
        async def reached() -> bool:
            return len(await self.ids(tenant)) >= wanted

        await self.until(reached)


@pytest.fixture
async def audit(auth_settings: AuthSettings, flushed_redis: None) -> AsyncIterator[Audit]:
    """The subgraph with its worker running."""
    stop = asyncio.Event()
    client: Redis = Redis.from_url(auth_settings.redis_url.get_secret_value())
    async with contextlib.aclosing(client), run_subgraph(create_app, auth_settings) as running:
        worker = asyncio.create_task(main(stop, auth_settings))
        try:
            yield Audit(running, client)
        finally:
            stop.set()
            await asyncio.wait_for(worker, 20)


async def test_an_entry_is_the_same_whenever_it_is_made(audit: Audit) -> None:
    assert audit_entry(envelope()).model_dump() == audit_entry(envelope()).model_dump()
    assert audit_entry(envelope(1)).id != audit_entry(envelope(1, kind="Plan")).id
    assert audit_entry(envelope(1)).id < audit_entry(envelope(2)).id < audit_entry(envelope(3)).id


async def test_commits_of_all_five_subgraphs_are_recorded(audit: Audit) -> None:
    assert sorted(AUDITED) == ["auth", "customer", "invoice", "plan", "subscription"]
    for number, source in enumerate(AUDITED):
        await audit.send(envelope(number, kind=source.title()), source=source)
    await audit.count(5)
    newest_first = [f"{source}_{number}" for number, source in reversed(list(enumerate(AUDITED)))]
    assert await audit.ids() == newest_first


async def test_an_entry_says_who_did_what_when_and_why(audit: Audit) -> None:
    await audit.send(envelope(7, actor="system:billing", reason="event x", changes=("InvoiceDrafted", "InvoiceFinalized")))
    await audit.count(1)
    assert (await audit.entries())["nodes"] == [
        {
            "at": "2026-01-31T12:07:00.123Z",
            "actor": "system:billing",
            "requestId": "req_7",
            "reason": "event x",
            "entityType": "Customer",
            "entityId": "customer_7",
            "entityVersion": 1,
            "streamId": "ten_a/Customer/customer_7",
            "eventTypes": ["InvoiceDrafted", "InvoiceFinalized"],
            "client": None,
        }
    ]


async def test_what_is_delivered_twice_is_one_entry_and_tenants_are_apart(audit: Audit) -> None:
    await audit.send(envelope(1), envelope(1), envelope(2, tenant="ten_b"), envelope(3))
    await audit.count(2)
    await audit.count(1, "ten_b")
    assert await audit.ids() == ["customer_3", "customer_1"]
    assert await audit.ids("ten_b") == ["customer_2"]
    assert await audit.ids("ten_c") == []


async def test_entries_are_found_by_entity_client_and_time(audit: Audit) -> None:
    await audit.send(envelope(1), envelope(2, actor="cli_2"), envelope(3, actor="system:billing"), envelope(4, actor="cli_2"))
    await audit.count(4)
    assert await audit.ids(entityId="customer_3") == ["customer_3"]
    assert await audit.ids(clientId="cli_2") == ["customer_4", "customer_2"]
    assert await audit.ids(clientId="system:billing") == []
    second, fourth = ((AT + timedelta(minutes=number)).isoformat() for number in (2, 4))
    assert await audit.ids(**{"from": second, "to": fourth}) == ["customer_3", "customer_2"]
    assert await audit.ids(to=second) == ["customer_1"]
    assert await audit.ids(**{"clientId": "cli_2", "from": fourth}) == ["customer_4"]
    variables = {"where": {"from": fourth, "to": second}}
    answer = await audit.subgraph.graphql(ENTRIES, variables, scopes="audit:read clients:read")
    assert answer["errors"][0]["extensions"]["code"] == "INVALID_INPUT"


async def test_entries_are_walked_by_pages(audit: Audit) -> None:
    await audit.send(*(envelope(number) for number in range(1, 6)))
    await audit.count(5)
    page = await audit.entries(first=3)
    assert [node["entityId"] for node in page["nodes"]] == ["customer_5", "customer_4", "customer_3"]
    rest = await audit.entries(first=3, after=page["pageInfo"]["endCursor"])
    assert [node["entityId"] for node in rest["nodes"]] == ["customer_2", "customer_1"]
    assert rest["pageInfo"]["hasNextPage"] is False


async def test_what_other_subgraphs_own_has_a_history(audit: Audit) -> None:
    await audit.send(
        envelope(1),
        envelope(1, commit_id="ten_a/Customer/customer_1/0000000002", version=2, reason="moved", changes=("CustomerChanged",)),
        envelope(2),
    )
    await audit.send(envelope(1, kind="Invoice"), source="invoice")
    await audit.send(envelope(1, kind="Product"), envelope(1, kind="Feature"), source="plan")
    await audit.count(6)
    found = await audit.subgraph.data(
        """query($r: [_Any!]!) { _entities(representations: $r) {
          ... on Customer { history(first: 1) { ...changes } } ... on Invoice { history { ...changes } }
          ... on Product { history { ...changes } } ... on Feature { history { ...changes } }
        } }
        fragment changes on AuditEntryConnection {
          nodes { entityId entityVersion reason eventTypes } pageInfo { hasNextPage }
        }""",
        {"r": [{"__typename": name, "id": f"{name.lower()}_1"} for name in ("Customer", "Invoice", "Product", "Feature")]},
        scopes="audit:read",
    )
    customer, invoice, product, feature = [entity["history"] for entity in found["_entities"]]
    created = {"entityVersion": 1, "reason": None}
    assert customer["pageInfo"] == {"hasNextPage": True}
    assert [node["entityId"] for node in customer["nodes"]] == ["customer_1"]
    assert invoice["nodes"] == [{"entityId": "invoice_1", **created, "eventTypes": ["InvoiceCreated"]}]
    assert product["nodes"] == [{"entityId": "product_1", **created, "eventTypes": ["ProductCreated"]}]
    assert feature["nodes"] == [{"entityId": "feature_1", **created, "eventTypes": ["FeatureCreated"]}]


async def test_what_the_subgraph_does_itself_is_recorded_without_secrets(audit: Audit) -> None:
    before = datetime.now(UTC)
    scopes = "clients:write clients:read plans:read"
    status, answer = await audit.subgraph.send(
        CREATE, token=audit.subgraph.token(scopes, client_id="cli_admin"), **{"x-request-id": "req-from-outside"}
    )
    assert status == 200
    made = answer["data"]["oauthClientCreate"]
    await audit.count(1)
    (entry,) = (await audit.entries())["nodes"]
    assert datetime.fromisoformat(entry.pop("at")) >= before - timedelta(seconds=1)
    assert entry == {
        "actor": "cli_admin",
        "requestId": "req-from-outside",
        "reason": None,
        "entityType": "OAuthClient",
        "entityId": made["oauthClient"]["id"],
        "entityVersion": 1,
        "streamId": f"ten_a/OAuthClient/{made['oauthClient']['id']}",
        "eventTypes": ["OAuthClientCreated"],
        "client": None,
    }
    ((_, fields),) = [
        entry for entry in await audit.redis.xrange(events_stream("auth")) if b"req-from-outside" in entry[1][b"envelope"]
    ]
    sent = fields[b"envelope"].decode()
    assert "oauth-client-created.v1" in sent
    assert "secret" not in sent
    assert made["clientSecret"] not in sent


async def test_the_start_of_the_installation_is_recorded_too(audit: Audit) -> None:
    await audit.count(2, "operator")
    entries = (await audit.entries("operator"))["nodes"]
    assert {(entry["actor"], *entry["eventTypes"]) for entry in entries} == {
        ("system:bootstrap", "TenantCreated"),
        ("system:bootstrap", "OAuthClientCreated"),
    }


async def test_reasons_about_a_customer_are_forgotten_when_the_customer_is(audit: Audit) -> None:
    ada = {"aggregate_id": "cus_ada"}
    billed = PublicEvent(
        id="x#0", type="invoice-voided.v1", sequence=1, occurred_at=AT, data={"invoiceId": "inv_1", "customerId": "cus_ada"}
    )
    opened = PublicEvent(
        id="w#0", type="wallet-opened.v1", sequence=1, occurred_at=AT, data={"walletId": "wal_1", "customerId": "cus_ada"}
    )
    await audit.send(
        envelope(1, reason="Ada moved", **ada),
        envelope(2, kind="Invoice", reason="Ada complained", events=(billed,)),
        envelope(3, reason="Bob moved"),
        envelope(4, reason="Ada asked for it", changes=("CustomerErased",), **ada),
        envelope(5, kind="Invoice", reason="Ada again, told late", events=(billed,)),
        envelope(6, kind="Wallet", aggregate_id="wal_1", events=(opened,)),
    )
    await audit.count(6)
    await audit.send(envelope(7, kind="Wallet", aggregate_id="wal_1", reason="Ada wants another name for it"))
    await audit.count(7)

    async def forgotten() -> bool:
        reasons = [entry["reason"] for entry in (await audit.entries())["nodes"]]
        return reasons == [None, None, None, None, "Bob moved", None, None]

    await audit.until(forgotten)
