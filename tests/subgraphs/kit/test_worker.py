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


async def test_one_that_fails_ends_all_and_is_told() -> None:
    stop, ended = asyncio.Event(), []

    async def fails(stop: asyncio.Event) -> None:
        raise ValueError("broken")

    async def works(stop: asyncio.Event) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(1)

    with pytest.raises(ExceptionGroup) as group:
        await run_until_stopped(stop, works, fails)
    assert [str(error) for error in group.value.exceptions] == ["broken"]
    assert stop.is_set()
    assert ended == [1]
