"""The API as an export asks it: patient with what passes, plain about what does not."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.testkit.asgi_server import serve
from tributary.export.client import ATTEMPTS, ApiClient
from tributary.failure import Failure


class Answers:
    """An endpoint that gives these answers in turn, the last one again and again."""

    def __init__(self) -> None:
        self.answers: list[Response] = []
        self.tokens: list[str] = []
        self.pauses: list[float] = []
        self.fetched = 0

    async def answer(self, request: Request) -> Response:
        self.tokens.append(request.headers["authorization"])
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def token(self) -> str:
        self.fetched += 1
        return f"token-{self.fetched}"

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


def errors(code: str, status: int = 200) -> Response:
    return JSONResponse({"data": None, "errors": [{"message": "no", "extensions": {"code": code}}]}, status)


FOUND = {"data": {"payments": {"nodes": []}}}


@pytest.fixture
async def endpoint() -> AsyncIterator[tuple[Answers, ApiClient]]:
    answers = Answers()
    routes = [Route("/graphql", answers.answer, methods=["POST"])]
    async with serve(Starlette(routes=routes)) as url, aiohttp.ClientSession() as session:
        yield answers, ApiClient(session, f"{url}/graphql", answers.token, answers.pause)


async def test_what_passes_is_waited_for(endpoint: tuple[Answers, ApiClient]) -> None:
    answers, client = endpoint
    found: list[Any] = [Response(status_code=503), errors("SUBREQUEST_HTTP_ERROR"), JSONResponse(FOUND)]
    answers.answers = found
    assert await client.data("{ payments }", {}) == FOUND["data"]
    assert answers.pauses == [0.5, 1.0]


async def test_a_token_that_has_expired_is_replaced(endpoint: tuple[Answers, ApiClient]) -> None:
    answers, client = endpoint
    answers.answers = [JSONResponse(FOUND), errors("UNAUTHENTICATED", 401), JSONResponse(FOUND)]
    await client.data("{ payments }", {})
    await client.data("{ payments }", {})
    assert answers.tokens == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


async def test_what_is_refused_is_not_asked_again(endpoint: tuple[Answers, ApiClient]) -> None:
    answers, client = endpoint
    answers.answers = [errors("UNAUTHORIZED_FIELD_OR_TYPE")]
    with pytest.raises(Failure, match="the API refuses: no → check the client's scopes"):
        await client.data("{ payments }", {})
    assert len(answers.tokens) == 1


async def test_an_outage_says_how_to_go_on(endpoint: tuple[Answers, ApiClient]) -> None:
    answers, client = endpoint
    answers.answers = [Response(status_code=503)]
    with pytest.raises(Failure, match=r"does not answer .* → give the same command again to go on where it ended"):
        await client.data("{ payments }", {})
    assert len(answers.tokens) == ATTEMPTS
    assert answers.pauses == [0.5, 1.0, 2.0, 4.0, 8.0]
