"""One commit: the events of one command on one aggregate, and the document it is stored as."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from subgraphs.kit.domain.command import CommandContext

__all__ = ["Commit", "StoredEvent", "commit_id", "stream_name"]


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as plain data: `type` is the event class's name."""

    type: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """The unit of atomicity: stored as one document, so that no transaction is needed.

    `version` numbers the stream's commits from 1. `at` is business time; `recorded_at` is when it was written, and rises within
    a stream. `entry` is the position in the outgoing Redis stream once dispatched, None before.
    """

    tenant: str
    kind: str
    aggregate_id: str
    version: int
    events: tuple[StoredEvent, ...]
    context: CommandContext
    recorded_at: datetime
    entry: str | None = None

    @property
    def stream(self) -> str:
        return stream_name(self.tenant, self.kind, self.aggregate_id)

    @property
    def id(self) -> str:
        return commit_id(self.stream, self.version)

    def dispatched(self, entry: str) -> "Commit":
        return replace(self, entry=entry)

    def to_document(self) -> dict[str, Any]:
        """Return the MongoDB document. `pending_since` exists until the commit is dispatched: its sparse index is the outbox."""
        document: dict[str, Any] = {
            "_id": self.id,
            "tenant": self.tenant,
            "kind": self.kind,
            "aggregate_id": self.aggregate_id,
            "version": self.version,
            "events": [{"type": event.type, "data": event.data} for event in self.events],
            "actor": self.context.actor,
            "request_id": self.context.request_id,
            "reason": self.context.reason,
            "at": self.context.at,
            "recorded_at": self.recorded_at,
        }
        document |= {"pending_since": self.recorded_at} if self.entry is None else {"entry": self.entry}
        return document

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "Commit":
        """Return the commit that `to_document` was called on."""
        return cls(
            tenant=document["tenant"],
            kind=document["kind"],
            aggregate_id=document["aggregate_id"],
            version=document["version"],
            events=tuple(StoredEvent(event["type"], event["data"]) for event in document["events"]),
            context=CommandContext(
                tenant=document["tenant"],
                actor=document["actor"],
                request_id=document["request_id"],
                at=document["at"],
                reason=document["reason"],
            ),
            recorded_at=document["recorded_at"],
            entry=document.get("entry"),
        )


def stream_name(tenant: str, kind: str, aggregate_id: str) -> str:
    """Return the name of one aggregate's stream; the tenant comes first, so tenants are apart by construction."""
    return f"{tenant}/{kind}/{aggregate_id}"


def commit_id(stream: str, version: int) -> str:
    """Return `<tenant>/<kind>/<aggregate id>/<version, ten digits>`: unique, and sorts by version within the stream."""
    return f"{stream}/{version:010d}"
