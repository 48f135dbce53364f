"""Objects that stand for an interface (`@interfaceObject`), and ways back to the concrete type."""

from __future__ import annotations

from tests.testkit.planning import planned, text


def test_fields_of_an_interface_object_are_asked_by_the_interface_name() -> None:
    assert planned("plan-interface-object", "{ media { title stars } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "media") {
              {
                media {
                  __typename
                  title
                  id
                }
              }
            }
            Flatten(path: "media.@") {
              Fetch(service: "reviews") {
                {
                  ... on Media {
                    __typename: "Media"
                    id
                  }
                } =>
                {
                  ... on Media {
                    stars
                  }
                }
              }
            }
          }
        }
    """)


def test_an_interface_object_alone_does_not_need_its_concrete_type() -> None:
    assert planned("plan-interface-object", "{ topRated { id stars reviews { body } } }") == text("""
        QueryPlan {
          Fetch(service: "reviews") {
            {
              topRated {
                id
                stars
                reviews {
                  body
                }
              }
            }
          }
        }
    """)


def test_the_type_name_comes_from_the_subgraph_that_knows_it() -> None:
    assert planned("plan-interface-object", "{ topRated { __typename stars } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "reviews") {
              {
                topRated {
                  __typename
                  stars
                  id
                }
              }
            }
            Flatten(path: "topRated.@") {
              Fetch(service: "media") {
                {
                  ... on Media {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Media {
                    __typename
                  }
                }
              }
            }
          }
        }
    """)


def test_a_field_of_the_interface_elsewhere() -> None:
    assert planned("plan-interface-object", "{ topRated { title } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "reviews") {
              {
                topRated {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "topRated.@") {
              Fetch(service: "media") {
                {
                  ... on Media {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Media {
                    __typename
                    title
                  }
                }
              }
            }
          }
        }
    """)


def test_a_round_trip_to_the_concrete_type_then_a_field_of_it_elsewhere() -> None:
    assert planned("plan-interface-object", "{ topRated { stars ... on Book { pages dueAt } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "reviews") {
              {
                topRated {
                  __typename
                  stars
                  id
                }
              }
            }
            Flatten(path: "topRated.@") {
              Fetch(service: "media") {
                {
                  ... on Media {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Media {
                    __typename
                    ... on Book {
                      pages
                      id
                    }
                  }
                }
              }
            }
            Flatten(path: "topRated.@") {
              Fetch(service: "loans") {
                {
                  ... on Book {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Book {
                    dueAt
                  }
                }
              }
            }
          }
        }
    """)


def test_from_an_interface_object_to_itself_through_a_concrete_type() -> None:
    operation = "{ media { ... on Book { reviews { about { stars ... on Film { title } } } } } }"
    assert planned("plan-interface-object", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "media") {
              {
                media {
                  __typename
                  ... on Book {
                    id
                  }
                }
              }
            }
            Flatten(path: "media.@") {
              Fetch(service: "reviews") {
                {
                  ... on Book {
                    __typename: "Media"
                    id
                  }
                } =>
                {
                  ... on Media {
                    reviews {
                      about {
                        __typename
                        stars
                        id
                      }
                    }
                  }
                }
              }
            }
            Flatten(path: "media.@|[Book].reviews.@.about") {
              Fetch(service: "media") {
                {
                  ... on Media {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Media {
                    __typename
                    ... on Film {
                      title
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_fragments_on_the_interface_itself_stay_in_place() -> None:
    assert planned("plan-interface-object", "{ topRated { ... on Media { stars id } } }") == text("""
        QueryPlan {
          Fetch(service: "reviews") {
            {
              topRated {
                stars
                id
              }
            }
          }
        }
    """)


def test_an_interface_object_requires_a_field_of_the_interface() -> None:
    assert planned("plan-interface-object-with-requires", "{ accounts { greeting } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "accounts") {
              {
                accounts {
                  __typename
                  id
                  name
                }
              }
            }
            Flatten(path: "accounts.@") {
              Fetch(service: "greetings") {
                {
                  ... on Account {
                    __typename: "Account"
                    id
                    name
                  }
                } =>
                {
                  ... on Account {
                    greeting
                  }
                }
              }
            }
          }
        }
    """)


def test_an_interface_object_that_is_the_start_requires_a_field_of_the_interface() -> None:
    assert planned("plan-interface-object-with-requires", "{ greeted { greeting } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "greetings") {
              {
                greeted {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "greeted.@") {
              Fetch(service: "accounts") {
                {
                  ... on Account {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Account {
                    __typename
                    name
                  }
                }
              }
            }
            Flatten(path: "greeted.@") {
              Fetch(service: "greetings") {
                {
                  ... on Account {
                    __typename: "Account"
                    id
                    name
                  }
                } =>
                {
                  ... on Account {
                    greeting
                  }
                }
              }
            }
          }
        }
    """)


def test_interface_objects_require_each_other_in_a_chain() -> None:
    operation = "{ accounts { id karma } greeted { karma ... on User { age } } }"
    assert planned("plan-interface-object-with-requires", operation) == text("""
        QueryPlan {
          Parallel {
            Sequence {
              Fetch(service: "accounts") {
                {
                  accounts {
                    __typename
                    id
                    name
                  }
                }
              }
              Flatten(path: "accounts.@") {
                Fetch(service: "greetings") {
                  {
                    ... on Account {
                      __typename: "Account"
                      id
                      name
                    }
                  } =>
                  {
                    ... on Account {
                      greeting
                    }
                  }
                }
              }
              Flatten(path: "accounts.@") {
                Fetch(service: "karma") {
                  {
                    ... on Account {
                      __typename: "Account"
                      id
                      greeting
                    }
                  } =>
                  {
                    ... on Account {
                      karma
                    }
                  }
                }
              }
            }
            Sequence {
              Fetch(service: "greetings") {
                {
                  greeted {
                    __typename
                    id
                  }
                }
              }
              Flatten(path: "greeted.@") {
                Fetch(service: "accounts") {
                  {
                    ... on Account {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Account {
                      __typename
                      name
                      ... on User {
                        age
                      }
                    }
                  }
                }
              }
              Flatten(path: "greeted.@") {
                Fetch(service: "greetings") {
                  {
                    ... on Account {
                      __typename: "Account"
                      id
                      name
                    }
                  } =>
                  {
                    ... on Account {
                      greeting
                    }
                  }
                }
              }
              Flatten(path: "greeted.@") {
                Fetch(service: "karma") {
                  {
                    ... on Account {
                      __typename: "Account"
                      id
                      greeting
                    }
                  } =>
                  {
                    ... on Account {
                      karma
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_an_interface_object_that_is_a_reference_only() -> None:
    operation = "{ trees { name nodes { id label ... on Leaf { colour } } } }"
    assert planned("plan-interface-object-not-resolvable", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "trees") {
              {
                trees {
                  name
                  nodes {
                    __typename
                    id
                  }
                }
              }
            }
            Flatten(path: "trees.@.nodes.@") {
              Fetch(service: "nodes") {
                {
                  ... on Node {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Node {
                    __typename
                    label
                    ... on Leaf {
                      colour
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_an_interface_object_beside_the_interface_itself() -> None:
    operation = "{ shelf { first { title stars { row } owner { name } } } }"
    assert planned("plan-interface-object-beside-its-interface", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "media") {
              {
                shelf {
                  __typename
                  id
                }
              }
            }
            Parallel {
              Flatten(path: "shelf") {
                Fetch(service: "owned") {
                  {
                    ... on Shelf {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Shelf {
                      first {
                        __typename
                        title
                        owner {
                          name
                        }
                      }
                    }
                  }
                }
              }
              Flatten(path: "shelf") {
                Fetch(service: "placed") {
                  {
                    ... on Shelf {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Shelf {
                      first {
                        stars {
                          row
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


def test_what_one_type_needs_of_an_interface_object_is_not_asked_for_the_others() -> None:
    operation = "{ shelf { reviews { body } ... on Book { headline } } }"
    assert planned("plan-interface-object-computed-for-one-type", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shop") {
              {
                shelf {
                  __typename
                  id
                  ... on Book {
                    title
                  }
                }
              }
            }
            Parallel {
              Flatten(path: "shelf.@") {
                Fetch(service: "reviews") {
                  {
                    ... on Media {
                      __typename: "Media"
                      id
                    }
                  } =>
                  {
                    ... on Media {
                      reviews {
                        body
                      }
                    }
                  }
                }
              }
              Flatten(path: "shelf.@") {
                Fetch(service: "reviews") {
                  {
                    ... on Book {
                      __typename: "Media"
                      id
                      title
                    }
                  } =>
                  {
                    ... on Media {
                      headline
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_what_is_selected_for_one_type_is_not_asked_for_the_others() -> None:
    operation = "{ shelf { ... on Song { reviews { body } } headline } }"
    assert planned("plan-interface-object-computed-for-one-type", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shop") {
              {
                shelf {
                  __typename
                  id
                  title
                }
              }
            }
            Parallel {
              Flatten(path: "shelf.@") {
                Fetch(service: "reviews") {
                  {
                    ... on Media {
                      __typename: "Media"
                      id
                      title
                    }
                  } =>
                  {
                    ... on Media {
                      headline
                    }
                  }
                }
              }
              Flatten(path: "shelf.@") {
                Fetch(service: "reviews") {
                  {
                    ... on Song {
                      __typename: "Media"
                      id
                    }
                  } =>
                  {
                    ... on Media {
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


def test_what_is_equal_for_expanded_types_is_asked_at_once() -> None:
    operation = "{ shelf { title ... on Book { reviews { body } } ... on Song { reviews { body } } } }"
    assert planned("plan-interface-object-computed-for-one-type", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shop") {
              {
                shelf {
                  __typename
                  title
                  ... on Book {
                    id
                  }
                  ... on Song {
                    id
                  }
                }
              }
            }
            Flatten(path: "shelf.@") {
              Fetch(service: "reviews") {
                {
                  ... on Book {
                    __typename: "Media"
                    id
                  }
                  ... on Song {
                    __typename: "Media"
                    id
                  }
                } =>
                {
                  ... on Media {
                    reviews {
                      body
                    }
                  }
                }
              }
            }
          }
        }
    """)
