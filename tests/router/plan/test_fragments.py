"""Fragments of every kind, aliases, arguments and `__typename`."""

from __future__ import annotations

from tests.testkit.planning import planned, text


def test_named_fragments_are_spread_and_merged() -> None:
    operation = """
        {
          cart {
            ...A
            ...B
          }
        }

        fragment A on Cart {
          id
          total
        }

        fragment B on Cart {
          total
          items {
            ... on Product {
              name
            }
          }
        }
    """
    assert planned("plan-operations", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shop") {
              {
                cart {
                  __typename
                  id
                  items {
                    __typename
                    ... on Product {
                      name
                    }
                  }
                }
              }
            }
            Flatten(path: "cart") {
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


def test_a_named_fragment_used_at_two_places_goes_to_the_subgraphs_of_each() -> None:
    operation = 'query { cart { items { ...P } } product(id: "1") { ...P } } fragment P on Product { name price }'
    assert planned("plan-operations", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shop") {
              {
                cart {
                  items {
                    __typename
                    ... on Product {
                      name
                      id
                    }
                  }
                }
                product(id: "1") {
                  __typename
                  name
                  id
                }
              }
            }
            Parallel {
              Flatten(path: "cart.items.@") {
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
              Flatten(path: "product") {
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
    """)


def test_nested_fragments_on_the_same_type() -> None:
    operation = '{ product(id: "1") { ... on Product { ... { name ... on Product { tax } } } } }'
    assert planned("plan-operations", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shop") {
              {
                product(id: "1") {
                  __typename
                  name
                  id
                }
              }
            }
            Flatten(path: "product") {
              Fetch(service: "prices") {
                {
                  ... on Product {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Product {
                    tax
                  }
                }
              }
            }
          }
        }
    """)


def test_a_fragment_on_a_union_inside_of_a_fragment() -> None:
    assert planned("plan-operations", "{ items { ... on Item { ... on Voucher { code } ... on Product { tax } } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shop") {
              {
                items {
                  __typename
                  ... on Voucher {
                    code
                  }
                  ... on Product {
                    id
                  }
                }
              }
            }
            Flatten(path: "items.@") {
              Fetch(service: "prices") {
                {
                  ... on Product {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Product {
                    tax
                  }
                }
              }
            }
          }
        }
    """)


def test_aliases_of_one_field_with_different_arguments() -> None:
    operation = 'query($c: String) { product(id: "1") { net: price(net: true) gross: price(net: false, currency: $c) price } }'
    assert planned("plan-operations", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shop") {
              {
                product(id: "1") {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "product") {
              Fetch(service: "prices") {
                {
                  ... on Product {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Product {
                    net: price(net: true)
                    gross: price(net: false, currency: $c)
                    price
                  }
                }
              }
            }
          }
        }
    """)


def test_aliases_of_root_fields_share_a_request() -> None:
    operation = '{ a: product(id: "1") { price } b: product(id: "2") { price reviews(first: 1) { body } } }'
    assert planned("plan-operations", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shop") {
              {
                a: product(id: "1") {
                  __typename
                  id
                }
                b: product(id: "2") {
                  __typename
                  id
                }
              }
            }
            Parallel {
              Flatten(path: "a") {
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
              Flatten(path: "b") {
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
              Flatten(path: "b") {
                Fetch(service: "reviews") {
                  {
                    ... on Product {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Product {
                      reviews(first: 1) {
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


def test_one_name_for_different_fields_of_different_types() -> None:
    operation = '{ items { ... on Product { value: tax } ... on Voucher { value: amount(currency: "EUR") } } }'
    assert planned("plan-operations", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shop") {
              {
                items {
                  __typename
                  ... on Product {
                    id
                  }
                  ... on Voucher {
                    value: amount(currency: "EUR")
                  }
                }
              }
            }
            Flatten(path: "items.@") {
              Fetch(service: "prices") {
                {
                  ... on Product {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Product {
                    value: tax
                  }
                }
              }
            }
          }
        }
    """)


def test_typename_at_every_level() -> None:
    operation = "{ __typename cart { __typename items { __typename ... on Product { __typename price } } } }"
    assert planned("plan-operations", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shop") {
              {
                cart {
                  __typename
                  items {
                    __typename
                    ... on Product {
                      id
                    }
                  }
                }
              }
            }
            Flatten(path: "cart.items.@") {
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
    """)


def test_an_aliased_typename() -> None:
    assert planned("plan-operations", '{ product(id: "1") { kind: __typename price } }') == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shop") {
              {
                product(id: "1") {
                  __typename
                  kind: __typename
                  id
                }
              }
            }
            Flatten(path: "product") {
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
    """)


def test_an_alias_named_like_the_key() -> None:
    assert planned("plan-operations", '{ product(id: "1") { id: tax } }') == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shop") {
              {
                product(id: "1") {
                  __typename
                  _id_1: id
                }
              }
            }
            Flatten(path: "product") {
              Fetch(service: "prices") {
                {
                  ... on Product {
                    __typename
                    id: _id_1
                  }
                } =>
                {
                  ... on Product {
                    id: tax
                  }
                }
              }
            }
          }
        }
    """)


def test_only_typename_of_the_root_needs_no_subgraph() -> None:
    assert planned("plan-operations", "{ __typename again: __typename }") == text("""
        QueryPlan {}
    """)


def test_introspection_beside_data() -> None:
    assert planned("plan-operations", '{ __schema { queryType { name } } product(id: "1") { name } }') == text("""
        QueryPlan {
          Fetch(service: "shop") {
            {
              product(id: "1") {
                name
              }
            }
          }
        }
    """)


def test_introspection_alone_needs_no_subgraph() -> None:
    assert planned("plan-operations", '{ __type(name: "Cart") { name fields { name } } }') == text("""
        QueryPlan {}
    """)


def test_an_operation_name_leads_the_names_of_its_requests() -> None:
    assert planned("plan-operations", 'query Named { product(id: "1") { name } }') == text("""
        QueryPlan {
          Fetch(service: "shop") {
            {
              product(id: "1") {
                name
              }
            }
          }
        }
    """)
