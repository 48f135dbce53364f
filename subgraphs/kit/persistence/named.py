"""Creating what has a name that is unique in its tenant."""

from collections.abc import Callable
from typing import TypeVar

from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import AlreadyExists
from subgraphs.kit.persistence.claims import ClaimStore
from subgraphs.kit.persistence.repository import AggregateRepository

__all__ = ["claimed_id", "create_named"]

A = TypeVar("A", bound=Aggregate)


async def create_named(
    aggregates: AggregateRepository[A],
    claims: ClaimStore,
    scope: str,
    name: str,
    id: str,
    build: Callable[[str], A],
    context: CommandContext,
    *,
    field: tuple[str, ...],
) -> A:
    """Create what `build(id)` returns, as the only one of its tenant with `name` in `scope`.

    A process that ended between claim and creation left a name that nobody bears: it is taken up, under the id that claimed it.

    Raises:
        AlreadyExists: another one bears the name; `field` is the input field named in the error.
        InvalidInput: what `build` raises, before anything is claimed.
    """
    aggregate = build(id)
    owner = await claims.claim(context.tenant, scope, name, id)
    if owner != id:
        aggregate = build(owner)
    created = await aggregates.create(aggregate, context)
    repeated = owner == id and context.write is not None
    if created is aggregate or repeated:
        return created
    raise AlreadyExists(f"{aggregate.kind.lower()} {owner!r} already has the {scope.replace('_', ' ')} {name!r}", field=field)


async def claimed_id(
    aggregates: AggregateRepository[A],
    claims: ClaimStore,
    scope: str,
    name: str,
    id: str,
    context: CommandContext,
    *,
    field: tuple[str, ...],
) -> str:
    """Return the id under which something can be created as the only one of its tenant with `name` in `scope`.

    That is `id`, or the one of a command that claimed the name and never came to its end.

    Raises:
        AlreadyExists: another one bears the name; `field` is the input field named in the error.
    """
    owner = await claims.claim(context.tenant, scope, name, id)
    if owner != id and (found := await aggregates.find(context.tenant, owner)) is not None:
        raise AlreadyExists(f"{found.kind} {owner!r} already has the {scope.replace('_', ' ')} {name!r}", field=field)
    return owner
