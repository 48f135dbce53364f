"""Mutations run in series, their follow-ups before the next; subscriptions complete each event."""

from __future__ import annotations

from tests.testkit.planning import planned, text


def test_neighbours_of_one_subgraph_share_a_request() -> None:
    assert planned("plan-operations", 'mutation { addToCart(id: "1") { id } clearCart { id } }') == text("""
        QueryPlan {
          Fetch(service: "shop") {
            {
              addToCart(id: "1") {
                id
              }
              clearCart {
                id
              }
            }
          }
        }
    """)


def test_a_field_of_another_subgraph_waits_for_those_before_and_their_follow_ups() -> None:
    operation = """
        mutation ($code: String!) {
          addToCart(id: "1", count: 2) {
            total
          }
          applyCoupon(code: $code) {
            id
            items {
              ... on Voucher {
                code
              }
            }
          }
          clearCart {
            total
          }
        }
    """
    assert planned("plan-operations", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shop") {
              {
                addToCart(id: "1", count: 2) {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "addToCart") {
              Fetch(service: "prices") {
                {
                  ... on Cart {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Cart {
                    total
                  }
                }
              }
            }
            Fetch(service: "prices") {
              {
                applyCoupon(code: $code) {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "applyCoupon") {
              Fetch(service: "shop") {
                {
                  ... on Cart {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Cart {
                    items {
                      __typename
                      ... on Voucher {
                        code
                      }
                    }
                  }
                }
              }
            }
            Fetch(service: "shop") {
              {
                clearCart {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "clearCart") {
              Fetch(service: "prices") {
                {
                  ... on Cart {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Cart {
                    total
                  }
                }
              }
            }
          }
        }
    """)


def test_one_mutation_twice_is_two_fields() -> None:
    operation = 'mutation { a: addToCart(id: "1") { id } applyCoupon(code: "x") { total } b: addToCart(id: "1") { id } }'
    assert planned("plan-operations", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shop") {
              {
                a: addToCart(id: "1") {
                  id
                }
              }
            }
            Fetch(service: "prices") {
              {
                applyCoupon(code: "x") {
                  total
                }
              }
            }
            Fetch(service: "shop") {
              {
                b: addToCart(id: "1") {
                  id
                }
              }
            }
          }
        }
    """)


def test_a_conditional_mutation() -> None:
    operation = 'mutation($a: Boolean!) { clearCart @include(if: $a) { total } applyCoupon(code: "x") { id } }'
    assert planned("plan-operations", operation) == text("""
        QueryPlan {
          Sequence {
            Include(if: $a) {
              Fetch(service: "shop") {
                {
                  clearCart {
                    __typename
                    id
                  }
                }
              }
            }
            Flatten(path: "clearCart") {
              Fetch(service: "prices") {
                {
                  ... on Cart {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Cart {
                    total
                  }
                }
              }
            }
            Fetch(service: "prices") {
              {
                applyCoupon(code: "x") {
                  id
                }
              }
            }
          }
        }
    """)


def test_introspection_beside_a_mutation() -> None:
    assert planned("plan-operations", "mutation { __typename clearCart { id } }") == text("""
        QueryPlan {
          Fetch(service: "shop") {
            {
              clearCart {
                id
              }
            }
          }
        }
    """)
