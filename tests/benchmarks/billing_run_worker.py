"""One worker of the billing run: what `tributary worker` runs for customer, subscription and invoice, in one process.

Works until its standard input ends, then prints how many commands it sent to MongoDB and how many seconds their answers took, by
command and collection, as JSON. An argument names a file for the profile of the process.
"""

from __future__ import annotations

import asyncio
import cProfile
import json
import os
import sys
from collections import Counter, defaultdict

from pymongo import monitoring

from subgraphs.customer import worker as customer
from subgraphs.invoice import worker as invoice
from subgraphs.subscription import worker as subscription

__all__ = ["main"]

WORKERS = (customer.main, subscription.main, invoice.main)


class Commands(monitoring.CommandListener):
    """Counts commands and how long they take."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._names: dict[int, str] = {}

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        target = event.command.get(event.command_name)
        if isinstance(target, str):
            name = self._names[event.request_id] = f"{event.command_name} {event.database_name.rpartition('_')[2]}.{target}"
            self.counts[name] += 1

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        if name := self._names.pop(event.request_id, None):
            self.seconds[name] += event.duration_micros / 1e6

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        self._names.pop(event.request_id, None)


async def _work() -> None:
    stop = asyncio.Event()

    async def until_input_ends() -> None:
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        await reader.read()
        stop.set()

    await asyncio.gather(until_input_ends(), *(work(stop) for work in WORKERS))


def main(arguments: list[str]) -> None:
    """Work until standard input ends."""
    results = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # logs go to standard output: the result stays apart
    commands = Commands()
    monitoring.register(commands)
    if arguments:
        profile = cProfile.Profile()
        profile.runcall(asyncio.run, _work())
        profile.dump_stats(arguments[0])
    else:
        asyncio.run(_work())
    json.dump([commands.counts, commands.seconds], results)
    results.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
