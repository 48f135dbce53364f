"""Identical queries in flight: who waits, who sends, and what happens when the sender leaves."""

from __future__ import annotations

import asyncio
import time

import pytest

from router.execute.failures import SubgraphFailure, SubgraphTimeout, SubgraphUnreachable
from router.execute.fetch_sharing import FetchSharing
from router.execute.transport import SubgraphRequest, SubgraphResponse

ANSWER = SubgraphResponse(200, b"{}")


class GatedTransport:
    """Answers when told to."""

    def __init__(self) -> None:
        self.requests: list[SubgraphRequest] = []
        self.answers: list[asyncio.Future[SubgraphResponse]] = []

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        self.requests.append(request)
        self.answers.append(asyncio.get_running_loop().create_future())
        return await self.answers[-1]


def ask(
    sharing: FetchSharing, body: bytes = b"q", caller: str = "a", deadline: float | None = None
) -> asyncio.Task[SubgraphResponse]:
    request = SubgraphRequest("s", "http://s.test", body, {})
    return asyncio.create_task(sharing.send(request, caller, deadline))


async def turn() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_who_asks_the_same_at_the_same_time_waits_for_one_answer() -> None:
    transport = GatedTransport()
    sharing = FetchSharing(transport)
    asked = [ask(sharing) for _ in range(3)]
    await turn()
    transport.answers[0].set_result(ANSWER)
    assert await asyncio.gather(*asked) == [ANSWER] * 3
    assert len(transport.requests) == 1


async def test_who_asks_later_asks_anew() -> None:
    transport = GatedTransport()
    sharing = FetchSharing(transport)
    for _ in range(2):
        asked = ask(sharing)
        await turn()
        transport.answers[-1].set_result(ANSWER)
        await asked
    assert len(transport.requests) == 2


@pytest.mark.parametrize(("body", "caller"), [(b"other", "a"), (b"q", "b")])
async def test_another_query_or_caller_is_another_request(body: bytes, caller: str) -> None:
    transport = GatedTransport()
    sharing = FetchSharing(transport)
    asked = [ask(sharing), ask(sharing, body, caller)]
    await turn()
    for answer in transport.answers:
        answer.set_result(ANSWER)
    await asyncio.gather(*asked)
    assert len(transport.requests) == 2


async def test_a_failure_is_everybody_s() -> None:
    transport = GatedTransport()
    sharing = FetchSharing(transport)
    asked = [ask(sharing) for _ in range(2)]
    await turn()
    transport.answers[0].set_exception(SubgraphUnreachable("no connection"))
    failures = await asyncio.gather(*asked, return_exceptions=True)
    assert [str(failure) for failure in failures if isinstance(failure, SubgraphFailure)] == ["no connection"] * 2
    assert len(transport.requests) == 1


async def test_when_the_sender_leaves_another_one_sends() -> None:
    transport = GatedTransport()
    sharing = FetchSharing(transport)
    first, second, third = (ask(sharing) for _ in range(3))
    await turn()
    first.cancel()
    await turn()
    assert len(transport.requests) == 2
    transport.answers[1].set_result(ANSWER)
    assert await asyncio.gather(second, third) == [ANSWER] * 2
    assert first.cancelled()


async def test_who_waits_may_leave() -> None:
    transport = GatedTransport()
    sharing = FetchSharing(transport)
    first, second = ask(sharing), ask(sharing)
    await turn()
    second.cancel()
    await turn()
    transport.answers[0].set_result(ANSWER)
    assert await first == ANSWER
    assert second.cancelled()


async def test_a_sender_short_of_time_fails_for_itself_alone() -> None:
    transport = GatedTransport()
    sharing = FetchSharing(transport)
    hurried, patient = ask(sharing, deadline=time.monotonic() + 5), ask(sharing)
    await turn()
    assert transport.requests[0].timeout_seconds == pytest.approx(5, abs=0.5)
    transport.answers[0].set_exception(SubgraphTimeout("no answer in time", early=True))
    await turn()
    transport.answers[1].set_result(ANSWER)
    assert await patient == ANSWER
    with pytest.raises(SubgraphTimeout):
        await hurried


async def test_who_waits_does_not_wait_longer_than_it_may() -> None:
    transport = GatedTransport()
    sharing = FetchSharing(transport)
    patient, hurried = ask(sharing), ask(sharing, deadline=time.monotonic() + 0.05)
    with pytest.raises(SubgraphTimeout):
        await hurried
    transport.answers[0].set_result(ANSWER)
    assert await patient == ANSWER


async def test_without_time_nothing_is_sent() -> None:
    transport = GatedTransport()
    with pytest.raises(SubgraphTimeout, match="no time is left"):
        await ask(FetchSharing(transport), deadline=time.monotonic() - 1)
    assert transport.requests == []
