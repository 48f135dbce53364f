"""Decides which subgraph answers which field: fewest sequential steps first, then fewest fetches, then fewest moved fields.

Bounds. A position is solved once for each selection on it (and for each set of requirements that matters to it), whatever leads
there, so decisions are in proportion to the operation times the subgraphs that answer its fields. At a position the search over
sets of subgraphs is exhaustive for up to MAX_CANDIDATES of them that are not needed anyway, smallest sets first; beyond, and
for the whole operation after MAX_STEPS decisions, it is greedy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import TypeAlias, TypeVar

from router.plan.assignment import Assignment, Part, Solution, cost, share_fetches
from router.plan.branches import CONCRETE, Branches
from router.plan.selection import Field, Fragment, Item, Selection, from_ast, merged
from router.plan.views import Hop, Provided, Views, provided_below
from router.supergraph.model import TypeKind

__all__ = ["NOTHING", "Solver"]

MAX_CANDIDATES = 6
MAX_STEPS = 20_000
NOTHING: Provided = frozenset()

# (subgraph, type, field) whose `@requires` is being solved.
Mark: TypeAlias = tuple[str, str, str]
Result = TypeVar("Result")


class Memory(dict[object, list[tuple[frozenset[Mark], frozenset[Mark], object, Result]]]):
    """Results by position: the requirements a result depended on, those of them that were being solved, and the result."""


class Solver:
    """Finds the best assignment at each position."""

    def __init__(self, views: Views, branches: Branches) -> None:
        self._views, self._branches = views, branches
        self._selections = Memory[Solution]()
        self._assignments = Memory[Assignment]()
        self._requirements: dict[tuple[str, str, str], tuple[Field, ...]] = {}
        self._selected: dict[tuple[int, ...], Selection] = {}
        self._piecemeal: dict[int, tuple[Selection, tuple[Item, ...]]] = {}
        self._partials: dict[tuple[int, int], tuple[Field, Field]] = {}
        self._joined: dict[tuple[int, ...], tuple[tuple[Field, ...], tuple[Field, ...]]] = {}
        # Requirements that are being solved: what they need must not need them.
        self._required: frozenset[Mark] = frozenset()
        self._tested: set[Mark] = set()
        # Decisions taken so far.
        self.steps = 0

    def solve(self, selection: Selection, type_name: str, subgraph: str, provided: Provided) -> Solution:
        """Return what answering `selection` takes on a value of `type_name` that `subgraph` answers."""
        key = (id(selection), type_name, subgraph, provided)
        return self._remembered(self._selections, key, selection, lambda: self._best(selection, type_name, subgraph, provided))

    def assign(self, fields: tuple[Field, ...], type_name: str, subgraph: str | None, provided: Provided) -> Assignment:
        """Return who answers the fields of an object (or interface) `type_name` that came from `subgraph`; None is the root."""
        key = (tuple(map(id, fields)), type_name, subgraph, provided)
        return self._remembered(self._assignments, key, fields, lambda: self._assign(fields, type_name, subgraph, provided))

    def _remembered(self, memory: Memory[Result], key: object, kept: object, solve: Callable[[], Result]) -> Result:
        """Return the result for the key, solved once for each set of outer requirements that matters to it."""
        for tested, present, _, result in memory.get(key, ()):
            if tested & self._required == present:
                self._tested |= tested
                return result
        outer, self._tested = self._tested, set()
        result = solve()
        tested = frozenset(self._tested)
        # `kept` keeps the ids in the key from being used again.
        memory.setdefault(key, []).append((tested, tested & self._required, kept, result))
        self._tested |= outer
        return result

    def _best(self, selection: Selection, type_name: str, subgraph: str, provided: Provided) -> Solution:
        """Return the solution; where something is missing on an abstract type, it is looked for on the object types."""
        found = self._solve(selection, type_name, subgraph, provided, expand=frozenset())
        type_ = self._views.type(subgraph, type_name)
        if found.missing is None or type_ is None or not type_.is_abstract:
            return found
        names = frozenset(item.response_name for item in found.missing.items if isinstance(item, Field))
        expanded = self._solve(selection, type_name, subgraph, provided, expand=names)
        return min(found, expanded, key=lambda solution: solution.cost)

    def _solve(
        self, selection: Selection, type_name: str, subgraph: str, provided: Provided, *, expand: frozenset[str]
    ) -> Solution:
        depth, fetches, missing = 0, frozenset[object](), list[Item]()
        for branch in self._branches.of(selection, type_name, subgraph, provided, expand=expand):
            found = self.assign(branch.fields, branch.type_name, subgraph, provided).solution
            depth, fetches = max(depth, found.depth), fetches | found.fetches
            if found.missing is not None:
                missing += found.missing.items if branch.condition is None else [Fragment(branch.condition, found.missing)]
        return Solution(depth, fetches, merged(missing) if missing else None, expand)

    def _assign(self, fields: tuple[Field, ...], type_name: str, subgraph: str | None, provided: Provided) -> Assignment:
        options = {id(field): list(self._options(field, type_name, subgraph, provided)) for field in fields}
        self.steps += sum(map(len, options.values()))
        needed, others = self._entries(fields, options)
        everything = self._evaluate(fields, options, needed | frozenset(others), type_name, subgraph, provided)
        if not others:
            return everything
        best = everything
        for sets in self._sets(needed, others):
            for allowed in sets:
                found = self._evaluate(fields, options, allowed, type_name, subgraph, provided)
                best = min(best, found, key=cost)
            # More subgraphs cannot make it better in what matters most.
            if best is not everything and cost(best)[:2] == cost(everything)[:2]:
                break
        return best

    def _options(self, field: Field, type_name: str, subgraph: str | None, provided: Provided) -> Iterator[Part]:
        """Yield every subgraph that answers the field, with what that takes."""
        if field.name == CONCRETE:
            yield from self._concrete(field, type_name, subgraph, provided)
            return
        here = subgraph is not None and self._views.answers(subgraph, type_name, field.name, provided)
        if subgraph is not None and here and not self._views.waits(subgraph, type_name, field.name):
            yield Part(field, None, self._below(field, type_name, subgraph, provided))
        for name, hops in self._views.hops(type_name, subgraph, provided).items():
            for hop in hops:
                if not self._views.answers(name, hop.type_name, field.name, NOTHING):
                    continue
                if name == subgraph and not self._views.waits(name, hop.type_name, field.name):
                    continue
                required = self._requirement(field, name, hop.type_name, type_name)
                yield from self._entering(field, hop, required, type_name, subgraph, provided)
        for hop in self._views.distant(type_name, subgraph, provided):
            if self._views.answers(hop.subgraph, hop.type_name, field.name, NOTHING):
                required = self._requirement(field, hop.subgraph, hop.type_name, type_name)
                yield from self._entering(field, hop, required, type_name, subgraph, provided)

    def _concrete(self, field: Field, type_name: str, subgraph: str | None, provided: Provided) -> Iterator[Part]:
        """Yield the subgraphs that know which object an interface object stands for."""
        assert field.selection is not None  # noqa: S101  made so
        for name, hops in self._views.hops(type_name, subgraph, provided).items():
            type_ = self._views.type(name, type_name)
            for hop in hops:
                if type_ is not None and type_.kind is TypeKind.INTERFACE and hop.type_name == type_name:
                    below = self.solve(field.selection, type_name, name, NOTHING)
                    yield Part(field, hop, self._after(hop, below, type_name, Solution()))

    def _entering(
        self,
        field: Field,
        hop: Hop,
        required: tuple[Field, ...],
        type_name: str,
        subgraph: str | None,
        provided: Provided,
    ) -> Iterator[Part]:
        before = Solution()
        needed = (*hop.gathered, *required)
        if needed:
            mark = (hop.subgraph, type_name, field.name if required else "@key")
            self._tested.add(mark)
            if mark in self._required:
                return
            outer, self._required = self._required, self._required | {mark}
            before = self.assign(self.together(needed), type_name, subgraph, provided).solution
            self._required = outer
            if before.missing is not None:
                return
        below = self._below(field, hop.type_name, hop.subgraph, NOTHING)
        contextual = bool(self._views.context_arguments(hop.subgraph, hop.type_name, field.name))
        waits = bool(required) or contextual
        yield Part(field, hop, self._after(hop, below, type_name, before, waits=waits), required, contextual)

    def _after(self, hop: Hop, below: Solution, type_name: str, before: Solution, *, waits: bool = False) -> Solution:
        """Return the solution of entering by `hop` (after `before`, for requirements) and going on with `below`."""
        tokens = {(type_name, hop.subgraph, hop.type_name, waits)}
        depth = max(hop.depth, before.depth + 1) + below.depth
        return Solution(depth, below.fetches | before.fetches | tokens, below.missing)

    def together(self, fields: tuple[Field, ...]) -> tuple[Field, ...]:
        """Return the fields, those of one name made one; the same objects for the same fields."""
        key = tuple(map(id, fields))
        if key not in self._joined:
            items = merged(fields).items
            self._joined[key] = (fields, tuple(item for item in items if isinstance(item, Field)))
        return self._joined[key][1]

    def _some(self, items: tuple[Item, ...]) -> Selection:
        """Return a selection of the items: the same object for the same items."""
        key = tuple(map(id, items))
        if key not in self._selected:
            self._selected[key] = merged(items) if len(items) > 1 else Selection(items)
        return self._selected[key]

    def _pieces(self, selection: Selection) -> tuple[Item, ...]:
        """Return the fields of a selection one by one, each in its fragments: the same objects for the same selection."""
        if id(selection) not in self._piecemeal:
            self._piecemeal[id(selection)] = (selection, tuple(_apart(selection)))
        return self._piecemeal[id(selection)][1]

    def _partial(self, field: Field, selection: Selection) -> Field:
        """Return the field with a part of its selection: the same object for the same part, so that results are kept."""
        key = (id(field), id(selection))
        if key not in self._partials:
            self._partials[key] = (field, replace(field, selection=selection))
        return self._partials[key][1]

    def _below(self, field: Field, type_name: str, subgraph: str, provided: Provided) -> Solution:
        """Return what the field's own selection takes once `subgraph` answers the field."""
        if field.selection is None:
            return Solution()
        view = self._views.field(subgraph, type_name, field.name)
        assert view is not None  # noqa: S101  the subgraph answers it
        found = self.solve(field.selection, view.type_name, subgraph, provided_below(provided, view))
        # Fetches at different places are different ones.
        return replace(found, fetches=frozenset((field.response_name, fetch) for fetch in found.fetches))

    def _requirement(self, field: Field, subgraph: str, entered_as: str, type_name: str) -> tuple[Field, ...]:
        """Return the fields that the subgraph's `@requires` asks for, for an object of `type_name`."""
        node = self._views.requires(subgraph, entered_as, field.name)
        if node is None:
            return ()
        key = (subgraph, f"{entered_as}|{type_name}", field.name)
        if key not in self._requirements:
            self._requirements[key] = self._branches.fields(from_ast(node, {}), type_name)
        return self._requirements[key]

    def _entries(self, fields: Sequence[Field], options: dict[int, list[Part]]) -> tuple[frozenset[str], list[str]]:
        """Return the subgraphs that have to be entered, and those that can be, most wanted first."""
        needed: set[str] = set()
        wanted: dict[str, int] = {}
        for field in fields:
            found = options[id(field)]
            if any(part.hop is None and part.solution.missing is None and not part.solution.depth for part in found):
                continue
            names = {part.hop.subgraph for part in found if part.hop is not None}
            if len(names) == 1 and all(part.hop is not None for part in found):
                needed |= names
                continue
            for name in names:
                wanted[name] = wanted.get(name, 0) + 1
        return frozenset(needed), sorted((name for name in wanted if name not in needed), key=lambda name: -wanted[name])

    def _sets(self, needed: frozenset[str], others: list[str]) -> Iterator[list[frozenset[str]]]:
        """Yield the sets of subgraphs to enter, those of one size together, smallest first."""
        if self.steps > MAX_STEPS:
            return
        for size in range(len(others)):
            if len(others) <= MAX_CANDIDATES:
                yield [needed.union(chosen) for chosen in combinations(others, size)]
            else:
                yield [needed.union(others[:size])]

    def _evaluate(
        self,
        fields: Sequence[Field],
        options: dict[int, list[Part]],
        allowed: frozenset[str],
        type_name: str,
        subgraph: str | None,
        provided: Provided,
    ) -> Assignment:
        """Return the best assignment that enters only `allowed` subgraphs."""
        parts: list[Part] = []
        missing: list[Item] = []
        open_to: dict[int, list[Part]] = {}
        for field in fields:
            usable = [part for part in options[id(field)] if part.hop is None or part.hop.subgraph in allowed]
            if not usable:
                missing.append(field)
                continue
            first = min(usable, key=lambda part: (*part.solution.cost, part.hop is not None))
            divided = self._divided(first, usable, type_name, subgraph, provided)
            if divided:
                parts += divided
                continue
            if first.solution.missing is None and len(usable) > 1:
                open_to[len(parts)] = usable
            parts.append(first)
            left = first.solution.missing
            others = [part for part in usable if part is not first]
            while left is not None and others and not self._runs_once(type_name):
                partial = self._partial(field, left)
                again = [
                    found
                    for other in others
                    for found in self._options(partial, type_name, subgraph, provided)
                    if (found.hop and found.hop.subgraph) == (other.hop and other.hop.subgraph)
                ]
                better = min(again, key=lambda part: part.solution.cost, default=None)
                if better is None or (better.solution.missing is not None and better.solution.missing.size >= left.size):
                    break
                parts.append(better)
                others = [part for part in others if part.hop != better.hop]
                left = better.solution.missing
            if left is not None:
                missing.append(replace(field, selection=left))
        share_fetches(parts, open_to)
        depth = max((part.solution.depth for part in parts), default=0)
        fetches = frozenset[object]().union(*(part.solution.fetches for part in parts))
        return Assignment(tuple(parts), Solution(depth, fetches, Selection(tuple(missing)) if missing else None))

    def _divided(
        self, whole: Part, usable: list[Part], type_name: str, subgraph: str | None, provided: Provided
    ) -> list[Part] | None:
        """Return the field asked of several subgraphs at once, each for what it answers itself, where that saves steps.

        Root fields of mutations and subscriptions are never asked for twice.
        """
        field, selection = whole.field, whole.field.selection
        soonest = min(part.hop.depth if part.hop else 0 for part in usable)
        if selection is None or whole.solution.missing is not None or whole.solution.depth <= soonest or len(usable) < 2:
            return None
        if self._runs_once(type_name) or self.steps > MAX_STEPS:
            return None
        entries = {part.hop.subgraph if part.hop else None for part in usable}
        chosen: dict[str | None, list[Item]] = {}
        for item in self._pieces(selection):
            found = self._into(field, (item,), entries, type_name, subgraph, provided)
            best = min(found, key=lambda part: (*part.solution.cost, part.hop is not None), default=None)
            if best is None or best.solution.missing is not None or best.solution.depth >= whole.solution.depth:
                return None
            chosen.setdefault(best.hop.subgraph if best.hop else None, []).append(item)
        parts = []
        for entry, items in chosen.items():
            found = self._into(field, tuple(items), {entry}, type_name, subgraph, provided)
            parts.append(min(found, key=lambda part: part.solution.cost))
        return parts

    def _runs_once(self, type_name: str) -> bool:
        """Whether fields of the type must not be asked for twice: those of mutations and subscriptions."""
        return self._views.is_root(type_name) and not self._views.is_query(type_name)

    def _into(
        self,
        field: Field,
        items: tuple[Item, ...],
        entries: set[str | None],
        type_name: str,
        subgraph: str | None,
        provided: Provided,
    ) -> list[Part]:
        """Return the ways to answer some items of the field's selection by one of the subgraphs (None is the current one)."""
        partial = self._partial(field, self._some(items))
        found = self._options(partial, type_name, subgraph, provided)
        return [part for part in found if (part.hop.subgraph if part.hop else None) in entries and self._knows_types(part)]

    def _knows_types(self, part: Part) -> bool:
        """Whether the part leaves `__typename` alone: an interface object that is left shows a name of its own there."""
        if part.hop is None or part.solution.depth == part.hop.depth:
            return True
        view = self._views.field(part.hop.subgraph, part.hop.type_name, part.field.name)
        type_ = self._views.type(part.hop.subgraph, view.type_name) if view else None
        return type_ is None or not type_.is_interface_object


def _apart(selection: Selection) -> Iterator[Item]:
    for item in selection.items:
        if isinstance(item, Field):
            yield item
        else:
            yield from (Fragment(item.type_name, Selection((piece,))) for piece in _apart(item.selection))
