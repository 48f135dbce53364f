"""Bounds on a document, checked before it is validated: what passes can be validated and planned in bounded time.

Fragments count as often as they are spread; every fragment is measured once, so measuring takes bounded time
however often a document's fragments multiply.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from router.errors import LimitExceeded

__all__ = ["DocumentLimits", "check_limits"]

# Names of fragments' fields are counted anew wherever the fragment is used. Documents that people write count
# thousands; this many take about a tenth of a second.
MAX_COUNTED = 500_000


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """The largest document that is accepted; `tokens` is enforced by the parser.

    `repetitions`: how often one field of the answer may be selected. Validation compares every two selections of
    it (GraphQL section 5.3.2), which is quadratic. Those that it has in each of its repeated parents add up.
    """

    tokens: int
    depth: int
    aliases: int
    root_fields: int
    repetitions: int


def check_limits(document: DocumentNode, limits: DocumentLimits) -> None:
    """Refuse a document with an operation that is larger than `limits`.

    Raises:
        LimitExceeded: which limit it is, and its value.
    """
    measuring = _Measuring({d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)})
    for definition in document.definitions:
        if not isinstance(definition, OperationDefinitionNode):
            continue
        try:
            size = _measure(definition.selection_set, measuring)
        except RecursionError:
            # The parser bounds the nesting of one definition; fragments that spread one another add theirs up.
            raise LimitExceeded("The operation's fragments are nested too deeply.") from None
        if size.depth > limits.depth:
            raise LimitExceeded(f"The operation is nested deeper than {limits.depth} levels.")
        if size.aliases > limits.aliases:
            raise LimitExceeded(f"The operation has more than {limits.aliases} aliases.")
        if size.root_fields > limits.root_fields:
            raise LimitExceeded(f"The operation selects more than {limits.root_fields} root fields.")
        if size.repetitions > limits.repetitions:
            raise LimitExceeded(f"The operation selects one field more than {limits.repetitions} times (ROUTER_MAX_REPETITIONS).")


@dataclass(frozen=True, slots=True)
class _Size:
    depth: int = 0
    aliases: int = 0
    # Fields of this very level.
    root_fields: int = 0
    # Of this very level: response name → how often it, or the most repeated field below it, is selected.
    names: Mapping[str, int] = field(default_factory=dict)
    # The most repeated field of this level and those below.
    repetitions: int = 0


@dataclass(slots=True)
class _Measuring:
    fragments: Mapping[str, FragmentDefinitionNode]
    # None: being measured.
    measured: dict[str, _Size | None] = field(default_factory=dict)
    # How many names of fragments were counted where the fragments are used.
    counted: int = 0

    def count(self, names: int) -> None:
        self.counted += names
        if self.counted > MAX_COUNTED:
            raise LimitExceeded("The operation uses fragments with many fields too often.")


def _measure(selection_set: SelectionSetNode, measuring: _Measuring) -> _Size:
    depth = aliases = root_fields = 0
    names: dict[str, int] = {}
    for selection in selection_set.selections:
        if isinstance(selection, FieldNode):
            nested = _measure(selection.selection_set, measuring) if selection.selection_set else _Size()
            name = (selection.alias or selection.name).value
            size = _Size(nested.depth + 1, nested.aliases + (selection.alias is not None), 1, {name: nested.repetitions or 1})
        elif isinstance(selection, FragmentSpreadNode):
            size = _measure_fragment(selection.name.value, measuring)
            measuring.count(len(size.names))
        else:
            size = _measure(selection.selection_set, measuring)  # type: ignore[attr-defined]
            measuring.count(len(size.names))
        depth = max(depth, size.depth)
        aliases += size.aliases
        root_fields += size.root_fields
        for name, times in size.names.items():
            names[name] = names.get(name, 0) + times
    return _Size(depth, aliases, root_fields, names, max(names.values(), default=0))


def _measure_fragment(name: str, measuring: _Measuring) -> _Size:
    measured = measuring.measured
    if name in measured:
        # Being measured, so the fragment spreads itself; validation names that error.
        return measured[name] or _Size()
    fragment = measuring.fragments.get(name)
    measured[name] = None
    size = measured[name] = _measure(fragment.selection_set, measuring) if fragment else _Size()
    return size
