"""Progressive overrides (Federation, `@override(label:)`): which labels are on for a request.

`percent(n)` is on for n in a hundred requests, by chance; any other label is on where the settings name it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping

from graphql import DocumentNode, FieldNode, SelectionSetNode, Visitor, visit

from router.supergraph.model import Supergraph

__all__ = ["OverrideLabels"]

PERCENT = re.compile(r"percent\((\d{1,3}(?:\.\d{1,8})?)\)\Z")


class OverrideLabels:
    """The labels of one supergraph. `draw` returns a number from 0 up to 1."""

    def __init__(self, supergraph: Supergraph, enabled: Iterable[str] = (), draw: Callable[[], float] = random.random) -> None:
        self._draw = draw
        self._enabled = frozenset(enabled)
        # Names of fields that a label decides about.
        self._decided: dict[str, set[str]] = {}
        # Names of fields that subgraphs may be asked for because of others.
        self._required: dict[str, set[str]] = {}
        self._keys: set[str] = set()
        for subgraph in supergraph.subgraphs.values():
            for type_ in subgraph.types.values():
                self._keys.update(name for key in type_.keys for name in _names(key.fields))
                for field in type_.fields.values():
                    if field.override_label is not None:
                        self._decided.setdefault(field.override_label, set()).add(field.name)
                    if field.requires is not None:
                        self._required.setdefault(field.name, set()).update(_names(field.requires))
                    for argument in field.context_arguments:
                        self._required.setdefault(field.name, set()).update(re.findall(r"\w+", argument.selection))
        self._shares = {label: float(found[1]) / 100 for label in self._decided if (found := PERCENT.match(label))}

    def of(self, document: DocumentNode) -> frozenset[str]:
        """Return the labels that can make a difference for a document: they, and no others, tell its plans apart."""
        if not self._decided:
            return frozenset()
        asked = _closure(_names(document) | self._keys, self._required)
        return frozenset(label for label, fields in self._decided.items() if not fields.isdisjoint(asked))

    def chosen(self, labels: frozenset[str]) -> frozenset[str]:
        """Return those of the labels that are on for one request."""
        return frozenset(label for label in labels if self._is_on(label))

    def _is_on(self, label: str) -> bool:
        share = self._shares.get(label)
        return label in self._enabled if share is None else self._draw() < share


def _names(node: DocumentNode | SelectionSetNode) -> set[str]:
    names: set[str] = set()

    class Collect(Visitor):
        def enter_field(self, node: FieldNode, *_: object) -> None:
            names.add(node.name.value)

    visit(node, Collect())
    return names


def _closure(names: set[str], required: Mapping[str, set[str]]) -> set[str]:
    found, open_ = set(names), list(names)
    while open_:
        for name in required.get(open_.pop(), ()):
            if name not in found:
                found.add(name)
                open_.append(name)
    return found
