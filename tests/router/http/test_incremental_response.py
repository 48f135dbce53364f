"""`@defer` over multipart/mixed, part by part as the bytes come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest

from router.errors import ClientGone
from router.http.incremental_response import only_part, send_parts
from tests.testkit.router_server import RunningRouter, run_router

QUERY = '{ products(first: 1) { upc ... @defer(label: "said") { reviews { body } } } }'
ACCEPT = {"accept": "multipart/mixed, application/json"}


@pytest.fixture
async def router(tmp_path: Any) -> AsyncIterator[RunningRouter]:
    async with run_router(tmp_path) as running:
        yield running


async def test_parts_are_sent_as_they_are_ready(router: RunningRouter) -> None:
    router.reviews.gate = asyncio.Event()
    async with router.session.post(router.url, json={"query": QUERY}, headers=ACCEPT) as response:
        assert (response.status, response.headers["content-type"]) == (200, 'multipart/mixed; boundary="-"')
        # The delimiter that ends the first part is there while the second is still fetched.
        first = await _until(response, b"\r\n---", 2)
        assert first == (
            b"\r\n---\r\ncontent-type: application/json; charset=utf-8\r\n\r\n"
            b'{"data":{"products":[{"upc":"1"}]},"pending":[{"id":"0","path":["products",0],"label":"said"}],"hasNext":true}'
            b"\r\n---"
        )
        router.reviews.gate.set()
        assert await response.content.read() == (
            b"\r\ncontent-type: application/json; charset=utf-8\r\n\r\n"
            b'{"incremental":[{"id":"0","data":{"reviews":[{"body":"On 1"}]}}],"completed":[{"id":"0"}],"hasNext":false}'
            b"\r\n-----\r\n"
        )


async def test_a_multipart_reader_reads_it(router: RunningRouter) -> None:
    async with router.session.post(router.url, json={"query": QUERY}, headers=ACCEPT) as response:
        reader = aiohttp.MultipartReader.from_response(response)
        parts = []
        while (part := await reader.next()) is not None:
            parts.append(orjson.loads(await part.read()))  # type: ignore[union-attr]
    assert [part["hasNext"] for part in parts] == [True, False]


@pytest.mark.parametrize("accept", ["multipart/mixed;deferSpec=20220824", 'multipart/mixed; deferSpec="20220824", */*'])
async def test_the_draft_s_format_is_sent_to_who_asks_for_it(router: RunningRouter, accept: str) -> None:
    response = await router.post(QUERY, accept=accept)
    assert response.headers["content-type"] == 'multipart/mixed; boundary="-"; deferSpec=20220824'
    assert [orjson.loads(part.partition(b"\r\n\r\n")[2]) for part in response.body.split(b"\r\n---")[1:-1]] == [
        {"data": {"products": [{"upc": "1"}]}, "hasNext": True},
        {
            "incremental": [{"data": {"reviews": [{"body": "On 1"}]}, "path": ["products", 0], "label": "said"}],
            "hasNext": False,
        },
    ]


async def test_an_operation_that_defers_nothing_is_one_part(router: RunningRouter) -> None:
    response = await router.post("{ best { upc } }", accept="multipart/mixed;deferSpec=20220824")
    assert response.body == (
        b"\r\n---\r\ncontent-type: application/json; charset=utf-8\r\n\r\n"
        b'{"data":{"best":{"upc":"1"}},"hasNext":false}\r\n-----\r\n'
    )


async def test_who_takes_one_answer_gets_all_at_once(router: RunningRouter) -> None:
    assert await router.data(QUERY) == {"products": [{"upc": "1", "reviews": [{"body": "On 1"}]}]}


async def test_subgraphs_never_see_the_directive(router: RunningRouter) -> None:
    await router.post(QUERY, accept="multipart/mixed")
    assert not any("defer" in request["query"] for request in router.catalog.requests + router.reviews.requests)


async def test_invalid_variables_are_one_part(router: RunningRouter) -> None:
    query = "query($n: Int!) { products(first: $n) { upc ... @defer { reviews { id } } } }"
    response = await router.post(query, accept="multipart/mixed", variables={"n": "x"})
    assert response.body.count(b"BAD_USER_INPUT") == 1
    assert b"hasNext" not in response.body
    assert router.catalog.requests == []


async def test_a_client_that_leaves_ends_the_fetches(router: RunningRouter) -> None:
    router.reviews.gate = asyncio.Event()
    async with router.session.post(router.url, json={"query": QUERY}, headers=ACCEPT) as response:
        await _until(response, b"\r\n---", 2)
        response.close()
    async with asyncio.timeout(5):
        while not router.reviews.cancelled:
            await asyncio.sleep(0.01)
    assert router.reviews.running == 0


async def _until(response: aiohttp.ClientResponse, mark: bytes, times: int) -> bytes:
    body = b""
    async with asyncio.timeout(5):
        while body.count(mark) < times:
            body += await response.content.readany()
    return body


async def test_a_client_that_does_not_read_counts_as_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("router.http.incremental_response.SEND_TIMEOUT_SECONDS", 0.01)

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            await asyncio.sleep(60)

    with pytest.raises(ClientGone, match="does not read"):
        await send_parts(send, only_part(b'{"data":{}}'), b"multipart/mixed", [])
