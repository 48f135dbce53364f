"""External fields that a path provides (`@provides`), nested, and on interfaces and unions."""

from __future__ import annotations

from tests.testkit.planning import planned, text


def test_a_provided_field_is_not_fetched_elsewhere() -> None:
    assert planned("plan-provides", "{ review { product { name } } }") == text("""
        QueryPlan {
          Fetch(service: "reviews") {
            {
              review {
                product {
                  name
                }
              }
            }
          }
        }
    """)


def test_what_is_not_provided_on_the_path_is_fetched() -> None:
    assert planned("plan-provides", "{ review { product { name maker { name } } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "reviews") {
              {
                review {
                  product {
                    __typename
                    name
                    id
                  }
                }
              }
            }
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
                    maker {
                      name
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_nested_provided_fields() -> None:
    assert planned("plan-provides", "{ reviewed { name maker { id name country { code } } } }") == text("""
        QueryPlan {
          Fetch(service: "reviews") {
            {
              reviewed {
                name
                maker {
                  id
                  name
                  country {
                    code
                  }
                }
              }
            }
          }
        }
    """)


def test_beyond_what_is_provided_the_entity_is_entered() -> None:
    assert planned("plan-provides", "{ reviewed { maker { name country { code population } } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "reviews") {
              {
                reviewed {
                  maker {
                    __typename
                    name
                    id
                  }
                }
              }
            }
            Flatten(path: "reviewed.@.maker") {
              Fetch(service: "products") {
                {
                  ... on Maker {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Maker {
                    country {
                      code
                      population
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_a_provided_field_of_an_interface() -> None:
    assert planned("plan-provides-on-abstract-types", "{ media { animals { id name } } }") == text("""
        QueryPlan {
          Fetch(service: "provider") {
            {
              media {
                __typename
                animals {
                  __typename
                  id
                  name
                }
              }
            }
          }
        }
    """)


def test_a_provided_field_beside_one_that_is_not() -> None:
    assert planned("plan-provides-on-abstract-types", "{ media { animals { name ... on Dog { age } } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "provider") {
              {
                media {
                  __typename
                  animals {
                    __typename
                    name
                    ... on Dog {
                      id
                    }
                  }
                }
              }
            }
            Flatten(path: "media.animals.@") {
              Fetch(service: "details") {
                {
                  ... on Dog {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Dog {
                    age
                  }
                }
              }
            }
          }
        }
    """)


def test_a_provided_field_of_one_member_of_a_union() -> None:
    assert planned("plan-provides-on-abstract-types", "{ result { ... on Book { title } } }") == text("""
        QueryPlan {
          Fetch(service: "provider") {
            {
              result {
                __typename
                ... on Book {
                  title
                }
              }
            }
          }
        }
    """)


def test_the_member_for_which_nothing_is_provided() -> None:
    assert planned("plan-provides-on-abstract-types", "{ result { ... on Book { title } ... on Film { title } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "provider") {
              {
                result {
                  __typename
                  ... on Book {
                    title
                  }
                  ... on Film {
                    id
                  }
                }
              }
            }
            Flatten(path: "result") {
              Fetch(service: "details") {
                {
                  ... on Film {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Film {
                    title
                  }
                }
              }
            }
          }
        }
    """)
