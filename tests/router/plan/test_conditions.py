"""`@include` and `@skip`: nothing is fetched for what is skipped."""

from __future__ import annotations

from tests.testkit.planning import planned, text


def test_a_request_for_conditional_fields_only_is_conditional() -> None:
    assert planned("plan-operations", 'query($p: Boolean!) { product(id: "1") { name price @include(if: $p) } }') == text("""
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
            Include(if: $p) {
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


def test_a_skipped_branch() -> None:
    operation = 'query($p: Boolean!) { product(id: "1") { name reviews @skip(if: $p) { product { tax } } } }'
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
            Skip(if: $p) {
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
                        }
                      }
                    }
                  }
                }
              }
            }
            Flatten(path: "product.reviews.@.product") {
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


def test_a_request_that_is_wanted_in_any_case_has_the_condition_inside() -> None:
    assert planned("plan-operations", 'query($p: Boolean!) { product(id: "1") { tax price @include(if: $p) } }') == text("""
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
                    tax
                    price @include(if: $p)
                  }
                }
              }
            }
          }
        }
    """)


def test_constant_conditions_are_decided_when_planning() -> None:
    operation = '{ product(id: "1") { name @include(if: true) price @include(if: false) tax @skip(if: true) } }'
    assert planned("plan-operations", operation) == text("""
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


def test_two_conditions_on_one_field() -> None:
    operation = 'query($a: Boolean!, $b: Boolean!) { product(id: "1") { name price @include(if: $a) @skip(if: $b) } }'
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
            Include(if: $a) {
              Skip(if: $b) {
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
        }
    """)


def test_conditions_on_fragments_hold_for_their_fields() -> None:
    operation = """
        query ($a: Boolean!, $b: Boolean!) {
          product(id: "1") {
            ... @include(if: $a) {
              name
              ... on Product @skip(if: $b) {
                tax
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
                product(id: "1") {
                  __typename
                  name @include(if: $a)
                  id
                }
              }
            }
            Include(if: $a) {
              Skip(if: $b) {
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
          }
        }
    """)


def test_a_field_both_conditional_and_not_is_not_conditional() -> None:
    operation = 'query($a: Boolean!) { product(id: "1") { price @include(if: $a) price name } }'
    assert planned("plan-operations", operation) == text("""
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


def test_a_conditional_root_field() -> None:
    operation = 'query($a: Boolean!) { cart @include(if: $a) { total } product(id: "1") { name } }'
    assert planned("plan-operations", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shop") {
              {
                cart @include(if: $a) {
                  __typename
                  id
                }
                product(id: "1") {
                  name
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


def test_everything_conditional() -> None:
    assert planned("plan-operations", "query($a: Boolean!) { cart @skip(if: $a) { total } }") == text("""
        QueryPlan {
          Sequence {
            Skip(if: $a) {
              Fetch(service: "shop") {
                {
                  cart {
                    __typename
                    id
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


def test_one_field_under_conditions_that_exclude_each_other() -> None:
    operation = """
        query ($a: Boolean!) {
          product(id: "1") {
            name @include(if: $a)
            name @skip(if: $a)
            reviews @include(if: $a) {
              body
            }
            tax @skip(if: $a)
          }
        }
    """
    assert planned("plan-operations", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shop") {
              {
                product(id: "1") {
                  __typename
                  name @include(if: $a)
                  name @skip(if: $a)
                  id
                }
              }
            }
            Parallel {
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
                        reviews {
                          body
                        }
                      }
                    }
                  }
                }
              }
              Skip(if: $a) {
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
          }
        }
    """)
