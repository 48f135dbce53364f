"""Background loops run together and end together."""

import asyncio

import pytest

from subgraphs.kit.worker import run_until_stopped


async def test_every_loop_runs_until_the_same_signal() -> None:
    stop, ended = asyncio.Event(), []

    async def loop(stop: asyncio.Event) -> None:
        await stop.wait()
        ended.append(1)

    running = asyncio.create_task(run_until_stopped(stop, loop, loop))
    await asyncio.sleep(0.01)
    assert not running.done()
    stop.set()
    await running
    assert ended == [1, 1]


async def test_one_that_fails_is_started_again_and_the_others_go_on() -> None:
    stop, starts, working = asyncio.Event(), [], []

    async def fails_twice(stop: asyncio.Event) -> None:
        starts.append(1)
        if len(starts) < 3:
            raise ValueError("broken")
        stop.set()

    async def works(stop: asyncio.Event) -> None:
        working.append("began")
        await stop.wait()
        working.append("ended")

    async with asyncio.timeout(20):
        await run_until_stopped(stop, works, fails_twice, first_pause_seconds=0.001)
    assert len(starts) == 3
    assert working == ["began", "ended"]


async def test_one_that_always_fails_is_ended_by_the_signal_and_not_awaited_for_its_pause() -> None:
    stop, failed = asyncio.Event(), asyncio.Event()

    async def fails(stop: asyncio.Event) -> None:
        failed.set()
        raise ValueError("broken")

    running = asyncio.create_task(run_until_stopped(stop, fails, first_pause_seconds=3600))
    async with asyncio.timeout(20):
        await failed.wait()
        stop.set()
        await running


async def test_being_cancelled_ends_all() -> None:
    stop, ended, began = asyncio.Event(), [], asyncio.Event()

    async def works(stop: asyncio.Event) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(1)

    running = asyncio.create_task(run_until_stopped(stop, works))
    await began.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ended == [1]
