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
from tributary.api import Api
from tributary.export.api import PATIENCE, ExportApi
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
async def endpoint() -> AsyncIterator[tuple[Answers, ExportApi]]:
    answers = Answers()
    routes = [Route("/graphql", answers.answer, methods=["POST"])]
    async with serve(Starlette(routes=routes)) as url, aiohttp.ClientSession() as session:
        yield answers, ExportApi(Api(session, f"{url}/graphql", answers.token, PATIENCE, sleep=answers.pause))


async def test_what_passes_is_waited_for(endpoint: tuple[Answers, ExportApi]) -> None:
    answers, client = endpoint
    found: list[Any] = [Response(status_code=503), errors("SUBREQUEST_HTTP_ERROR"), JSONResponse(FOUND)]
    answers.answers = found
    assert await client.data("{ payments }", {}) == FOUND["data"]
    assert answers.pauses == [0.5, 1.0]


async def test_a_token_that_has_expired_is_replaced(endpoint: tuple[Answers, ExportApi]) -> None:
    answers, client = endpoint
    answers.answers = [JSONResponse(FOUND), errors("UNAUTHENTICATED", 401), JSONResponse(FOUND)]
    await client.data("{ payments }", {})
    await client.data("{ payments }", {})
    assert answers.tokens == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


@pytest.mark.parametrize(
    "code",
    ["UNAUTHORIZED_FIELD_OR_TYPE", "GRAPHQL_VALIDATION_FAILED", "INVALID_INPUT", "INVALID_CURSOR", "BAD_REQUEST", "NOT_FOUND"],
)
async def test_what_is_refused_is_not_asked_again(endpoint: tuple[Answers, ExportApi], code: str) -> None:
    answers, client = endpoint
    answers.answers = [errors(code)]
    with pytest.raises(Failure, match="the API refuses: no → check the client's scopes") as failure:
        await client.data("{ payments }", {})
    assert (len(answers.tokens), failure.value.exit_code) == (1, 1)


@pytest.mark.parametrize("answer", [Response(status_code=503), errors("INTERNAL_SERVER_ERROR")])
async def test_an_outage_says_how_to_go_on(endpoint: tuple[Answers, ExportApi], answer: Response) -> None:
    answers, client = endpoint
    answers.answers = [answer]
    with pytest.raises(Failure, match=r"does not answer .* → give the same command again to go on where it ended") as failure:
        await client.data("{ payments }", {})
    assert failure.value.exit_code == 1
    assert len(answers.tokens) == PATIENCE.attempts == 6
    assert answers.pauses == [0.5, 1.0, 2.0, 4.0, 8.0]
