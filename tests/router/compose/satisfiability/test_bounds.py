"""Hostile supergraphs end the check in bounded work, with an answer or with the word that there is none."""

from collections.abc import Iterable

from router.compose.satisfiability import check_satisfiability, satisfiability_report
from router.compose.satisfiability.budget import Budget, BudgetExceededError
from router.supergraph.parser import parse_supergraph


def supergraph(subgraphs: int, *types: str) -> str:
    """Supergraph SDL with subgraphs G0, G1, … and the given types."""
    graphs = " ".join(f'G{number} @join__graph(name: "g{number}", url: "http://g{number}")' for number in range(subgraphs))
    return "\n".join((f"enum join__Graph {{ {graphs} }}", *types))


def held(directive: str, subgraphs: Iterable[int]) -> str:
    return " ".join(directive.format(f"G{number}") for number in subgraphs)


def shrinking(width: int) -> str:
    """A type whose field `f<n>` every subgraph but one has: paths reach every one of the 2**width sets of subgraphs."""
    everyone = range(width + 1)
    fields = " ".join(
        f"f{left_out}: X {held('@join__field(graph: {})', (graph for graph in everyone if graph != left_out))}"
        for left_out in range(width)
    )
    return supergraph(
        width + 1,
        f"type X {held('@join__type(graph: {})', everyone)} {{ {fields} }}",
        f"type Query {held('@join__type(graph: {})', everyone)} {{ x: X }}",
    )


def entwined(width: int) -> str:
    """Types in a ring, each with a key of the next one's fields in every subgraph."""
    graphs = range(width)

    def ringed(number: int) -> str:
        keys = " ".join(f'@join__type(graph: G{graph}, key: "next {{ id{graph} }}")' for graph in graphs)
        ids = " ".join(f"id{graph}: ID @join__field(graph: G{graph})" for graph in graphs)
        return f"type T{number} {keys} {{ next: T{(number + 1) % width} {ids} }}"

    return supergraph(width, *map(ringed, graphs), f"type Query {held('@join__type(graph: {})', graphs)} {{ t: T0 }}")


def large(types: int) -> str:
    """A supergraph of 10 subgraphs in which every type has a field in each, and leads to others."""
    everyone = range(10)
    keys = held('@join__type(graph: {}, key: "id")', everyone)
    numbers = " ".join(f"f{graph}: Int @join__field(graph: G{graph})" for graph in everyone)
    definitions = (
        f"type T{number} {keys} {{ id: ID! {numbers} next: T{(number * 7 + 1) % types} @join__field(graph: G{number % 10}) "
        f'sum: Int @join__field(graph: G{(number + 3) % 10}, requires: "f0 f1") }}'
        for number in range(types)
    )
    roots = " ".join(f"t{number}: T{number} @join__field(graph: G{number % 10})" for number in range(0, types, 10))
    return supergraph(10, *definitions, f"type Query {held('@join__type(graph: {})', everyone)} {{ {roots} }}")


def test_sets_of_subgraphs_are_exponential_but_small_ones_are_decided():
    assert check_satisfiability(parse_supergraph(shrinking(8))) == ()


def test_check_gives_up_after_its_steps():
    report = satisfiability_report(parse_supergraph(shrinking(24)), max_steps=20_000)
    assert [(error.code, error.message) for error in report.errors] == [
        (
            "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED",
            "The supergraph is too entangled to decide whether all queries can be satisfied: more than 20000 steps",
        )
    ]


def test_keys_of_keys_take_polynomial_work():
    """Closures number types x nodes x sets of at most two left out subgraphs: 8 x 8 x 37, each with 8 keys of one field."""
    assert check_satisfiability(parse_supergraph(entwined(5))) == ()
    assert satisfiability_report(parse_supergraph(entwined(8)), max_steps=8 * 8 * 37 * 8 * 10).errors == ()


def test_work_is_linear_in_the_number_of_types():
    """Each of the 10 nodes of a type tries 10 keys; each of 13 fields is looked at in 10 subgraphs."""
    for types in (100, 200):
        assert satisfiability_report(parse_supergraph(large(types)), max_steps=types * 600).errors == ()


def test_budget_is_spent_exactly():
    budget = Budget(3)
    budget.spend(3)
    try:
        budget.spend(1)
    except BudgetExceededError as error:
        assert str(error) == "more than 3 steps"
    else:
        raise AssertionError("a fourth step was given")
