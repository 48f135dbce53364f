"""Archive a feature."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.plan.domain.feature import Feature
from subgraphs.plan.repository import FeatureRepository

__all__ = ["archive_feature"]


async def archive_feature(features: FeatureRepository, id: str, context: CommandContext) -> Feature:
    """Include the feature in no further plans; those that include it go on granting it. Repeating it changes nothing.

    Raises:
        NotFound: there is no such feature.
    """
    return await features.update(id, context, lambda feature: feature.archive(context))
