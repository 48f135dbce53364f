"""Public events as a consumer hands them to its handlers."""

from datetime import datetime
from typing import Any

from subgraphs.kit.messaging.consumer import Received
from subgraphs.kit.messaging.envelope import Envelope, PublicEvent
from tests.testkit.memory import AT

__all__ = ["received"]


def received(
    type: str, data: dict[str, Any], *, aggregate_id: str, sequence: int = 1, tenant: str = "acme", at: datetime = AT
) -> Received:
    """Return the only event of a commit that another subgraph told."""
    commit_id = f"{tenant}/{aggregate_id}/{sequence:012d}"
    event = PublicEvent(id=f"{commit_id}#0", type=type, sequence=sequence, occurred_at=at, data=data)
    envelope = Envelope(
        commit_id=commit_id,
        tenant=tenant,
        kind="Other",
        aggregate_id=aggregate_id,
        version=sequence,
        at=at,
        actor="client_1",
        request_id="req_1",
        reason=None,
        changes=(),
        events=(event,),
    )
    return Received(event, envelope)
