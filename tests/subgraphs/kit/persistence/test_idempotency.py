"""Keyed writes: one executes, the others get its answer; on a real store."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from subgraphs.kit.domain.errors import IdempotencyKeyReused
from subgraphs.kit.persistence.idempotency import KEEP, LEASE, Attempt, IdempotentWrites
from subgraphs.kit.persistence.mongo import connect
from subgraphs.kit.settings import Settings
from tests.testkit.memory import AT

LATER = AT + timedelta(hours=1)


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[AsyncDatabase[dict[str, Any]]]:
    async with connect(settings, "writes") as database:
        yield database


@pytest.fixture
async def writes(database: AsyncDatabase[dict[str, Any]]) -> IdempotentWrites:
    made = IdempotentWrites(database)
    await made.ensure_indexes()
    return made


async def begin(writes: IdempotentWrites, at: datetime = AT, *, input: bytes = b"x", tenant: str = "acme") -> Attempt:
    return await writes.begin(tenant, "create", "key", input, at)


async def test_the_first_executes_and_the_next_gets_its_answer(writes: IdempotentWrites) -> None:
    first = await begin(writes)
    assert (first.at, first.answer) == (AT, None)
    assert first.owner is not None
    await writes.finish(first, b"answer")
    again = await begin(writes, LATER)
    assert (again.at, again.owner, again.answer) == (AT, None, b"answer")


async def test_of_many_at_the_same_time_one_executes(writes: IdempotentWrites) -> None:
    attempts = await asyncio.gather(*(begin(writes) for _ in range(10)))
    assert sum(attempt.owner is not None for attempt in attempts) == 1
    assert {attempt.answer for attempt in attempts} == {None}


async def test_another_input_under_the_same_key_is_refused_before_and_after_the_answer(writes: IdempotentWrites) -> None:
    first = await begin(writes)
    with pytest.raises(IdempotencyKeyReused, match="another input"):
        await begin(writes, input=b"y")
    await writes.finish(first, b"answer")
    with pytest.raises(IdempotencyKeyReused):
        await begin(writes, input=b"y")


async def test_keys_belong_to_a_tenant_and_an_operation(writes: IdempotentWrites) -> None:
    await writes.finish(await begin(writes), b"answer")
    assert (await begin(writes, tenant="rival")).owner is not None
    assert (await writes.begin("acme", "cancel", "key", b"x", AT)).owner is not None


async def test_a_refused_write_frees_its_key(writes: IdempotentWrites) -> None:
    await writes.forget(await begin(writes))
    again = await begin(writes, LATER, input=b"y")
    assert (again.at, again.owner is not None) == (LATER, True)


async def test_an_abandoned_write_is_taken_over_by_one_with_the_time_of_the_first(writes: IdempotentWrites) -> None:
    first = await begin(writes)
    await writes.abandon(first)
    attempts = await asyncio.gather(*(begin(writes, LATER) for _ in range(5)))
    [taken] = [attempt for attempt in attempts if attempt.owner is not None]
    assert taken.at == AT
    await writes.forget(first)  # whoever lost it has no say any more
    await writes.finish(first, b"late")
    await writes.finish(taken, b"answer")
    assert (await begin(writes)).answer == b"answer"


async def test_a_dead_process_is_taken_over_once_its_lease_is_over(
    writes: IdempotentWrites, database: AsyncDatabase[dict[str, Any]]
) -> None:
    await begin(writes)
    assert (await begin(writes)).owner is None
    back = datetime.now(UTC) - LEASE
    await database["idempotent_writes"].update_one({}, {"$set": {"until": back}})
    assert (await begin(writes)).owner is not None
    assert (await begin(writes)).owner is None


async def test_an_answer_is_kept_for_at_least_a_day(writes: IdempotentWrites, database: AsyncDatabase[dict[str, Any]]) -> None:
    await begin(writes)
    kept = await database["idempotent_writes"].find_one({})
    assert kept is not None
    assert timedelta(hours=24) < KEEP
    assert kept["expires_at"] > datetime.now(UTC) + timedelta(hours=24)
    indexes = await database["idempotent_writes"].index_information()
    assert indexes["forget"]["expireAfterSeconds"] == 0
