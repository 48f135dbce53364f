"""Create a feature."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import AlreadyExists
from subgraphs.kit.domain.ids import new_id
from subgraphs.kit.persistence.claims import ClaimStore
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
    feature = Feature.create(new_id("feat", context.at), code, name, description, context)
    owner = await claims.claim(context.tenant, "feature_code", code, feature.id)
    if owner != feature.id:
        raise AlreadyExists(f"feature {owner!r} already has the code {code!r}", field=("code",))
    return await features.create(feature, context)
