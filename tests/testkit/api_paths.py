"""Operations that between them select every field of an API schema, one path each, or many paths at random."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from random import Random

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)

from router.compose.satisfiability.positions import Path
from router.compose.satisfiability.witness import witness

__all__ = ["every_path", "random_operation"]

_TYPENAME = ("__typename", GraphQLField(GraphQLNonNull(GraphQLString)))


def every_path(schema: GraphQLSchema) -> Iterator[str]:
    """Yield an operation for each field of each type at the end of a shortest path to the type, for each root field apart.

    On abstract types the fields of the type itself are selected, and those of each of its object types.
    """
    for path in _paths(schema):
        yield witness(path)


def random_operation(schema: GraphQLSchema, random: Random, paths: int) -> str:
    """Return a query that selects several paths at once."""
    found = [path for path in _paths(schema) if path.operation == "query"]
    tree: dict[str, dict[str, object]] = {}
    for path in random.choices(found, k=paths):
        branch: dict[str, dict[str, object]] = tree
        for line in witness(path).splitlines()[1:]:
            text = line.strip().removesuffix("{").strip()
            if text != "}":
                branch = branch.setdefault(text, {})  # type: ignore[assignment]
    return _printed(tree)


def _printed(tree: dict[str, dict[str, object]]) -> str:
    parts = (f"{text} {_printed(below)}" if below else text for text, below in tree.items())  # type: ignore[arg-type]
    return "{ " + " ".join(parts) + " }"


def _paths(schema: GraphQLSchema) -> Iterator[Path]:
    roots = (("query", schema.query_type), ("mutation", schema.mutation_type), ("subscription", schema.subscription_type))
    for operation, root in roots:
        if root is not None:
            for name, field in root.fields.items():
                yield from _below(schema, Path(operation).then((name, field)), field)


def _below(schema: GraphQLSchema, start: Path, field: GraphQLField) -> Iterator[Path]:
    waiting, seen = deque([(start, field)]), set[tuple[str, str]]()
    while waiting:
        path, field = waiting.popleft()
        named = get_named_type(field.type)
        if is_leaf_type(named):
            yield path
            continue
        yield path.then(_TYPENAME)
        objects = schema.get_possible_types(named) if is_abstract_type(named) else ()
        for type_, at in ((named, path), *((found, path.then(found.name)) for found in objects)):
            if not isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType)) or (named.name, type_.name) in seen:
                continue
            seen.add((named.name, type_.name))
            waiting.extend((at.then((name, below)), below) for name, below in type_.fields.items())
