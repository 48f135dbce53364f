"""GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/): what a client sees on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from tests.testkit.router_server import Response, RunningRouter, run_router

JSON = "application/json; charset=utf-8"
RESPONSE_JSON = "application/graphql-response+json; charset=utf-8"
PREFLIGHT = {"graphql-require-preflight": "1"}

Start = Callable[..., Awaitable[RunningRouter]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts routers with settings."""
    async with AsyncExitStack() as stack:

        async def started(**settings: Any) -> RunningRouter:
            return await stack.enter_async_context(run_router(tmp_path, **settings))

        yield started


@pytest.fixture(scope="module")
async def default_router(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningRouter]:
    """A router as it is without settings."""
    async with run_router(tmp_path_factory.mktemp("router")) as running:
        yield running


@pytest.fixture
def router(default_router: RunningRouter) -> RunningRouter:
    """The router, its subgraphs not asked for anything yet."""
    default_router.catalog.requests.clear()
    return default_router


async def get(router: RunningRouter, headers: dict[str, str] | None = None, **parameters: str) -> Response:
    url = f"{router.url}?{urlencode(parameters)}"
    async with router.session.get(url, headers=PREFLIGHT if headers is None else headers) as response:
        return Response(response.status, response.headers, await response.read())


async def send(router: RunningRouter, method: str, body: bytes = b"", **headers: str) -> Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    async with router.session.request(
        method, router.url, data=body, headers=given, skip_auto_headers=["content-type"]
    ) as response:
        return Response(response.status, response.headers, await response.read())


# -- GET and POST


async def test_a_post_is_answered(router: RunningRouter) -> None:
    response = await router.post("query($n: Int) { products(first: $n) { upc name } }", variables={"n": 1})
    assert response.status == 200
    assert response.body == b'{"data":{"products":[{"upc":"1","name":"Product 1"}]}}'


async def test_operation_name_chooses_among_operations(router: RunningRouter) -> None:
    document = "query A { a: __typename } query B { b: __typename }"
    assert await router.data(document, operationName="B") == {"b": "Query"}
    assert (await router.post(document)).codes == ["OPERATION_RESOLUTION_FAILURE"]
    unknown = await router.post(document, operationName="C")
    assert unknown.codes == ["OPERATION_RESOLUTION_FAILURE"]
    assert unknown.json["errors"][0]["message"] == "The document has no operation named 'C'."


async def test_a_get_is_answered(router: RunningRouter) -> None:
    query = "query Q($n: Int) { products(first: $n) { upc } }"
    response = await get(router, query=query, variables='{"n":1}', operationName="Q", extensions="{}")
    assert (response.status, response.json) == (200, {"data": {"products": [{"upc": "1"}]}})


@pytest.mark.parametrize(
    ("parameters", "status"),
    [({"query": "{__typename}", "variables": "{"}, 400), ({"query": "{__typename}", "variables": "[1]"}, 400), ({}, 400)],
)
async def test_a_malformed_get_is_400(router: RunningRouter, parameters: dict[str, str], status: int) -> None:
    response = await get(router, **parameters)
    assert (response.status, response.codes) == (status, ["BAD_REQUEST"])


async def test_a_get_never_changes_anything(router: RunningRouter) -> None:
    response = await get(router, query='mutation { rename(upc: "1", name: "x") { upc } }')
    assert (response.status, response.headers["allow"], response.codes) == (405, "POST", ["METHOD_NOT_ALLOWED"])
    assert router.catalog.requests == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_are_405(router: RunningRouter, method: str) -> None:
    response = await send(router, method, b'{"query":"{__typename}"}', content_type="application/json")
    assert (response.status, response.headers["allow"]) == (405, "GET, POST, OPTIONS")


# -- media types and status codes


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/json", JSON),
        ("application/graphql-response+json", RESPONSE_JSON),
        ("application/graphql-response+json, application/json;q=0.9", RESPONSE_JSON),
        ("application/graphql-response+json;q=0.1, application/json", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
    ],
)
async def test_the_answer_has_an_accepted_media_type(router: RunningRouter, accept: str, content_type: str) -> None:
    response = await router.post("{ __typename }", accept=accept)
    assert (response.status, response.headers["content-type"]) == (200, content_type)


async def test_an_answer_that_cannot_be_accepted_is_406(router: RunningRouter) -> None:
    response = await router.post("{ __typename }", accept="text/html")
    assert (response.status, response.codes) == (406, ["NOT_ACCEPTABLE"])


@pytest.mark.parametrize(
    "accept", ["text/event-stream, application/json;q=0.1", "multipart/mixed;deferSpec=20220824, application/json"]
)
async def test_who_can_stream_is_sent_one_answer_as_json(router: RunningRouter, accept: str) -> None:
    response = await router.post("{ __typename }", accept=accept)
    assert (response.headers["content-type"], response.json) == (JSON, {"data": {"__typename": "Query"}})


async def test_who_can_only_stream_is_sent_one_event(router: RunningRouter) -> None:
    response = await router.post("{ __typename }", accept="text/event-stream")
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.body == b'event: next\ndata: {"data":{"__typename":"Query"}}\n\nevent: complete\ndata:\n\n'


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1"])
async def test_a_body_that_is_not_json_is_415(router: RunningRouter, content_type: str) -> None:
    response = await send(router, "POST", b'{"query":"{__typename}"}', content_type=content_type)
    assert (response.status, response.codes) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


async def test_a_body_without_a_content_type_is_415(router: RunningRouter) -> None:
    assert (await send(router, "POST", b'{"query":"{__typename}"}')).status == 415


@pytest.mark.parametrize(
    "body",
    [b"{", b'"text"', b"{}", b'{"query":1}', b'{"query":"{a}","variables":[]}', b'{"query":"{a}","operationName":{}}', b"\xff"],
)
@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_a_malformed_request_is_400_in_every_media_type(router: RunningRouter, body: bytes, accept: str) -> None:
    response = await send(router, "POST", body, content_type="application/json", accept=accept)
    assert (response.status, response.codes) == (400, ["BAD_REQUEST"])
    assert "data" not in response.json


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query($u: ID!) { product(upc: $u) { upc } }", "variables": {"u": None}}, "BAD_USER_INPUT"),
        ({"query": "query A { __typename }", "operationName": "B"}, "OPERATION_RESOLUTION_FAILURE"),
    ],
)
@pytest.mark.parametrize(("accept", "status"), [("application/json", 200), ("application/graphql-response+json", 400)])
async def test_a_request_error_has_the_status_of_its_media_type(
    router: RunningRouter, request_: dict[str, Any], code: str, accept: str, status: int
) -> None:
    response = await router.post(**request_, accept=accept)
    assert (response.status, response.codes) == (status, [code])
    assert "data" not in response.json
    assert router.catalog.requests == []


async def test_field_errors_leave_the_status_200(router: RunningRouter) -> None:
    for accept in ("application/json", "application/graphql-response+json"):
        response = await router.post('{ product(upc: "0") { upc } }', accept=accept)
        assert (response.status, response.json) == (200, {"data": {"product": None}})


async def test_validation_errors_say_where(router: RunningRouter) -> None:
    response = await router.post("{\n  products { nothing } }")
    assert response.json["errors"] == [
        {
            "message": "Cannot query field 'nothing' on type 'Product'.",
            "locations": [{"line": 2, "column": 14}],
            "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"},
        }
    ]


async def test_a_value_that_does_not_fit_is_named_with_its_place(router: RunningRouter) -> None:
    response = await router.post("{ product(upc: {a: 1}) { upc } }")
    [error] = response.json["errors"]
    assert error["message"].startswith("Argument 'upc' has invalid value: ID cannot represent")
    assert (error["locations"], response.codes) == ([{"line": 1, "column": 16}], ["GRAPHQL_VALIDATION_FAILED"])


# -- limits


async def test_a_body_over_the_limit_is_413(start: Start) -> None:
    router = await start(max_body_bytes=100)
    body = orjson.dumps({"query": "{ __typename }", "variables": {"x": "x" * 100}})
    response = await send(router, "POST", body, content_type="application/json")
    assert (response.status, response.codes) == (413, ["PAYLOAD_TOO_LARGE"])

    async def chunks() -> AsyncIterator[bytes]:
        yield body

    async with router.session.post(router.url, data=chunks(), headers={"content-type": "application/json"}) as chunked:
        assert chunked.status == 413


async def test_a_query_string_over_the_limit_is_413(start: Start) -> None:
    router = await start(max_url_bytes=50)
    assert (await get(router, query="{ __typename }" + " " * 60)).status == 413


async def test_a_body_that_does_not_arrive_is_408(start: Start) -> None:
    router = await start(body_timeout_seconds=0.05)
    reader, writer = await _connect(router)
    writer.write(b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{")
    assert (await reader.readline()).split()[1] == b"408"
    writer.close()


async def test_batches_are_off_unless_allowed(router: RunningRouter) -> None:
    response = await send(router, "POST", b'[{"query":"{__typename}"}]', content_type="application/json")
    assert (response.status, response.codes) == (400, ["BATCHING_NOT_ENABLED"])


async def test_a_batch_is_answered_in_order_each_operation_for_itself(start: Start) -> None:
    router = await start(max_batch_size=3)
    batch = [{"query": "{ __typename }"}, {"query": "{ nothing }"}, {"query": '{ product(upc: "2") { name } }'}]
    response = await send(router, "POST", orjson.dumps(batch), content_type="application/json")
    assert response.status == 200
    first, second, third = response.json
    assert first == {"data": {"__typename": "Query"}}
    assert second["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert third == {"data": {"product": {"name": "Product 2"}}}


async def test_a_batch_is_not_streamed(start: Start) -> None:
    router = await start(max_batch_size=3)
    body = b'[{"query":"{__typename}"}]'
    response = await send(router, "POST", body, content_type="application/json", accept="text/event-stream")
    assert (response.status, response.codes) == (406, ["NOT_ACCEPTABLE"])


@pytest.mark.parametrize(("batch", "code"), [([{"query": "{a}"}] * 4, "BATCH_LIMIT_EXCEEDED"), ([], "BAD_REQUEST")])
async def test_a_batch_has_a_size(start: Start, batch: list[Any], code: str) -> None:
    router = await start(max_batch_size=3)
    response = await send(router, "POST", orjson.dumps(batch), content_type="application/json")
    assert (response.status, response.codes) == (400, [code])


async def test_what_is_too_much_at_once_is_503(start: Start) -> None:
    router = await start(max_concurrent_requests=1)
    router.catalog.gate = asyncio.Event()
    held = asyncio.create_task(router.post("{ products { upc } }"))
    while not router.catalog.requests:
        await asyncio.sleep(0.005)
    response = await router.post("{ products { upc } }")
    assert (response.status, response.codes, response.headers["retry-after"]) == (503, ["OVERLOADED"], "1")
    router.catalog.gate.set()
    assert (await held).status == 200


# -- browsers


@pytest.mark.parametrize("headers", [{}, {"content-type": "text/plain"}, {"origin": "https://evil.test"}])
async def test_a_get_that_a_page_can_send_unasked_is_refused(router: RunningRouter, headers: dict[str, str]) -> None:
    response = await get(router, headers, query="{ __typename }")
    assert (response.status, response.codes) == (400, ["CSRF_PREVENTED"])


@pytest.mark.parametrize(
    "headers",
    [{"content-type": "application/json"}, {"apollo-require-preflight": "true"}, {"x-apollo-operation-name": "Q"}, PREFLIGHT],
)
async def test_a_get_that_needs_a_preflight_is_answered(router: RunningRouter, headers: dict[str, str]) -> None:
    assert (await get(router, headers, query="{ __typename }")).json == {"data": {"__typename": "Query"}}


async def test_the_check_can_be_switched_off(start: Start) -> None:
    router = await start(csrf_prevention=False)
    assert (await get(router, {}, query="{ __typename }")).status == 200


async def test_only_pages_of_known_origins_read_answers(start: Start) -> None:
    router = await start(cors_origins=["https://app.test"])
    known = await router.post("{ __typename }", headers={"origin": "https://app.test"})
    assert known.headers["access-control-allow-origin"] == "https://app.test"
    other = await router.post("{ __typename }", headers={"origin": "https://evil.test"})
    assert "access-control-allow-origin" not in other.headers
    preflight = await send(
        router,
        "OPTIONS",
        origin="https://app.test",
        access_control_request_headers="content-type",
        access_control_request_method="POST",
    )
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-headers"] == "content-type"
    assert preflight.headers["access-control-allow-methods"] == "GET, POST, OPTIONS"


# -- documents known by their hash


async def test_a_document_is_registered_by_its_first_use(router: RunningRouter) -> None:
    query = "{ products(first: 1) { name } }"
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": sha256(query.encode()).hexdigest()}}
    unknown = await router.post(extensions=persisted)
    assert (unknown.status, unknown.codes) == (200, ["PERSISTED_QUERY_NOT_FOUND"])
    assert (await router.post(query, extensions=persisted)).status == 200
    by_hash = await get(router, extensions=orjson.dumps(persisted).decode())
    assert by_hash.json == {"data": {"products": [{"name": "Product 1"}]}}
    wrong = await router.post("{ __typename }", extensions=persisted)
    assert (wrong.status, wrong.codes) == (400, ["PERSISTED_QUERY_HASH_MISMATCH"])


async def test_automatic_persisted_queries_can_be_switched_off(start: Start) -> None:
    router = await start(automatic_persisted_queries=False)
    response = await router.post(extensions={"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}})
    assert response.codes == ["PERSISTED_QUERY_NOT_SUPPORTED"]


async def test_with_trusted_documents_nothing_else_is_answered(start: Start, tmp_path: Path) -> None:
    manifest = tmp_path / "trusted.json"
    manifest.write_bytes(orjson.dumps({"first": "{ products(first: 1) { upc } }"}))
    router = await start(trusted_documents=manifest)
    assert (await router.post(documentId="first")).json == {"data": {"products": [{"upc": "1"}]}}
    for refused in ({"query": "{ __typename }"}, {"documentId": "second"}, {"documentId": "first", "query": "{ __typename }"}):
        response = await router.post(**refused)
        assert (response.status, response.codes) == (400, ["DOCUMENT_NOT_TRUSTED"])


async def _connect(router: RunningRouter) -> Any:
    return await asyncio.open_connection("127.0.0.1", int(router.url.split(":")[2].split("/")[0]))
