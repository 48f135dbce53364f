"""A subgraph request while it is being planned: its selection, what it needs first, and the representations it is asked with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from graphql import ArgumentNode, print_ast

from router.plan.nodes import InlineFragment as RequiredFragment
from router.plan.nodes import PlanPath, RequiredField, Requirement
from router.plan.selection import Conditions

__all__ = ["FetchGroup", "Groups", "Out", "OutField", "merge_required"]


@dataclass(eq=False)
class OutField:
    """A field of the subgraph's operation. `type` is its type as the subgraph has it."""

    response_name: str
    name: str
    arguments: tuple[ArgumentNode, ...]
    conditions: Conditions
    type: str = "String!"
    out: Out | None = None
    # Its name in the subgraph's answer, where `response_name` would clash there.
    alias: str = ""
    # Whether it is in several selection sets.
    shared: bool = False
    # Whether it is there for the router alone: a `__typename` that tells types apart.
    implied: bool = False

    def __post_init__(self) -> None:
        self.alias = self.alias or self.response_name

    @property
    def arguments_text(self) -> str:
        """The arguments as text."""
        return ", ".join(map(print_ast, self.arguments))


class Out:
    """A selection set that grows; items keep the order in which they came."""

    def __init__(self) -> None:
        self.fields: dict[tuple[str, Conditions], OutField] = {}
        self.fragments: dict[str, Out] = {}

    def field(
        self, response_name: str, name: str, arguments: tuple[ArgumentNode, ...], conditions: Conditions, type_: str
    ) -> OutField:
        """Return the field of this name, added when it is new."""
        key = (response_name, conditions)
        if key not in self.fields:
            self.fields[key] = OutField(response_name, name, arguments, conditions, type_)
        self.fields[key].implied = False
        return self.fields[key]

    def share(self, field: OutField) -> bool:
        """Select a field of another selection set here, too; return False where there is another field of its name."""
        key = (field.response_name, field.conditions)
        if self.fields.setdefault(key, field) is not field:
            return False
        field.shared = True
        return True

    def typename(self) -> None:
        """Select `__typename`, first."""
        key: tuple[str, Conditions] = ("__typename", ())
        if key not in self.fields:
            self.fields = {key: OutField("__typename", "__typename", (), (), implied=True), **self.fields}

    def fragment(self, type_name: str) -> Out:
        """Return the fragment on this type, added when it is new."""
        return self.fragments.setdefault(type_name, Out())

    def below(self, found: OutField) -> Out:
        """Return the selection set of one of the fields."""
        if found.out is None:
            found.out = Out()
        return found.out

    @cached_property
    def key(self) -> object:
        """What is equal for selection sets that ask the same; to be read when nothing is added any more."""
        fields = frozenset(
            (one.alias, one.name, one.arguments_text, one.conditions, one.out and one.out.key) for one in self.fields.values()
        )
        return fields, frozenset((name, out.key) for name, out in self.fragments.items())

    def conditions(self) -> Iterator[Conditions]:
        """Yield what each selected field is conditional on."""
        for found in self.fields.values():
            if not found.implied:
                yield found.conditions
        for out in self.fragments.values():
            yield from out.conditions()


@dataclass(eq=False)
class FetchGroup:
    """One request. `requires` maps object types to the fields of their representations; None for requests of root fields."""

    id: int
    subgraph: str
    path: PlanPath
    after: frozenset[int]
    out: Out = field(default_factory=Out)
    requires: dict[tuple[frozenset[str], str], tuple[Requirement, ...]] | None = None
    # What the representations hold is fetched when one of these holds.
    required_under: frozenset[Conditions] = frozenset()
    # Variable -> its type, and where its value is read (`@fromContext`).
    context: dict[str, tuple[str, PlanPath]] = field(default_factory=dict)

    def context_variable(self, type_: str, path: PlanPath) -> str:
        """Return the variable for a value of the context, new or known. Names with two underscores are not the client's."""
        for name, known in self.context.items():
            if known == (type_, path):
                return name
        name = f"__context_{len(self.context)}"
        self.context[name] = (type_, path)
        return name

    def require(self, type_names: frozenset[str], type_condition: str, fields: tuple[Requirement, ...]) -> bool:
        """Add fields to the representations of these types; return False, adding none, where they contradict what is there."""
        assert self.requires is not None  # noqa: S101  entity requests only
        if self.contradicts(type_names, fields):
            return False
        key = (type_names, type_condition)
        self.requires[key] = merge_required((*self.requires.get(key, ()), *fields))
        return True

    def takes(
        self, type_names: frozenset[str], type_condition: str, fields: tuple[Requirement, ...], conditions: Conditions
    ) -> bool:
        """Add what representations of these types must hold; return False, adding none, where that cannot be asked for here.

        The fields are fetched under `conditions`. An object is sent when everything is there that its representation holds, so
        nobody must have to wait for what is fetched under other conditions than its own.
        """
        known = (self.requires or {}).get((type_names, type_condition), ())
        together = merge_required((*known, *fields))
        same = self.required_under == {conditions}
        implied = together == known and any(set(one) <= set(conditions) for one in self.required_under)
        equal = together == known == merge_required(fields)
        if not (same or implied or equal) or not self.require(type_names, type_condition, fields):
            return False
        if not implied:
            self.required_under |= {conditions}
        return True

    def contradicts(self, type_names: frozenset[str], fields: tuple[Requirement, ...]) -> bool:
        """Whether representations of these types hold one of the fields with another value."""
        return any(names & type_names and _contradict(known, fields) for (names, _), known in (self.requires or {}).items())


class Groups:
    """The requests of one plan; those at the same place, to the same subgraph, after the same others are one."""

    def __init__(self) -> None:
        self.all: list[FetchGroup] = []
        self._known: dict[object, list[FetchGroup]] = {}

    def root(self, subgraph: str, path: PlanPath, after: frozenset[int], *, apart: object) -> FetchGroup:
        """Return the request of root fields, new or known. What differs in `apart` is asked for apart."""
        known = self._known.setdefault((subgraph, path, after, "root", apart), [])
        return known[0] if known else self._add(known, FetchGroup(len(self.all), subgraph, path, after))

    def entities(
        self,
        subgraph: str,
        path: PlanPath,
        after: frozenset[int],
        type_names: frozenset[str],
        type_condition: str,
        fields: tuple[Requirement, ...],
        *,
        conditions: Conditions,
        apart: object,
    ) -> FetchGroup:
        """Return the request, new or known, whose representations of these types have the fields.

        What needs one field with different arguments is asked for apart: a representation holds a field once. So is what
        differs in `apart`, and what is fetched under other `conditions` than the rest: those of all that leads to the objects.
        """
        known = self._known.setdefault((subgraph, path, after, apart), [])
        for group in known:
            if group.takes(type_names, type_condition, fields, conditions):
                return group
        group = FetchGroup(len(self.all), subgraph, path, after, requires={}, required_under=frozenset((conditions,)))
        group.require(type_names, type_condition, fields)
        return self._add(known, group)

    def next(self) -> Groups:
        """Return the same requests with more to come, none of which is joined with those so far."""
        following = Groups()
        following.all = list(self.all)
        return following

    def _add(self, known: list[FetchGroup], group: FetchGroup) -> FetchGroup:
        known.append(group)
        self.all.append(group)
        return group


def _contradict(fields: Iterable[Requirement], others: Iterable[Requirement]) -> bool:
    """Whether one field would come from two places of the response tree."""
    return any(_differ(one, other) for one in fields for other in others)


def _differ(one: Requirement, other: Requirement) -> bool:
    if isinstance(one, RequiredFragment):
        if isinstance(other, RequiredFragment) and not one.type_names & other.type_names:
            return False
        return _contradict(one.selections, (other,))
    if isinstance(other, RequiredFragment):
        return _contradict((one,), other.selections)
    if one.name != other.name:
        return False
    same = one.response_name == other.response_name and one.constant == other.constant
    return not same or _contradict(one.selections, other.selections)


def merge_required(fields: tuple[Requirement, ...]) -> tuple[Requirement, ...]:
    """Return the fields with those of one name made one, `__typename` first."""
    found: dict[object, Requirement] = {}
    for one in sorted(fields, key=lambda item: not (isinstance(item, RequiredField) and item.name == "__typename")):
        key: object = one.name if isinstance(one, RequiredField) else (one.type_names, one.type_condition)
        known = found.get(key)
        if known is None:
            found[key] = one
        elif isinstance(known, RequiredField) and isinstance(one, RequiredField):
            found[key] = RequiredField(
                known.name, known.response_name, merge_required((*known.selections, *one.selections)), known.constant
            )
        elif isinstance(known, RequiredFragment) and isinstance(one, RequiredFragment):
            found[key] = RequiredFragment(
                known.type_names, merge_required((*known.selections, *one.selections)), known.type_condition
            )
    return tuple(found.values())
