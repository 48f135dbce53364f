"""Federation 1 subgraphs, `@external` keys, `@inaccessible` elements, enums and inputs by intersection."""

from __future__ import annotations

from tests.testkit.planning import planned, text


def test_the_classic_query() -> None:
    operation = "{ me { username reviews { body product { name inStock shippingEstimate } } } }"
    assert planned("plan-federation-1", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "accounts") {
              {
                me {
                  __typename
                  username
                  id
                }
              }
            }
            Flatten(path: "me") {
              Fetch(service: "reviews") {
                {
                  ... on User {
                    __typename
                    id
                  }
                } =>
                {
                  ... on User {
                    reviews {
                      body
                      product {
                        __typename
                        upc
                      }
                    }
                  }
                }
              }
            }
            Flatten(path: "me.reviews.@.product") {
              Fetch(service: "products") {
                {
                  ... on Product {
                    __typename
                    upc
                  }
                } =>
                {
                  ... on Product {
                    price
                    weight
                    name
                  }
                }
              }
            }
            Flatten(path: "me.reviews.@.product") {
              Fetch(service: "inventory") {
                {
                  ... on Product {
                    __typename
                    upc
                    price
                    weight
                  }
                } =>
                {
                  ... on Product {
                    shippingEstimate
                    inStock
                  }
                }
              }
            }
          }
        }
    """)


def test_a_provided_field_of_federation_1() -> None:
    assert planned("plan-federation-1", "{ topProducts { reviews { author { username id } stamp { at } } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "products") {
              {
                topProducts {
                  __typename
                  upc
                }
              }
            }
            Flatten(path: "topProducts.@") {
              Fetch(service: "reviews") {
                {
                  ... on Product {
                    __typename
                    upc
                  }
                } =>
                {
                  ... on Product {
                    reviews {
                      author {
                        username
                        id
                      }
                      stamp {
                        at
                      }
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_what_is_external_and_not_provided_is_fetched_from_its_owner() -> None:
    assert planned("plan-federation-1", "{ topProducts { reviews { author { username name } } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "products") {
              {
                topProducts {
                  __typename
                  upc
                }
              }
            }
            Flatten(path: "topProducts.@") {
              Fetch(service: "reviews") {
                {
                  ... on Product {
                    __typename
                    upc
                  }
                } =>
                {
                  ... on Product {
                    reviews {
                      author {
                        __typename
                        username
                        id
                      }
                    }
                  }
                }
              }
            }
            Flatten(path: "topProducts.@.reviews.@.author") {
              Fetch(service: "accounts") {
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
    """)


def test_a_key_that_a_federation_1_extension_marks_external_is_known_there() -> None:
    assert planned("plan-federation-1", "{ topProducts { reviews { product { upc } } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "products") {
              {
                topProducts {
                  __typename
                  upc
                }
              }
            }
            Flatten(path: "topProducts.@") {
              Fetch(service: "reviews") {
                {
                  ... on Product {
                    __typename
                    upc
                  }
                } =>
                {
                  ... on Product {
                    reviews {
                      product {
                        upc
                      }
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_an_external_key_of_a_chain() -> None:
    assert planned("plan-external-keys", "{ item { price note } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                item {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "item") {
              Fetch(service: "b") {
                {
                  ... on Item {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Item {
                    sku
                  }
                }
              }
            }
            Parallel {
              Flatten(path: "item") {
                Fetch(service: "a") {
                  {
                    ... on Item {
                      __typename
                      id
                      sku
                    }
                  } =>
                  {
                    ... on Item {
                      note
                    }
                  }
                }
              }
              Flatten(path: "item") {
                Fetch(service: "c") {
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
            }
          }
        }
    """)
