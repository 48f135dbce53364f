"""Compares the router with one merged schema: `python -m tests.router.differential --operations 20000 --seed 7`.

Prints the seed, how many operations ran, and each difference with the smallest operation that shows it. Exits with 1 when there
is a difference.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import itertools
import sys
import time
from collections.abc import Sequence
from random import Random
from typing import Any

from graphql import DocumentNode, print_ast

from tests.router.differential.operations import generate
from tests.router.differential.shrinking import shrink
from tests.router.differential.supergraphs import random_fixture
from tests.router.differential.trial import Difference, Trial, trials
from tests.testkit.federation_fixtures import Fixture, fixture, fixture_names, product

__all__ = ["main"]

SHOWN_PER_FIXTURE = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.router.differential", description=__doc__)
    parser.add_argument("--operations", type=int, default=1000, help="how many operations, over all fixtures")
    parser.add_argument("--seed", type=int, default=None, help="random by default; printed")
    parser.add_argument("--fixture", action="append", help="only this fixture, random-N or product; may be repeated")
    parser.add_argument("--random", type=int, default=0, metavar="N", help="use N random supergraphs in place of the fixtures")
    options = parser.parse_args(arguments)
    seed = options.seed if options.seed is not None else Random().randrange(1_000_000)
    print(f"seed {seed}")
    fixtures = (
        _random_fixtures(options.random, seed)
        if options.random
        else [_fixture(name) for name in options.fixture or [*fixture_names(), "product"]]
    )
    return asyncio.run(_run(fixtures, options.operations, seed))


def _fixture(name: str) -> Fixture:
    if name == "product":
        return product()
    found = random_fixture(int(name.removeprefix("random-"))) if name.startswith("random-") else fixture(name)
    if found is None:
        raise SystemExit(f"{name} does not compose")
    return found


def _random_fixtures(count: int, seed: int) -> list[Fixture]:
    tried = itertools.count(seed * 10_000)
    return list(itertools.islice((found for found in map(random_fixture, tried) if found is not None), count))


async def _run(fixtures: Sequence[Fixture], operations: int, seed: int) -> int:
    started = time.monotonic()
    done, different = 0, collections.Counter[str]()
    for number, subject in enumerate(fixtures):
        name = subject.name
        share = operations // len(fixtures) + (number < operations % len(fixtures))
        random = Random(f"{seed} {name}")
        known = trials(subject)
        schema, ids = known[0].supergraph.schema, known[0].world.ids()
        for count in range(share):
            operation = generate(schema, ids, random)
            trial = known[count % len(known)]
            found = await trial.run(operation.document, operation.variables)
            done += 1
            if found is not None:
                different[name] += 1
                if different[name] <= SHOWN_PER_FIXTURE:
                    print(await _report(name, count, trial, operation.document, operation.variables, found), flush=True)
    print(f"{done} operations over {len(fixtures)} supergraphs in {time.monotonic() - started:.0f} s, seed {seed}")
    print(f"{different.total()} differences" + "".join(f"\n  {count} {name}" for name, count in different.most_common()))
    return 1 if different else 0


async def _report(
    name: str, count: int, trial: Trial, document: DocumentNode, variables: tuple[dict[str, Any], ...], found: Difference
) -> str:
    async def fails(candidate: DocumentNode) -> bool:
        other = await trial.run(candidate, variables)
        return other is not None and other.kind == found.kind

    small = await shrink(trial.supergraph.schema, document, fails)
    shown = await trial.run(small, variables) or found
    return f"--- {name}, operation {count}\n{print_ast(small)}\nvariables {variables}\n{shown}\n"


if __name__ == "__main__":
    sys.exit(main())
