"""The audit log: one entry per commit of any subgraph, taken from the envelopes on their streams."""

from subgraphs.auth.documents import AuditEntryDocument
from subgraphs.kit.domain.ids import derived_id
from subgraphs.kit.messaging.envelope import Envelope
from subgraphs.kit.persistence.commit import stream_name
from subgraphs.kit.persistence.documents import put_forward

__all__ = ["audit_entry", "record_audit_entry"]

# Actors of this form are the system's own work; every other one is an OAuth client.
_SYSTEM = "system:"


async def record_audit_entry(envelope: Envelope) -> None:
    """Store the entry of one commit; again changes nothing. Also of commits that have no public event."""
    await put_forward(audit_entry(envelope))


def audit_entry(envelope: Envelope) -> AuditEntryDocument:
    """Return the entry of a commit; its id follows from the commit, so that a redelivery is the same entry."""
    return AuditEntryDocument(
        id=derived_id("aud", envelope.at, envelope.commit_id),
        tenant=envelope.tenant,
        version=1,  # an entry never changes
        at=envelope.at,
        actor=envelope.actor,
        client_id=None if envelope.actor.startswith(_SYSTEM) else envelope.actor,
        request_id=envelope.request_id,
        reason=envelope.reason,
        entity_kind=envelope.kind,
        entity_id=envelope.aggregate_id,
        entity_version=envelope.version,
        stream=stream_name(envelope.tenant, envelope.kind, envelope.aggregate_id),
        changes=list(envelope.changes),
    )
