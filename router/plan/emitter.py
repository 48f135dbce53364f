"""Writes the solver's decisions down as subgraph requests."""

from __future__ import annotations

from dataclasses import replace

from graphql import ArgumentNode, NameNode, VariableNode

from router.plan.assignment import Part
from router.plan.branches import CONCRETE, Branch, Branches
from router.plan.context import context_source
from router.plan.fetch_group import FetchGroup, Groups, Out, merge_required
from router.plan.nodes import InlineFragment, PathStep, RequiredField, Requirement
from router.plan.position import Alike, Position
from router.plan.scope import Scope
from router.plan.selection import Conditions, Field, Fragment, Selection, both, deferrals_of
from router.plan.solver import NOTHING, Solver
from router.plan.views import Hop, Views, provided_below
from router.supergraph.model import TypeKind

__all__ = ["Emitter"]


class Emitter:
    """Fills `groups`. `internal` fields are those the client did not ask for: keys and requirements."""

    def __init__(self, views: Views, branches: Branches, solver: Solver, groups: Groups) -> None:
        self._views, self._branches, self._solver, self.groups = views, branches, solver, groups
        self._written: dict[object, list[tuple[Conditions, frozenset[int]]]] = {}

    def fields(self, fields: tuple[Field, ...], position: Position, *, internal: bool = False) -> frozenset[int]:
        """Emit fields of the objects at a position; return the requests that answer them, at any depth."""
        if not internal:
            return self._emit(fields, position, internal=False)
        # Several fields may require the same ones.
        place = (position.type_name, id(position.group), id(position.out), position.path, position.on)
        written = self._written.setdefault((tuple(map(id, fields)), place), [])
        for conditions, requests in written:
            if set(conditions) <= set(position.pending):
                return requests
        requests = self._emit(fields, position, internal=True)
        written.append((position.pending, requests))
        return requests

    def _emit(self, fields: tuple[Field, ...], position: Position, *, internal: bool) -> frozenset[int]:
        assignment = self._solver.assign(fields, position.type_name, position.subgraph, position.provided)
        touched: set[int] = set()
        required: dict[tuple[str, str], tuple[Conditions, FetchGroup, Out]] = {}
        # Fields that wait for others come first: what is cheap there need not be asked in a request of its own.
        parts = assignment.parts if internal else tuple(self._apart(part, position) for part in assignment.parts)
        for part in sorted(parts, key=lambda part: (not part.waits, len(part.field.conditions) if part.waits else 0)):
            target = self._target(part, position, required, internal)
            if part.waits and part.hop is not None:
                required[part.hop.subgraph, part.hop.type_name] = (both(position.pending, part.field.conditions), *target)
            touched |= self._part(part, target, position, internal)
        return frozenset(touched)

    def selection(
        self, selection: Selection, type_name: str, group: FetchGroup, position: Position, *, internal: bool
    ) -> frozenset[int]:
        """Emit a selection on the objects at `position`, whose type may be abstract, into `position.out`."""
        out, subgraph = position.out, group.subgraph
        assert out is not None  # noqa: S101  below the root there is a selection
        type_ = self._views.type(subgraph, type_name)
        solution = self._solver.solve(selection, type_name, subgraph, position.provided)
        if (type_ is not None and type_.is_abstract) or (
            internal and any(isinstance(item, Fragment) for item in selection.items)
        ):
            out.typename()
        touched: frozenset[int] = frozenset()
        branches = self._branches.of(selection, type_name, subgraph, position.provided, expand=solution.expand)
        alike = self._alike(branches, type_.possible_types if type_ else frozenset(), subgraph, position)
        for branch in branches:
            below = out if branch.condition is None else out.fragment(branch.condition)
            place = replace(position, type_name=branch.type_name, out=below, on=branch.on, alike=alike)
            touched |= self.fields(branch.fields, place, internal=internal)
        return touched

    def _alike(self, branches: list[Branch], possible: frozenset[str], subgraph: str, position: Position) -> Alike | None:
        """Return what the object types that a selection is expanded to have in common."""
        types: dict[object, frozenset[str]] = {}
        expanded = [branch for branch in branches if branch.on is not None and len(branch.on) == 1]
        if len(expanded) < 2 or self._views.contextual_names:
            return None
        for branch in expanded:
            assignment = self._solver.assign(branch.fields, branch.type_name, subgraph, position.provided)
            for part in assignment.parts:
                if part.hop is None and part.field.selection is not None and branch.on is not None:
                    key = self._likeness(part.field, branch.type_name, subgraph)
                    types[key] = types.get(key, frozenset()) | branch.on
        return Alike({key: None if names == possible else names for key, names in types.items() if len(names) > 1})

    def _likeness(self, field: Field, type_name: str, subgraph: str) -> object:
        view = self._views.field(subgraph, type_name, field.name)
        return id(field), view and (view.type, view.provides and id(view.provides))

    def _apart(self, part: Part, position: Position) -> Part:
        """Return the part with a way back into its subgraph if it is deferred: the request at hand does not wait for it."""
        if part.hop is not None or position.subgraph is None or not deferrals_of(part.field.conditions):
            return part
        ways = self._views.hops(position.type_name, position.subgraph, position.provided).get(position.subgraph, ())
        way = next((hop for hop in ways if hop.type_name == position.type_name and hop.depth == 1), None)
        return replace(part, hop=way) if way is not None else part

    def _part(self, part: Part, target: tuple[FetchGroup, Out], position: Position, internal: bool) -> frozenset[int]:
        group, out = target
        entered_as = part.hop.type_name if part.hop else position.type_name
        provided = NOTHING if part.hop else position.provided
        alike = None if part.hop else position.alike
        place = replace(position, type_name=entered_as, group=group, out=out, provided=provided, alike=alike)
        if part.hop:
            place = replace(place, pending=position.conditions)
        if part.field.name == CONCRETE:
            assert part.field.selection is not None  # noqa: S101  made so
            return self.selection(part.field.selection, entered_as, group, place, internal=internal) | {group.id}
        return self._field(part.field, place, internal=internal)

    def _field(self, field: Field, position: Position, *, internal: bool) -> frozenset[int]:
        """Emit one field into the position's own request."""
        group, out = position.group, position.out
        assert group is not None  # noqa: S101  a request answers the field
        assert out is not None  # noqa: S101
        name = position.scope.name(field) if internal else field.response_name
        view = self._views.field(group.subgraph, position.type_name, field.name)
        likeness = self._likeness(field, position.type_name, group.subgraph)
        if position.alike is not None and likeness in position.alike.types:
            if likeness in position.alike.written:
                known, requests = position.alike.written[likeness]
                if out.share(known):
                    return requests
            else:
                position = replace(position, on=position.alike.types[likeness])
        arguments = field.arguments
        for argument in view.context_arguments if view is not None else ():
            source = context_source(argument, position, self._views)
            variable = VariableNode(name=NameNode(value=group.context_variable(argument.type, source.path)))
            arguments = (*arguments, ArgumentNode(name=NameNode(value=argument.name), value=variable))
        conditions = both(position.pending, field.conditions)
        found = out.field(name, field.name, arguments, conditions, view.type if view is not None else "String!")
        touched = frozenset((group.id,))
        if field.selection is None:
            return touched
        assert view is not None  # noqa: S101  the solver chose a subgraph that has it
        below = Position(
            type_name=view.type_name,
            group=group,
            out=out.below(found),
            path=(*position.path, PathStep(name, position.on, view.list_depth)),
            on=None,
            scope=position.scope.child(name),
            provided=provided_below(position.provided, view),
            conditions=both(position.conditions, conditions),
            above=position,
        )
        touched |= self.selection(field.selection, view.type_name, group, below, internal=internal)
        named = self._views.type(group.subgraph, view.type_name)
        if self._views.is_abstract(position.type_name, field.name) and named is not None and not named.is_interface_object:
            # Clients may tell types apart where this subgraph knows a single one.
            out.below(found).typename()
        if not below.out or not (below.out.fields or below.out.fragments):
            out.below(found).typename()
        if position.alike is not None:
            position.alike.written.setdefault(likeness, (found, touched))
        return touched

    def _target(
        self,
        part: Part,
        position: Position,
        required: dict[tuple[str, str], tuple[Conditions, FetchGroup, Out]],
        internal: bool,
    ) -> tuple[FetchGroup, Out]:
        """Return the request and selection that a part goes to."""
        if part.hop is None:
            assert position.group is not None  # noqa: S101  the root has no fields of its own
            assert position.out is not None  # noqa: S101
            return position.group, position.out
        waiting = required.get((part.hop.subgraph, part.hop.type_name))
        if waiting is not None and not part.waits and not internal and part.solution.depth <= part.hop.depth:
            conditions, group, out = waiting
            own = both(position.pending, part.field.conditions)
            if set(conditions) <= set(own) and deferrals_of(conditions) == deferrals_of(own):
                return group, out
        after = self._context(part, position) if part.contextual else frozenset[int]()
        return self._enter(part.hop, position, both(position.pending, part.field.conditions), part.requires, after)

    def _context(self, part: Part, position: Position) -> frozenset[int]:
        """Fetch what the field's arguments take from objects above; return the requests that do."""
        assert part.hop is not None  # noqa: S101  a field that waits is entered
        arguments = self._views.context_arguments(part.hop.subgraph, part.hop.type_name, part.field.name)
        sources = [context_source(argument, position, self._views) for argument in arguments]
        return frozenset[int]().union(*(self.fields(source.fields, source.position, internal=True) for source in sources))

    def _enter(
        self,
        hop: Hop,
        position: Position,
        conditions: Conditions,
        requires: tuple[Field, ...] = (),
        after: frozenset[int] = frozenset(),
    ) -> tuple[FetchGroup, Out]:
        """Return the request that enters another subgraph, with its key (and required fields) fetched before."""
        if hop.key is None:
            held = frozenset((position.group.id,)) if position.group else frozenset[int]()
            group = self.groups.root(hop.subgraph, position.path, after | held, apart=deferrals_of(conditions))
            return group, group.out
        assert position.group is not None  # noqa: S101  only roots are entered without a key
        assert position.out is not None  # noqa: S101
        wanted = replace(position, conditions=both(position.conditions, conditions))
        for subgraph, field in hop.sources:
            source = position
            if subgraph != position.subgraph:
                way = self._views.hops(position.type_name, position.subgraph, position.provided)[subgraph][0]
                group, out = self._enter(way, position, conditions)
                source = replace(
                    wanted, type_name=way.type_name, group=group, out=out, provided=NOTHING, pending=wanted.conditions
                )
            after |= self._field(field, source, internal=True)
        requires = (*hop.gathered, *requires)
        if requires:
            pending = both(position.pending, conditions)
            after |= self.fields(self._solver.together(requires), replace(wanted, pending=pending), internal=True)
        position.out.typename()
        names = self._type_names(position)
        key = tuple(self._required(field, position.scope) for _, field in hop.sources if field.name != "__typename")
        rest = tuple(self._required(field, position.scope) for field in requires)
        fields = (self._typename(hop, position), *key, *rest)
        # An interface object answers for all types alike: it is not asked for more than is selected for the type.
        group = self.groups.entities(
            hop.subgraph,
            position.path,
            after | {position.group.id},
            names,
            position.type_name,
            fields,
            conditions=wanted.conditions,
            apart=(names if self._is_interface_object(hop) else None, deferrals_of(conditions)),
        )
        out = group.out.fragment(hop.type_name)
        if self._is_abstract(hop):
            out.typename()
        return group, out

    def _is_abstract(self, hop: Hop) -> bool:
        type_ = self._views.type(hop.subgraph, hop.type_name)
        return type_ is not None and type_.kind is TypeKind.INTERFACE

    def _is_interface_object(self, hop: Hop) -> bool:
        type_ = self._views.type(hop.subgraph, hop.type_name)
        return type_ is not None and type_.is_interface_object

    def _type_names(self, position: Position) -> frozenset[str]:
        """Return the `__typename`s that the objects at a position may show."""
        return self._views.possible(position.type_name) | {position.type_name}

    def _typename(self, hop: Hop, position: Position) -> RequiredField:
        """Return the `__typename` of representations; interface objects are asked for by the interface's name."""
        constant = hop.type_name if self._is_interface_object(hop) else None
        return RequiredField("__typename", "__typename", constant=constant)

    def _required(self, field: Field, scope: Scope) -> RequiredField:
        name = scope.name(field)
        below = scope.child(name)
        return RequiredField(field.name, name, self._required_below(field.selection, below) if field.selection else ())

    def _required_below(self, selection: Selection, scope: Scope) -> tuple[Requirement, ...]:
        found: list[Requirement] = []
        for item in selection.items:
            if isinstance(item, Field):
                found.append(self._required(item, scope))
                continue
            names = self._views.possible(item.type_name) | {item.type_name}
            found.append(InlineFragment(names, self._required_below(item.selection, scope), item.type_name))
        if any(isinstance(item, Fragment) for item in selection.items):
            # The subgraph has to tell the types apart, too.
            found.insert(0, RequiredField("__typename", "__typename"))
        return merge_required(tuple(found))
