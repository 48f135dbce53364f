"""Stripe's API as its official SDK describes it, so that what was written down of it can be held against that.

The SDK is generated from Stripe's OpenAPI description; its classes are annotated with each field's type and allowed values, and
its params with what a request may have. `Optional` says that a field may be null, not whether it is sent: ALWAYS_SENT does.
"""

import ast
import importlib
import inspect
import json
import re
import sys
import typing
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import stripe
import typing_extensions
from stripe._object_classes import OBJECT_CLASSES
from stripe._request_options import RequestOptions
from stripe._stripe_object import StripeObject, UntypedStripeObject

__all__ = ["ALWAYS_SENT", "differences", "fields_of", "nested", "object_class", "params_differences", "path_of"]

ALWAYS_SENT: dict[str, list[str]] = json.loads(
    (Path(__file__).parents[1] / "fixtures/stripe/always_sent.json").read_text("utf-8")
)
"""By a class of the SDK, the fields that Stripe sends though they may be null."""


def differences(value: Any, hint: Any, where: str = "body") -> Iterator[str]:
    """Yield how the value differs from what the SDK's annotation says, and where; nothing when it conforms."""
    if hint is Any:
        return
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        yield from _of_union(value, arguments, where)
    elif origin is typing.Literal or origin is typing_extensions.Literal:
        if value not in arguments or isinstance(value, bool):
            yield f"{where} is {value!r}, and only {', '.join(map(repr, arguments))} is allowed"
    elif origin is list:
        if not isinstance(value, list):
            yield f"{where} is no list"
            return
        for number, one in enumerate(value):
            yield from differences(one, arguments[0], f"{where}[{number}]")
    elif origin in {dict, UntypedStripeObject}:
        if not isinstance(value, dict):
            yield f"{where} is no object"
            return
        for name, one in value.items():
            yield from differences(one, arguments[-1], f"{where}.{name}")
    elif inspect.isclass(origin or hint) and issubclass(origin or hint, StripeObject):
        yield from _of_object(value, origin or hint, arguments, where)
    elif not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        yield f"{where} is {value!r}, and no {hint.__name__}"


def params_differences(form: Mapping[str, str], params: type, where: str) -> Iterator[str]:
    """Yield how a form, or a query, differs from the SDK's params of its operation."""
    hints = {name: _unwrapped(hint) for name, hint in fields_of(params).items() if name not in RequestOptions.__annotations__}
    given = nested(form)
    yield from (f"{where} has no {name}" for name in params.__required_keys__ if name not in given)  # type: ignore[attr-defined]
    for name, value in given.items():
        if name not in hints:
            yield f"{where}.{name} is no parameter"
        else:
            yield from _of_param(value, hints[name], f"{where}.{name}")


def nested(form: Mapping[str, str]) -> dict[str, Any]:
    """Return what the brackets of a form's names say: `a[b]=c` is {"a": {"b": "c"}}, `a[0]=c` is {"a": ["c"]}."""
    found: dict[str, Any] = {}
    for name, value in form.items():
        at = found
        *path, last = re.findall(r"[^\[\]]+", name)
        for part in path:
            at = at.setdefault(part, {})
        at[last] = value
    return {name: _lists(value) for name, value in found.items()}


def object_class(name: str) -> type[StripeObject]:
    """Return the class of what says `"object": name`."""
    module, class_name = OBJECT_CLASSES[name]
    return getattr(importlib.import_module(module), class_name)  # type: ignore[no-any-return]


def path_of(described: type) -> str:
    """Return what a class is called below `stripe`: "Dispute.Evidence", "issuing.Dispute"."""
    return ".".join([*described.__module__.split(".")[1:-1], described.__qualname__])


@cache
def fields_of(described: type) -> dict[str, Any]:
    """Return the annotations of a class of the SDK, whatever its module imports for annotations alone included."""
    hints = typing.get_type_hints(
        described, {**_names(RequestOptions.__module__), **_names(described.__module__)}, include_extras=True
    )
    return {name: hint for name, hint in hints.items() if get_origin(hint) is not typing.ClassVar and not name.startswith("_")}


def _of_union(value: Any, arms: tuple[Any, ...], where: str) -> Iterator[str]:
    if value is None and type(None) in arms:
        return
    found = [list(differences(value, arm, where)) for arm in _arms(arms)]
    if all(found):
        # An expandable field: of an object, what is wrong with the object, and not that it is no id.
        yield from found[-1] if isinstance(value, dict) else found[0]


def _arms(of_union: tuple[Any, ...]) -> list[Any]:
    """Return what a value may be other than null; where values are named, `str` is not among them.

    It is there for values that Stripe adds later; what is recorded has those that are known.
    """
    arms = [arm for arm in of_union if arm is not type(None)]
    if any(get_origin(arm) in {typing.Literal, typing_extensions.Literal} for arm in arms):
        arms = [arm for arm in arms if arm is not str]
    return arms


def _of_object(value: Any, described: type[StripeObject], arguments: tuple[Any, ...], where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where} is {value!r}, and no {described.__qualname__}"
        return
    name = getattr(described, "OBJECT_NAME", None)
    if name is not None and value.get("object") != name:
        yield f"{where}.object is {value.get('object')!r}, and not {name!r}"
        return
    hints = dict(fields_of(described))
    if described is stripe.ListObject:
        hints = {"object": str, "data": list[arguments[0]], "has_more": bool, "url": str}  # type: ignore[valid-type]
    for field, one in value.items():
        if field not in hints:
            yield f"{where}.{field} is no field of {described.__qualname__}"
        else:
            yield from differences(one, hints[field], f"{where}.{field}")
    sent = {field for field, hint in hints.items() if not _may_be_null(hint)} | set(ALWAYS_SENT.get(path_of(described), ()))
    yield from (f"{where} has no {field}" for field in sorted(sent - set(value)))


def _of_param(value: Any, hint: Any, where: str) -> Iterator[str]:
    """Yield how the text, or what is nested, differs from a parameter's type."""
    tried = []
    for arm in _arms(get_args(hint)) if get_origin(hint) in {Union, UnionType} else (hint,):
        if typing_extensions.is_typeddict(arm):
            tried.append(list(params_differences(value, arm, where) if isinstance(value, dict) else [f"{where} is no object"]))
        elif arm in {int, bool, float} and isinstance(value, str):
            pattern = {int: r"-?\d+", bool: "true|false", float: r"-?\d+(\.\d+)?"}[arm]
            tried.append([] if re.fullmatch(pattern, value) else [f"{where} is {value!r}, and no {arm.__name__}"])
        else:
            tried.append(list(differences(value, arm, where)))
    if all(tried):
        yield from tried[0]


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if list(value) == [str(number) for number in range(len(value))]:
        return [_lists(one) for one in value.values()]
    return {name: _lists(one) for name, one in value.items()}


def _unwrapped(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) in {typing.NotRequired, typing.Required, typing_extensions.NotRequired} else hint


def _may_be_null(hint: Any) -> bool:
    return get_origin(hint) in {Union, UnionType} and type(None) in get_args(hint)


@cache
def _names(module_name: str) -> dict[str, Any]:
    """Return what a module of the SDK names, with what it imports under TYPE_CHECKING."""
    module = sys.modules[module_name]
    names = dict(vars(module))
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            imported = vars(importlib.import_module(node.module))
            names |= {alias.asname or alias.name: imported[alias.name] for alias in node.names if alias.name in imported}
    return names
