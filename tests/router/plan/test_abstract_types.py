"""Interfaces and unions distributed over subgraphs, whose members and types differ."""

from __future__ import annotations

from tests.testkit.planning import planned, text


def test_a_field_that_the_interface_has_elsewhere_is_asked_by_type() -> None:
    assert planned("plan-interfaces-distributed", "{ pets { name weight } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "pets") {
              {
                pets {
                  __typename
                  name
                  ... on Cat {
                    id
                  }
                  ... on Dog {
                    id
                  }
                }
              }
            }
            Parallel {
              Flatten(path: "pets.@") {
                Fetch(service: "tags") {
                  {
                    ... on Cat {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Cat {
                      weight
                    }
                  }
                }
              }
              Flatten(path: "pets.@") {
                Fetch(service: "vets") {
                  {
                    ... on Dog {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Dog {
                      weight
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_types_that_one_subgraph_has_whole_stay_there() -> None:
    assert planned("plan-interfaces-distributed", "{ patients { __typename name weight } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "vets") {
              {
                patients {
                  __typename
                  weight
                  ... on Bird {
                    name
                  }
                  ... on Dog {
                    id
                  }
                }
              }
            }
            Flatten(path: "patients.@") {
              Fetch(service: "pets") {
                {
                  ... on Dog {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Dog {
                    name
                  }
                }
              }
            }
          }
        }
    """)


def test_fragments_on_types_that_a_subgraph_does_not_know_are_not_sent() -> None:
    operation = "{ pets { ... on Dog { name } ... on Bird { name } } patients { ... on Cat { name } ... on Bird { name } } }"
    assert planned("plan-interfaces-distributed", operation) == text("""
        QueryPlan {
          Parallel {
            Fetch(service: "pets") {
              {
                pets {
                  __typename
                  ... on Dog {
                    name
                  }
                }
              }
            }
            Fetch(service: "vets") {
              {
                patients {
                  __typename
                  ... on Bird {
                    name
                  }
                }
              }
            }
          }
        }
    """)


def test_a_shareable_union_answers_only_what_all_its_subgraphs_know() -> None:
    operation = "{ media { __typename ... on Book { title } ... on Song { title } ... on Movie { title } } }"
    assert planned("plan-union-members-differ", operation) == text("""
        QueryPlan {
          Fetch(service: "a") {
            {
              media {
                __typename
                ... on Book {
                  title
                }
                ... on Song {
                  title
                }
              }
            }
          }
        }
    """)


def test_fields_of_a_member_in_two_subgraphs() -> None:
    assert planned("plan-union-members-differ", "{ media { ... on Book { title aOnly bOnly } } }") == text("""
        QueryPlan {
          Parallel {
            Fetch(service: "a") {
              {
                media {
                  __typename
                  ... on Book {
                    title
                    aOnly
                  }
                }
              }
            }
            Fetch(service: "b") {
              {
                media {
                  __typename
                  ... on Book {
                    bOnly
                  }
                }
              }
            }
          }
        }
    """)


def test_a_union_behind_an_entity_hop() -> None:
    operation = "{ shelf { media { ... on Book { bOnly } ... on Movie { title } } } }"
    assert planned("plan-union-members-differ", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                shelf {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "shelf") {
              Fetch(service: "b") {
                {
                  ... on Shelf {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Shelf {
                    media {
                      __typename
                      ... on Book {
                        bOnly
                      }
                      ... on Movie {
                        title
                      }
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_an_interface_that_a_subgraph_does_not_have_is_expanded() -> None:
    assert planned("plan-implementations-differ", "{ nodes { ... on Named { name } } }") == text("""
        QueryPlan {
          Fetch(service: "a") {
            {
              nodes {
                __typename
                ... on Group {
                  name
                }
              }
            }
          }
        }
    """)


def test_implementations_of_another_subgraph_below_an_entity() -> None:
    assert planned("plan-implementations-differ", "{ nodes { ... on User { owned { id ... on Named { name } } } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                nodes {
                  __typename
                  ... on User {
                    id
                  }
                }
              }
            }
            Flatten(path: "nodes.@") {
              Fetch(service: "b") {
                {
                  ... on User {
                    __typename
                    id
                  }
                } =>
                {
                  ... on User {
                    owned {
                      __typename
                      id
                      ... on File {
                        name
                      }
                      ... on Group {
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


def test_a_field_of_the_interface_in_no_view_of_a_subgraph() -> None:
    assert planned("plan-interface-field-missing-in-a-subgraph", "{ products { sku price ... on Chair { legs } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                products {
                  __typename
                  sku
                  ... on Chair {
                    legs
                    id
                  }
                  ... on Lamp {
                    id
                  }
                }
              }
            }
            Flatten(path: "products.@") {
              Fetch(service: "b") {
                {
                  ... on Chair {
                    __typename
                    id
                  }
                  ... on Lamp {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Chair {
                    price
                  }
                  ... on Lamp {
                    price
                  }
                }
              }
            }
          }
        }
    """)


def test_an_interface_that_is_answered_whole_is_not_expanded() -> None:
    assert planned("plan-interface-field-missing-in-a-subgraph", "{ products { id sku } }") == text("""
        QueryPlan {
          Fetch(service: "a") {
            {
              products {
                __typename
                id
                sku
              }
            }
          }
        }
    """)


def test_one_name_with_two_types_in_a_subgraph() -> None:
    assert planned("plan-field-types", "{ any { ... on User { id } ... on Admin { name: label } } }") == text("""
        QueryPlan {
          Fetch(service: "a") {
            {
              any {
                __typename
                ... on User {
                  id
                }
                ... on Admin {
                  name: label
                }
              }
            }
          }
        }
    """)


def test_a_field_that_is_an_object_in_one_subgraph_and_an_interface_in_another() -> None:
    assert planned("plan-field-types", "{ user { friend { id ... on Member { since } } } }") == text("""
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
                    friend {
                      __typename
                      id
                      since
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_a_field_of_the_interface_itself_is_not_expanded_with_the_others() -> None:
    assert planned("plan-expanded-types-meet-again", "{ items { price maker { name } } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                items {
                  __typename
                  maker {
                    __typename
                    id
                  }
                  ... on Chair {
                    id
                  }
                  ... on Lamp {
                    id
                  }
                }
              }
            }
            Parallel {
              Flatten(path: "items.@.maker") {
                Fetch(service: "makers") {
                  {
                    ... on Maker {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Maker {
                      name
                    }
                  }
                }
              }
              Flatten(path: "items.@") {
                Fetch(service: "b") {
                  {
                    ... on Chair {
                      __typename
                      id
                    }
                    ... on Lamp {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Chair {
                      price
                    }
                    ... on Lamp {
                      price
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_what_is_selected_for_one_type_is_not_fetched_for_the_others() -> None:
    operation = "{ items { price maker { name } ... on Lamp { maker { site } } } }"
    assert planned("plan-expanded-types-meet-again", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                items {
                  __typename
                  maker {
                    __typename
                    id
                  }
                  ... on Lamp {
                    maker {
                      __typename
                      id
                    }
                    id
                  }
                  ... on Chair {
                    id
                  }
                }
              }
            }
            Parallel {
              Flatten(path: "items.@.maker") {
                Fetch(service: "makers") {
                  {
                    ... on Maker {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Maker {
                      name
                    }
                  }
                }
              }
              Flatten(path: "items.@|[Lamp].maker") {
                Fetch(service: "makers") {
                  {
                    ... on Maker {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Maker {
                      site
                    }
                  }
                }
              }
              Flatten(path: "items.@") {
                Fetch(service: "b") {
                  {
                    ... on Chair {
                      __typename
                      id
                    }
                    ... on Lamp {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Chair {
                      price
                    }
                    ... on Lamp {
                      price
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_fields_that_are_of_one_type_for_clients_and_not_for_the_subgraph_get_other_names() -> None:
    operation = "{ things { ... on Book { label } ... on Film { label } ... on Song { label } } }"
    assert planned("plan-types-that-conflict-in-a-subgraph", operation) == text("""
        QueryPlan {
          Fetch(service: "a", rename: "things._label_as_1: label") {
            {
              things {
                __typename
                ... on Book {
                  label
                }
                ... on Film {
                  _label_as_1: label
                }
                ... on Song {
                  _label_as_1: label
                }
              }
            }
          }
        }
    """)


def test_keys_of_members_that_conflict_in_the_subgraph() -> None:
    operation = "{ things { ... on Book { pages } ... on Film { minutes } } }"
    assert planned("plan-types-that-conflict-in-a-subgraph", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a", rename: "things._id_as_1: id") {
              {
                things {
                  __typename
                  ... on Book {
                    id
                  }
                  ... on Film {
                    _id_as_1: id
                  }
                }
              }
            }
            Flatten(path: "things.@") {
              Fetch(service: "b") {
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
                    pages
                  }
                  ... on Film {
                    minutes
                  }
                }
              }
            }
          }
        }
    """)


def test_objects_that_conflict_in_the_subgraph() -> None:
    operation = "{ things { ... on Book { cover { url } } ... on Film { cover { url size } } } }"
    assert planned("plan-types-that-conflict-in-a-subgraph", operation) == text("""
        QueryPlan {
          Fetch(service: "a", rename: "things._cover_as_1: cover") {
            {
              things {
                __typename
                ... on Book {
                  cover {
                    url
                  }
                }
                ... on Film {
                  _cover_as_1: cover {
                    url
                    size
                  }
                }
              }
            }
          }
        }
    """)


def test_equal_requests_below_different_types_are_one() -> None:
    operation = "{ items { ... on Chair { maker { name } } ... on Lamp { maker { name } } ... on Rug { maker { site } } } }"
    assert planned("plan-types-without-their-interface", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                items {
                  __typename
                  ... on Chair {
                    maker {
                      __typename
                      id
                    }
                  }
                  ... on Lamp {
                    maker {
                      __typename
                      id
                    }
                  }
                  ... on Rug {
                    maker {
                      __typename
                      id
                    }
                  }
                }
              }
            }
            Parallel {
              Flatten(path: "items.@|[Chair,Lamp].maker") {
                Fetch(service: "makers") {
                  {
                    ... on Maker {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Maker {
                      name
                    }
                  }
                }
              }
              Flatten(path: "items.@|[Rug].maker") {
                Fetch(service: "makers") {
                  {
                    ... on Maker {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Maker {
                      site
                    }
                  }
                }
              }
            }
          }
        }
    """)
