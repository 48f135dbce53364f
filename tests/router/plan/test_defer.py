"""Deferred fragments: requests of their own, so that what is not deferred does not wait for them."""

from __future__ import annotations

from tests.testkit.planning import planned, text


def test_a_deferred_field_of_another_subgraph() -> None:
    assert planned("plan-defer", '{ product(id: "1") { name ... @defer { stars } } }') == text("""
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
              Fetch(service: "reviews") {
                {
                  ... on Product {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Product {
                    stars
                  }
                }
              }
            }
          }
        }
    """)


def test_a_deferred_field_of_the_same_subgraph_is_asked_for_by_key() -> None:
    assert planned("plan-defer", '{ product(id: "1") { name ... @defer(label: "long") { description } } }') == text("""
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
              Fetch(service: "shop") {
                {
                  ... on Product {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Product {
                    description
                  }
                }
              }
            }
          }
        }
    """)


def test_deferred_fields_are_apart_from_others_of_their_subgraph() -> None:
    assert planned("plan-defer", '{ product(id: "1") { stars ... @defer { reviews { body } } } }') == text("""
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
            Parallel {
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
                      stars
                    }
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


def test_what_is_selected_beside_the_fragment_too_is_not_deferred() -> None:
    assert planned("plan-defer", '{ product(id: "1") { name stars ... @defer { name stars description } } }') == text("""
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
            Parallel {
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
                      stars
                    }
                  }
                }
              }
              Flatten(path: "product") {
                Fetch(service: "shop") {
                  {
                    ... on Product {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Product {
                      description
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_a_value_type_has_no_key_to_come_back_by() -> None:
    assert planned("plan-defer", '{ product(id: "1") { name size { width ... @defer { height } } } }') == text("""
        QueryPlan {
          Fetch(service: "shop") {
            {
              product(id: "1") {
                name
                size {
                  width
                  height
                }
              }
            }
          }
        }
    """)


def test_a_deferred_root_field() -> None:
    assert planned("plan-defer", "query($id: ID!) { banner ... @defer { product(id: $id) { name stars } } }") == text("""
        QueryPlan {
          Parallel {
            Fetch(service: "shop") {
              {
                banner
              }
            }
            Sequence {
              Fetch(service: "shop") {
                {
                  product(id: $id) {
                    __typename
                    name
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
                      stars
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_deferred_inside_of_deferred() -> None:
    operation = '{ product(id: "1") { name ... @defer { reviews { body ... @defer { product { description } } } } } }'
    assert planned("plan-defer", operation) == text("""
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
                      product {
                        __typename
                        id
                      }
                    }
                  }
                }
              }
            }
            Flatten(path: "product.reviews.@.product") {
              Fetch(service: "shop") {
                {
                  ... on Product {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Product {
                    description
                  }
                }
              }
            }
          }
        }
    """)


def test_a_deferred_field_with_a_requirement() -> None:
    assert planned("plan-defer", '{ product(id: "1") { stars ... @defer { summary } } }') == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shop") {
              {
                product(id: "1") {
                  __typename
                  id
                  name
                }
              }
            }
            Parallel {
              Flatten(path: "product") {
                Fetch(service: "reviews") {
                  {
                    ... on Product {
                      __typename
                      id
                      name
                    }
                  } =>
                  {
                    ... on Product {
                      summary
                    }
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
                      stars
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_a_defer_that_is_off_is_none() -> None:
    assert planned("plan-defer", '{ product(id: "1") { name ... @defer(if: false) { description } } }') == text("""
        QueryPlan {
          Fetch(service: "shop") {
            {
              product(id: "1") {
                name
                description
              }
            }
          }
        }
    """)


def test_a_named_fragment_deferred_at_one_place_of_two() -> None:
    operation = """
        {
          product(id: "1") {
            ...Text @defer
          }
          other: product(id: "2") {
            ...Text
          }
        }

        fragment Text on Product {
          description
        }
    """
    assert planned("plan-defer", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shop") {
              {
                product(id: "1") {
                  __typename
                  id
                }
                other: product(id: "2") {
                  description
                }
              }
            }
            Flatten(path: "product") {
              Fetch(service: "shop") {
                {
                  ... on Product {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Product {
                    description
                  }
                }
              }
            }
          }
        }
    """)


def test_a_deferred_part_of_a_mutation() -> None:
    assert planned("plan-defer", 'mutation { rename(id: "1", name: "x") { name ... @defer { stars description } } }') == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shop") {
              {
                rename(id: "1", name: "x") {
                  __typename
                  name
                  id
                }
              }
            }
            Parallel {
              Flatten(path: "rename") {
                Fetch(service: "reviews") {
                  {
                    ... on Product {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Product {
                      stars
                    }
                  }
                }
              }
              Flatten(path: "rename") {
                Fetch(service: "shop") {
                  {
                    ... on Product {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Product {
                      description
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_a_deferred_fragment_under_a_condition() -> None:
    operation = 'query($a: Boolean!) { product(id: "1") { name ... @include(if: $a) @defer { stars } } }'
    assert planned("plan-defer", operation) == text("""
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
            Include(if: $a) {
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
                      stars
                    }
                  }
                }
              }
            }
          }
        }
    """)
