"""Arguments filled from an object above (`@context`, `@fromContext`)."""

from __future__ import annotations

from tests.testkit.planning import planned, text


def test_an_argument_from_the_object_above() -> None:
    assert planned("plan-context", "{ users { posts { title } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "accounts") {
              {
                users {
                  posts {
                    __typename
                    id
                  }
                  locale
                }
              }
            }
            Flatten(path: "users.@.posts.@") {
              Fetch(service: "accounts", $__context_0: "../locale") {
                {
                  ... on Post {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Post {
                    title(locale: $__context_0)
                  }
                }
              }
            }
          }
        }
    """)


def test_other_arguments_of_the_field_are_the_clients() -> None:
    assert planned("plan-context", "query($m: Int!) { users { posts { author { name } short(max: $m) title } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "accounts") {
              {
                users {
                  posts {
                    __typename
                    id
                    author {
                      name
                    }
                  }
                  locale
                }
              }
            }
            Flatten(path: "users.@.posts.@") {
              Fetch(service: "accounts", $__context_0: "../locale") {
                {
                  ... on Post {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Post {
                    short(max: $m, locale: $__context_0)
                    title(locale: $__context_0)
                  }
                }
              }
            }
          }
        }
    """)


def test_a_value_that_another_subgraph_has_is_fetched_first() -> None:
    assert planned("plan-context", "{ user { posts { price } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "accounts") {
              {
                user {
                  __typename
                  posts {
                    __typename
                    id
                  }
                  id
                }
              }
            }
            Flatten(path: "user") {
              Fetch(service: "prices") {
                {
                  ... on User {
                    __typename
                    id
                  }
                } =>
                {
                  ... on User {
                    tier
                  }
                }
              }
            }
            Flatten(path: "user.posts.@") {
              Fetch(service: "prices", $__context_0: "../tier") {
                {
                  ... on Post {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Post {
                    price(tier: $__context_0)
                  }
                }
              }
            }
          }
        }
    """)


def test_a_value_under_a_name_that_the_client_uses_for_something_else() -> None:
    assert planned("plan-context", "{ user { locale: id posts { title } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "accounts") {
              {
                user {
                  locale: id
                  posts {
                    __typename
                    id
                  }
                  _locale_1: locale
                }
              }
            }
            Flatten(path: "user.posts.@") {
              Fetch(service: "accounts", $__context_0: "../_locale_1") {
                {
                  ... on Post {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Post {
                    title(locale: $__context_0)
                  }
                }
              }
            }
          }
        }
    """)


def test_one_field_below_two_types_that_set_the_context() -> None:
    assert planned("plan-context", "{ user { notes { text } } guests { note { text } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "accounts") {
              {
                user {
                  notes {
                    __typename
                    id
                  }
                  locale
                }
                guests {
                  note {
                    __typename
                    id
                  }
                  locale
                }
              }
            }
            Parallel {
              Flatten(path: "user.notes.@.@") {
                Fetch(service: "accounts", $__context_0: "../locale") {
                  {
                    ... on Note {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Note {
                      text(locale: $__context_0)
                    }
                  }
                }
              }
              Flatten(path: "guests.@.note") {
                Fetch(service: "accounts", $__context_0: "../locale") {
                  {
                    ... on Note {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Note {
                      text(locale: $__context_0)
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_a_requirement_beside_a_context() -> None:
    assert planned("plan-context", "{ user { quota posts { price title } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "accounts") {
              {
                user {
                  __typename
                  id
                  posts {
                    __typename
                    id
                  }
                  locale
                }
              }
            }
            Parallel {
              Sequence {
                Flatten(path: "user") {
                  Fetch(service: "plans") {
                    {
                      ... on User {
                        __typename
                        id
                      }
                    } =>
                    {
                      ... on User {
                        plan
                      }
                    }
                  }
                }
                Flatten(path: "user") {
                  Fetch(service: "prices") {
                    {
                      ... on User {
                        __typename
                        id
                        plan
                      }
                    } =>
                    {
                      ... on User {
                        quota
                      }
                    }
                  }
                }
              }
              Sequence {
                Flatten(path: "user") {
                  Fetch(service: "prices") {
                    {
                      ... on User {
                        __typename
                        id
                      }
                    } =>
                    {
                      ... on User {
                        tier
                      }
                    }
                  }
                }
                Flatten(path: "user.posts.@") {
                  Fetch(service: "prices", $__context_0: "../tier") {
                    {
                      ... on Post {
                        __typename
                        id
                      }
                    } =>
                    {
                      ... on Post {
                        price(tier: $__context_0)
                      }
                    }
                  }
                }
              }
              Flatten(path: "user.posts.@") {
                Fetch(service: "accounts", $__context_0: "../locale") {
                  {
                    ... on Post {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Post {
                      title(locale: $__context_0)
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_each_type_of_an_interface_sets_the_context_in_its_way() -> None:
    assert planned("plan-context-above-an-interface", "{ owners { child { greeting } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                owners {
                  __typename
                  ... on Company {
                    child {
                      __typename
                      id
                    }
                    seat
                  }
                  ... on Person {
                    child {
                      __typename
                      id
                    }
                    prefs {
                      language(short: true)
                    }
                  }
                }
              }
            }
            Parallel {
              Flatten(path: "owners.@|[Company].child") {
                Fetch(service: "a", $__context_0: "../seat") {
                  {
                    ... on Child {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Child {
                      greeting(word: $__context_0)
                    }
                  }
                }
              }
              Flatten(path: "owners.@|[Person].child") {
                Fetch(service: "a", $__context_0: "../prefs.language") {
                  {
                    ... on Child {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Child {
                      greeting(word: $__context_0)
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_the_value_of_an_object_further_above() -> None:
    operation = "{ owners { ... on Company { child { child { child { greeting } } } } } }"
    assert planned("plan-context-above-an-interface", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                owners {
                  __typename
                  ... on Company {
                    child {
                      child {
                        child {
                          __typename
                          id
                        }
                      }
                    }
                    seat
                  }
                }
              }
            }
            Flatten(path: "owners.@|[Company].child.child.child") {
              Fetch(service: "a", $__context_0: "../../../seat") {
                {
                  ... on Child {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Child {
                    greeting(word: $__context_0)
                  }
                }
              }
            }
          }
        }
    """)
