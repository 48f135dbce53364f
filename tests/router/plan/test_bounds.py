"""Planning stays in proportion to the operation: decisions, written fields and requests are counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLError, parse

from router.plan.emitter import Emitter
from router.plan.planner import plan
from router.plan.selection import MAX_FIELDS
from router.plan.series import MAX_PLACES
from router.plan.solver import Solver
from tests.testkit.planning import fetches, plan_of, planned, supergraph, text


class Work:
    """How often the planner weighed a set of subgraphs, and how often it wrote a field."""

    def __init__(self) -> None:
        self.evaluated = 0
        self.written = 0

    def reset(self) -> None:
        self.evaluated = self.written = 0


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    counted = Work()
    evaluate, field = Solver._evaluate, Emitter._field

    def evaluating(solver: Solver, *arguments: Any) -> Any:
        counted.evaluated += 1
        return evaluate(solver, *arguments)

    def writing(emitter: Emitter, *arguments: Any, **named: Any) -> Any:
        counted.written += 1
        return field(emitter, *arguments, **named)

    monkeypatch.setattr(Solver, "_evaluate", evaluating)
    monkeypatch.setattr(Emitter, "_field", writing)
    yield counted


def nested(field: str, depth: int, leaf: str) -> str:
    return leaf if depth == 0 else f"{field} {{ {nested(field, depth - 1, leaf)} }}"


def test_an_interface_that_is_expanded_at_every_level_grows_by_the_level(work: Work) -> None:
    counts = []
    for depth in (10, 20, 40):
        work.reset()
        plan = plan_of("plan-expanded-at-every-level", f"{{ items {{ {nested('next', depth, 'id')} }} }}")
        (request,) = fetches(plan.root)
        counts.append((work.evaluated, work.written, len(request.operation)))
    first, second, third = counts
    # 4 types per level, where expanding each of the types below each would take 4 ** 40.
    assert third[0] - second[0] == 2 * (second[0] - first[0])
    assert third[1] - second[1] == 2 * (second[1] - first[1])
    assert third[1] <= 4 * 40 + 10
    assert third[2] < 20_000


def test_what_expanded_types_have_in_common_is_a_fragment_of_the_request() -> None:
    assert planned("plan-expanded-at-every-level", "{ items { next { next { id } } } }") == text("""
        QueryPlan {
          Fetch(service: "a") {
            {
              items {
                __typename
                ... on A {
                  next {
                    ...Shared0
                  }
                }
                ... on B {
                  next {
                    ...Shared0
                  }
                }
                ... on C {
                  next {
                    ...Shared0
                  }
                }
                ... on D {
                  next {
                    ...Shared0
                  }
                }
              }
            }
            fragment Shared0 on Item {
              __typename
              ... on A {
                next {
                  __typename
                  id
                }
              }
              ... on B {
                next {
                  __typename
                  id
                }
              }
              ... on C {
                next {
                  __typename
                  id
                }
              }
              ... on D {
                next {
                  __typename
                  id
                }
              }
            }
          }
        }
    """)


def test_follow_ups_below_shared_fields_are_for_all_types() -> None:
    assert planned("plan-expanded-at-every-level", "{ items { next { ... on A { price } } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                items {
                  __typename
                  ... on A {
                    next {
                      __typename
                      ... on A {
                        id
                      }
                    }
                  }
                  ... on B {
                    next {
                      __typename
                      ... on A {
                        id
                      }
                    }
                  }
                  ... on C {
                    next {
                      __typename
                      ... on A {
                        id
                      }
                    }
                  }
                  ... on D {
                    next {
                      __typename
                      ... on A {
                        id
                      }
                    }
                  }
                }
              }
            }
            Flatten(path: "items.@.next") {
              Fetch(service: "b") {
                {
                  ... on A {
                    __typename
                    id
                  }
                } =>
                {
                  ... on A {
                    price
                  }
                }
              }
            }
          }
        }
    """)


def test_what_all_subgraphs_share_does_not_multiply_the_search(work: Work) -> None:
    everywhere = " ".join(f"in_{letter}" for letter in "abcdefgh")
    selection = everywhere
    counts = []
    for _ in range(4):
        selection = f"{everywhere} left {{ {selection} }} right {{ {selection} }}"
        work.reset()
        requests = list(fetches(plan_of("plan-shared-by-all", f"{{ node {{ {selection} }} }}").root))
        counts.append((work.evaluated, len(requests)))
    # 2 + 4 + 8 + 16 objects more, each of which lacks the fields of 7 subgraphs.
    assert [requests for _, requests in counts] == [8 + 7 * objects for objects in (2, 6, 14, 30)]
    for evaluated, requests in counts:
        assert evaluated <= 20 * requests


def test_requirements_of_requirements_are_solved_once(work: Work) -> None:
    plan = plan_of("plan-requirements-of-requirements", "{ thing { f23 } }")
    # Each of the 24 fields is computed from all those before that the other subgraph has, whose chains are 2 ** 22 in number.
    assert len(list(fetches(plan.root))) == 24
    assert work.evaluated < 500
    assert work.written < 1000


def test_fragments_that_spread_each_other_are_refused_beyond_a_size() -> None:
    spreads = "".join(
        f"fragment F{level} on Product {{ ...G{level} reviews {{ product {{ ...F{level + 1} }} }} }}"
        f"fragment G{level} on Product {{ r: reviews(first: {level}) {{ product {{ ...F{level + 1} }} }} }}"
        for level in range(30)
    )
    last = "fragment F30 on Product { id }"
    with pytest.raises(GraphQLError, match=f"more than {MAX_FIELDS} fields"):
        plan(supergraph("plan-operations"), parse(f'{{ product(id: "1") {{ ...F0 }} }} {spreads} {last}'))


def test_a_fragment_spread_twice_is_read_once() -> None:
    spreads = "".join(f"fragment F{level} on Product {{ ...F{level + 1} ...F{level + 1} }}" for level in range(50))
    plan = plan_of("plan-operations", f'{{ product(id: "1") {{ ...F0 }} }} {spreads} fragment F50 on Product {{ id }}')
    (request,) = fetches(plan.root)
    assert "id" in request.operation


def test_root_fields_of_a_mutation_have_a_bound_of_places() -> None:
    variables = ", ".join(f"${name}{number}: Boolean!" for number in range(12) for name in "ab")
    selections = " ".join(
        f"... @include(if: $a{number}) {{ clearCart @include(if: $b{number}) {{ id }} }}" for number in range(12)
    )
    with pytest.raises(GraphQLError, match=f"more than {MAX_PLACES} combinations of conditions"):
        plan(supergraph("plan-operations"), parse(f"mutation ({variables}) {{ {selections} }}"))
