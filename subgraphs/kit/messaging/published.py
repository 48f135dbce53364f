"""Contracts of public events: a struct per type, and its JSON Schema."""

from collections.abc import Iterable
from typing import Any, ClassVar

import msgspec

from subgraphs.kit.messaging.envelope import PublicEvent
from subgraphs.kit.persistence.commit import Commit

__all__ = ["Contract", "json_schemas_of", "public_event"]


class Contract(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of the data of a public event. Subclasses are frozen too and set `event_type`, e.g. `"customer-created.v1"`.

    A contract only ever gains optional fields; anything else is a new version under a new type.
    """

    event_type: ClassVar[str]


def public_event(commit: Commit, number: int, contract: Contract) -> PublicEvent:
    """Return `contract` as the public event number `number` of `commit`."""
    return PublicEvent(
        id=f"{commit.id}#{number}",
        type=contract.event_type,
        sequence=commit.version,
        occurred_at=commit.context.at,
        data=msgspec.to_builtins(contract),
    )


def json_schemas_of(contracts: Iterable[type[Contract]]) -> dict[str, dict[str, Any]]:
    """Return the JSON Schema (2020-12) of each contract by its type."""
    schemas = {}
    for contract in contracts:
        _, components = msgspec.json.schema_components([contract], ref_template="#/$defs/{name}")
        schemas[contract.event_type] = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **components.pop(contract.__name__),
            "title": contract.event_type,
            **({"$defs": components} if components else {}),
        }
    return schemas
