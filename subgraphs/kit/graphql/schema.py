"""Builds a subgraph's federation schema: scalars, entities and scopes the same way everywhere."""

from collections.abc import Iterable
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import AddValidationRules, MaskErrors, MaxTokensLimiter
from strawberry.federation.schema import FederationAny
from strawberry.federation.schema_directives import Key
from strawberry.federation.types import FieldSet
from strawberry.schema.config import StrawberryConfig
from strawberry.types.info import Info
from strawberry.utils.inspect import get_func_args

from subgraphs.kit.graphql.access import enforce_access, type_rule
from subgraphs.kit.graphql.errors import unauthorized
from subgraphs.kit.graphql.limits import MAX_TOKENS, LimitsRule
from subgraphs.kit.graphql.reporting import is_internal
from subgraphs.kit.graphql.scalars import SCALARS

__all__ = ["build_schema", "reference_key"]

# Representations per `_entities` call; a gateway that has more sends several calls.
REPRESENTATIONS = 10_000


def reference_key(fields: str) -> Key:
    """Return the key of an entity that this subgraph only names: another one resolves it."""
    return Key(fields=FieldSet(fields), resolvable=False)


def build_schema(
    query: type, mutation: type | None = None, subscription: type | None = None, types: Iterable[type] = ()
) -> strawberry.federation.Schema:
    """Return the schema, valid for Federation 2.11, with its declared scopes enforced on every path to a field."""

    class SubgraphSchema(strawberry.federation.Schema):
        """A class of its own per schema: Strawberry writes the entity union into the resolver's annotations."""

        def entities_resolver(self, info: Info, representations: list[FederationAny]) -> list[FederationAny]:
            if len(representations) > REPRESENTATIONS:
                raise GraphQLError(f"at most {REPRESENTATIONS} representations are resolved at once")
            return [self._entity(info, representation) for representation in representations]

        def _entity(self, info: Info, representation: Any) -> Any:
            """Return the entity, an awaitable of it, or, for this entity alone, the error."""
            name = str(representation.get("__typename")) if isinstance(representation, dict) else ""
            known = self.schema_converter.type_map.get(name)
            origin = getattr(getattr(known, "definition", None), "origin", None)
            resolve = getattr(origin, "resolve_reference", None)
            if resolve is None:
                return GraphQLError(f"{name!r} is not an entity of this subgraph")
            rule = type_rule(self._schema.type_map[name])
            if rule is not None and not rule.allows(info.context.principal):
                return unauthorized()
            accepted = get_func_args(resolve)
            arguments = {key: value for key, value in representation.items() if key in accepted}
            missing = [key for key in accepted if key not in arguments and key not in {"info", "cls"}]
            if missing:
                return GraphQLError(f"a representation of {name} needs the key {', '.join(missing)}")
            if "info" in accepted:
                arguments["info"] = info
            return resolve(**arguments)

    schema = SubgraphSchema(
        query=query,
        mutation=mutation,
        subscription=subscription,
        types=types,
        config=StrawberryConfig(scalar_map=SCALARS),
        # For operations over WebSocket, which Strawberry executes; over HTTP, the view does the same without its cost.
        extensions=[
            lambda: MaskErrors(should_mask_error=is_internal, error_message="Internal error"),
            lambda: MaxTokensLimiter(MAX_TOKENS),
            lambda: AddValidationRules([LimitsRule]),
        ],
        federation_version="2.11",
    )
    enforce_access(schema._schema)
    return schema
