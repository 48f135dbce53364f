"""Identical queries that run at the same time are answered once; what fails for one only, fails for one only."""

from __future__ import annotations

import asyncio

import pytest

from router.errors import PlanningFailed, RequestTimeout, RouterError
from router.http.query_sharing import QuerySharing


class Work:
    """Counts how often it is begun; ends when told to."""

    def __init__(self) -> None:
        self.ends: list[asyncio.Future[str]] = []

    async def __call__(self) -> str:
        self.ends.append(asyncio.get_running_loop().create_future())
        return await self.ends[-1]


async def begun(sharing: QuerySharing[str], work: Work, keys: str) -> list[asyncio.Task[str]]:
    tasks = [asyncio.create_task(sharing.run(key, work)) for key in keys]
    await asyncio.sleep(0.01)
    return tasks


async def test_one_key_is_one_run() -> None:
    work = Work()
    tasks = await begun(QuerySharing(), work, "aaa")
    assert len(work.ends) == 1
    work.ends[0].set_result("x")
    assert await asyncio.gather(*tasks) == ["x", "x", "x"]


async def test_another_key_is_another_run_and_nothing_is_kept() -> None:
    work, sharing = Work(), QuerySharing[str]()
    tasks = await begun(sharing, work, "ab")
    for end in work.ends:
        end.set_result("x")
    await asyncio.gather(*tasks)
    await begun(sharing, work, "a")
    assert len(work.ends) == 3


async def test_when_the_first_leaves_the_next_begins_anew() -> None:
    work = Work()
    first, *rest = await begun(QuerySharing(), work, "aaa")
    first.cancel()
    await asyncio.sleep(0.01)
    assert len(work.ends) == 2
    work.ends[1].set_result("x")
    assert await asyncio.gather(*rest) == ["x", "x"]


@pytest.mark.parametrize(("error", "runs"), [(PlanningFailed("no"), 1), (RequestTimeout("late"), 2)])
async def test_a_refusal_is_shared_and_running_out_of_time_is_not(error: RouterError, runs: int) -> None:
    work = Work()
    tasks = await begun(QuerySharing(), work, "aa")
    work.ends[0].set_exception(error)
    await asyncio.sleep(0.01)
    for end in work.ends[1:]:
        end.set_exception(error)
    assert await asyncio.gather(*tasks, return_exceptions=True) == [error, error]
    assert len(work.ends) == runs


async def test_an_answer_of_use_to_the_first_only_is_not_shared() -> None:
    work = Work()
    tasks = await begun(QuerySharing(lambda answer: answer == "half"), work, "aaa")
    work.ends[0].set_result("half")
    await asyncio.sleep(0.01)
    assert len(work.ends) == 2
    work.ends[1].set_result("whole")
    assert await asyncio.gather(*tasks) == ["half", "whole", "whole"]
