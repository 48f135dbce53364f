"""Random operations give the same data through the router as by one merged schema over the same data.

A longer run with another seed: `python -m tests.router.differential --operations 20000`.
"""

from __future__ import annotations

import os
from random import Random
from typing import Any

import pytest
from graphql import print_ast
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.router.differential.operations import Operation, generate
from tests.router.differential.supergraphs import random_fixture
from tests.router.differential.trial import Trial, trials
from tests.testkit.federation_fixtures import fixture, fixture_names, product

SEED = os.environ.get("DIFFERENTIAL_SEED", "2026")
OPERATIONS_PER_SUPERGRAPH = 10
# The supergraphs of the planner's own tests show one thing each.
OPERATIONS_PER_PLAN_FIXTURE = 3
RANDOM_SUPERGRAPHS, OPERATIONS_PER_RANDOM_SUPERGRAPH = 6, 5
# Supergraphs that hypothesis, which shrinks by itself but is slow, looks at.
WITH_HYPOTHESIS = ("keys", "interface-object")


@pytest.mark.parametrize("name", fixture_names())
async def test_the_router_answers_as_one_merged_schema_does(name: str) -> None:
    random = Random(f"{SEED} {name}")
    known = trials(fixture(name))
    for number in range(OPERATIONS_PER_PLAN_FIXTURE if name.startswith("plan-") else OPERATIONS_PER_SUPERGRAPH):
        trial = known[number % len(known)]
        await _compare(trial, _operation(trial, random), f"seed {SEED}, operation {number}")


async def test_the_router_answers_as_one_merged_schema_does_over_the_products_own_subgraphs() -> None:
    random = Random(f"{SEED} product")
    known = trials(product())
    for number in range(OPERATIONS_PER_SUPERGRAPH):
        trial = known[number % len(known)]
        await _compare(trial, _operation(trial, random), f"seed {SEED}, operation {number}")


async def test_the_router_answers_as_one_merged_schema_does_over_random_supergraphs() -> None:
    fixtures = [found for found in map(random_fixture, range(4 * RANDOM_SUPERGRAPHS)) if found is not None][:RANDOM_SUPERGRAPHS]
    assert len(fixtures) == RANDOM_SUPERGRAPHS
    for subject in fixtures:
        random = Random(f"{SEED} {subject.name}")
        known = trials(subject)
        for number in range(OPERATIONS_PER_RANDOM_SUPERGRAPH):
            trial = known[number % len(known)]
            await _compare(trial, _operation(trial, random), f"{subject.name}, seed {SEED}, operation {number}")


@pytest.mark.parametrize("name", WITH_HYPOTHESIS)
@settings(max_examples=8, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(random=st.randoms(use_true_random=False), world=st.integers(0, 3))
async def test_the_router_answers_as_one_merged_schema_does_for_what_hypothesis_finds(name: str, random: Any, world: int) -> None:
    trial = trials(fixture(name))[world]
    await _compare(trial, _operation(trial, random), "hypothesis")


def _operation(trial: Trial, random: Random) -> Operation:
    return generate(trial.supergraph.schema, trial.world.ids(), random)


async def _compare(trial: Trial, operation: Operation, where: str) -> None:
    difference = await trial.run(operation.document, operation.variables)
    assert difference is None, f"{where}\n{print_ast(operation.document)}\nvariables {operation.variables}\n{difference}"
