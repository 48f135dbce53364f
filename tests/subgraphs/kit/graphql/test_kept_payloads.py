"""Whatever a mutation answers can be kept: all that its payload is made of, hidden parts too."""

import dataclasses
import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from importlib import import_module
from types import UnionType
from typing import Annotated, Any, NewType, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest
from graphql import GraphQLObjectType, GraphQLSchema, get_named_type
from pydantic import BaseModel

PLAIN = (str, int, bool, float, Decimal, date, datetime, type(None))


def not_kept(type_: Any, path: str, seen: set[Any]) -> Iterator[str]:
    """Yield the places in `type_` that hold something which `freeze` does not take."""
    if isinstance(type_, NewType):
        yield from not_kept(type_.__supertype__, path, seen)
    elif get_origin(type_) is Annotated:
        yield from not_kept(get_args(type_)[0], path, seen)
    elif get_origin(type_) in (Union, UnionType):
        for member in get_args(type_):
            yield from not_kept(member, path, seen)
    elif get_origin(type_) is not None:
        if not issubclass(get_origin(type_), list | tuple) and get_origin(type_).__name__ != "Sequence":
            yield f"{path}: {type_}"
        for member in get_args(type_):
            if member is not ...:
                yield from not_kept(member, path, seen)
    elif not isinstance(type_, type):
        yield f"{path}: {type_}"
    elif issubclass(type_, (*PLAIN, Enum)) or type_ in seen:
        return
    elif dataclasses.is_dataclass(type_) or issubclass(type_, msgspec.Struct | BaseModel):
        seen.add(type_)  # each type once: the paths through them are beyond counting
        yield from parts_not_kept(type_, path, seen)
    else:
        yield f"{path}: {type_}"


def parts_not_kept(type_: type, path: str, seen: set[Any]) -> Iterator[str]:
    if issubclass(type_, BaseModel):
        for name, part in type_.model_fields.items():
            if name == "revision_id":  # of every Beanie document, and never set here
                continue
            yield from not_kept(part.annotation, f"{path}.{name}", seen)
        return
    module = sys.modules[type_.__module__]
    package = import_module(module.__package__ or "")  # what a module names of another one only for its types
    hints = get_type_hints(type_, {**vars(package), **vars(module)}, include_extras=True)
    names = [field.name for field in dataclasses.fields(type_) if field.init] if dataclasses.is_dataclass(type_) else list(hints)
    for name in names:
        yield from not_kept(hints[name], f"{path}.{name}", seen)


@pytest.mark.parametrize("name", ["customer", "plan", "subscription", "invoice", "auth"])
def test_every_payload_can_be_kept(name: str) -> None:
    schema: GraphQLSchema = import_module(f"subgraphs.{name}.schema").schema._schema
    assert schema.mutation_type is not None
    for field in schema.mutation_type.fields.values():
        payload = get_named_type(field.type)
        assert isinstance(payload, GraphQLObjectType)
        origin = payload.extensions["strawberry-definition"].origin
        assert list(not_kept(origin, payload.name, set())) == []
