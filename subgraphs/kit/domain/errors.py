"""Reasons a command is refused. One class per reason that a caller can act on.

DomainError
├── InvalidInput            an argument is malformed or out of range
├── NotFound                nothing with this id in the tenant
├── AlreadyExists           a unique name or code is taken
├── InvalidState            the aggregate's state does not allow the command
├── IdempotencyKeyReused    the key came with another input before
├── IdempotencyKeyInUse     a request with this key is still being executed; retry
└── ConcurrentChange        another command changed the aggregate first; retry
NotReady                    (not a refusal) an event this work depends on has not arrived yet
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

__all__ = [
    "CODES",
    "AlreadyExists",
    "ConcurrentChange",
    "DomainError",
    "IdempotencyKeyInUse",
    "IdempotencyKeyReused",
    "InvalidInput",
    "InvalidState",
    "NotFound",
    "NotReady",
]


CODES: Mapping[str, str] = MappingProxyType(
    {
        "INVALID_INPUT": "an argument is malformed or out of range",
        "NOT_FOUND": "there is nothing with this id in your tenant",
        "ALREADY_EXISTS": "a name, code or id that is unique is taken",
        "INVALID_STATE": "what it is about does not allow it as it stands",
        "IDEMPOTENCY_KEY_REUSED": "the key came with another input before",
        "IDEMPOTENCY_KEY_IN_USE": "a request with the key is still being executed: try again",
        "CONCURRENT_CHANGE": "another request changed the same thing first: try again",
        "INVALID_CURSOR": "a cursor is none of this list",
        "INVALID_TAX_ID": "no such tax id can exist",
        "INSUFFICIENT_BALANCE": "there is less credit than is to be taken",
        "HAS_OPEN_BILLING": "a customer has subscriptions or invoices that are not done with",
        "PERSONAL_DATA_UNREADABLE": "the key of a customer's personal data cannot be read",
        "BELOW_MINIMUM_CHARGE": "it is less than the payment provider charges",
        "SCOPE_NOT_HELD": "your own token does not hold a scope that is to be given",
    }
)
"""What each code tells, of refusals of all subgraphs: the API's description of `UserError.code` is made of it."""


class DomainError(Exception):
    """An expected refusal, shown to the API's user as a `userErrors` entry.

    `code` is stable and one of CODES; `field` is the path of the input field at fault, outermost first,
    empty when no single field is.
    """

    code: ClassVar[str] = "REFUSED"

    def __init__(self, message: str, *, field: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class InvalidInput(DomainError):
    """An argument is malformed or out of range."""

    code = "INVALID_INPUT"


class NotFound(DomainError):
    """Nothing with this id exists in the caller's tenant."""

    code = "NOT_FOUND"

    def __init__(self, kind: str, id: str, *, field: tuple[str, ...] = ()) -> None:
        super().__init__(f"{kind} {id!r} does not exist", field=field)
        self.kind = kind
        self.id = id


class AlreadyExists(DomainError):
    """A name or code that must be unique in the tenant is taken."""

    code = "ALREADY_EXISTS"


class InvalidState(DomainError):
    """The aggregate's state does not allow this command."""

    code = "INVALID_STATE"


class IdempotencyKeyReused(DomainError):
    """The idempotency key came with another input before."""

    code = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self, key: str) -> None:
        super().__init__(
            f"idempotency key {key!r} was used with another input; a key stands for one change", field=("idempotencyKey",)
        )


class IdempotencyKeyInUse(DomainError):
    """A request with this idempotency key is still being executed. Nothing was done by this one; retry with the same key."""

    code = "IDEMPOTENCY_KEY_IN_USE"

    def __init__(self, key: str) -> None:
        super().__init__(f"a request with idempotency key {key!r} is still being executed; try again", field=("idempotencyKey",))


class ConcurrentChange(DomainError):
    """Another command changed the same aggregate first, repeatedly. Nothing was written; retry."""

    code = "CONCURRENT_CHANGE"


class NotReady(Exception):
    """An event that this work depends on has not arrived yet; try again shortly."""
