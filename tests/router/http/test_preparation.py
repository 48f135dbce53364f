"""Documents are prepared off the event loop, one at a time, once for all who wait for the same one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from router.errors import Overloaded, ValidationFailed
from router.http.preparation import Preparation


@pytest.fixture
def preparation() -> Iterator[Preparation]:
    made = Preparation(max_pending=2, timeout_seconds=5)
    yield made
    made.close()


class Work:
    """Waits for a signal in its thread."""

    def __init__(self) -> None:
        self.runs = 0
        self.end = threading.Event()

    def __call__(self) -> int:
        self.runs += 1
        self.end.wait(5)
        return self.runs


async def test_who_waits_for_the_same_gets_the_same(preparation: Preparation) -> None:
    work = Work()
    waiting = [asyncio.create_task(preparation.run("a", work)) for _ in range(3)]
    await asyncio.sleep(0.02)
    work.end.set()
    assert await asyncio.gather(*waiting) == [1, 1, 1]
    assert await preparation.run("a", work) == 2


async def test_the_event_loop_goes_on_meanwhile(preparation: Preparation) -> None:
    work = Work()
    waiting = asyncio.create_task(preparation.run("a", work))
    async with asyncio.timeout(1):
        await asyncio.sleep(0.02)
    assert not waiting.done()
    work.end.set()
    await waiting


async def test_only_so_much_waits(preparation: Preparation) -> None:
    work = Work()
    waiting = [asyncio.create_task(preparation.run(key, work)) for key in "ab"]
    await asyncio.sleep(0.02)
    with pytest.raises(Overloaded):
        await preparation.run("c", work)
    work.end.set()
    await asyncio.gather(*waiting)
    assert await preparation.run("c", work) == 3


async def test_who_leaves_does_not_take_the_result_from_others(preparation: Preparation) -> None:
    work = Work()
    first, second = (asyncio.create_task(preparation.run("a", work)) for _ in range(2))
    await asyncio.sleep(0.02)
    first.cancel()
    work.end.set()
    assert await second == 1


async def test_a_refusal_reaches_all_who_wait(preparation: Preparation) -> None:
    def refuse() -> None:
        raise ValidationFailed("no")

    refused = await asyncio.gather(*(preparation.run("a", refuse) for _ in range(2)), return_exceptions=True)
    assert [type(error) for error in refused] == [ValidationFailed, ValidationFailed]


async def test_what_takes_too_long_is_given_up() -> None:
    preparation, work = Preparation(max_pending=2, timeout_seconds=0.02), Work()
    with pytest.raises(Overloaded):
        await preparation.run("a", work)
    work.end.set()
    preparation.close()
