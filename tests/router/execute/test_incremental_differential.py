"""Random operations with `@defer` anywhere: the payloads put together are what is answered at once without it."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from random import Random
from typing import Any

import pytest
from graphql import (
    ConstDirectiveNode,
    DeferStreamDirectiveOnRootField,
    DeferStreamDirectiveOnValidOperationsRule,
    DocumentNode,
    FieldNode,
    InlineFragmentNode,
    NameNode,
    SelectionSetNode,
    Visitor,
    print_ast,
    validate,
    visit,
)

from router.execute.defer_directive import with_defer
from router.execute.executor import Executor, RequestContext, prepare
from tests.router.differential.operations import generate
from tests.testkit.federation_fixtures import fixture, fixture_names
from tests.testkit.federation_subgraphs import WorldTransport
from tests.testkit.federation_world import Faults, World

SEED = "2026"
OPERATIONS = 6
# Until something was deferred, at the most.
MOST_OPERATIONS = 60
DEFER = ConstDirectiveNode(name=NameNode(value="defer"), arguments=())


def deferred(document: DocumentNode, random: Random) -> DocumentNode:
    """Put `@defer` on fragments, and fragments with it around fields, by chance."""

    class Defer(Visitor):
        def leave_inline_fragment(self, node: InlineFragmentNode, *_: Any) -> Any:
            if random.random() < 0.3:
                return replaced(node, directives=(*(node.directives or ()), DEFER))
            return None

        def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> Any:
            selections = tuple(
                InlineFragmentNode(
                    type_condition=None, directives=(DEFER,), selection_set=SelectionSetNode(selections=(selection,))
                )
                if isinstance(selection, FieldNode) and random.random() < 0.15
                else selection
                for selection in node.selections
            )
            return SelectionSetNode(selections=selections)

    changed: DocumentNode = visit(document, Defer())
    return changed


def replaced(node: InlineFragmentNode, **more: Any) -> InlineFragmentNode:
    return InlineFragmentNode(
        **{"type_condition": node.type_condition, "directives": node.directives, "selection_set": node.selection_set, **more}
    )


def put_together(payloads: Iterable[dict[str, Any]]) -> Any:
    """Return the data as a client has it after the last payload."""
    first, *later = payloads
    data = copy.deepcopy(first["data"])
    places = {entry["id"]: entry["path"] for entry in first.get("pending", ())}
    for payload in later:
        places |= {entry["id"]: entry["path"] for entry in payload.get("pending", ())}
        for entry in payload.get("incremental", ()):
            value = data
            for key in [*places[entry["id"]], *entry.get("subPath", ())]:
                value = value[key]
            merge(value, copy.deepcopy(entry["data"]))
        for entry in payload.get("completed", ()):
            del places[entry["id"]]
    assert places == {}
    assert [payload["hasNext"] for payload in payloads] == [True] * len(later) + [False]
    return data


def merge(target: Any, source: Any) -> None:
    """Merge as clients do: objects by name, lists by index."""
    for key, value in source.items() if isinstance(source, dict) else enumerate(source):
        known = target.get(key) if isinstance(target, dict) else target[key]
        if type(value) is type(known) and isinstance(value, dict | list):
            merge(known, value)
        else:
            target[key] = value


@pytest.mark.parametrize("name", [name for name in fixture_names() if not name.startswith("plan-")])
async def test_the_payloads_put_together_are_the_whole_answer(name: str) -> None:
    random = Random(f"{SEED} {name}")
    known = fixture(name)
    supergraph = with_defer(known.supergraph)
    parts = 0
    for number in range(MOST_OPERATIONS):
        if number >= OPERATIONS and parts:
            break
        faults = Faults(nulls=15) if number % 2 else Faults()
        world = World(known.subgraphs, known.supergraph.full_schema, number + 1, faults)
        operation = generate(known.supergraph.schema, world.ids(), random)
        document = deferred(operation.document, random)
        if validate(supergraph.schema, document, [DeferStreamDirectiveOnRootField, DeferStreamDirectiveOnValidOperationsRule]):
            # Root fields of mutations run in order.
            continue
        prepared = prepare(supergraph, document, None)
        if prepared.deferral is None:
            continue

        def executor(seed: int = number + 1, faults: Faults = faults) -> Executor:
            """An executor over a world that no mutation has changed."""
            world = World(known.subgraphs, known.supergraph.full_schema, seed, faults)
            return Executor(supergraph, WorldTransport(world, frozenset()))

        for variables in operation.variables:
            whole = await executor().execute(prepare(supergraph, operation.document, None), variables, RequestContext())
            payloads = [copy.deepcopy(p) async for p in executor().execute_in_parts(prepared, variables, RequestContext())]
            if whole.errors or any("errors" in str(payload) for payload in payloads):
                # Null reaches less far where a fragment is deferred.
                continue
            parts += len(payloads) - 1
            assert put_together(payloads) == whole.data, f"operation {number}\n{print_ast(document)}\n{variables}\n{payloads}"
    assert parts
