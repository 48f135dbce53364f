"""Who does something, for whom, when and why: carried by every command into every event it causes."""

from dataclasses import dataclass
from datetime import datetime

__all__ = ["CommandContext"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandContext:
    """The circumstances of one command.

    `at` is business time (aware UTC, milliseconds): what the command counts as now. `actor` is the OAuth client id, or
    `system:<name>` for work that a subgraph does by itself. `request_id` ties together everything that followed from one request.
    """

    tenant: str
    actor: str
    request_id: str
    at: datetime
    reason: str | None = None
