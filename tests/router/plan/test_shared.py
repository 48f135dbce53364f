"""Root fields and value types that several subgraphs have, resolved with the fewest fetches."""

from __future__ import annotations

from tests.testkit.planning import planned, text


def test_a_shared_root_field_is_asked_where_something_is_asked_anyway() -> None:
    assert planned("plan-shared-roots", "{ version fromB }") == text("""
        QueryPlan {
          Fetch(service: "b") {
            {
              version
              fromB
            }
          }
        }
    """)


def test_a_shared_root_field_once_for_several_requests() -> None:
    assert planned("plan-shared-roots", "{ fromA fromC version }") == text("""
        QueryPlan {
          Parallel {
            Fetch(service: "a") {
              {
                fromA
                version
              }
            }
            Fetch(service: "c") {
              {
                fromC
              }
            }
          }
        }
    """)


def test_a_shared_entity_is_asked_where_most_of_it_is() -> None:
    assert planned("plan-shared-roots", '{ product(id: "1") { name inB } }') == text("""
        QueryPlan {
          Fetch(service: "b") {
            {
              product(id: "1") {
                name
                inB
              }
            }
          }
        }
    """)


def test_two_subgraphs_answer_a_shared_root_field_at_once() -> None:
    assert planned("plan-shared-roots", "query($id: ID!) { product(id: $id) { name inA inB } }") == text("""
        QueryPlan {
          Parallel {
            Fetch(service: "a") {
              {
                product(id: $id) {
                  name
                  inA
                }
              }
            }
            Fetch(service: "b") {
              {
                product(id: $id) {
                  inB
                }
              }
            }
          }
        }
    """)


def test_value_types_need_no_fetch_of_their_own() -> None:
    assert planned("plan-shared-value-types", "{ order { total { amount currency { code } } due { amount } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "orders") {
              {
                order {
                  __typename
                  total {
                    amount
                    currency {
                      code
                    }
                  }
                  id
                }
              }
            }
            Flatten(path: "order") {
              Fetch(service: "invoices") {
                {
                  ... on Order {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Order {
                    due {
                      amount
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_parts_of_a_value_type_below_a_shared_root_field() -> None:
    assert planned("plan-shared-roots-of-value-types", "{ settings { theme { light dark } locale } }") == text("""
        QueryPlan {
          Parallel {
            Fetch(service: "b") {
              {
                settings {
                  theme {
                    dark
                  }
                  locale
                }
              }
            }
            Fetch(service: "a") {
              {
                settings {
                  theme {
                    light
                  }
                }
              }
            }
          }
        }
    """)


def test_a_value_type_that_one_subgraph_answers_whole() -> None:
    assert planned("plan-shared-roots-of-value-types", "{ settings { theme { dark } locale } }") == text("""
        QueryPlan {
          Fetch(service: "b") {
            {
              settings {
                theme {
                  dark
                }
                locale
              }
            }
          }
        }
    """)
