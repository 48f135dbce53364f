"""Names that are unique in a tenant, also where a process ended between claiming and creating."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import AlreadyExists, InvalidInput
from subgraphs.kit.persistence.claims import Claims, ClaimStore, InMemoryClaims
from subgraphs.kit.persistence.mongo import connect
from subgraphs.kit.persistence.named import create_named
from subgraphs.kit.persistence.repository import AggregateRepository
from subgraphs.kit.settings import Settings
from subgraphs.plan.domain.feature import Feature
from tests.testkit.memory import context, repository


@pytest.fixture(params=["memory", "mongodb"])
async def claims(request: pytest.FixtureRequest) -> AsyncIterator[ClaimStore]:
    if request.param == "memory":
        yield InMemoryClaims()
        return
    settings: Settings = request.getfixturevalue("settings")
    async with connect(settings, "claims") as database:
        mongo = Claims(database)
        await mongo.ensure_indexes()
        yield mongo


async def create(
    features: AggregateRepository[Feature],
    claims: ClaimStore,
    id: str,
    circumstances: CommandContext | None = None,
    name: str = "SSO",
) -> Feature:
    circumstances = circumstances or context()

    def build(id: str) -> Feature:
        return Feature.create(id, "sso", name, None, circumstances)

    return await create_named(features, claims, "feature_code", "sso", id, build, circumstances, field=("code",))


async def test_the_first_owns_a_claim_until_it_is_released(claims: ClaimStore) -> None:
    owners = await asyncio.gather(*(claims.claim("acme", "code", "sso", f"feat_{number}") for number in range(6)))
    assert len(set(owners)) == 1
    await claims.release("acme", "code", "sso", "somebody else")
    assert await claims.claim("acme", "code", "sso", "feat_9") == owners[0]
    await claims.release("acme", "code", "sso", owners[0])
    assert await claims.claim("acme", "code", "sso", "feat_9") == "feat_9"
    assert await claims.claim("rival", "code", "sso", "feat_1") == "feat_1"
    assert await claims.claim("acme", "other", "sso", "feat_1") == "feat_1"


async def test_a_name_is_given_once(claims: ClaimStore) -> None:
    features = repository(Feature)
    assert (await create(features, claims, "feat_1")).id == "feat_1"
    with pytest.raises(AlreadyExists, match="feature 'feat_1' already has the feature code 'sso'") as refused:
        await create(features, claims, "feat_2")
    assert refused.value.field == ("code",)
    assert await features.find("acme", "feat_2") is None
    assert (await create(features, claims, "feat_3", context("rival"))).id == "feat_3"


async def test_of_many_at_the_same_time_one_gets_the_name(claims: ClaimStore) -> None:
    features = repository(Feature)
    done = await asyncio.gather(*(create(features, claims, f"feat_{number}") for number in range(6)), return_exceptions=True)
    assert sum(isinstance(one, Feature) for one in done) == 1
    assert sum(isinstance(one, AlreadyExists) for one in done) == 5


async def test_a_name_that_nobody_bears_is_taken_up(claims: ClaimStore) -> None:
    features = repository(Feature)
    await claims.claim("acme", "feature_code", "sso", "feat_lost")  # and then the process ended
    made = await create(features, claims, "feat_2", name="Sign-on")
    assert (made.id, made.created.name) == ("feat_lost", "Sign-on")
    with pytest.raises(AlreadyExists):
        await create(features, claims, "feat_lost")


async def test_a_repeated_write_gets_what_it_created_before(claims: ClaimStore) -> None:
    features, keyed = repository(Feature), replace(context(), write="feature_create/key-1")
    id = keyed.new_id("feat")
    assert keyed.new_id("feat") == id
    first = await create(features, claims, id, keyed)
    assert (await create(features, claims, id, keyed)).created == first.created
    assert context().new_id("feat") != context().new_id("feat")


async def test_what_is_malformed_claims_nothing(claims: ClaimStore) -> None:
    with pytest.raises(InvalidInput):
        await create(repository(Feature), claims, "feat_1", name="")
    assert await claims.claim("acme", "feature_code", "sso", "feat_2") == "feat_2"
