"""Requests are sent until they are answered, over real sockets; what was asked for is waited, and nothing for ever."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.testkit.asgi_server import serve
from tributary.failure import Failure
from tributary.importing import api as api_module
from tributary.importing.api import Api, Login, Refusal, connect
from tributary.importing.records import Problem

CLAIMS = {"tenant": "ten_1", "scope": "customers:read plans:read"}
DATA = {"data": {"hello": "world"}}


def token(number: int) -> str:
    claims = {**CLAIMS, "exp": (datetime.now(UTC) + timedelta(minutes=10)).timestamp(), "number": number}
    return ".".join(["e30", base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("="), "sig"])


def graphql_error(code: str, message: str = "it fails") -> dict[str, Any]:
    return {"data": None, "errors": [{"message": message, "extensions": {"code": code}}]}


class Server:
    """Answers as it is told, in this order, and then always with data."""

    def __init__(self) -> None:
        self.answers: list[Callable[[], Response]] = []
        self.tokens = 0
        self.seen: list[str] = []
        self.running, self.most = 0, 0

    async def issue(self, request: Request) -> Response:
        self.tokens += 1
        return JSONResponse({"access_token": token(self.tokens), "token_type": "Bearer"})

    async def answer(self, request: Request) -> Response:
        self.seen.append(request.headers["authorization"])
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0.01)
        self.running -= 1
        return self.answers.pop(0)() if self.answers else JSONResponse(DATA)


@asynccontextmanager
async def connected(server: Server, waited: list[float], in_flight: int = 2) -> AsyncIterator[Api]:
    routes = [Route("/token", server.issue, methods=["POST"]), Route("/graphql", server.answer, methods=["POST"])]
    async with (
        serve(Starlette(routes=routes)) as url,
        connect(f"{url}/graphql", Login("client_1", "secret", "http://unused", f"{url}/token"), in_flight) as api,
    ):

        async def sleep(seconds: float) -> None:
            waited.append(seconds)

        api._sleep = sleep
        yield api


@pytest.fixture
def waited() -> list[float]:
    return []


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def api(server: Server, waited: list[float]) -> AsyncIterator[Api]:
    async with connected(server, waited) as api:
        yield api


async def test_the_token_tells_tenant_and_scopes(api: Api) -> None:
    assert (api.tenant, api.scopes) == ("ten_1", {"customers:read", "plans:read"})
    assert await api.data("{ hello }") == {"hello": "world"}


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_what_is_busy_is_asked_again_when_it_says(server: Server, api: Api, waited: list[float], status: int) -> None:
    server.answers = [lambda: PlainTextResponse("busy", status_code=status, headers={"retry-after": "7"})]
    assert await api.data("{ hello }") == {"hello": "world"}
    assert waited == [7]


async def test_a_date_to_retry_after_is_understood_and_bounded(server: Server, api: Api, waited: list[float]) -> None:
    late = format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)
    for text in (late, "Thu, 01 Jan 1970 00:00:00 GMT", "soon"):
        server.answers.append(lambda text=text: PlainTextResponse("", status_code=503, headers={"retry-after": text}))  # type: ignore[misc]
    await api.data("{ hello }")
    assert waited[:2] == [120, 0]
    assert 0 < waited[2] <= 2


async def test_pauses_grow_up_to_a_bound_and_end(server: Server, api: Api, waited: list[float]) -> None:
    server.answers = [lambda: PlainTextResponse("", status_code=503)] * 100
    with pytest.raises(Failure, match=r"does not answer \(status 503\) → do it again when it does"):
        await api.data("{ hello }")
    longest = [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert len(waited) == len(longest) == api_module.ATTEMPTS - 1
    assert all(bound / 2 <= pause <= bound for pause, bound in zip(waited, longest, strict=True))


@pytest.mark.parametrize("code", ["SUBREQUEST_HTTP_ERROR", "SUBREQUEST_TIMEOUT", "INTERNAL_SERVER_ERROR"])
async def test_a_subgraph_that_is_away_is_waited_for(server: Server, api: Api, waited: list[float], code: str) -> None:
    server.answers = [lambda: JSONResponse(graphql_error(code))] * 3
    assert await api.data("{ hello }") == {"hello": "world"}
    assert len(waited) == 3


async def test_what_is_no_api_is_told_after_few_attempts(server: Server, api: Api, waited: list[float]) -> None:
    server.answers = [lambda: PlainTextResponse("<html>", status_code=404)] * 9
    with pytest.raises(Failure, match=r"does not answer \(status 404, and no JSON\)"):
        await api.data("{ hello }", attempts=3)
    assert len(waited) == 2


async def test_what_fails_by_itself_is_the_rows_problem_and_not_the_ends(server: Server, api: Api) -> None:
    server.answers = [lambda: JSONResponse(graphql_error("INTERNAL_SERVER_ERROR"))] * 100
    with pytest.raises(Problem) as problem:
        await api.data("{ hello }")
    assert problem.value.code == "SERVER_ERROR"


async def test_what_the_api_cannot_do_is_not_tried_again(server: Server, api: Api, waited: list[float]) -> None:
    server.answers = [lambda: JSONResponse(graphql_error("BAD_USER_INPUT", "no such field"))]
    with pytest.raises(Problem, match="no such field"):
        await api.data("{ hello }")
    assert waited == []


async def test_what_is_not_permitted_ends_the_import(server: Server, api: Api) -> None:
    server.answers = [lambda: JSONResponse(graphql_error("UNAUTHORIZED_FIELD_OR_TYPE", "Mutation.x needs the scope y"))]
    with pytest.raises(Failure, match=r"Mutation\.x needs the scope y"):
        await api.data("{ hello }")


async def test_a_token_that_is_not_accepted_any_more_is_replaced(server: Server, api: Api) -> None:
    server.answers = [lambda: PlainTextResponse("", status_code=401)]
    await api.data("{ hello }")
    assert (server.tokens, len(set(server.seen))) == (2, 2)


async def test_a_token_is_replaced_before_it_ends(server: Server, api: Api) -> None:
    await api.data("{ hello }")
    api._token_until = 0
    await asyncio.gather(*(api.data("{ hello }") for _ in range(4)))
    assert server.tokens == 2


async def test_no_more_are_in_flight_than_allowed(server: Server, api: Api) -> None:
    await asyncio.gather(*(api.data("{ hello }") for _ in range(10)))
    assert server.most == 2


async def test_a_connection_that_is_lost_is_made_again(server: Server, waited: list[float]) -> None:
    async with connected(server, waited) as api:
        await api.data("{ hello }")
        url, api._url = api._url, "http://127.0.0.1:1/graphql"

        async def sleep(seconds: float) -> None:
            waited.append(seconds)
            api._url = url

        api._sleep = sleep
        assert await api.data("{ hello }") == {"hello": "world"}
    assert len(waited) == 1


async def test_nobody_to_give_tokens_ends_it_at_once() -> None:
    with pytest.raises(Failure) as failure:
        async with connect("http://127.0.0.1:1/graphql", Login("client_1", "secret", "http://127.0.0.1:1"), 1):
            pass
    assert failure.value.exit_code == 2


def payload(code: str | None) -> Callable[[], Response]:
    errors = [{"code": code, "message": "why", "field": ["input", "addOns", "0"]}] if code else []
    return lambda: JSONResponse({"data": {"do": {"thing": {"id": "1"}, "userErrors": errors}}})


async def test_a_refused_mutation_tells_why(server: Server, api: Api, waited: list[float]) -> None:
    server.answers = [payload("INVALID_INPUT")]
    assert await api.mutate("mutation", {}) == Refusal("INVALID_INPUT", "why", ("addOns", "0"))
    assert waited == []


@pytest.mark.parametrize("code", ["IDEMPOTENCY_KEY_IN_USE", "CONCURRENT_CHANGE"])
async def test_a_mutation_that_waits_for_another_is_tried_again(server: Server, api: Api, waited: list[float], code: str) -> None:
    server.answers = [payload(code), payload(code), payload(None)]
    assert await api.mutate("mutation", {}) == {"thing": {"id": "1"}, "userErrors": []}
    assert waited == [0.5, 1]
