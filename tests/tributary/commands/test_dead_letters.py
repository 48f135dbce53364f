"""`tributary dead-letters`: what was given up is shown with its reason, and tried again on demand."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from pymongo import MongoClient
from pymongo.errors import NetworkTimeout
from redis import Redis
from typer.testing import CliRunner

from subgraphs.kit.messaging.envelope import Envelope, events_stream
from subgraphs.kit.settings import Settings
from tributary.cli import cli

AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
ENVELOPE = msgspec.json.encode(
    Envelope(
        commit_id="acme/Customer/cus_1/0000000001",
        tenant="acme",
        kind="Customer",
        aggregate_id="cus_1",
        version=1,
        at=AT,
        actor="client_1",
        request_id="req_1",
        reason=None,
        changes=("CustomerCreated",),
        events=(),
    )
)


def letter(id: str, stream: str, envelope: bytes | None = None, **more: Any) -> dict[str, Any]:
    sealed = {} if envelope is None else {"envelope": envelope}
    return {"_id": id, "stream": stream, "entry": "1-0", "error": f"ValueError('{id}')", "at": AT, **sealed, **more}


@pytest.fixture
def letters(settings: Settings, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Any:
    """The dead letters of the invoice subgraph."""
    uri = settings.mongodb_uri.get_secret_value()
    monkeypatch.setenv("MONGODB_URI", uri)
    monkeypatch.setenv("REDIS_URL", settings.redis_url.get_secret_value())
    monkeypatch.setenv("TRIBUTARY_DATABASE_PREFIX", settings.database_prefix)
    client: MongoClient[dict[str, Any]] = MongoClient(uri, tz_aware=True)
    request.addfinalizer(client.close)
    return client[f"{settings.database_prefix}_invoice"]


def run(*arguments: str) -> Any:
    """Run the command in a thread of its own: it brings its own event loop."""
    return CliRunner().invoke(cli, ["dead-letters", "invoice", *arguments])


async def test_what_was_given_up_is_printed_with_its_reason(letters: Any) -> None:
    result = await asyncio.to_thread(run)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "0 dead letters\n")
    stream = events_stream("customer")
    letters["dead_letters"].insert_many([letter("b", stream, ENVELOPE), letter("a", "mail")])
    result = await asyncio.to_thread(run)
    assert (result.exit_code, result.stderr) == (0, "2 dead letters\n")
    assert result.stdout == (
        f"2026-01-31T12:00:00Z  mail  a  ValueError('a')\n2026-01-31T12:00:00Z  {stream}  b  ValueError('b')\n"
    )


async def test_an_event_goes_through_its_stream_once_more(letters: Any, settings: Settings, flushed_redis: None) -> None:
    stream = events_stream("customer")
    letters["dead_letters"].insert_many([letter("one", stream, ENVELOPE), letter("two", stream, ENVELOPE)])
    result = await asyncio.to_thread(run, "--retry", "one", "--retry", "one")
    assert (result.exit_code, result.stdout) == (0, "1 tried again\n")
    with Redis.from_url(settings.redis_url.get_secret_value()) as redis:
        assert [fields for _, fields in redis.xrange(stream)] == [{b"envelope": ENVELOPE, b"letter": b"invoice"}]
    # Redis may still lose it: it is a dead letter until it was handled.
    tried = {one["_id"]: "retried_at" in one for one in letters["dead_letters"].find()}
    assert tried == {"one": True, "two": False}
    result = await asyncio.to_thread(run)
    assert [line.endswith("Z)") and "being tried again since" in line for line in result.stdout.splitlines()] == [True, False]


async def test_what_is_about_an_erased_customer_is_not_told_again(letters: Any, settings: Settings, flushed_redis: None) -> None:
    stream = events_stream("customer")
    letters["dead_letters"].insert_one(letter("one", stream, ENVELOPE))
    keys = letters.client[f"{settings.database_prefix}_customer"]["personal_data_keys"]
    keys.insert_one({"_id": "acme/cus_1", "tenant": "acme", "key": None})
    result = await asyncio.to_thread(run, "--retry", "one")
    assert result.exit_code == 1
    assert result.stderr == (
        "error: 'one' is about a customer that was erased → delete it from dead_letters: nobody may be told of it any more\n"
    )
    result = await asyncio.to_thread(run, "--retry-all")
    assert (result.exit_code, result.stdout) == (0, "0 tried again\n")
    assert result.stderr == "'one' is about a customer that was erased: not tried again\n"
    with Redis.from_url(settings.redis_url.get_secret_value()) as redis:
        assert redis.xlen(stream) == 0


async def test_all_are_tried_again_except_mail_and_what_cannot_be_read(
    letters: Any, settings: Settings, flushed_redis: None
) -> None:
    stream = events_stream("customer")
    letters["provider_events"].insert_one({"_id": "stripe/evt_1", "attempts": 14, "handled_at": AT})
    letters["dead_letters"].insert_many(
        [
            letter("broken", stream, b"{not json"),
            letter("event", stream, ENVELOPE),
            letter("mail/1", "mail"),
            letter("stripe/evt_1", "provider/stripe"),
            letter("stripe/evt_2", "provider/stripe"),  # forgotten since
        ]
    )
    result = await asyncio.to_thread(run, "--retry-all")
    assert (result.exit_code, result.stdout) == (0, "2 tried again\n")
    left = {one["_id"]: "retried_at" in one for one in letters["dead_letters"].find()}
    assert left == {"broken": False, "event": True, "mail/1": False, "stripe/evt_2": False}
    event = letters["provider_events"].find_one({})
    assert (event["attempts"], event["due_at"] > AT, "handled_at" in event) == (0, True, False)


async def test_what_is_not_there_or_cannot_be_tried_again_is_named(letters: Any) -> None:
    result = await asyncio.to_thread(run, "--retry", "none")
    assert result.exit_code == 1
    assert result.stderr == "error: invoice has no dead letter 'none' → list them with `tributary dead-letters invoice`\n"
    letters["dead_letters"].insert_one(letter("mail/1", "mail"))
    result = await asyncio.to_thread(run, "--retry", "mail/1")
    assert result.exit_code == 1
    assert result.stderr == "error: 'mail/1' from mail cannot be tried again → see docs/operations.md, Dead letters\n"


def test_a_store_that_is_away_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unanswered(*_: object) -> None:
        raise NetworkTimeout("timed out")

    monkeypatch.setattr("subgraphs.kit.messaging.dead_letters.DeadLetters.page", unanswered)
    monkeypatch.setenv("MONGODB_URI", "mongodb://127.0.0.1:1")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    result = run()
    assert result.exit_code == 1
    assert result.stderr == "error: a store does not answer (NetworkTimeout) → see `tributary doctor`\n"
