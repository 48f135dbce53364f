"""Generates the Python function that completes objects of one runtime type: a straight line, without a loop over fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from router.execute.completion import Completer, LinkedPath, Run
from router.execute.leaf_completion import LARGEST_INT, SMALLEST_INT, NoPlainClass
from router.execute.response_tree import Object

__all__ = ["CompiledField", "ObjectFunction", "compile_object"]


class ObjectFunction(Protocol):
    """Returns the client's object for a dictionary of the response tree, or None where null propagates to it."""

    def __call__(self, value: Object, path: LinkedPath, key: str | int, run: Run) -> Object | None: ...


@dataclass(frozen=True, slots=True)
class CompiledField:
    """A selected field. Values of the class `plain` are the client's as they are, integers within the bounds of `Int`.

    `constant` is a field that is not read.
    """

    name: str
    plain: type
    non_null: bool
    completer: Completer | None
    coordinate: str = ""
    constant: str | None = None


def compile_object(fields: Sequence[CompiledField]) -> ObjectFunction:
    """Return the function for an object type's selected fields; they stand in the answer in this order.

    For `type Product { upc: String! price: Int }`:

        def complete(value, path, key, run):
            get = value.get
            v0 = get('upc')
            if v0.__class__ is not p0:
                if v0 is None: return null(run, (path, key), 'upc', 'Product.upc')
                v0 = c0(v0, (path, key), 'upc', run)
                if v0 is None: return None
            v1 = get('price')
            if (v1 is not None) if v1.__class__ is not p1 else not -2147483648 <= v1 <= 2147483647:
                v1 = c1(v1, (path, key), 'price', run)
            return {'upc': v0, 'price': v1}
    """
    names: dict[str, Any] = {"null": _refuse_null}
    nested = any(field.plain is NoPlainClass for field in fields)
    here = "here" if nested else "(path, key) if key != '' else None"
    lines = ["def complete(value, path, key, run):", " get = value.get"]
    if nested:
        lines.append(" here = (path, key) if key != '' else None")
    entries = []
    for index, field in enumerate(fields):
        if field.constant is not None or field.completer is None:
            entries.append(f"{field.name!r}: {field.constant!r}")
            continue
        names[f"p{index}"], names[f"c{index}"] = field.plain, field.completer.complete
        names[f"d{index}"] = getattr(field.completer, "direct", None)
        lines += _field(f"v{index}", index, field, here)
        entries.append(f"{field.name!r}: v{index}")
    lines.append(f" return {{{', '.join(entries)}}}")
    # Nothing of a request is in the text: response names are GraphQL names, and they are quoted.
    exec("\n".join(lines), names)  # noqa: S102
    return cast(ObjectFunction, names["complete"])


def _field(variable: str, index: int, field: CompiledField, here: str) -> list[str]:
    name = repr(field.name)
    call = f"{variable} = c{index}({variable}, {here}, {name}, run)"
    lines = [f" {variable} = get({name})"]
    refusal = f"return null(run, {here}, {name}, {field.coordinate!r})"
    if getattr(field.completer, "direct", None) is not None:
        lines.append(f" if {variable}.__class__ is dict and not run.shared:")
        lines.append(f"  {variable} = d{index}({variable}, {here}, {name}, run)")
        if field.non_null:
            return [
                *lines,
                f"  if {variable} is None: return None",
                f" elif {variable} is None: {refusal}",
                " else:",
                f"  {call}",
                f"  if {variable} is None: return None",
            ]
        return [*lines, f" elif {variable} is not None: {call}"]
    if field.plain is NoPlainClass:
        if field.non_null:
            return [*lines, f" if {variable} is None: {refusal}", f" {call}", f" if {variable} is None: return None"]
        return [*lines, f" if {variable} is not None: {call}"]
    beyond = f"not {SMALLEST_INT} <= {variable} <= {LARGEST_INT}" if field.plain is int else ""
    if field.non_null:
        return [
            *lines,
            f" if {variable}.__class__ is not p{index}{beyond and ' or ' + beyond}:",
            f"  if {variable} is None: {refusal}",
            f"  {call}",
            f"  if {variable} is None: return None",
        ]
    if beyond:
        return [*lines, f" if ({variable} is not None) if {variable}.__class__ is not p{index} else {beyond}:", f"  {call}"]
    return [*lines, f" if {variable}.__class__ is not p{index} and {variable} is not None:", f"  {call}"]


def _refuse_null(run: Run, here: LinkedPath, name: str, coordinate: str) -> None:
    run.refuse(f"Cannot return null for non-nullable field {coordinate}.", (here, name))
