"""The feature aggregate."""

from typing import ClassVar

from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.codes import checked_code
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.plan.domain.events import FeatureCreated
from subgraphs.plan.domain.values import checked_description, checked_name

__all__ = ["Feature"]


class Feature(Aggregate):
    """Something that plans include, with or without a limit."""

    kind: ClassVar[str] = "Feature"
    codec: ClassVar[EventCodec] = EventCodec(FeatureCreated)

    created: FeatureCreated

    @classmethod
    def create(cls, id: str, code: str, name: str, description: str | None, context: CommandContext) -> "Feature":
        """Return a new feature.

        Raises:
            InvalidInput: the code, name or description is malformed.
        """
        feature = cls(id, context.tenant)
        feature.record(
            FeatureCreated(
                code=checked_code(code),
                name=checked_name(name),
                description=checked_description(description),
                created_at=context.at,
            )
        )
        return feature

    def apply(self, event: Event) -> None:
        match event:
            case FeatureCreated():
                self.created = event
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a feature")
