"""What every mutation does: a refused command becomes data, and a repeated request is executed once."""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import fields, replace
from hashlib import sha256
from typing import Any, Optional, Protocol, TypeVar

import strawberry

from subgraphs.kit.domain.errors import DomainError, IdempotencyKeyInUse, InvalidInput
from subgraphs.kit.graphql.context import RequestContext, Writing, stated_reason, writing
from subgraphs.kit.graphql.errors import user_error
from subgraphs.kit.graphql.snapshot import freeze, thaw
from subgraphs.kit.persistence.idempotency import Attempt, IdempotentWrites

__all__ = ["KEPT_FOR_GOOD", "KEY_DESCRIPTION", "REASON_LENGTH", "WriteInput", "write"]

KEY_LENGTH = 255
REASON_LENGTH = 500
# What every text says that a client chooses and events keep in the clear.
KEPT_FOR_GOOD = "Kept for good: write no personal data."
KEY_DESCRIPTION = (
    "Makes repeating this request safe: 1 to 255 characters of your choice, such as a UUID, new for every change. "
    "For 48 hours the same key with the same input gives the same answer and changes nothing again; with another "
    "input it is refused as IDEMPOTENCY_KEY_REUSED. A refused request does not use up its key."
)
# How long a repeated request waits for the first one to be done, before it is told to come again.
WAIT_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 0.2

Input_contra = TypeVar("Input_contra", contravariant=True)
Payload = TypeVar("Payload")
Payload_co = TypeVar("Payload_co", covariant=True)


@strawberry.input
class WriteInput:
    """Base of every mutation's input."""

    idempotency_key: str | None = strawberry.field(default=None, description=KEY_DESCRIPTION)
    reason: str | None = strawberry.field(
        default=None,
        description=(
            f"Why, in at most {REASON_LENGTH} characters. It is kept with the change, in its history and the audit log. "
            f"{KEPT_FOR_GOOD}"
        ),
    )


class Resolver(Protocol[Input_contra, Payload_co]):
    """A mutation's resolver."""

    __name__: str

    def __call__(self, root: Any, /, info: Any, input: Input_contra) -> Awaitable[Payload_co]: ...


def write(
    payload: Callable[..., Payload], *, shown_once: Iterable[str] = ()
) -> Callable[[Callable[..., Awaitable[Payload]]], Callable[..., Awaitable[Payload]]]:
    """Decorate a mutation's resolver: a refused command becomes `payload(user_errors=[…])`, with defaults otherwise.

    The field can be null: where its scope is missing, the operation's other fields still answer. `shown_once` names fields of the
    payload that are not kept, and so are null when a repeated request is answered: secrets. An answer with `user_errors` is not
    kept at all: a resolver that returns one, having done a part of what was asked, recognises that part when it comes again.
    """

    def decorate(resolve: Callable[..., Awaitable[Payload]]) -> Callable[..., Awaitable[Payload]]:
        @functools.wraps(resolve)
        async def resolved(root: Any, info: Any, input: WriteInput) -> Payload:
            token = stated_reason.set(input.reason)
            try:
                _check_reason(input.reason)
                if input.idempotency_key is None:
                    return await resolve(root, info=info, input=input)
                return await _once(resolve, root, info, input, tuple(shown_once))
            except DomainError as error:
                return payload(user_errors=[user_error(error)])
            finally:
                stated_reason.reset(token)

        signature = inspect.signature(resolve)
        resolved.__signature__ = signature.replace(  # type: ignore[attr-defined]
            return_annotation=Optional[signature.return_annotation]  # noqa: UP045  it may be a name that is not defined yet
        )
        return resolved

    return decorate


async def _once(
    resolve: Callable[..., Awaitable[Payload]], root: Any, info: Any, input: WriteInput, shown_once: tuple[str, ...]
) -> Payload:
    key, operation = input.idempotency_key or "", resolve.__name__
    if not 1 <= len(key) <= KEY_LENGTH or not key.isprintable():
        raise InvalidInput(f"an idempotency key has 1 to {KEY_LENGTH} printable characters", field=("idempotencyKey",))
    context: RequestContext[Any] = info.context
    writes: IdempotentWrites = context.deps.stores.writes
    attempt = await _attempt(writes, context, operation, key, _fingerprint(input))
    if attempt.answer is not None:
        kept: Payload = thaw(attempt.answer)
        return kept
    token = writing.set(Writing(at=attempt.at, name=f"{operation}/{key}"))
    try:
        answer = await resolve(root, info=info, input=input)
    except DomainError:
        await writes.forget(attempt)
        raise
    except BaseException:
        await asyncio.shield(writes.abandon(attempt))
        raise
    finally:
        writing.reset(token)
    if getattr(answer, "user_errors", None):  # refused in part: what is corrected may come with the same key
        await writes.forget(attempt)
    else:
        await writes.finish(attempt, freeze(replace(answer, **dict.fromkeys(shown_once))))  # type: ignore[type-var]
    return answer


async def _attempt(
    writes: IdempotentWrites, context: RequestContext[Any], operation: str, key: str, fingerprint: bytes
) -> Attempt:
    """Return the attempt once it is answered or up to this request; raises IdempotencyKeyInUse when that takes too long."""
    deadline, pause = asyncio.get_running_loop().time() + WAIT_SECONDS, 0.01
    while True:
        attempt = await writes.begin(context.tenant, operation, key, fingerprint, await context.now())
        if attempt.owner is not None or attempt.answer is not None:
            return attempt
        if asyncio.get_running_loop().time() >= deadline:
            raise IdempotencyKeyInUse(key)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def _check_reason(reason: str | None) -> None:
    if reason is not None and len(reason) > REASON_LENGTH:
        raise InvalidInput(f"a reason has at most {REASON_LENGTH} characters", field=("reason",))


def _fingerprint(input: WriteInput) -> bytes:
    given = [(field.name, getattr(input, field.name)) for field in fields(input) if field.name != "idempotency_key"]
    return sha256(freeze(given)).digest()
