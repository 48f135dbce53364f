"""Create a feature."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.persistence.claims import ClaimStore
from subgraphs.kit.persistence.named import create_named
from subgraphs.plan.domain.feature import Feature
from subgraphs.plan.repository import FeatureRepository

__all__ = ["create_feature"]


async def create_feature(
    features: FeatureRepository,
    claims: ClaimStore,
    code: str,
    name: str,
    description: str | None,
    context: CommandContext,
) -> Feature:
    """Create a feature and return it.

    Raises:
        InvalidInput: a field is malformed.
        AlreadyExists: another feature of the tenant has this code.
    """

    def build(id: str) -> Feature:
        return Feature.create(id, code, name, description, context)

    return await create_named(features, claims, "feature_code", code, context.new_id("feat"), build, context, field=("code",))
