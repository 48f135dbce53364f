"""The audit log: one entry per commit of any subgraph, taken from the envelopes on their streams."""

from subgraphs.auth.documents import AuditEntryDocument
from subgraphs.kit.domain.ids import derived_id
from subgraphs.kit.messaging.envelope import Envelope
from subgraphs.kit.persistence.commit import stream_name
from subgraphs.kit.persistence.documents import put_forward

__all__ = ["audit_entry", "record_audit_entry"]

# Actors of this form are the system's own work; every other one is an OAuth client.
_SYSTEM = "system:"
_CUSTOMER, _ERASED = "Customer", "CustomerErased"


async def record_audit_entry(envelope: Envelope) -> None:
    """Store the entry of one commit; again changes nothing. Also of commits that have no public event.

    What a client stated as the reason is free text, and forgotten when the customer it is about is erased.
    """
    entry = audit_entry(envelope)
    if entry.reason is not None and entry.customer_id is None:
        entry.customer_id = await _known_customer_of(entry)
    await put_forward(entry)
    # An erasure may be recorded at the same time: each writes before it looks, so that one of the two sees the other.
    if entry.reason is not None and entry.customer_id is not None and await _is_erased(entry.tenant, entry.customer_id):
        await AuditEntryDocument.get_pymongo_collection().update_one({"_id": entry.id}, {"$set": {"reason": None}})
    if entry.customer_id is not None and _ERASED in entry.changes:
        of_customer = {"tenant": entry.tenant, "customer_id": entry.customer_id, "client_id": {"$ne": None}}
        await AuditEntryDocument.get_pymongo_collection().update_many(of_customer, {"$set": {"reason": None}})


async def _known_customer_of(entry: AuditEntryDocument) -> str | None:
    """Return whom something belongs to, as an earlier commit of it told."""
    told = {"tenant": entry.tenant, "entity_id": entry.entity_id, "customer_id": {"$ne": None}}
    found = await AuditEntryDocument.get_pymongo_collection().find_one(told, {"customer_id": 1})
    return None if found is None else str(found["customer_id"])


async def _is_erased(tenant: str, customer_id: str) -> bool:
    erasure = {"tenant": tenant, "entity_id": customer_id, "changes": _ERASED}
    return await AuditEntryDocument.get_pymongo_collection().find_one(erasure, {"_id": 1}) is not None


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
        customer_id=_customer_of(envelope),
    )


def _customer_of(envelope: Envelope) -> str | None:
    if envelope.kind == _CUSTOMER:
        return envelope.aggregate_id
    return next((str(id) for event in envelope.events if (id := event.data.get("customerId")) is not None), None)
