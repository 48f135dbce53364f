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
from tributary.api import Api, ApiAway, ApiError, ApiFails, ApiRefuses, NotPermitted, Patience, Refusal, connect
from tributary.failure import Failure
from tributary.oauth import Login

PATIENCE = Patience(attempts=9, request_seconds=30.0)
CLAIMS = {"tenant": "ten_1", "scope": "customers:read plans:read"}
DATA = {"data": {"hello": "world"}}


def token(number: int) -> str:
    claims = {**CLAIMS, "exp": (datetime.now(UTC) + timedelta(minutes=10)).timestamp(), "number": number}
    return ".".join(["e30", base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("="), "sig"])


def graphql_error(*codes: str, message: str = "it fails") -> dict[str, Any]:
    return {"data": None, "errors": [{"message": message, "extensions": {"code": code}} for code in codes]}


class Server:
    """Answers as it is told, in this order, and then always with data."""

    def __init__(self) -> None:
        self.answers: list[Callable[[], Response]] = []
        self.tokens, self.token = 0, token
        self.seen: list[str] = []
        self.running, self.most = 0, 0

    async def issue(self, request: Request) -> Response:
        self.tokens += 1
        return JSONResponse({"access_token": self.token(self.tokens), "token_type": "Bearer"})

    async def answer(self, request: Request) -> Response:
        self.seen.append(request.headers["authorization"])
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0.01)
        self.running -= 1
        return self.answers.pop(0)() if self.answers else JSONResponse(DATA)


@asynccontextmanager
async def connected(server: Server, waited: list[float], in_flight: int = 2, patience: Patience = PATIENCE) -> AsyncIterator[Api]:
    routes = [Route("/token", server.issue, methods=["POST"]), Route("/graphql", server.answer, methods=["POST"])]
    async with (
        serve(Starlette(routes=routes)) as url,
        connect(f"{url}/graphql", Login("client_1", "secret", "http://unused", f"{url}/token"), patience, in_flight) as api,
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


async def test_the_token_tells_tenant_and_scopes(server: Server, api: Api) -> None:
    assert (api.tenant, api.scopes, server.tokens) == ("", set(), 0)
    await api.log_in()
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
    with pytest.raises(ApiAway, match=r"^status 503$"):
        await api.data("{ hello }")
    longest = [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert len(waited) == len(longest) == PATIENCE.attempts - 1
    assert all(bound / 2 <= pause <= bound for pause, bound in zip(waited, longest, strict=True))


async def test_pauses_that_are_not_spread_are_exact(server: Server, waited: list[float]) -> None:
    server.answers = [lambda: PlainTextResponse("", status_code=503)] * 5
    patience = Patience(attempts=6, request_seconds=30.0, longest_pause_seconds=3.0, spread=False)
    async with connected(server, waited, patience=patience) as api:
        await api.data("{ hello }")
    assert waited == [0.5, 1, 2, 3, 3]


@pytest.mark.parametrize(
    "code",
    [
        "SUBREQUEST_HTTP_ERROR",
        "SUBREQUEST_TIMEOUT",
        "SUBREQUEST_MALFORMED_RESPONSE",
        "INTERNAL_SERVER_ERROR",
        "OVERLOADED",
        "RATE_LIMITED",
    ],
)
async def test_a_subgraph_that_is_away_is_waited_for(server: Server, api: Api, waited: list[float], code: str) -> None:
    server.answers = [lambda: JSONResponse(graphql_error(code))] * 3
    assert await api.data("{ hello }") == {"hello": "world"}
    assert len(waited) == 3


async def test_what_is_no_api_is_told_after_few_attempts(server: Server, api: Api, waited: list[float]) -> None:
    server.answers = [lambda: PlainTextResponse("<html>", status_code=404)] * 9
    with pytest.raises(ApiAway, match=r"^status 404, and no JSON$"):
        await api.data("{ hello }", attempts=3)
    assert len(waited) == 2


@pytest.mark.parametrize("answer", [[], {}, {"data": None}, {"data": []}])
async def test_what_is_no_answer_is_asked_again(server: Server, api: Api, waited: list[float], answer: Any) -> None:
    server.answers = [lambda: JSONResponse(answer)]
    assert await api.data("{ hello }") == {"hello": "world"}
    assert len(waited) == 1


@pytest.mark.parametrize(
    ("codes", "ends_with"),
    [
        (["INTERNAL_SERVER_ERROR"], ApiFails),
        (["DOWNSTREAM_SERVICE_ERROR", "SUBREQUEST_TIMEOUT"], ApiFails),
        (["SUBREQUEST_TIMEOUT"], ApiAway),
    ],
)
async def test_what_stays_so_is_told_as_it_is(server: Server, api: Api, codes: list[str], ends_with: type[ApiError]) -> None:
    server.answers = [lambda: JSONResponse(graphql_error(*codes))] * 100
    with pytest.raises(ApiError, match="it fails") as error:
        await api.data("{ hello }")
    assert (type(error.value), len(server.seen)) == (ends_with, PATIENCE.attempts)


@pytest.mark.parametrize(
    ("codes", "ends_with"),
    [
        (["BAD_USER_INPUT"], ApiRefuses),
        (["GRAPHQL_VALIDATION_FAILED"], ApiRefuses),
        (["INTERNAL_SERVER_ERROR", "INVALID_CURSOR"], ApiRefuses),
        (["UNAUTHORIZED_FIELD_OR_TYPE"], NotPermitted),
        (["SUBREQUEST_HTTP_ERROR", "FORBIDDEN"], NotPermitted),
    ],
)
async def test_what_the_api_cannot_do_is_not_tried_again(
    server: Server, api: Api, waited: list[float], codes: list[str], ends_with: type[ApiError]
) -> None:
    server.answers = [lambda: JSONResponse(graphql_error(*codes, message="no such field"))]
    with pytest.raises(ApiRefuses, match="no such field") as refuses:
        await api.data("{ hello }")
    assert (type(refuses.value), refuses.value.code, waited) == (ends_with, codes[-1], [])


async def test_a_token_that_is_not_accepted_any_more_is_replaced(server: Server, api: Api) -> None:
    server.answers = [lambda: PlainTextResponse("", status_code=401)]
    await api.data("{ hello }")
    assert (server.tokens, len(set(server.seen))) == (2, 2)


async def test_a_token_is_replaced_before_it_ends(server: Server, api: Api) -> None:
    await api.data("{ hello }")
    api._token_until = 0
    await asyncio.gather(*(api.data("{ hello }") for _ in range(4)))
    assert server.tokens == 2


async def test_a_token_that_does_not_say_when_it_ends_is_used_until_it_is_not_accepted(server: Server, api: Api) -> None:
    server.token = lambda number: f"opaque-{number}"
    server.answers = [lambda: JSONResponse(DATA), lambda: PlainTextResponse("", status_code=401)]
    await api.data("{ hello }")
    await api.data("{ hello }")
    assert server.seen == ["Bearer opaque-1", "Bearer opaque-1", "Bearer opaque-2"]


async def test_those_who_are_refused_with_one_token_get_one_new_token(server: Server, api: Api) -> None:
    await api.log_in()
    server.answers = [lambda: PlainTextResponse("", status_code=401)] * 2
    await asyncio.gather(api.data("{ hello }"), api.data("{ hello }"))
    assert server.tokens == 2


async def test_no_more_are_in_flight_than_allowed(server: Server, api: Api) -> None:
    await asyncio.gather(*(api.data("{ hello }") for _ in range(10)))
    assert server.most == 2


async def test_a_connection_that_is_lost_is_made_again(server: Server, waited: list[float]) -> None:
    async with connected(server, waited) as api:
        await api.data("{ hello }")
        url, api.url = api.url, "http://127.0.0.1:1/graphql"

        async def sleep(seconds: float) -> None:
            waited.append(seconds)
            api.url = url

        api._sleep = sleep
        assert await api.data("{ hello }") == {"hello": "world"}
    assert len(waited) == 1


async def test_nobody_to_give_tokens_ends_it_at_once() -> None:
    login = Login("client_1", "secret", "http://127.0.0.1:1")
    async with connect("http://127.0.0.1:1/graphql", login, PATIENCE) as api:
        with pytest.raises(Failure, match="no authorization server answers"):
            await api.data("{ hello }")


async def test_nobody_to_give_tokens_later_is_waited_for(server: Server, api: Api, waited: list[float]) -> None:
    await api.data("{ hello }")
    fetch, api._token_until = api._fetch_token, 0

    async def nobody() -> str:
        api._fetch_token = fetch
        raise Failure("no authorization server answers", "start one")

    api._fetch_token = nobody
    assert await api.data("{ hello }") == {"hello": "world"}
    assert (server.tokens, len(waited)) == (2, 1)


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
