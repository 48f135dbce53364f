"""Who does something, for whom, when and why: carried by every command into every event it causes."""

from dataclasses import dataclass
from datetime import datetime

from subgraphs.kit.domain.ids import derived_id, new_id

__all__ = ["CommandContext"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandContext:
    """The circumstances of one command.

    `at` is business time (aware UTC, milliseconds): what the command counts as now. `actor` is the OAuth client id, or
    `system:<name>` for work that a subgraph does by itself. `request_id` ties together everything that followed from one request.
    `write` names the write where it may be repeated: its operation and idempotency key.
    """

    tenant: str
    actor: str
    request_id: str
    at: datetime
    reason: str | None = None
    write: str | None = None

    def new_id(self, prefix: str) -> str:
        """Return the id of what this command creates, at most one of each kind: when the write is repeated, the same one."""
        if self.write is None:
            return new_id(prefix, self.at)
        return derived_id(prefix, self.at, self.tenant, self.write)
