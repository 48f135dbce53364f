"""The application as a whole: its paths, and live operations in three protocols, each event completed by other subgraphs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from router.app import create_app
from router.settings import RouterSettings
from tests.testkit.asgi_server import serve
from tests.testkit.router_server import Answer, RunningRouter, run_router
from tests.testkit.websocket import subscribe

RENAMED = "subscription { renamed(times: 2) { name reviews { body } } }"
EVENTS = [
    {"renamed": {"name": "New 1", "reviews": [{"body": "On 1"}]}},
    {"renamed": {"name": "New 2", "reviews": [{"body": "On 2"}]}},
]


@pytest.fixture(scope="module")
async def router(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningRouter]:
    async with run_router(tmp_path_factory.mktemp("router"), development=True, cors_origins=["https://app.test"]) as running:
        yield running


async def get(router: RunningRouter, path: str, **headers: str) -> tuple[int, str, bytes]:
    async with router.session.get(router.url.removesuffix("/graphql") + path, headers=headers) as response:
        return response.status, response.headers["content-type"], await response.read()


# -- paths


async def test_the_process_is_alive(router: RunningRouter) -> None:
    assert await get(router, "/healthz") == (200, "application/json", b'{"status":"ok"}')


async def test_it_is_ready_when_its_subgraphs_are_there(router: RunningRouter) -> None:
    status, _, body = await get(router, "/readyz")
    assert (status, orjson.loads(body)) == (
        200,
        {"status": "ok", "supergraph": "loaded", "subgraphs": {"catalog": "ok", "reviews": "ok"}},
    )


async def test_it_stays_ready_while_a_subgraph_is_away(tmp_path: Path) -> None:
    async with run_router(tmp_path, subgraph_urls={"reviews": "http://127.0.0.1:1/graphql"}) as router:
        status, _, body = await get(router, "/readyz")
        assert (status, orjson.loads(body)) == (
            200,
            {"status": "degraded", "supergraph": "loaded", "subgraphs": {"catalog": "ok", "reviews": "unreachable"}},
        )


async def test_it_is_not_ready_any_more_once_it_stops(tmp_path: Path) -> None:
    async with run_router(tmp_path) as router:
        assert (await get(router, "/readyz"))[0] == 200
        router.app.router.stopping = True
        status, _, body = await get(router, "/readyz")
        assert (status, orjson.loads(body)) == (503, {"status": "stopping"})


async def test_without_a_supergraph_it_lives_and_is_not_ready(tmp_path: Path) -> None:
    app = create_app(RouterSettings(supergraph=tmp_path / "missing.graphql"))
    async with serve(app, lifespan="on") as url, aiohttp.ClientSession() as session:
        async with session.get(f"{url}/healthz") as response:
            assert response.status == 200
        async with session.get(f"{url}/readyz") as response:
            assert (response.status, await response.json()) == (503, {"status": "unavailable", "supergraph": "not loaded"})
        async with session.post(f"{url}/graphql", json={"query": "{ __typename }"}) as response:
            assert (response.status, (await response.json(content_type=None))["errors"][0]["extensions"]["code"]) == (
                503,
                "OVERLOADED",
            )


async def test_metrics_are_prometheus_text(router: RunningRouter) -> None:
    status, content_type, body = await get(router, "/metrics")
    assert (status, content_type) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert b"# TYPE router_requests_total counter" in body


async def test_other_paths_are_not_found(router: RunningRouter) -> None:
    assert (await get(router, "/"))[0] == 404


async def test_probes_are_only_read(router: RunningRouter) -> None:
    async with router.session.post(router.url.replace("/graphql", "/healthz")) as response:
        assert (response.status, response.headers["allow"]) == (405, "GET, HEAD")


async def test_a_browser_is_shown_how_to_ask(router: RunningRouter) -> None:
    status, content_type, body = await get(router, "/graphql", accept="text/html")
    assert (status, content_type) == (200, "text/html; charset=utf-8")
    assert router.url.encode() in body


# -- live operations


async def test_each_event_is_completed_over_a_websocket(router: RunningRouter) -> None:
    router.reviews.requests.clear()
    async with subscribe(router.session, router.url, None, RENAMED) as subscribed:
        assert [await subscribed.data(), await subscribed.data()] == EVENTS
        assert (await subscribed.message())["type"] == "complete"
    assert [request["variables"]["representations"] for request in router.reviews.requests] == [
        [{"__typename": "Product", "upc": "1"}],
        [{"__typename": "Product", "upc": "2"}],
    ]


async def test_each_event_is_completed_over_server_sent_events(router: RunningRouter) -> None:
    response = await router.post(RENAMED, accept="text/event-stream")
    assert response.headers["content-type"].startswith("text/event-stream")
    events = [block for block in response.body.decode().split("\n\n") if block.startswith("event: next")]
    assert [orjson.loads(event.partition("data: ")[2]) for event in events] == [{"data": event} for event in EVENTS]
    assert response.body.endswith(b"event: complete\ndata:\n\n")


async def test_each_event_is_completed_over_multipart(router: RunningRouter) -> None:
    body = {"query": RENAMED}
    headers = {"accept": "multipart/mixed;subscriptionSpec=1.0"}
    payloads = []
    async with router.session.post(router.url, json=body, headers=headers) as response:
        reader = aiohttp.MultipartReader.from_response(response)
        while (part := await reader.next()) is not None:
            payload = orjson.loads(await part.read())  # type: ignore[union-attr]
            if payload:
                payloads.append(payload["payload"])
    assert payloads == [{"data": event} for event in EVENTS]


async def test_an_event_whose_completion_fails_is_answered_in_part(router: RunningRouter) -> None:
    router.reviews.broken = Answer(b"down", status=500)
    try:
        async with subscribe(router.session, router.url, None, RENAMED) as subscribed:
            payload = (await subscribed.message())["payload"]
    finally:
        router.reviews.broken = None
    assert payload["data"] == {"renamed": {"name": "New 1", "reviews": None}}
    assert [error["path"] for error in payload["errors"]] == [["renamed"]]


async def test_a_subscription_is_not_one_answer(router: RunningRouter) -> None:
    response = await router.post(RENAMED)
    assert (response.status, response.codes) == (406, ["SUBSCRIPTION_NOT_ACCEPTABLE"])


async def test_queries_and_refusals_come_over_a_websocket_too(router: RunningRouter) -> None:
    async with subscribe(router.session, router.url, None, "{ best { upc } }") as subscribed:
        assert await subscribed.data() == {"best": {"upc": "1"}}
    async with subscribe(router.session, router.url, None, "{ nothing }") as subscribed:
        message = await subscribed.message()
        assert message["type"] == "error"
        assert message["payload"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize(("origin", "allowed"), [(None, True), ("https://app.test", True), ("https://evil.test", False)])
async def test_pages_of_other_origins_open_no_websocket(router: RunningRouter, origin: str | None, allowed: bool) -> None:
    headers = {"origin": origin} if origin is not None else {}
    try:
        async with router.session.ws_connect(router.url, protocols=["graphql-transport-ws"], headers=headers):
            opened = True
    except aiohttp.WSServerHandshakeError as refusal:
        opened = False
        assert refusal.status == 403
    assert opened is allowed


async def test_there_are_only_so_many_websockets(tmp_path: Path) -> None:
    async with run_router(tmp_path, max_connections=1) as router:
        async with router.session.ws_connect(router.url, protocols=["graphql-transport-ws"]):
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await router.session.ws_connect(router.url, protocols=["graphql-transport-ws"])
        async with asyncio.timeout(5):
            while True:
                try:
                    async with router.session.ws_connect(router.url, protocols=["graphql-transport-ws"]):
                        break
                except aiohttp.WSServerHandshakeError:
                    await asyncio.sleep(0.02)


async def test_stopping_ends_live_operations(tmp_path: Path) -> None:
    message: Any = None
    async with run_router(tmp_path) as router:
        router.catalog.root = {**router.catalog.root, "renamed": _forever}
        async with subscribe(router.session, router.url, None, RENAMED) as subscribed:
            await subscribed.data()
            await router.app.router.registry.close()
            message = await subscribed.message()
    assert message == {"id": "1", "type": "complete"}


async def _forever(info: Any, times: int) -> AsyncIterator[Any]:
    yield {"renamed": {"upc": "1", "name": "New 1"}}
    await asyncio.sleep(3600)
