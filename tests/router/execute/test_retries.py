"""Queries are sent again when a subgraph could not answer for the moment; mutations, and whatever may have been done, are not."""

from __future__ import annotations

from typing import Any

import pytest

from router.execute.failures import SubgraphFailure, SubgraphTimeout, SubgraphUnreachable
from router.execute.observed_transport import ObservedTransport
from router.execute.retries import RetryingTransport
from router.execute.transport import SubgraphRequest, SubgraphResponse

OK = SubgraphResponse(200, b"{}")
DOWN = SubgraphResponse(503, b"down")
BROKEN = SubgraphUnreachable("the connection broke")
SLOW = SubgraphTimeout("no answer in time")


class ScriptedTransport:
    """Answers one thing after the other."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.requests: list[SubgraphRequest] = []

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, SubgraphFailure):
            raise answer
        return answer  # type: ignore[no-any-return]


def request(*, repeatable: bool = True, timeout_seconds: float | None = None) -> SubgraphRequest:
    return SubgraphRequest("s", "http://s.test", b"{}", {}, repeatable, timeout_seconds)


@pytest.mark.parametrize("first", [DOWN, SubgraphResponse(502, b""), SubgraphResponse(504, b""), BROKEN])
async def test_a_query_is_sent_again(first: Any) -> None:
    transport = ScriptedTransport(first, OK)
    assert await RetryingTransport(transport, retries=1).send(request()) == OK


@pytest.mark.parametrize("first", [DOWN, BROKEN])
async def test_a_mutation_is_sent_once(first: Any) -> None:
    transport = ScriptedTransport(first, OK)
    try:
        assert await RetryingTransport(transport, retries=3).send(request(repeatable=False)) == DOWN
    except SubgraphUnreachable:
        assert first is BROKEN
    assert len(transport.requests) == 1


@pytest.mark.parametrize("final", [OK, SubgraphResponse(500, b""), SubgraphResponse(429, b"")])
async def test_an_answer_is_an_answer(final: SubgraphResponse) -> None:
    transport = ScriptedTransport(final)
    assert await RetryingTransport(transport, retries=3).send(request()) == final


async def test_a_slow_subgraph_is_not_asked_again() -> None:
    transport = ScriptedTransport(SLOW, OK)
    with pytest.raises(SubgraphTimeout):
        await RetryingTransport(transport, retries=3).send(request())
    assert len(transport.requests) == 1


async def test_the_number_of_retries_is_bounded() -> None:
    transport = ScriptedTransport(BROKEN, DOWN, BROKEN)
    with pytest.raises(SubgraphUnreachable):
        await RetryingTransport(transport, retries=2).send(request())
    assert len(transport.requests) == 3


async def test_retries_take_none_but_the_request_s_time() -> None:
    transport = ScriptedTransport(DOWN, OK)
    await RetryingTransport(transport, retries=1).send(request(timeout_seconds=5.0))
    first, second = (sent.timeout_seconds or 0.0 for sent in transport.requests)
    assert second < first
    with pytest.raises(SubgraphTimeout):
        await RetryingTransport(ScriptedTransport(DOWN, OK), retries=1).send(request(timeout_seconds=0.001))


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [(OK, "ok"), (DOWN, "http_error"), (BROKEN, "subrequest_http_error"), (SLOW, "subrequest_timeout")],
)
async def test_each_request_is_told_of(answer: Any, outcome: str) -> None:
    told: list[tuple[str, str]] = []
    transport = ObservedTransport(ScriptedTransport(answer), lambda subgraph, outcome, seconds: told.append((subgraph, outcome)))
    try:
        await transport.send(request())
    except SubgraphFailure:
        assert answer in (BROKEN, SLOW)
    assert told == [("s", outcome)]
