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
              Sequence {
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


def test_a_field_runs_where_its_first_selection_is_that_is_not_skipped() -> None:
    operation = 'mutation($s: Boolean!) { clearCart @skip(if: $s) { id } addToCart(id: "1") { id } clearCart { id } }'
    assert planned("plan-operations", operation) == text("""
        QueryPlan {
          Fetch(service: "shop") {
            {
              clearCart @skip(if: $s) {
                id
              }
              addToCart(id: "1") {
                id
              }
              clearCart @include(if: $s) {
                id
              }
            }
          }
        }
    """)


def test_a_field_with_conditions_among_those_of_another_subgraph() -> None:
    operation = """
        mutation ($s: Boolean!) {
          clearCart @skip(if: $s) {
            id
          }
          applyCoupon(code: "x") {
            id
          }
          clearCart {
            items {
              ... on Voucher {
                code
              }
            }
          }
        }
    """
    assert planned("plan-operations", operation) == text("""
        QueryPlan {
          Sequence {
            Skip(if: $s) {
              Fetch(service: "shop") {
                {
                  clearCart {
                    id
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
            Fetch(service: "prices") {
              {
                applyCoupon(code: "x") {
                  id
                }
              }
            }
            Include(if: $s) {
              Fetch(service: "shop") {
                {
                  clearCart {
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
          }
        }
    """)


def test_a_field_selected_twice_is_run_once() -> None:
    operation = """
        mutation ($s: Boolean!) {
          clearCart {
            id
          }
          applyCoupon(code: "x") {
            id
          }
          clearCart @include(if: $s) {
            items {
              ... on Voucher {
                code
              }
            }
          }
        }
    """
    assert planned("plan-operations", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shop") {
              {
                clearCart {
                  id
                  items @include(if: $s) {
                    __typename
                    ... on Voucher {
                      code
                    }
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


def test_fragments_on_the_root_keep_the_order() -> None:
    operation = """
        mutation {
          ...First
          addToCart(id: "1") {
            id
          }
          ... on Mutation {
            clearCart {
              total
            }
          }
        }

        fragment First on Mutation {
          clearCart {
            id
          }
        }
    """
    assert planned("plan-operations", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shop") {
              {
                clearCart {
                  __typename
                  id
                }
                addToCart(id: "1") {
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


def test_selections_that_exclude_each_other_are_two_places() -> None:
    operation = """
        mutation ($s: Boolean!) {
          clearCart @skip(if: $s) {
            id
          }
          applyCoupon(code: "x") {
            id
          }
          clearCart @include(if: $s) {
            id
          }
        }
    """
    assert planned("plan-operations", operation) == text("""
        QueryPlan {
          Sequence {
            Skip(if: $s) {
              Fetch(service: "shop") {
                {
                  clearCart {
                    id
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
            Include(if: $s) {
              Fetch(service: "shop") {
                {
                  clearCart {
                    id
                  }
                }
              }
            }
          }
        }
    """)


def test_inside_fragments_too_a_field_runs_where_its_first_selection_is_that_is_not_skipped() -> None:
    operation = """
        mutation ($i: Boolean!) {
          ... on Mutation {
            clearCart @include(if: $i) { id }
            ... on Mutation { applyCoupon(code: "x") { id } }
            clearCart { id }
          }
        }
    """
    assert planned("plan-operations", operation) == text("""
        QueryPlan {
          Sequence {
            Include(if: $i) {
              Fetch(service: "shop") {
                {
                  clearCart {
                    id
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
            Skip(if: $i) {
              Fetch(service: "shop") {
                {
                  clearCart {
                    id
                  }
                }
              }
            }
          }
        }
    """)
