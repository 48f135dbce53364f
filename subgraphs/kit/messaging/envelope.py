"""What travels between subgraphs: one envelope per commit, with the public events that the commit stands for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from subgraphs.kit.persistence.commit import Commit

__all__ = ["EVENTS", "Envelope", "PublicEvent", "envelope_of", "events_stream", "feed_channel", "nudge_channel"]


class PublicEvent(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An event as other subgraphs and partners see it.

    `type` names the contract in `schema/events/` (`customer-created.v1`); `data` keeps to its JSON Schema.
    `id` is unique for ever; `sequence` rises within the aggregate, so a reader can drop what is older than what it has.
    """

    id: str
    type: str
    sequence: int
    occurred_at: datetime
    data: dict[str, Any]


class Envelope(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A commit on its way: who did what to which aggregate, and the public events of it (possibly none)."""

    commit_id: str
    tenant: str
    kind: str
    aggregate_id: str
    version: int
    at: datetime
    actor: str
    request_id: str
    reason: str | None
    changes: tuple[str, ...]
    events: tuple[PublicEvent, ...]


def envelope_of(commit: Commit, events: Sequence[PublicEvent]) -> Envelope:
    """Return the envelope of a commit, with the public events that stand for it."""
    return Envelope(
        commit_id=commit.id,
        tenant=commit.tenant,
        kind=commit.kind,
        aggregate_id=commit.aggregate_id,
        version=commit.version,
        at=commit.context.at,
        actor=commit.context.actor,
        request_id=commit.context.request_id,
        reason=commit.context.reason,
        changes=tuple(event.type for event in commit.events),
        events=tuple(events),
    )


EVENTS = "tributary:events:"
"""What the names of all streams of events begin with."""


def events_stream(subgraph: str) -> str:
    """Return the Redis stream that carries a subgraph's envelopes."""
    return f"{EVENTS}{subgraph}"


def feed_channel(subgraph: str, tenant: str) -> str:
    """Return the pub/sub channel that tells live feeds of one tenant; no channel carries two tenants."""
    return f"tributary:feed:{subgraph}:{tenant}"


def nudge_channel(subgraph: str) -> str:
    """Return the pub/sub channel on which a commit wakes the relay; losing a nudge costs only latency."""
    return f"tributary:nudge:{subgraph}"
