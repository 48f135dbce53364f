"""Subscriptions: one request is the source of events, each event is completed by follow-ups."""

from __future__ import annotations

from tests.testkit.planning import planned, text


def test_an_event_of_one_subgraph_needs_no_follow_up() -> None:
    assert planned("plan-operations", "subscription { cartChanged { id items { ... on Voucher { code } } } }") == text("""
        QueryPlan {
          Subscription {
            Primary {
              Fetch(service: "shop") {
                {
                  cartChanged {
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
          }
        }
    """)


def test_each_event_is_completed_from_other_subgraphs() -> None:
    operation = "subscription { cartChanged { total items { ... on Product { price reviews { body } } } } }"
    assert planned("plan-operations", operation) == text("""
        QueryPlan {
          Subscription {
            Primary {
              Fetch(service: "shop") {
                {
                  cartChanged {
                    __typename
                    id
                    items {
                      __typename
                      ... on Product {
                        id
                      }
                    }
                  }
                }
              }
            }
            Rest {
              Parallel {
                Flatten(path: "cartChanged") {
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
                Flatten(path: "cartChanged.items.@") {
                  Fetch(service: "prices") {
                    {
                      ... on Product {
                        __typename
                        id
                      }
                    } =>
                    {
                      ... on Product {
                        price
                      }
                    }
                  }
                }
                Flatten(path: "cartChanged.items.@") {
                  Fetch(service: "reviews") {
                    {
                      ... on Product {
                        __typename
                        id
                      }
                    } =>
                    {
                      ... on Product {
                        reviews {
                          body
                        }
                      }
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_variables_and_conditions_of_a_subscription() -> None:
    operation = "subscription OnStock($id: ID!, $p: Boolean!) { stockChanged(id: $id) { name price @include(if: $p) } }"
    assert planned("plan-operations", operation) == text("""
        QueryPlan {
          Subscription {
            Primary {
              Fetch(service: "shop") {
                {
                  stockChanged(id: $id) {
                    __typename
                    name
                    id
                  }
                }
              }
            }
            Rest {
              Include(if: $p) {
                Flatten(path: "stockChanged") {
                  Fetch(service: "prices") {
                    {
                      ... on Product {
                        __typename
                        id
                      }
                    } =>
                    {
                      ... on Product {
                        price
                      }
                    }
                  }
                }
              }
            }
          }
        }
    """)
