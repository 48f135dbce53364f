"""Names in the response tree: what the client uses at each place, and names of our own for what it did not ask for."""

from __future__ import annotations

from collections.abc import Iterable

from router.plan.selection import Field, Selection

__all__ = ["Scope"]


class Scope:
    """The names at one place of the response tree, whatever type the object there has."""

    def __init__(self, selections: Iterable[Selection] = ()) -> None:
        self._taken: dict[str, set[tuple[str, str]]] = {}
        self._below: dict[str, list[Selection]] = {}
        self._children: dict[str, Scope] = {}
        self._own: dict[tuple[str, str], str] = {}
        for selection in selections:
            self._read(selection)

    def child(self, response_name: str) -> Scope:
        """Return the names below a field."""
        if response_name not in self._children:
            self._children[response_name] = Scope(self._below.get(response_name, ()))
        return self._children[response_name]

    def name(self, field: Field) -> str:
        """Return the response name under which a field that the client may not have asked for is fetched."""
        identity = (field.name, field.arguments_text)
        if field.name == "__typename":
            return "__typename"
        if identity not in self._own:
            name, number = field.name, 0
            while self._taken.get(name, {identity}) != {identity}:
                number += 1
                name = f"_{field.name}_{number}"
            self._taken[name] = {identity}
            self._own[identity] = name
        return self._own[identity]

    def _read(self, selection: Selection) -> None:
        for item in selection.items:
            if isinstance(item, Field):
                self._taken.setdefault(item.response_name, set()).add((item.name, item.arguments_text))
                if item.selection is not None:
                    self._below.setdefault(item.response_name, []).append(item.selection)
            else:
                self._read(item.selection)
