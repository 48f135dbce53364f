"""`tributary dead-letters`: events that a subgraph gave up, and another try."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tributary.failure import Failure
from tributary.local_stores import read_settings, stores_environment
from tributary.options import DataFolder, SubgraphName

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase
    from redis.asyncio import Redis

    from subgraphs.kit.messaging.dead_letters import DeadLetter, DeadLetters
    from subgraphs.kit.settings import Settings

__all__ = ["EXIT_CODES", "dead_letters"]

EXIT_CODES = "Exit codes: 0 done · 1 a store is away, or one of those to be retried is not there or cannot be · 2 wrong use."

PAGE = 100
TIME = "%Y-%m-%dT%H:%M:%SZ"


def dead_letters(
    subgraph: SubgraphName,
    retry: Annotated[list[str] | None, typer.Option(help="Try this one again, by its id; may be given several times.")] = None,
    retry_all: Annotated[bool, typer.Option("--retry-all", help="Try all again that can be.")] = False,
    data_dir: DataFolder = Path(".data"),
) -> None:
    """Print what a subgraph gave up, one line each: when, from which stream, its id, and why; or have events tried again.

    An event that is tried again goes through its stream once more, and is a dead letter until it was handled: what was done of it
    before is not done twice. Mail that was given up is printed, too; it is not tried again, as some of it may have been sent.

    Works on MONGODB_URI and REDIS_URL, or on the stores of the system that runs on the data folder.

    Examples:

      tributary dead-letters invoice

      tributary dead-letters invoice --retry acme/PlanSubscription/psub_01K0000000000000000000000A/0000000003

      tributary dead-letters invoice --retry-all
    """
    os.environ.update(stores_environment(data_dir))
    from pymongo.errors import PyMongoError
    from redis.exceptions import RedisError

    from subgraphs.kit.settings import Settings

    settings = read_settings(Settings)
    try:
        asyncio.run(_retry(settings, subgraph, retry, all=retry_all) if retry or retry_all else _print(settings, subgraph))
    except (PyMongoError, RedisError) as error:
        raise Failure(f"a store does not answer ({type(error).__name__})", "see `tributary doctor`", 1) from error


async def _print(settings: "Settings", subgraph: str) -> None:
    from subgraphs.kit.messaging.dead_letters import DeadLetters
    from subgraphs.kit.persistence.mongo import connect

    count = 0
    async with connect(settings, subgraph) as database:
        async for letter in _every(DeadLetters(database)):
            retried = "" if letter.retried_at is None else f"  (being tried again since {letter.retried_at:{TIME}})"
            typer.echo(f"{letter.at:{TIME}}  {letter.stream}  {letter.id}  {letter.error}{retried}")
            count += 1
    typer.echo(f"{count} dead letters", err=True)


async def _retry(settings: "Settings", subgraph: str, ids: list[str] | None, *, all: bool) -> None:
    from subgraphs.kit.messaging.dead_letters import DeadLetters
    from subgraphs.kit.messaging.redis import connect_redis
    from subgraphs.kit.persistence.mongo import connect

    async with (
        connect(settings, subgraph) as database,
        connect_redis(settings) as redis,
        connect(settings, "customer") as customers,
    ):
        letters = DeadLetters(database)
        wanted = _every(letters) if all else _named(letters, subgraph, ids or [])
        count = 0
        async for letter in wanted:
            if await _is_of_erased(letter, customers):
                problem = f"{letter.id!r} is about a customer that was erased"
                if not all:
                    raise Failure(problem, "delete it from dead_letters: nobody may be told of it any more", 1)
                typer.echo(f"{problem}: not tried again", err=True)
            elif await _try_again(letter, letters, subgraph, database, redis):
                count += 1
            elif not all:
                problem = f"{letter.id!r} from {letter.stream} cannot be tried again"
                raise Failure(problem, "see docs/operations.md, Dead letters", 1)
    typer.echo(f"{count} tried again")


async def _every(letters: "DeadLetters") -> AsyncIterator["DeadLetter"]:
    after = ""
    while page := await letters.page(PAGE, after):
        for letter in page:
            yield letter
        after = page[-1].id


async def _named(letters: "DeadLetters", subgraph: str, ids: list[str]) -> AsyncIterator["DeadLetter"]:
    for id in dict.fromkeys(ids):
        letter = await letters.find(id)
        if letter is None:
            raise Failure(f"{subgraph} has no dead letter {id!r}", f"list them with `tributary dead-letters {subgraph}`", 1)
        yield letter


async def _is_of_erased(letter: "DeadLetter", customers: "AsyncDatabase[dict[str, Any]]") -> bool:
    """Return whether an event has personal data of a customer that was erased."""
    from subgraphs.customer.personal_data_keys import MongoPersonalDataKeys
    from subgraphs.kit.messaging.envelope import events_stream

    event = letter.event
    if event is None or letter.stream != events_stream("customer"):
        return False
    about = {event.aggregate_id, *(str(one.data["customerId"]) for one in event.events if "customerId" in one.data)}
    return None in (await MongoPersonalDataKeys(customers).find(event.tenant, about)).values()


async def _try_again(
    letter: "DeadLetter", letters: "DeadLetters", subgraph: str, database: "AsyncDatabase[dict[str, Any]]", redis: "Redis"
) -> bool:
    """Return whether the letter is of a kind that can be tried again."""
    from subgraphs.invoice.provider_inbox import ProviderInbox

    if letter.stream.startswith("provider/"):
        return await ProviderInbox(database).again(letter.id, datetime.now(UTC))
    if letter.event is None:
        return False
    await letters.retry(letter, subgraph, redis)
    return True
