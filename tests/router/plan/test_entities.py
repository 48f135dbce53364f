"""Entities reached through interfaces, unions and lists of lists, by their parent, in circles, and by global ids."""

from __future__ import annotations

from tests.testkit.planning import planned, text


def test_objects_of_an_interface_are_completed_by_type() -> None:
    operation = "{ shelf { title ... on Book { dueAt stars } ... on Film { minutes dueAt } } }"
    assert planned("plan-entities-through-abstract-types", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "library") {
              {
                shelf {
                  __typename
                  title
                  ... on Book {
                    id
                  }
                  ... on Film {
                    minutes
                    id
                  }
                }
              }
            }
            Parallel {
              Flatten(path: "shelf.@") {
                Fetch(service: "loans") {
                  {
                    ... on Book {
                      __typename
                      id
                    }
                    ... on Film {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Book {
                      dueAt
                    }
                    ... on Film {
                      dueAt
                    }
                  }
                }
              }
              Flatten(path: "shelf.@") {
                Fetch(service: "ratings") {
                  {
                    ... on Book {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Book {
                      stars
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_members_of_a_union_are_completed_by_type() -> None:
    operation = "{ search { __typename ... on Book { pages dueAt } ... on Author { name stars } } }"
    assert planned("plan-entities-through-abstract-types", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "library") {
              {
                search {
                  __typename
                  ... on Book {
                    pages
                    id
                  }
                  ... on Author {
                    name
                    id
                  }
                }
              }
            }
            Parallel {
              Flatten(path: "search.@") {
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
              Flatten(path: "search.@") {
                Fetch(service: "ratings") {
                  {
                    ... on Author {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Author {
                      stars
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_only_the_types_that_need_it_are_expanded() -> None:
    operation = "{ search { ... on Media { title } ... on Author { stars } } }"
    assert planned("plan-entities-through-abstract-types", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "library") {
              {
                search {
                  __typename
                  ... on Media {
                    title
                  }
                  ... on Author {
                    id
                  }
                }
              }
            }
            Flatten(path: "search.@") {
              Fetch(service: "ratings") {
                {
                  ... on Author {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Author {
                    stars
                  }
                }
              }
            }
          }
        }
    """)


def test_an_interface_in_a_list_of_lists() -> None:
    assert planned("plan-entities-through-abstract-types", "{ grid { id ... on Film { dueAt } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "library") {
              {
                grid {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "grid.@.@") {
              Fetch(service: "loans") {
                {
                  ... on Film {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Film {
                    dueAt
                  }
                }
              }
            }
          }
        }
    """)


def test_entities_in_a_list_of_lists_of_lists() -> None:
    assert planned("plan-entities-through-abstract-types", "{ matrix { stars title } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "library") {
              {
                matrix {
                  __typename
                  id
                  title
                }
              }
            }
            Flatten(path: "matrix.@.@.@") {
              Fetch(service: "ratings") {
                {
                  ... on Book {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Book {
                    stars
                  }
                }
              }
            }
          }
        }
    """)


def test_a_value_type_is_completed_by_entering_its_parent_entity() -> None:
    assert planned("plan-parent-entity-call", "{ products { category { name rank } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "catalog") {
              {
                products {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "products.@") {
              Fetch(service: "categories") {
                {
                  ... on Product {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Product {
                    category {
                      name
                      rank
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_a_parent_entity_is_entered_from_where_only_its_key_is_known() -> None:
    assert planned("plan-parent-entity-call", "{ products { category { rank } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "catalog") {
              {
                products {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "products.@") {
              Fetch(service: "categories") {
                {
                  ... on Product {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Product {
                    category {
                      rank
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_parts_of_nested_value_types_come_from_two_entries_of_their_entity() -> None:
    assert planned("plan-parent-entity-call-deep", "{ product { details { colour size { width height } } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                product {
                  __typename
                  id
                }
              }
            }
            Parallel {
              Flatten(path: "product") {
                Fetch(service: "b") {
                  {
                    ... on Product {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Product {
                      details {
                        colour
                        size {
                          width
                        }
                      }
                    }
                  }
                }
              }
              Flatten(path: "product") {
                Fetch(service: "c") {
                  {
                    ... on Product {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Product {
                      details {
                        size {
                          height
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


def test_a_value_type_that_one_subgraph_has_whole_needs_one_entry() -> None:
    assert planned("plan-parent-entity-call-deep", "{ product { details { size { height } } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                product {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "product") {
              Fetch(service: "c") {
                {
                  ... on Product {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Product {
                    details {
                      size {
                        height
                      }
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_a_circle_of_references_stays_in_a_subgraph_as_long_as_it_can() -> None:
    assert planned("plan-circular-references", "{ me { posts { author { posts { replies { author { id } } } } } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "users") {
              {
                me {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "me") {
              Fetch(service: "posts") {
                {
                  ... on User {
                    __typename
                    id
                  }
                } =>
                {
                  ... on User {
                    posts {
                      author {
                        posts {
                          replies {
                            author {
                              id
                            }
                          }
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


def test_a_circle_through_three_subgraphs() -> None:
    operation = "{ me { name bestFriend { posts { likedBy { name liked { author { name } } } } } } }"
    assert planned("plan-circular-references", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "users") {
              {
                me {
                  name
                  bestFriend {
                    __typename
                    id
                  }
                }
              }
            }
            Flatten(path: "me.bestFriend") {
              Fetch(service: "posts") {
                {
                  ... on User {
                    __typename
                    id
                  }
                } =>
                {
                  ... on User {
                    posts {
                      __typename
                      id
                    }
                  }
                }
              }
            }
            Flatten(path: "me.bestFriend.posts.@") {
              Fetch(service: "likes") {
                {
                  ... on Post {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Post {
                    likedBy {
                      __typename
                      id
                      liked {
                        __typename
                        id
                      }
                    }
                  }
                }
              }
            }
            Parallel {
              Flatten(path: "me.bestFriend.posts.@.likedBy.@") {
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
              Sequence {
                Flatten(path: "me.bestFriend.posts.@.likedBy.@.liked.@") {
                  Fetch(service: "posts") {
                    {
                      ... on Post {
                        __typename
                        id
                      }
                    } =>
                    {
                      ... on Post {
                        author {
                          __typename
                          id
                        }
                      }
                    }
                  }
                }
                Flatten(path: "me.bestFriend.posts.@.likedBy.@.liked.@.author") {
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
        }
    """)


def test_a_node_is_completed_by_its_type() -> None:
    operation = '{ node(id: "1") { id ... on Account { email team { name } } ... on Team { name } } }'
    assert planned("plan-node-ids", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "nodes") {
              {
                node(id: "1") {
                  __typename
                  id
                }
              }
            }
            Parallel {
              Sequence {
                Flatten(path: "node") {
                  Fetch(service: "accounts") {
                    {
                      ... on Account {
                        __typename
                        id
                      }
                    } =>
                    {
                      ... on Account {
                        email
                        team {
                          __typename
                          id
                        }
                      }
                    }
                  }
                }
                Flatten(path: "node|[Account].team") {
                  Fetch(service: "teams") {
                    {
                      ... on Team {
                        __typename
                        id
                      }
                    } =>
                    {
                      ... on Team {
                        name
                      }
                    }
                  }
                }
              }
              Flatten(path: "node") {
                Fetch(service: "teams") {
                  {
                    ... on Team {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Team {
                      name
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_a_node_of_which_only_the_id_is_wanted() -> None:
    assert planned("plan-node-ids", '{ node(id: "1") { __typename id } }') == text("""
        QueryPlan {
          Fetch(service: "nodes") {
            {
              node(id: "1") {
                __typename
                id
              }
            }
          }
        }
    """)
