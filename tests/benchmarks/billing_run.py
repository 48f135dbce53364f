"""The billing run: subscriptions fall due at the same instant, and workers renew, invoice and charge them.

A worker is one process that runs the loops of the customer, subscription and invoice workers. Everything happens as in
production: events go through Redis, every commit is journaled, the sandbox provider takes the money. Measured is from the instant
everything is due until the last invoice is paid. The rest of the database are subscribers of the same tenant who are not due.

"vs first" compares with the baseline of the same run: the first number of workers on the smallest database. Everything shares the
machine with the stores. Runs on the embedded stores and, where MONGODB_URI is set, on that MongoDB, too, in databases of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
from redis.asyncio import Redis

from subgraphs.auth.settings import AuthSettings
from subgraphs.kit.messaging.envelope import Envelope, events_stream
from tests.benchmarks.billing_run_load import Subscribers
from tests.testkit.stores import run_mongodb, run_redis

__all__ = ["main"]

EMBEDDED = "embedded stores"
ROW = "{:>13} {:>7} {:>6} {:>9} {:>9} {:>10} {:>8} {:>9}"
HEAD = ("subscriptions", "workers", "due", "renewed/s", "paid/s", "per worker", "vs first", "commands")
SETTLED_SECONDS = 600
# What is loaded has to be in the database before it is due: it has this long, and so many times as long as the load before took.
LOAD_SECONDS, LOAD_FACTOR = 4.0, 4.0
START_SECONDS = 60
# How many of the workers' consumers read each subgraph's events.
READERS = {"customer": 3, "subscription": 2, "invoice": 2}


@dataclass(frozen=True, slots=True)
class Measured:
    """Per second; `commands` are MongoDB's, per renewal, and `milliseconds` what one of them took."""

    renewed: float
    paid: float
    commands: Mapping[str, float]
    milliseconds: Mapping[str, float]


def main(arguments: list[str]) -> int:
    """Print the measurements; return the exit code, 1 when a period was not billed exactly once."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as folder, run_redis(Path(folder) / "redis") as redis:
        wrong = False
        with run_mongodb(Path(folder) / "mongodb") as mongodb:
            wrong |= asyncio.run(_run(EMBEDDED, mongodb.url, redis.url, options))
        if uri := os.environ.get("MONGODB_URI"):
            wrong |= asyncio.run(_run("MONGODB_URI", uri, redis.url, options))
    return 1 if wrong else 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks billing-run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 5_000], help="subscriptions in the database")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4], help="worker processes")
    parser.add_argument("--due", type=int, default=200, help="how many subscriptions fall due in one measurement")
    parser.add_argument("--commands", action="store_true", help="also print which MongoDB commands a renewal takes")
    parser.add_argument("--profile", type=Path, help="write the profile of one worker of the last measurement to this file")
    return parser.parse_args(arguments)


async def _run(title: str, mongodb_uri: str, redis_url: str, options: argparse.Namespace) -> bool:
    """Print a table; return whether something was billed wrongly."""
    prefix = f"bench_{uuid4().hex[:12]}"
    settings = AuthSettings(
        _env_file=None,
        mongodb_uri=mongodb_uri,
        redis_url=redis_url,
        database_prefix=prefix,
        auth_key_encryption_secret="not a secret: of the benchmark only",
        log_level="WARNING",
    )
    print(f"billing run, {title}", flush=True)
    print(ROW.format(*HEAD), flush=True)
    async with AsyncExitStack() as stack:
        subscribers = await Subscribers.open(settings, stack)
        redis = await stack.enter_async_context(Redis.from_url(redis_url))
        if title != EMBEDDED:
            stack.push_async_callback(subscribers.drop)
        first: Measured | None = None
        for size in sorted(options.sizes):
            await subscribers.add(max(0, size - subscribers.count))
            for workers in options.workers:
                last = (size, workers) == (max(options.sizes), options.workers[-1])
                due, measured = await _measure(
                    subscribers, redis, settings, workers, options.due, options.profile if last else None
                )
                first = first or measured
                _print(size, workers, options.due, measured, first)
                if options.commands:
                    _print_commands(measured)
                if problem := await subscribers.wrongly_billed(due):
                    print(problem, file=sys.stderr)
                    return True
        await redis.flushall()
    return False


async def _measure(
    subscribers: Subscribers, redis: Redis, settings: AuthSettings, workers: int, count: int, profile: Path | None
) -> tuple[list[str], Measured]:
    """Return the ids of the subscriptions that were due, and how fast they were renewed."""
    processes = [await _start_worker(settings, None if number else profile) for number in range(workers)]
    try:
        await _settled(redis, processes)
        due_at = datetime.now(UTC).replace(microsecond=0) + timedelta(
            seconds=int(LOAD_SECONDS + LOAD_FACTOR * count * subscribers.seconds_each)
        )
        watching = asyncio.create_task(_watch(redis, count))
        due = await subscribers.add(count, due_at)
        late = (datetime.now(UTC) - due_at).total_seconds()
        if late > 0:
            watching.cancel()
            raise SystemExit(
                f"{count} subscriptions were loaded {late:.1f} s too late: the machine is too busy, or --due too large"
            )
        renewed, paid = await asyncio.wait_for(watching, SETTLED_SECONDS)
        await _settled(redis, processes)
    finally:
        commands, seconds = Counter[str](), Counter[str]()
        for process in processes:
            output, _ = await process.communicate(b"")  # which ends its input
            for counter, found in zip((commands, seconds), json.loads(output or b"[{}, {}]"), strict=True):
                counter.update(found)
    return due, Measured(
        renewed=count / (renewed - due_at.timestamp()),
        paid=count / (paid - due_at.timestamp()),
        commands={name: found / count for name, found in commands.most_common()},
        milliseconds={name: seconds[name] / found * 1000 for name, found in commands.items()},
    )


async def _start_worker(settings: AuthSettings, profile: Path | None) -> Process:
    environment = {
        **os.environ,
        "MONGODB_URI": settings.mongodb_uri.get_secret_value(),
        "REDIS_URL": settings.redis_url.get_secret_value(),
        "TRIBUTARY_DATABASE_PREFIX": settings.database_prefix,
        "TRIBUTARY_LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", "tests.benchmarks.billing_run_worker", *([str(profile)] if profile else [])]
    return await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, env=environment)


async def _settled(redis: Redis, processes: Sequence[Process]) -> None:
    """Wait until every worker reads every subgraph's events and nothing is on its way."""
    deadline, still = time.monotonic() + START_SECONDS, 0
    names = {f"{socket.gethostname()}:{process.pid}" for process in processes}
    while still < 3:
        await asyncio.sleep(0.3)
        still = still + 1 if await _is_settled(redis, names) else 0
        if time.monotonic() > deadline:
            raise SystemExit("the workers did not settle")


async def _is_settled(redis: Redis, names: set[str]) -> bool:
    for source, readers in READERS.items():
        stream = events_stream(source)
        groups = await redis.xinfo_groups(stream) if await redis.exists(stream) else []
        if len(groups) < readers or any(group["pending"] or group["lag"] for group in groups):
            return False
        for group in groups:
            if not names <= {one["name"].decode() for one in await redis.xinfo_consumers(stream, group["name"])}:
                return False
    return True


async def _watch(redis: Redis, count: int) -> tuple[float, float]:
    """Return when the last of `count` periods was told to be open, and when the last of as many invoices to be paid."""
    streams: dict[Any, Any] = {stream: await _last(redis, stream) for stream in map(events_stream, ("subscription", "invoice"))}
    # By their ids: a relay sends again what it cannot be sure of having sent.
    seen: dict[str, set[str]] = {"billing-period-opened.v1": set(), "invoice-paid.v1": set()}
    at: dict[str, float] = {}
    while any(len(ids) < count for ids in seen.values()):
        answer: Any = await redis.xread(streams, block=1000)
        for stream, entries in answer:
            for entry, fields in entries:
                streams[stream.decode()] = entry
                for event in msgspec.json.decode(fields[b"envelope"], type=Envelope).events:
                    if event.type in seen and event.id not in seen[event.type]:
                        seen[event.type].add(event.id)
                        at[event.type] = time.time()
    return at["billing-period-opened.v1"], at["invoice-paid.v1"]


async def _last(redis: Redis, stream: str) -> bytes:
    information = await redis.xinfo_stream(stream)
    return bytes(information["last-generated-id"])


def _print(size: int, workers: int, due: int, measured: Measured, first: Measured) -> None:
    cells = (
        f"{measured.renewed:.1f}",
        f"{measured.paid:.1f}",
        f"{measured.paid / workers:.1f}",
        f"{measured.paid / first.paid:.2f}",
        f"{sum(measured.commands.values()):.1f}",
    )
    print(ROW.format(size, workers, due, *cells), flush=True)


def _print_commands(measured: Measured) -> None:
    found: Sequence[tuple[str, float]] = [(name, count) for name, count in measured.commands.items() if count >= 0.05]
    for name, count in found:
        print(f"    {count:6.2f}  {measured.milliseconds[name]:7.1f} ms  {name}", flush=True)
