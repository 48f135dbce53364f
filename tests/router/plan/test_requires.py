"""Fields computed from others: `@requires` with arguments, fragments, in chains, in circles, on interfaces."""

from __future__ import annotations

from tests.testkit.planning import planned, text


def test_two_subgraphs_compute_from_each_other_in_turn() -> None:
    assert planned("plan-requires-circular", "{ item { five } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                item {
                  __typename
                  id
                  one
                }
              }
            }
            Flatten(path: "item") {
              Fetch(service: "b") {
                {
                  ... on Item {
                    __typename
                    id
                    one
                  }
                } =>
                {
                  ... on Item {
                    two
                  }
                }
              }
            }
            Flatten(path: "item") {
              Fetch(service: "a") {
                {
                  ... on Item {
                    __typename
                    id
                    two
                  }
                } =>
                {
                  ... on Item {
                    three
                  }
                }
              }
            }
            Flatten(path: "item") {
              Fetch(service: "b") {
                {
                  ... on Item {
                    __typename
                    id
                    three
                  }
                } =>
                {
                  ... on Item {
                    four
                  }
                }
              }
            }
            Flatten(path: "item") {
              Fetch(service: "a") {
                {
                  ... on Item {
                    __typename
                    id
                    four
                  }
                } =>
                {
                  ... on Item {
                    five
                  }
                }
              }
            }
          }
        }
    """)


def test_required_fields_that_the_client_selects_too() -> None:
    assert planned("plan-requires-circular", "{ item { one two three } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                item {
                  __typename
                  id
                  one
                }
              }
            }
            Flatten(path: "item") {
              Fetch(service: "b") {
                {
                  ... on Item {
                    __typename
                    id
                    one
                  }
                } =>
                {
                  ... on Item {
                    two
                  }
                }
              }
            }
            Flatten(path: "item") {
              Fetch(service: "a") {
                {
                  ... on Item {
                    __typename
                    id
                    two
                  }
                } =>
                {
                  ... on Item {
                    three
                  }
                }
              }
            }
          }
        }
    """)


def test_a_requirement_with_arguments_is_fetched_with_them() -> None:
    assert planned("plan-requires-with-arguments", "{ product { taxEUR } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "stock") {
              {
                product {
                  __typename
                  id
                  price(currency: EUR)
                }
              }
            }
            Flatten(path: "product") {
              Fetch(service: "tax") {
                {
                  ... on Product {
                    __typename
                    id
                    price
                  }
                } =>
                {
                  ... on Product {
                    taxEUR
                  }
                }
              }
            }
          }
        }
    """)


def test_requests_that_require_one_field_with_different_arguments_are_apart() -> None:
    assert planned("plan-requires-with-arguments", "{ product { taxEUR taxUSD rounded } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "stock") {
              {
                product {
                  __typename
                  id
                  price(currency: EUR)
                  _price_1: price(currency: USD)
                  _price_2: price(currency: USD, round: true)
                }
              }
            }
            Parallel {
              Flatten(path: "product") {
                Fetch(service: "tax") {
                  {
                    ... on Product {
                      __typename
                      id
                      price
                    }
                  } =>
                  {
                    ... on Product {
                      taxEUR
                    }
                  }
                }
              }
              Flatten(path: "product") {
                Fetch(service: "tax") {
                  {
                    ... on Product {
                      __typename
                      id
                      price: _price_1
                    }
                  } =>
                  {
                    ... on Product {
                      taxUSD
                    }
                  }
                }
              }
              Flatten(path: "product") {
                Fetch(service: "tax") {
                  {
                    ... on Product {
                      __typename
                      id
                      price: _price_2
                    }
                  } =>
                  {
                    ... on Product {
                      rounded
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_a_required_field_with_arguments_that_the_client_selects_with_others() -> None:
    operation = "query($round: Boolean) { product { price(currency: USD, round: $round) taxEUR cost } }"
    assert planned("plan-requires-with-arguments", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "stock") {
              {
                product {
                  __typename
                  id
                  _price_1: price(currency: EUR)
                  weight(unit: "lb")
                  price(currency: USD, round: $round)
                }
              }
            }
            Parallel {
              Flatten(path: "product") {
                Fetch(service: "tax") {
                  {
                    ... on Product {
                      __typename
                      id
                      price: _price_1
                    }
                  } =>
                  {
                    ... on Product {
                      taxEUR
                    }
                  }
                }
              }
              Flatten(path: "product") {
                Fetch(service: "freight") {
                  {
                    ... on Product {
                      __typename
                      id
                      price: _price_1
                      weight
                    }
                  } =>
                  {
                    ... on Product {
                      cost
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_requirements_of_two_subgraphs_share_what_is_equal() -> None:
    assert planned("plan-requires-with-arguments", "{ product { taxEUR cost } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "stock") {
              {
                product {
                  __typename
                  id
                  price(currency: EUR)
                  weight(unit: "lb")
                }
              }
            }
            Parallel {
              Flatten(path: "product") {
                Fetch(service: "tax") {
                  {
                    ... on Product {
                      __typename
                      id
                      price
                    }
                  } =>
                  {
                    ... on Product {
                      taxEUR
                    }
                  }
                }
              }
              Flatten(path: "product") {
                Fetch(service: "freight") {
                  {
                    ... on Product {
                      __typename
                      id
                      price
                      weight
                    }
                  } =>
                  {
                    ... on Product {
                      cost
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_required_fields_below_fragments() -> None:
    assert planned("plan-requires-fragments", "{ posts { flagged } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "content") {
              {
                posts {
                  __typename
                  id
                  media {
                    __typename
                    url
                    ... on Image {
                      width
                    }
                    ... on Video {
                      seconds
                    }
                  }
                }
              }
            }
            Flatten(path: "posts.@") {
              Fetch(service: "moderation") {
                {
                  ... on Post {
                    __typename
                    id
                    media {
                      __typename
                      url
                      ... on Image {
                        width
                      }
                      ... on Video {
                        seconds
                      }
                    }
                  }
                } =>
                {
                  ... on Post {
                    flagged
                  }
                }
              }
            }
          }
        }
    """)


def test_required_members_of_a_union() -> None:
    assert planned("plan-requires-fragments", "{ posts { contact author { __typename } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "content") {
              {
                posts {
                  __typename
                  id
                  author {
                    __typename
                    ... on Person {
                      email
                    }
                    ... on Company {
                      taxId
                    }
                  }
                }
              }
            }
            Flatten(path: "posts.@") {
              Fetch(service: "moderation") {
                {
                  ... on Post {
                    __typename
                    id
                    author {
                      __typename
                      ... on Person {
                        email
                      }
                      ... on Company {
                        taxId
                      }
                    }
                  }
                } =>
                {
                  ... on Post {
                    contact
                  }
                }
              }
            }
          }
        }
    """)


def test_requirements_of_requirements_and_of_fields_below() -> None:
    assert planned("plan-requires-chained", "{ order { free } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                order {
                  __typename
                  id
                  lines {
                    __typename
                    sku
                    quantity
                  }
                }
              }
            }
            Flatten(path: "order.lines.@") {
              Fetch(service: "b") {
                {
                  ... on Line {
                    __typename
                    sku
                  }
                } =>
                {
                  ... on Line {
                    price
                  }
                }
              }
            }
            Flatten(path: "order.lines.@") {
              Fetch(service: "c") {
                {
                  ... on Line {
                    __typename
                    sku
                    price
                    quantity
                  }
                } =>
                {
                  ... on Line {
                    total
                  }
                }
              }
            }
            Flatten(path: "order") {
              Fetch(service: "d") {
                {
                  ... on Order {
                    __typename
                    id
                    lines {
                      total
                    }
                  }
                } =>
                {
                  ... on Order {
                    total
                  }
                }
              }
            }
            Flatten(path: "order") {
              Fetch(service: "e") {
                {
                  ... on Order {
                    __typename
                    id
                    total
                  }
                } =>
                {
                  ... on Order {
                    free
                  }
                }
              }
            }
          }
        }
    """)


def test_a_requirement_of_entities_in_a_list() -> None:
    assert planned("plan-requires-chained", "{ order { lines { total quantity } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                order {
                  lines {
                    __typename
                    sku
                    quantity
                  }
                }
              }
            }
            Flatten(path: "order.lines.@") {
              Fetch(service: "b") {
                {
                  ... on Line {
                    __typename
                    sku
                  }
                } =>
                {
                  ... on Line {
                    price
                  }
                }
              }
            }
            Flatten(path: "order.lines.@") {
              Fetch(service: "c") {
                {
                  ... on Line {
                    __typename
                    sku
                    price
                    quantity
                  }
                } =>
                {
                  ... on Line {
                    total
                  }
                }
              }
            }
          }
        }
    """)


def test_a_requirement_of_one_type_of_an_interface_only() -> None:
    assert planned("plan-requires-on-interfaces", "{ items { ... on Box { freight } ... on Tube { freight } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "catalog") {
              {
                items {
                  __typename
                  ... on Box {
                    id
                    size
                  }
                  ... on Tube {
                    id
                  }
                }
              }
            }
            Flatten(path: "items.@") {
              Fetch(service: "freight") {
                {
                  ... on Box {
                    __typename
                    id
                    size
                  }
                  ... on Tube {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Box {
                    freight
                  }
                  ... on Tube {
                    freight
                  }
                }
              }
            }
          }
        }
    """)


def test_an_interface_field_that_one_type_computes() -> None:
    assert planned("plan-requires-on-interfaces", "{ items { id freight } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "catalog") {
              {
                items {
                  __typename
                  id
                  ... on Box {
                    size
                  }
                }
              }
            }
            Flatten(path: "items.@") {
              Fetch(service: "freight") {
                {
                  ... on Box {
                    __typename
                    id
                    size
                  }
                  ... on Tube {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Box {
                    freight
                  }
                  ... on Tube {
                    freight
                  }
                }
              }
            }
          }
        }
    """)


def test_a_required_entity_is_completed_elsewhere_first() -> None:
    assert planned("plan-requires-key-of-another-entity", "{ a { label } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                a {
                  __typename
                  id
                  b {
                    __typename
                    id
                  }
                }
              }
            }
            Flatten(path: "a.b") {
              Fetch(service: "b") {
                {
                  ... on B {
                    __typename
                    id
                  }
                } =>
                {
                  ... on B {
                    name
                  }
                }
              }
            }
            Flatten(path: "a") {
              Fetch(service: "c") {
                {
                  ... on A {
                    __typename
                    id
                    b {
                      id
                      name
                    }
                  }
                } =>
                {
                  ... on A {
                    label
                  }
                }
              }
            }
          }
        }
    """)
