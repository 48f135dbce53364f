"""Fields that moved to another subgraph (`@override`), at once or progressively."""

from __future__ import annotations

from tests.testkit.planning import planned, text


def test_an_overridden_field_comes_from_its_new_subgraph() -> None:
    assert planned("plan-override", "{ product { name price } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "old") {
              {
                product {
                  __typename
                  name
                  id
                }
              }
            }
            Flatten(path: "product") {
              Fetch(service: "new") {
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


def test_an_override_from_a_subgraph_that_is_not_there_takes_nothing_over() -> None:
    assert planned("plan-override", "{ product { weight } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "old") {
              {
                product {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "product") {
              Fetch(service: "new") {
                {
                  ... on Product {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Product {
                    weight
                  }
                }
              }
            }
          }
        }
    """)


def test_an_overridden_root_field() -> None:
    assert planned("plan-override-root", "{ news weather }") == text("""
        QueryPlan {
          Parallel {
            Fetch(service: "new") {
              {
                news
              }
            }
            Fetch(service: "old") {
              {
                weather
              }
            }
          }
        }
    """)


def test_an_overridden_field_of_a_value_type() -> None:
    assert planned("plan-override-value-type", "{ product { size { width } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "old") {
              {
                product {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "product") {
              Fetch(service: "new") {
                {
                  ... on Product {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Product {
                    size {
                      width
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_an_interface_field_that_one_type_has_elsewhere() -> None:
    assert planned("plan-override-on-interfaces", "{ feed { id createdAt } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "feed") {
              {
                feed {
                  __typename
                  id
                  ... on TextPost {
                    createdAt
                  }
                }
              }
            }
            Flatten(path: "feed.@") {
              Fetch(service: "posts") {
                {
                  ... on ImagePost {
                    __typename
                    id
                  }
                } =>
                {
                  ... on ImagePost {
                    createdAt
                  }
                }
              }
            }
          }
        }
    """)


def test_an_overridden_field_that_is_required_elsewhere() -> None:
    assert planned("plan-override-with-requires", "{ user { label level } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                user {
                  __typename
                  id
                }
              }
            }
            Parallel {
              Sequence {
                Flatten(path: "user") {
                  Fetch(service: "b") {
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
                Flatten(path: "user") {
                  Fetch(service: "c") {
                    {
                      ... on User {
                        __typename
                        id
                        name
                      }
                    } =>
                    {
                      ... on User {
                        label
                      }
                    }
                  }
                }
              }
              Sequence {
                Flatten(path: "user") {
                  Fetch(service: "c") {
                    {
                      ... on User {
                        __typename
                        id
                      }
                    } =>
                    {
                      ... on User {
                        points
                      }
                    }
                  }
                }
                Flatten(path: "user") {
                  Fetch(service: "b") {
                    {
                      ... on User {
                        __typename
                        id
                        points
                      }
                    } =>
                    {
                      ... on User {
                        level
                      }
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_a_progressive_override_is_off_without_its_label() -> None:
    assert planned("plan-progressive-override", "{ orders { total } }") == text("""
        QueryPlan {
          Fetch(service: "old") {
            {
              orders {
                total
              }
            }
          }
        }
    """)


def test_a_progressive_override_is_on_with_its_label() -> None:
    assert planned("plan-progressive-override", "{ orders { total } }", override_labels=frozenset({"percent(10)"})) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "old") {
              {
                orders {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "orders.@") {
              Fetch(service: "new") {
                {
                  ... on Order {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Order {
                    total
                  }
                }
              }
            }
          }
        }
    """)


def test_labels_are_independent() -> None:
    operation = "{ orders { total net } }"
    assert planned("plan-progressive-override", operation, override_labels=frozenset({"orders-in-new", "net-in-key"})) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "new") {
              {
                orders {
                  __typename
                  id
                }
              }
            }
            Parallel {
              Flatten(path: "orders.@") {
                Fetch(service: "old") {
                  {
                    ... on Order {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Order {
                      total
                    }
                  }
                }
              }
              Flatten(path: "orders.@") {
                Fetch(service: "key") {
                  {
                    ... on Order {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Order {
                      net
                    }
                  }
                }
              }
            }
          }
        }
    """)
