"""Random argument values: literals, variables and what clients send for variables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
)

__all__ = ["ValueGenerator"]

UNKNOWN_ID = "nobody"
_ABSENT = object()


@dataclass(frozen=True)
class _Variable:
    name: str
    type: str
    default: str | None
    # What clients send, per set of variables; _ABSENT where they send nothing.
    values: tuple[Any, ...]


@dataclass
class ValueGenerator:
    """The values of one operation. `sets` is the number of sets of variables that go with it."""

    random: Random
    # By entity type.
    ids: Mapping[str, Sequence[str]]
    sets: int
    _variables: list[_Variable] = field(default_factory=list)
    _near: Sequence[str] = ()

    def arguments(self, declared: Mapping[str, GraphQLArgument], types: Iterable[str]) -> str:
        """Return arguments for a field that returns one of `types`, with parentheses; an empty string for none."""
        self._near = [id for name in types for id in self.ids.get(name, ())]
        found = []
        for name, argument in declared.items():
            optional = not isinstance(argument.type, GraphQLNonNull) or has_default(argument)
            if not optional or self.random.random() < 0.5:
                found.append(f"{name}: {self._value(argument.type, has_default(argument))}")
        return f"({', '.join(found)})" if found else ""

    def boolean(self) -> str:
        """Return a condition for `@include` and `@skip`."""
        if self.random.random() < 0.25:
            return self.random.choice(("true", "false"))
        known = [variable.name for variable in self._variables if variable.type.startswith("Boolean")]
        conditions = [name for name in known if name.startswith("if")]
        if conditions and self.random.random() < 0.5:
            return "$" + self.random.choice(conditions)
        # A nullable variable with a default may stand in a non-null position (GraphQL section 5.8.5).
        type_, default = self.random.choice((("Boolean!", None), ("Boolean!", "true"), ("Boolean", "false"), ("Boolean!", None)))
        values = tuple(
            _ABSENT if default is not None and self.random.random() < 0.4 else self.random.random() < 0.5
            for _ in range(self.sets)
        )
        return self._add("if", type_, default, values)

    def definitions(self) -> str:
        """Return the variable definitions, with parentheses."""
        texts = [
            f"${found.name}: {found.type}" + (f" = {found.default}" if found.default is not None else "")
            for found in self._variables
        ]
        return f"({', '.join(texts)})" if texts else ""

    def variables(self) -> tuple[dict[str, Any], ...]:
        """Return the sets of variables."""
        return tuple(
            {found.name: found.values[at] for found in self._variables if found.values[at] is not _ABSENT}
            for at in range(self.sets)
        )

    def _value(self, type_: GraphQLInputType, has_default: bool = False) -> str:
        if self.random.random() < 0.35:
            return self._variable(type_, has_default)
        return self._literal(type_)

    def _variable(self, type_: GraphQLInputType, has_default: bool) -> str:
        declared, default = str(type_), None
        nullable = not isinstance(type_, GraphQLNonNull)
        if not nullable and (has_default or self.random.random() < 0.2):
            # The position's or the variable's own default makes a nullable variable possible.
            declared = declared.removesuffix("!")
            default = None if has_default and self.random.random() < 0.5 else self._constant(type_)
        elif self.random.random() < 0.3:
            default = self._constant(type_)
        may_be_absent = declared == str(type_).removesuffix("!") or default is not None
        values = tuple(_ABSENT if may_be_absent and self.random.random() < 0.3 else self._json(type_) for _ in range(self.sets))
        return self._add("v", declared, default, values)

    def _add(self, prefix: str, type_: str, default: str | None, values: tuple[Any, ...]) -> str:
        name = f"{prefix}{len(self._variables)}"
        self._variables.append(_Variable(name, type_, default, values))
        return f"${name}"

    def _constant(self, type_: GraphQLInputType) -> str:
        return _printed(self._json(type_), type_)

    def _literal(self, type_: GraphQLInputType) -> str:
        """Return a literal, in which fields of input objects may be variables."""
        if isinstance(type_, GraphQLNonNull):
            type_ = type_.of_type
        elif self.random.random() < 0.1:
            return "null"
        if isinstance(type_, GraphQLList):
            return "[" + ", ".join(self._value(type_.of_type) for _ in range(self.random.randrange(3))) + "]"
        if isinstance(type_, GraphQLInputObjectType) and not type_.is_one_of:
            fields = [
                f"{name}: {self._value(found.type, has_default(found))}"
                for name, found in type_.fields.items()
                if self._present(found)
            ]
            return "{" + ", ".join(fields) + "}"
        return _printed(self._json(GraphQLNonNull(type_)), type_)

    def _json(self, type_: GraphQLInputType) -> Any:
        """Return what a client sends for a value of this type."""
        if isinstance(type_, GraphQLNonNull):
            type_ = type_.of_type
        elif self.random.random() < 0.1:
            return None
        if isinstance(type_, GraphQLList):
            return [self._json(type_.of_type) for _ in range(self.random.randrange(3))]
        if isinstance(type_, GraphQLInputObjectType):
            if type_.is_one_of:
                name, found = self.random.choice(list(type_.fields.items()))
                return {name: self._json(GraphQLNonNull(found.type))}
            return {name: self._json(found.type) for name, found in type_.fields.items() if self._present(found)}
        if isinstance(type_, GraphQLEnumType):
            return self.random.choice(list(type_.values))
        return self._scalar(type_)

    def _scalar(self, type_: GraphQLScalarType) -> Any:
        if type_.name == "ID":
            if self._near and self.random.random() < 0.8:
                return self.random.choice(self._near)
            return self.random.choice([UNKNOWN_ID, *(id for ids in self.ids.values() for id in ids)])
        if type_.name == "Int":
            return self.random.choice((0, 1, 2, 3, -7, 2_000_000_000))
        if type_.name == "Float":
            return self.random.choice((0.5, 3, -2.25))
        if type_.name == "Boolean":
            return self.random.random() < 0.5
        return self.random.choice(("", "a", 'say "é"\n', "x y"))

    def _present(self, found: GraphQLInputField) -> bool:
        return (isinstance(found.type, GraphQLNonNull) and not has_default(found)) or self.random.random() < 0.5


def has_default(declared: GraphQLArgument | GraphQLInputField) -> bool:
    """Whether a value need not be given."""
    node = declared.ast_node
    return node is not None and node.default_value is not None


def _printed(value: Any, type_: Any) -> str:
    """Return JSON as a GraphQL literal."""
    if isinstance(type_, GraphQLNonNull):
        type_ = type_.of_type
    if value is None:
        return "null"
    if isinstance(value, list):
        return "[" + ", ".join(_printed(one, type_.of_type) for one in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_printed(one, type_.fields[name].type)}" for name, one in value.items()) + "}"
    return str(value) if isinstance(type_, GraphQLEnumType) else json.dumps(value)
