"""Keys are made once, published ahead, replaced by the calendar and forgotten when their tokens are gone."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from pymongo.asynchronous.database import AsyncDatabase

from subgraphs.auth.key_encryption import KeyCipher, KeyUnreadable
from subgraphs.auth.signing_keys import KeyState, SigningKeys
from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.persistence.mongo import connect
from subgraphs.kit.settings import Settings
from tests.testkit.memory import AT

Database = AsyncDatabase[dict[str, Any]]
SECRET = "key-encryption-secret-for-tests-01234"


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    async with connect(settings, "auth") as database:
        yield database


def signing_keys(database: Database, clock: FixedClock, secret: str = SECRET) -> SigningKeys:
    return SigningKeys(
        database,
        KeyCipher(SecretStr(secret)),
        clock,
        token_lifetime=timedelta(minutes=10),
        rotate_after=timedelta(days=90),
    )


async def states(keys: SigningKeys) -> list[tuple[int, KeyState]]:
    return [(key.number, state) for key, state in await keys.states()]


async def test_processes_that_start_together_agree_on_one_key(database: Database) -> None:
    processes = [signing_keys(database, FixedClock(AT)) for _ in range(8)]
    found = await asyncio.gather(*(keys.current() for keys in processes))
    assert len({key.id for key in found}) == 1
    assert await database["signing_keys"].count_documents({}) == 1


async def test_a_private_key_is_neither_stored_in_clear_nor_published(database: Database) -> None:
    keys = signing_keys(database, FixedClock(AT))
    current = await keys.current()
    private = current.key.as_dict(private=True)["d"]
    stored = await database["signing_keys"].find_one({})
    assert stored is not None
    assert str(private).encode() not in stored["private_key"]
    assert await keys.key_set() == {"keys": [current.key.as_dict(private=False)]}
    assert sorted((await keys.key_set())["keys"][0]) == ["alg", "crv", "kid", "kty", "use", "x", "y"]


async def test_another_encryption_secret_is_said_to_be_wrong(database: Database) -> None:
    await signing_keys(database, FixedClock(AT)).current()
    with pytest.raises(KeyUnreadable, match="TRIBUTARY_AUTH_KEY_ENCRYPTION_SECRET"):
        await signing_keys(database, FixedClock(AT), SECRET + "x").current()


async def test_a_stored_key_cannot_be_passed_off_as_another(database: Database) -> None:
    await signing_keys(database, FixedClock(AT)).current()
    await database["signing_keys"].update_one({}, {"$set": {"kid": "another"}})
    with pytest.raises(KeyUnreadable):
        await signing_keys(database, FixedClock(AT)).current()


async def test_a_key_is_published_an_hour_before_it_signs_and_until_its_tokens_expired(database: Database) -> None:
    clock = FixedClock(AT)
    keys = signing_keys(database, clock)
    assert await states(keys) == [(1, KeyState.CURRENT)]
    clock.at = AT + timedelta(days=90) - timedelta(hours=1, seconds=1)
    assert await states(keys) == [(1, KeyState.CURRENT)]
    clock.at = AT + timedelta(days=90) - timedelta(minutes=59)
    assert await states(keys) == [(1, KeyState.CURRENT), (2, KeyState.NEXT)]
    assert (await keys.current()).number == 1
    clock.at += timedelta(hours=1)
    assert await states(keys) == [(1, KeyState.RETIRED), (2, KeyState.CURRENT)]
    assert len((await keys.key_set())["keys"]) == 2
    clock.at += timedelta(minutes=11)  # 10 minutes that a token lives + 1 minute of leeway
    assert await states(keys) == [(1, KeyState.RETIRED), (2, KeyState.CURRENT)]
    clock.at += timedelta(minutes=1, seconds=1)  # read again after a minute
    assert await states(keys) == [(2, KeyState.CURRENT)]
    assert await database["signing_keys"].count_documents({}) == 1


async def test_a_key_is_rotated_by_hand_once(database: Database) -> None:
    clock = FixedClock(AT)
    keys = signing_keys(database, clock)
    await keys.current()
    assert (await keys.rotate()).id == (await keys.rotate()).id
    assert await states(keys) == [(1, KeyState.CURRENT), (2, KeyState.NEXT)]
    clock.at = AT + timedelta(hours=1)
    assert (await keys.current()).number == 2


async def test_a_deleted_key_is_replaced_within_a_minute(database: Database) -> None:
    clock = FixedClock(AT)
    keys = signing_keys(database, clock)
    leaked = await keys.current()
    await database["signing_keys"].delete_one({"kid": leaked.id})
    clock.at = AT + timedelta(minutes=1)
    assert (await keys.current()).id != leaked.id
    assert [key["kid"] for key in (await keys.key_set())["keys"]] == [(await keys.current()).id]


async def test_a_deleted_key_does_not_wait_for_the_next_one(database: Database) -> None:
    clock = FixedClock(AT)
    keys = signing_keys(database, clock)
    leaked = await keys.current()
    await keys.rotate()
    await database["signing_keys"].delete_one({"kid": leaked.id})
    clock.at = AT + timedelta(minutes=1)
    assert await states(keys) == [(3, KeyState.CURRENT), (2, KeyState.NEXT)]
