"""The served supergraph follows its file, without a request being dropped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.errors import Overloaded
from router.http import reload
from router.http.reload import SupergraphWatch
from router.telemetry.metrics import Metrics
from tests.testkit.router_server import RunningRouter, run_router


@pytest.fixture
async def router(tmp_path: Path) -> AsyncIterator[RunningRouter]:
    async with run_router(tmp_path) as running:
        yield running


def renamed(router: RunningRouter) -> str:
    """The supergraph with `best` under another name; the subgraph knows it as `best` still."""
    return router.supergraph.read_text(encoding="utf-8").replace("best: Product", "top: Product")


async def until(router: RunningRouter, query: str, code: str | None) -> None:
    async with asyncio.timeout(10):
        while (await router.post(query)).codes[:1] != ([code] if code else []):
            await asyncio.sleep(0.02)


async def test_a_changed_file_is_served(router: RunningRouter) -> None:
    assert await router.data("{ best { upc } }") == {"best": {"upc": "1"}}
    router.supergraph.write_text(renamed(router), encoding="utf-8")
    await until(router, "{ best { upc } }", "GRAPHQL_VALIDATION_FAILED")
    assert await router.data('{ __type(name: "Query") { fields { name } } }') == {
        "__type": {"fields": [{"name": "products"}, {"name": "product"}, {"name": "top"}]}
    }


@pytest.mark.parametrize("broken", ["", "type Query {", "type Query { a: Int }"])
async def test_a_file_that_is_no_supergraph_keeps_the_old_one(router: RunningRouter, broken: str) -> None:
    good = router.supergraph.read_text(encoding="utf-8")
    reloads = router.app.router.metrics.reloads
    router.supergraph.write_text(broken, encoding="utf-8")
    async with asyncio.timeout(10):
        while not reloads.value("failed"):
            await asyncio.sleep(0.02)
    assert await router.data("{ best { upc } }") == {"best": {"upc": "1"}}
    router.supergraph.write_text(good.replace("best: Product", "top: Product"), encoding="utf-8")
    await until(router, "{ best { upc } }", "GRAPHQL_VALIDATION_FAILED")


async def test_a_file_that_is_away_for_a_moment_keeps_the_old_one(router: RunningRouter) -> None:
    text = router.supergraph.read_text(encoding="utf-8")
    router.supergraph.unlink()
    async with asyncio.timeout(10):
        while not router.app.router.metrics.reloads.value("failed"):
            await asyncio.sleep(0.02)
    assert await router.data("{ best { upc } }") == {"best": {"upc": "1"}}
    router.supergraph.write_text(text, encoding="utf-8")


async def test_a_request_under_way_is_answered_by_the_supergraph_it_began_with(router: RunningRouter) -> None:
    router.reviews.gate = asyncio.Event()
    asked = asyncio.create_task(router.data("{ products(first: 1) { upc reviews { body } } best { upc } }"))
    async with asyncio.timeout(5):
        while not router.reviews.running:
            await asyncio.sleep(0.005)
    router.supergraph.write_text(renamed(router), encoding="utf-8")
    async with asyncio.timeout(10):
        while router.app.router.metrics.reloads.value("loaded") < 2:
            await asyncio.sleep(0.02)
    assert (await router.post("{ best { upc } }")).codes == ["GRAPHQL_VALIDATION_FAILED"]
    router.reviews.gate.set()
    assert await asked == {"products": [{"upc": "1", "reviews": [{"body": "On 1"}]}], "best": {"upc": "1"}}


async def test_no_request_is_dropped_while_the_supergraph_changes(router: RunningRouter) -> None:
    text = router.supergraph.read_text(encoding="utf-8")
    stop = False
    answered = 0

    async def ask() -> None:
        nonlocal answered
        while not stop:
            assert await router.data("{ products(first: 1) { name } }") == {"products": [{"name": "Product 1"}]}
            answered += 1

    clients = [asyncio.create_task(ask()) for _ in range(4)]
    loaded = router.app.router.metrics.reloads
    for number in range(5):
        router.supergraph.write_text(f"{text}\n# {number}\n", encoding="utf-8")
        async with asyncio.timeout(10):
            while loaded.value("loaded") < number + 2:
                await asyncio.sleep(0.01)
    stop = True
    await asyncio.gather(*clients)
    assert answered > 10


async def test_a_signal_loads_at_once(tmp_path: Path) -> None:
    async with run_router(tmp_path, supergraph_poll_seconds=3600) as router:
        router.supergraph.write_text(renamed(router), encoding="utf-8")
        router.app.router.watch.wake()
        await until(router, "{ best { upc } }", "GRAPHQL_VALIDATION_FAILED")


async def test_a_file_that_could_not_be_looked_at_for_want_of_time_is_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "supergraph.graphql"
    path.write_text("text", encoding="utf-8")
    tried: list[str] = []

    async def load(text: str) -> None:
        tried.append(text)
        if len(tried) == 1:
            raise Overloaded("Too many new operations are waiting to be planned.")

    watch = SupergraphWatch(path, load, poll_seconds=3600, metrics=Metrics())
    assert [await watch.refresh() for _ in range(3)] == [False, True, True]
    assert tried == ["text", "text"]


async def test_a_failure_is_told_once_per_change_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, metrics = tmp_path / "supergraph.graphql", Metrics()
    told: list[str] = []
    monkeypatch.setattr(reload.log, "error", lambda _event, **fields: told.append(fields["error"]), raising=False)

    async def load(text: str) -> None:
        if text != "good":
            raise ValueError(text)

    async def poll() -> list[str]:
        told.clear()
        for _ in range(3):
            await watch.refresh()
        return list(told)

    watch = SupergraphWatch(path, load, poll_seconds=3600, metrics=metrics)
    missing = [f"[Errno 2] No such file or directory: '{path}'"]
    assert await poll() == missing
    path.write_text("broken", encoding="utf-8")
    assert await poll() == ["broken"]
    path.write_text("good", encoding="utf-8")
    assert await poll() == []
    for _ in range(2):
        away = path.rename(tmp_path / "away")
        assert await poll() == missing
        away.rename(path)
        assert await poll() == []
    path.unlink()
    assert await poll() == missing
    await watch.refresh(force=True)
    assert told == missing * 2
    assert (metrics.reloads.value("failed"), metrics.reloads.value("loaded")) == (6, 1)
