"""What satisfiability calls answerable the planner plans, with requests that are valid for their subgraphs; and the reverse."""

import re
from random import Random

import pytest
from graphql import GraphQLError, parse, validate

from router.compose.satisfiability import check_satisfiability
from router.plan.planner import plan
from router.supergraph.model import Supergraph
from router.supergraph.parser import parse_supergraph
from tests.testkit.api_paths import every_path, random_operation
from tests.testkit.planning import SUPERGRAPHS, plan_of, supergraph

FIXTURES = sorted(path.parent.name for path in SUPERGRAPHS.glob("*/supergraph.graphql"))
PATHS, WIDE = 10, 2
"""How many operations of one path, and of eight paths at once, are planned for each supergraph; seeded by its name."""


def label_settings(name: str) -> list[frozenset[str]]:
    """All labels of progressive overrides off, and all on."""
    labels = re.findall(r'overrideLabel: "([^"]*)"', (SUPERGRAPHS / name / "supergraph.graphql").read_text(encoding="utf-8"))
    return [frozenset(), frozenset(labels)] if labels else [frozenset()]


@pytest.mark.parametrize("name", FIXTURES)
def test_supergraphs_of_the_tests_are_satisfiable(name: str):
    assert check_satisfiability(supergraph(name)) == ()


@pytest.mark.parametrize("name", FIXTURES)
def test_answerable_operations_are_planned(name: str):
    schema, random = supergraph(name).schema, Random(name)
    paths = list(every_path(schema))
    wide = [random_operation(schema, random, 8) for _ in range(WIDE)]
    # Types of one response name may differ between object types: such random operations are not valid.
    valid = [operation for operation in wide if not validate(schema, parse(operation))]
    for operation in (*random.sample(paths, min(PATHS, len(paths))), *valid):
        for labels in label_settings(name):
            plan_of(name, operation, override_labels=labels)


def unsatisfiable(*types: str) -> Supergraph:
    graphs = " ".join(f'{name.upper()} @join__graph(name: "{name}", url: "http://{name}")' for name in "abc")
    query = "type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C)"
    return parse_supergraph(
        "\n".join((f"enum join__Graph {{ {graphs} }}", *types, f"{query} {{ user: User @join__field(graph: A) }}"))
    )


@pytest.mark.parametrize(
    "types",
    [
        'type User @join__type(graph: A, key: "id") @join__type(graph: B, key: "email") '
        "{ id: ID! @join__field(graph: A) email: String @join__field(graph: B) age: Int @join__field(graph: B) }",
        "type User @join__type(graph: A) @join__type(graph: B) { id: ID! age: Int @join__field(graph: B) }",
        'type User @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") { id: ID! '
        'age: Int @join__field(graph: B, requires: "born") born: Int @join__field(graph: B, external: true) '
        "@join__field(graph: C) }",
        'interface User @join__type(graph: A, key: "id", isInterfaceObject: true) @join__type(graph: B) { id: ID! } '
        'type Admin implements User @join__implements(graph: B, interface: "User") @join__type(graph: B) { id: ID! }',
    ],
    ids=["key of another subgraph", "no key", "requirement", "interface object"],
)
def test_example_queries_cannot_be_planned(types: str):
    refused = unsatisfiable(types)
    errors = check_satisfiability(refused)
    assert errors
    for error in errors:
        example = error.message.partition(":\n")[2].partition("\ncannot")[0].replace("...\n", "__typename\n")
        assert validate(refused.schema, parse(example)) == []
        with pytest.raises(GraphQLError, match="No subgraph can answer"):
            plan(refused, parse(example))
