"""Payloads as bytes and back: what a write answered, kept so that it can be answered again.

Only what the API's own types are made of: dataclasses, structs, pydantic models and enums of the subgraphs, lists, tuples, and
plain values.
"""

import dataclasses
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from importlib import import_module
from typing import Any

import msgspec
import orjson
from pydantic import BaseModel
from strawberry import UNSET

__all__ = ["freeze", "thaw"]

_PACKAGE = "subgraphs."


def freeze(value: Any) -> bytes:
    """Return `value` as JSON; equal values give equal bytes."""
    return orjson.dumps(_plain(value), option=orjson.OPT_SORT_KEYS)


def thaw(frozen: bytes) -> Any:
    """Return what `freeze` was given.

    Raises:
        TypeError: it names a type that is none of the subgraphs'.
    """
    return _value(orjson.loads(frozen))


def _plain(value: Any) -> Any:
    if value is UNSET:
        return {"$unset": True}
    if isinstance(value, Enum):  # before str: most enums here are texts
        return {"$enum": _name(type(value)), "value": value.value}
    if value is None or isinstance(value, str | bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else {"$int": str(value)}
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, tuple):
        return {"$tuple": [_plain(item) for item in value]}
    if isinstance(value, msgspec.Struct):
        fields = {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
        return {"$struct": _name(type(value)), "fields": fields}
    if isinstance(value, BaseModel):
        return {"$model": _name(type(value)), "fields": {name: _plain(item) for name, item in value}}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value) if field.init}
        return {"$type": _name(type(value)), "fields": fields}
    raise TypeError(f"{type(value).__name__} cannot be part of a payload that is kept")


def _value(plain: Any) -> Any:
    match plain:
        case [*items]:
            return [_value(item) for item in items]
        case {"$tuple": items}:
            return tuple(_value(item) for item in items)
        case {"$type": name, "fields": fields} | {"$model": name, "fields": fields} | {"$struct": name, "fields": fields}:
            return _class(name)(**{field: _value(item) for field, item in fields.items()})
        case {"$enum": name, "value": value}:
            return _class(name)(value)
        case {"$decimal": text}:
            return Decimal(text)
        case {"$datetime": text}:
            return datetime.fromisoformat(text)
        case {"$date": text}:
            return date.fromisoformat(text)
        case {"$int": text}:
            return int(text)
        case {"$unset": True}:
            return UNSET
    return plain


def _name(type_: type) -> str:
    return f"{type_.__module__}:{type_.__qualname__}"


def _class(name: str) -> Any:
    module, _, path = name.partition(":")
    if not module.startswith(_PACKAGE):
        raise TypeError(f"{name} is not a type of a subgraph")
    found: Any = import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return found
