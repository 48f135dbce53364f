"""Domain events and how they are stored: a frozen dataclass per event, its class name as its type."""

import builtins
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

__all__ = ["Event", "EventCodec", "UnknownEvent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to one aggregate. Subclasses are frozen dataclasses named in the past tense."""


class UnknownEvent(Exception):
    """A stored event has a type this code does not know: it was written by a newer version."""


class EventCodec:
    """Turns the events of one aggregate kind into plain data and back.

    Fields may be str, int, bool, Decimal (kept as text, exactly), datetime, enums, tuples, dicts and nested dataclasses.
    An event gains a field with a default; one that changes meaning gets a new class.
    """

    def __init__(self, *types: builtins.type[Event]) -> None:
        self._types = {known.__name__: known for known in types}

    def encode(self, event: Event) -> tuple[str, dict[str, Any]]:
        """Return the event's type (its class's name) and its data as plain values; datetimes stay datetimes."""
        name = event.__class__.__name__
        if name not in self._types:
            raise UnknownEvent(f"{name} is not an event of this aggregate")
        return name, msgspec.to_builtins(event, builtin_types=(datetime,), str_keys=True)

    def decode(self, type: str, data: dict[str, Any]) -> Event:
        """Return the event that `encode` was given.

        Raises:
            UnknownEvent: its type is not one of this codec's.
        """
        known = self._types.get(type)
        if known is None:
            raise UnknownEvent(f"{type} is not known to this version")
        return msgspec.convert(data, known, builtin_types=(datetime,))
