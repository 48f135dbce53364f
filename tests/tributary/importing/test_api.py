"""What an import ends with when the API does not do what it is asked: a row's problem, or a failure of the whole."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from tests.tributary.test_api import Server, connected, graphql_error, payload
from tributary.api import Refusal
from tributary.failure import Failure
from tributary.importing.api import PATIENCE, ImportApi, connect
from tributary.importing.records import Problem
from tributary.oauth import Login


@asynccontextmanager
async def importing(*answers: Callable[[], Response]) -> AsyncIterator[tuple[ImportApi, list[float]]]:
    server, waited = Server(), list[float]()
    server.answers = list(answers)
    async with connected(server, waited, patience=PATIENCE) as api:
        await api.log_in()
        yield ImportApi(api), waited


def failing(code: str, message: str = "it fails") -> Callable[[], Response]:
    return lambda: JSONResponse(graphql_error(code, message=message))


async def test_the_tokens_tenant_and_scopes_are_known() -> None:
    async with importing() as (api, _):
        assert (api.tenant, api.scopes) == ("ten_1", {"customers:read", "plans:read"})
        assert await api.data("{ hello }") == {"hello": "world"}


async def test_an_api_that_stays_away_ends_the_import_and_says_how_to_go_on() -> None:
    async with importing(*[lambda: PlainTextResponse("", status_code=503)] * 100) as (api, waited):
        with pytest.raises(Failure, match=r"does not answer \(status 503\) → do it again when it does"):
            await api.data("{ hello }")
    assert len(waited) == 8


async def test_what_is_no_api_is_told_after_few_attempts() -> None:
    async with importing(*[lambda: PlainTextResponse("<html>", status_code=404)] * 9) as (api, waited):
        with pytest.raises(Failure, match=r"does not answer \(status 404, and no JSON\)"):
            await api.data("{ hello }", attempts=3)
    assert len(waited) == 2


async def test_what_fails_by_itself_is_the_rows_problem_and_not_the_ends() -> None:
    async with importing(*[failing("INTERNAL_SERVER_ERROR")] * 100) as (api, _):
        with pytest.raises(Problem) as problem:
            await api.data("{ hello }")
        assert problem.value.code == "SERVER_ERROR"


async def test_what_the_api_cannot_do_is_the_rows_problem_and_not_tried_again() -> None:
    async with importing(failing("BAD_USER_INPUT", "no such field")) as (api, waited):
        with pytest.raises(Problem, match="no such field") as problem:
            await api.data("{ hello }")
    assert (problem.value.code, waited) == ("BAD_USER_INPUT", [])


@pytest.mark.parametrize("asks", [ImportApi.data, ImportApi.mutate])
async def test_what_is_not_permitted_ends_the_import(asks: Any) -> None:
    async with importing(failing("UNAUTHORIZED_FIELD_OR_TYPE", "Mutation.x needs the scope y")) as (api, _):
        with pytest.raises(Failure, match=r"it is not permitted: Mutation\.x needs the scope y"):
            await asks(api, "{ hello }", {})


async def test_a_mutation_answers_its_payload_or_why_it_was_refused() -> None:
    async with importing(payload("INVALID_INPUT"), payload(None)) as (api, _):
        assert await api.mutate("mutation", {}) == Refusal("INVALID_INPUT", "why", ("addOns", "0"))
        assert await api.mutate("mutation", {}) == {"thing": {"id": "1"}, "userErrors": []}


async def test_nobody_to_give_tokens_ends_it_at_once() -> None:
    with pytest.raises(Failure, match="no authorization server answers"):
        async with connect("http://127.0.0.1:1/graphql", Login("client_1", "secret", "http://127.0.0.1:1"), 1):
            pass
