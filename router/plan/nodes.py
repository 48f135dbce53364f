"""The query plan: an immutable tree that the executor walks and the printer prints.

The data of all fetches is merged into one tree of plain dictionaries, keyed by response name. What a plan needs
beyond what the client selected (keys, required fields, `__typename`) lies in the same tree, under a name of its own
where the client's operation already uses the field's name for something else; the projection leaves it out again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

__all__ = [
    "Condition",
    "Fetch",
    "FieldRename",
    "Flatten",
    "InlineFragment",
    "Parallel",
    "PathStep",
    "PlanNode",
    "PlanPath",
    "QueryPlan",
    "RequiredField",
    "Requirement",
    "Sequence",
    "SubscriptionPlan",
]

OperationKind: TypeAlias = Literal["query", "mutation", "subscription"]


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step down the response tree: into a field, and on to every element where its value is a list, at any depth.

    `on` limits the step to objects (before the step, the parent) of these type names; None takes any.
    """

    response_name: str
    on: frozenset[str] | None = None
    list_depth: int = 0


# From the root of the response to the objects a fetch completes.
PlanPath: TypeAlias = tuple[PathStep, ...]


@dataclass(frozen=True, slots=True)
class RequiredField:
    """A field of a representation: `name` in the representation, read from `response_name` in the response tree.

    An object that lacks a required field, or has null for a field that is null only because of an error, is not sent.
    `constant` is a value sent instead of a read one (the `__typename` of an interface object).
    """

    name: str
    response_name: str
    selections: tuple[Requirement, ...] = ()
    constant: str | None = None


@dataclass(frozen=True, slots=True)
class InlineFragment:
    """Selections that a representation has only for objects of these types."""

    type_names: frozenset[str]
    selections: tuple[Requirement, ...]
    # Printed as the type condition.
    type_condition: str = ""


Requirement: TypeAlias = RequiredField | InlineFragment


@dataclass(frozen=True, slots=True)
class FieldRename:
    """In the answer of a fetch, `alias` at `path` (response names, relative to the fetch's objects) becomes `response_name`.

    No alias is used for anything else in the fetch.
    """

    path: tuple[str, ...]
    alias: str
    response_name: str


@dataclass(frozen=True, slots=True)
class Fetch:
    """One GraphQL request to one subgraph.

    Without `requires` it is a request for root fields. With `requires` it is an `_entities` request: the representations of
    the objects at the enclosing Flatten's path go, deduplicated, into the variable `representations`, and the answer is
    merged into those objects.
    """

    # Unique in the plan.
    id: int
    subgraph: str
    operation: str
    operation_kind: OperationKind
    operation_name: str | None = None
    # Names of the client's variables that the operation uses; sent when given by the client.
    variables: tuple[str, ...] = ()
    requires: tuple[InlineFragment, ...] = ()
    # Applied in order to the answer, before it is merged.
    renames: tuple[FieldRename, ...] = ()
    # Argument name in `operation` -> where its value is read, relative to each representation's object (`@fromContext`).
    context: Mapping[str, PlanPath] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flatten:
    """Runs `node` for the objects at `path`."""

    path: PlanPath
    node: Fetch


@dataclass(frozen=True, slots=True)
class Sequence:
    """Runs its nodes one after the other."""

    nodes: tuple[PlanNode, ...]


@dataclass(frozen=True, slots=True)
class Parallel:
    """Runs its nodes at once."""

    nodes: tuple[PlanNode, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """Runs one branch by the value of a Boolean variable of the client (`@skip`, `@include`)."""

    variable: str
    if_true: PlanNode | None
    if_false: PlanNode | None


@dataclass(frozen=True, slots=True)
class SubscriptionPlan:
    """The event source, and what completes each event."""

    primary: Fetch
    rest: PlanNode | None


PlanNode: TypeAlias = Fetch | Flatten | Sequence | Parallel | Condition | SubscriptionPlan


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """How one operation is answered. `root` is None when no subgraph is needed (introspection, `__typename`)."""

    operation_kind: OperationKind
    root: PlanNode | None
