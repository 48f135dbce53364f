"""Change what a feature is called."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.plan.domain.feature import Feature
from subgraphs.plan.domain.values import Naming
from subgraphs.plan.repository import FeatureRepository

__all__ = ["update_feature"]


async def update_feature(features: FeatureRepository, id: str, changes: Naming, context: CommandContext) -> Feature:
    """Call the feature something else; its code stays.

    Raises:
        NotFound: there is no such feature.
        InvalidInput: the name or the description is malformed.
    """

    def update(feature: Feature) -> None:
        feature.update(changes.get("name", feature.name), changes.get("description", feature.description))

    return await features.update(id, context, update)
