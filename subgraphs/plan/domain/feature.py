"""The feature aggregate."""

from typing import ClassVar

from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.codes import checked_code
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.plan.domain.events import FeatureArchived, FeatureCreated, FeatureUpdated
from subgraphs.plan.domain.values import State, checked_description, checked_name

__all__ = ["Feature"]


class Feature(Aggregate):
    """Something that plans include, with or without a limit."""

    kind: ClassVar[str] = "Feature"
    codec: ClassVar[EventCodec] = EventCodec(FeatureCreated, FeatureUpdated, FeatureArchived)

    created: FeatureCreated
    name: str
    description: str | None
    state: State

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

    def update(self, name: str, description: str | None) -> None:
        """Call it something else, archived or not; nothing happens when it is called so already.

        Raises:
            InvalidInput: the name or the description is malformed.
        """
        if (checked_name(name), checked_description(description)) != (self.name, self.description):
            self.record(FeatureUpdated(name=name, description=description))

    def archive(self, context: CommandContext) -> None:
        """Include it in no further plans; those that include it go on granting it. Archiving again changes nothing."""
        if self.state is State.ACTIVE:
            self.record(FeatureArchived(archived_at=context.at))

    def apply(self, event: Event) -> None:
        match event:
            case FeatureCreated():
                self.created, self.state = event, State.ACTIVE
                self.name, self.description = event.name, event.description
            case FeatureUpdated():
                self.name, self.description = event.name, event.description
            case FeatureArchived():
                self.state = State.ARCHIVED
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a feature")
