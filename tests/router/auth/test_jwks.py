"""The key set: when it is read again, when it is not, and what happens while the issuer is down."""

from __future__ import annotations

import asyncio
from typing import Any

from router.auth.jwks import KeySource
from tests.testkit.router_tokens import TokenIssuer


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def source_of(issuer: TokenIssuer, clock: Clock) -> KeySource:
    return KeySource(issuer.fetch, refresh_seconds=600, minimum_interval_seconds=10, clock=clock)


async def test_key_set_is_read_once_for_many_tokens() -> None:
    issuer = TokenIssuer()
    keys = source_of(issuer, Clock())
    found = await asyncio.gather(*(keys.find("key-0") for _ in range(10)))
    assert all(key is not None for key in found)
    assert issuer.reads == 1


async def test_unknown_key_id_reads_the_key_set_again() -> None:
    issuer, clock = TokenIssuer(), Clock()
    keys = source_of(issuer, clock)
    await keys.find("key-0")
    issuer.rotate()
    clock.now += 11
    assert await keys.find("key-1") is not None
    assert issuer.reads == 2


async def test_unknown_key_ids_do_not_flood_the_issuer() -> None:
    issuer, clock = TokenIssuer(), Clock()
    keys = source_of(issuer, clock)
    for number in range(50):
        assert await keys.find(f"made-up-{number}") is None
    assert issuer.reads == 1


async def test_old_key_set_is_used_while_the_issuer_is_down() -> None:
    issuer, clock = TokenIssuer(), Clock()
    down = False

    async def fetch() -> dict[str, Any]:
        if down:
            raise OSError("connection refused")
        return await issuer.fetch()

    keys = KeySource(fetch, refresh_seconds=600, minimum_interval_seconds=10, clock=clock)
    await keys.find("key-0")
    down = True
    clock.now += 601
    assert await keys.find("key-0") is not None


async def test_removed_key_is_forgotten_at_the_next_refresh() -> None:
    issuer, clock = TokenIssuer(), Clock()
    keys = source_of(issuer, clock)
    await keys.find("key-0")
    issuer.rotate()
    issuer.keys.pop(0)
    clock.now += 601
    assert await keys.find("key-0") is None


async def test_keys_for_encryption_and_shared_secrets_are_passed_over() -> None:
    issuer = TokenIssuer()
    document = issuer.jwks()
    document["keys"] += [
        {**document["keys"][0], "kid": "enc", "use": "enc"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "hmac"},
        {"kty": "unknown", "kid": "strange"},
        "not a key",
    ]

    async def fetch() -> dict[str, Any]:
        return document

    keys = KeySource(fetch, refresh_seconds=600, minimum_interval_seconds=0)
    assert await keys.find("key-0") is not None
    for kid in ("enc", "hmac", "strange"):
        assert await keys.find(kid) is None


async def test_token_without_key_id_is_checked_against_the_only_key() -> None:
    issuer, clock = TokenIssuer(), Clock()
    keys = source_of(issuer, clock)
    assert await keys.find(None) is not None
    issuer.rotate()
    clock.now += 601
    assert await keys.find("key-1") is not None
    assert await keys.find(None) is None


async def test_a_slow_refresh_holds_up_one_request_and_no_others() -> None:
    issuer, clock, answered = TokenIssuer(), Clock(), asyncio.Event()

    async def fetch() -> dict[str, Any]:
        if issuer.reads:
            await answered.wait()
        return await issuer.fetch()

    keys = KeySource(fetch, refresh_seconds=600, minimum_interval_seconds=10, clock=clock)
    known = await keys.find("key-0")
    clock.now += 601
    waiting = asyncio.create_task(keys.find("key-0"))
    await asyncio.sleep(0)
    async with asyncio.timeout(1):
        assert await keys.find("key-0") is known
    assert not waiting.done()
    answered.set()
    assert await waiting is not None
    assert issuer.reads == 2
