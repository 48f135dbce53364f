"""The OAuth client aggregate."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from subgraphs.auth.domain.events import (
    OAuthClientCreated,
    OAuthClientRevoked,
    OAuthClientScopesChanged,
    OAuthClientSecretRotated,
)
from subgraphs.auth.domain.scopes import checked_scopes
from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.kit.domain.event import Event, EventCodec

__all__ = ["MAXIMUM_OVERLAP", "OAuthClient", "SecretHash"]

MAXIMUM_OVERLAP = timedelta(days=7)
"""How long a replaced secret can go on working at most: long enough to roll out a new one everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretHash:
    """One secret of a client as its digest; works until `expires_at`, for ever when None."""

    digest: str
    expires_at: datetime | None = None


class OAuthClient(Aggregate):
    """A program that calls the API for one tenant (RFC 6749 section 2: a confidential client)."""

    kind: ClassVar[str] = "OAuthClient"
    codec: ClassVar[EventCodec] = EventCodec(
        OAuthClientCreated, OAuthClientScopesChanged, OAuthClientSecretRotated, OAuthClientRevoked
    )

    created: OAuthClientCreated
    scopes: tuple[str, ...]
    secrets: tuple[SecretHash, ...]
    secret_created_at: datetime
    revoked_at: datetime | None

    @classmethod
    def create(
        cls, id: str, tenant: str, name: str, scopes: tuple[str, ...], secret_hash: str, context: CommandContext
    ) -> "OAuthClient":
        """Return a new client of `tenant`, which is the caller's own except for the first client of a new tenant.

        Raises:
            InvalidInput: the name or the scopes are not acceptable.
        """
        if not 1 <= len(name.strip()) <= 200:
            raise InvalidInput("a name has 1 to 200 characters", field=("name",))
        client = cls(id, tenant)
        client.record(
            OAuthClientCreated(
                name=name.strip(),
                scopes=checked_scopes(tenant, scopes),
                secret_hash=secret_hash,
                created_by=context.actor,
                created_at=context.at,
            )
        )
        return client

    def change_scopes(self, scopes: tuple[str, ...]) -> None:
        """Hold exactly these scopes from now on; tokens that were issued keep theirs until they expire."""
        self._require_active()
        if (wanted := checked_scopes(self.tenant, scopes)) != self.scopes:
            self.record(OAuthClientScopesChanged(scopes=wanted))

    def rotate_secret(self, secret_hash: str, overlap: timedelta, context: CommandContext) -> None:
        """Replace the secret; the one in use works for `overlap` longer.

        Raises:
            InvalidState: the client is revoked.
            InvalidInput: the overlap is negative or longer than MAXIMUM_OVERLAP.
        """
        self._require_active()
        if not timedelta() <= overlap <= MAXIMUM_OVERLAP:
            seconds = int(MAXIMUM_OVERLAP.total_seconds())
            raise InvalidInput(f"the former secret can go on working for 0 to {seconds} seconds", field=("overlapSeconds",))
        self.record(
            OAuthClientSecretRotated(secret_hash=secret_hash, previous_expires_at=context.at + overlap, rotated_at=context.at)
        )

    def revoke(self, context: CommandContext) -> None:
        """Issue no more tokens to this client, for good. Revoking again changes nothing."""
        if self.revoked_at is None:
            self.record(OAuthClientRevoked(revoked_at=context.at))

    def apply(self, event: Event) -> None:
        match event:
            case OAuthClientCreated():
                self.created = event
                self.scopes = event.scopes
                self.secrets = (SecretHash(digest=event.secret_hash),)
                self.secret_created_at = event.created_at
                self.revoked_at = None
            case OAuthClientScopesChanged():
                self.scopes = event.scopes
            case OAuthClientSecretRotated():
                former = SecretHash(digest=self.secrets[0].digest, expires_at=event.previous_expires_at)
                self.secrets = (SecretHash(digest=event.secret_hash), former)
                self.secret_created_at = event.rotated_at
            case OAuthClientRevoked():
                self.revoked_at = event.revoked_at
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of an OAuth client")

    def _require_active(self) -> None:
        if self.revoked_at is not None:
            raise InvalidState(f"client {self.id!r} is revoked; create another one")
