"""What a clock asked, shared by a subgraph's processes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from subgraphs.kit.persistence.clock_rounds import AskedRound, MongoClockRounds
from subgraphs.kit.persistence.mongo import connect
from subgraphs.kit.settings import Settings

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ASKED = AskedRound(tenant="acme", round=2, now=NOW, until=NOW + timedelta(hours=5), held=frozenset({"cus_1"}))


@pytest.fixture
async def rounds(settings: Settings) -> AsyncIterator[MongoClockRounds]:
    async with connect(settings, "rounds") as database:
        made = MongoClockRounds(database)
        await made.ensure_indexes()
        yield made


async def test_the_latest_question_waits_until_it_is_answered(rounds: MongoClockRounds) -> None:
    await rounds.ask(ASKED)
    await rounds.ask(replace(ASKED, round=1))
    await rounds.ask(replace(ASKED, tenant="rival", round=1))
    assert await rounds.waiting(10) == [replace(ASKED, tenant="rival", round=1), ASKED]
    await rounds.answer(ASKED, "7-0")
    await rounds.ask(ASKED)
    assert [asked.tenant for asked in await rounds.waiting(10)] == ["rival"]
    await rounds.ask(replace(ASKED, round=3))
    [_, again] = await rounds.waiting(10)
    assert again == replace(ASKED, round=3, answered=2, sent="7-0")


async def test_what_a_round_asks_for_is_begun_by_one(rounds: MongoClockRounds) -> None:
    await rounds.ask(ASKED)
    assert [await rounds.begin(ASKED) for _ in range(2)] == [True, False]
    await rounds.ask(replace(ASKED, round=3))
    assert [await rounds.begin(asked) for asked in (ASKED, replace(ASKED, round=3))] == [False, True]


async def test_another_followers_answer_may_come_before_the_question(rounds: MongoClockRounds) -> None:
    await rounds.hear("acme", 2)
    assert await rounds.waiting(10) == []
    await rounds.ask(ASKED)
    await rounds.hear("acme", 1)
    assert await rounds.waiting(10) == [replace(ASKED, heard=2)]
