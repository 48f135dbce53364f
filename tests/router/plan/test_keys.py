"""Keys: simple, composite, nested, several per type, chained, gathered, not resolvable."""

from __future__ import annotations

from tests.testkit.planning import planned, text


def test_one_key_leads_to_two_subgraphs_at_once() -> None:
    assert planned("plan-simple-keys", "{ topProducts { name inStock reviews { body } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "products") {
              {
                topProducts {
                  __typename
                  name
                  id
                }
              }
            }
            Parallel {
              Flatten(path: "topProducts.@") {
                Fetch(service: "stock") {
                  {
                    ... on Product {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Product {
                      inStock
                    }
                  }
                }
              }
              Flatten(path: "topProducts.@") {
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
    """)


def test_a_key_that_the_client_selected_is_not_fetched_twice() -> None:
    assert planned("plan-simple-keys", '{ product(id: "1") { id inStock } }') == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "products") {
              {
                product(id: "1") {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "product") {
              Fetch(service: "stock") {
                {
                  ... on Product {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Product {
                    inStock
                  }
                }
              }
            }
          }
        }
    """)


def test_a_key_is_fetched_under_a_name_of_its_own_when_an_alias_takes_its_name() -> None:
    assert planned("plan-simple-keys", '{ product(id: "1") { id: name inStock } }') == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "products") {
              {
                product(id: "1") {
                  __typename
                  id: name
                  _id_1: id
                }
              }
            }
            Flatten(path: "product") {
              Fetch(service: "stock") {
                {
                  ... on Product {
                    __typename
                    id: _id_1
                  }
                } =>
                {
                  ... on Product {
                    inStock
                  }
                }
              }
            }
          }
        }
    """)


def test_an_alias_of_the_key_does_not_hide_it() -> None:
    assert planned("plan-simple-keys", '{ product(id: "1") { key: id inStock } }') == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "products") {
              {
                product(id: "1") {
                  __typename
                  key: id
                  id
                }
              }
            }
            Flatten(path: "product") {
              Fetch(service: "stock") {
                {
                  ... on Product {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Product {
                    inStock
                  }
                }
              }
            }
          }
        }
    """)


def test_an_entity_of_an_entity_is_followed_to_where_its_fields_are() -> None:
    assert planned("plan-simple-keys", '{ review(id: "r") { product { name inStock } } }') == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "reviews") {
              {
                review(id: "r") {
                  product {
                    __typename
                    id
                  }
                }
              }
            }
            Parallel {
              Flatten(path: "review.product") {
                Fetch(service: "products") {
                  {
                    ... on Product {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Product {
                      name
                    }
                  }
                }
              }
              Flatten(path: "review.product") {
                Fetch(service: "stock") {
                  {
                    ... on Product {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Product {
                      inStock
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_the_way_back_to_the_first_subgraph_through_another() -> None:
    assert planned("plan-simple-keys", '{ product(id: "1") { reviews { product { name reviews { body } } } } }') == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "products") {
              {
                product(id: "1") {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "product") {
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
                      product {
                        __typename
                        id
                        reviews {
                          body
                        }
                      }
                    }
                  }
                }
              }
            }
            Flatten(path: "product.reviews.@.product") {
              Fetch(service: "products") {
                {
                  ... on Product {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Product {
                    name
                  }
                }
              }
            }
          }
        }
    """)


def test_a_composite_key_is_sent_whole() -> None:
    assert planned("plan-composite-keys", "{ lines { amount shippedAt } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "orders") {
              {
                lines {
                  __typename
                  amount
                  orderId
                  number
                }
              }
            }
            Flatten(path: "lines.@") {
              Fetch(service: "shipping") {
                {
                  ... on OrderLine {
                    __typename
                    orderId
                    number
                  }
                } =>
                {
                  ... on OrderLine {
                    shippedAt
                  }
                }
              }
            }
          }
        }
    """)


def test_a_nested_key_is_sent_in_its_shape() -> None:
    assert planned("plan-nested-keys", "{ members { role fee } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "accounts") {
              {
                members {
                  __typename
                  role
                  user {
                    id
                    address {
                      zip
                    }
                  }
                  group {
                    name
                  }
                }
              }
            }
            Flatten(path: "members.@") {
              Fetch(service: "billing") {
                {
                  ... on Membership {
                    __typename
                    user {
                      id
                      address {
                        zip
                      }
                    }
                    group {
                      name
                    }
                  }
                } =>
                {
                  ... on Membership {
                    fee
                  }
                }
              }
            }
          }
        }
    """)


def test_a_nested_key_beside_other_fields_of_the_same_object() -> None:
    assert planned("plan-nested-keys", "{ members { fee user { age } group { __typename name } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "accounts") {
              {
                members {
                  __typename
                  user {
                    id
                    address {
                      zip
                    }
                    age
                  }
                  group {
                    name
                    __typename
                  }
                }
              }
            }
            Flatten(path: "members.@") {
              Fetch(service: "billing") {
                {
                  ... on Membership {
                    __typename
                    user {
                      id
                      address {
                        zip
                      }
                    }
                    group {
                      name
                    }
                  }
                } =>
                {
                  ... on Membership {
                    fee
                  }
                }
              }
            }
          }
        }
    """)


def test_each_subgraph_is_entered_by_the_key_it_has() -> None:
    assert planned("plan-several-keys", "{ items { name price weight } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "catalog") {
              {
                items {
                  __typename
                  name
                  sku
                  id
                }
              }
            }
            Parallel {
              Flatten(path: "items.@") {
                Fetch(service: "prices") {
                  {
                    ... on Item {
                      __typename
                      sku
                    }
                  } =>
                  {
                    ... on Item {
                      price
                    }
                  }
                }
              }
              Flatten(path: "items.@") {
                Fetch(service: "weights") {
                  {
                    ... on Item {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Item {
                      weight
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_a_key_of_another_subgraph_leads_on() -> None:
    assert planned("plan-several-keys", "{ items { scannedAt } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "catalog") {
              {
                items {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "items.@") {
              Fetch(service: "weights") {
                {
                  ... on Item {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Item {
                    upc
                  }
                }
              }
            }
            Flatten(path: "items.@") {
              Fetch(service: "scans") {
                {
                  ... on Item {
                    __typename
                    upc
                  }
                } =>
                {
                  ... on Item {
                    scannedAt
                  }
                }
              }
            }
          }
        }
    """)


def test_a_chain_of_keys_where_no_direct_one_exists() -> None:
    assert planned("plan-chained-keys", "{ thing { inD } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                thing {
                  __typename
                  a
                }
              }
            }
            Flatten(path: "thing") {
              Fetch(service: "b") {
                {
                  ... on Thing {
                    __typename
                    a
                  }
                } =>
                {
                  ... on Thing {
                    b
                  }
                }
              }
            }
            Flatten(path: "thing") {
              Fetch(service: "c") {
                {
                  ... on Thing {
                    __typename
                    b
                  }
                } =>
                {
                  ... on Thing {
                    c
                  }
                }
              }
            }
            Flatten(path: "thing") {
              Fetch(service: "d") {
                {
                  ... on Thing {
                    __typename
                    c
                  }
                } =>
                {
                  ... on Thing {
                    inD
                  }
                }
              }
            }
          }
        }
    """)


def test_fields_on_the_way_are_fetched_in_passing() -> None:
    assert planned("plan-chained-keys", "{ things { a inB inD } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                things {
                  __typename
                  a
                }
              }
            }
            Flatten(path: "things.@") {
              Fetch(service: "b") {
                {
                  ... on Thing {
                    __typename
                    a
                  }
                } =>
                {
                  ... on Thing {
                    inB
                    b
                  }
                }
              }
            }
            Flatten(path: "things.@") {
              Fetch(service: "c") {
                {
                  ... on Thing {
                    __typename
                    b
                  }
                } =>
                {
                  ... on Thing {
                    c
                  }
                }
              }
            }
            Flatten(path: "things.@") {
              Fetch(service: "d") {
                {
                  ... on Thing {
                    __typename
                    c
                  }
                } =>
                {
                  ... on Thing {
                    inD
                  }
                }
              }
            }
          }
        }
    """)


def test_key_fields_that_two_subgraphs_supply_together() -> None:
    assert planned("plan-keys-gathered-from-two-subgraphs", "{ thing { sum } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                thing {
                  __typename
                  id
                }
              }
            }
            Parallel {
              Flatten(path: "thing") {
                Fetch(service: "b") {
                  {
                    ... on Thing {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Thing {
                      left
                    }
                  }
                }
              }
              Flatten(path: "thing") {
                Fetch(service: "c") {
                  {
                    ... on Thing {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Thing {
                      right
                    }
                  }
                }
              }
            }
            Flatten(path: "thing") {
              Fetch(service: "d") {
                {
                  ... on Thing {
                    __typename
                    left
                    right
                  }
                } =>
                {
                  ... on Thing {
                    sum
                  }
                }
              }
            }
          }
        }
    """)


def test_a_key_that_is_not_resolvable_names_the_entity_elsewhere() -> None:
    assert planned("plan-non-resolvable-keys", "{ orders { id customer { id name } } bestCustomer { name } }") == text("""
        QueryPlan {
          Parallel {
            Sequence {
              Fetch(service: "orders") {
                {
                  orders {
                    id
                    customer {
                      __typename
                      id
                    }
                  }
                }
              }
              Flatten(path: "orders.@.customer") {
                Fetch(service: "customers") {
                  {
                    ... on Customer {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Customer {
                      name
                    }
                  }
                }
              }
            }
            Sequence {
              Fetch(service: "loyalty") {
                {
                  bestCustomer {
                    __typename
                    id
                  }
                }
              }
              Flatten(path: "bestCustomer") {
                Fetch(service: "customers") {
                  {
                    ... on Customer {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Customer {
                      name
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_only_the_key_of_a_reference_needs_no_further_fetch() -> None:
    assert planned("plan-non-resolvable-keys", "{ orders { customer { id } } }") == text("""
        QueryPlan {
          Fetch(service: "orders") {
            {
              orders {
                customer {
                  id
                }
              }
            }
          }
        }
    """)


def test_an_entity_inside_of_a_key() -> None:
    assert planned("plan-nested-entity-in-key", "{ desks { plant owner { name } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "desks") {
              {
                desks {
                  __typename
                  owner {
                    __typename
                    id
                  }
                  floor
                }
              }
            }
            Parallel {
              Flatten(path: "desks.@") {
                Fetch(service: "plants") {
                  {
                    ... on Desk {
                      __typename
                      owner {
                        id
                      }
                      floor
                    }
                  } =>
                  {
                    ... on Desk {
                      plant
                    }
                  }
                }
              }
              Flatten(path: "desks.@.owner") {
                Fetch(service: "users") {
                  {
                    ... on User {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on User {
                      name
                    }
                  }
                }
              }
            }
          }
        }
    """)
