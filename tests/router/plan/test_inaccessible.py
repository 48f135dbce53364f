"""Elements that clients do not see (`@inaccessible`), enums and inputs that subgraphs share."""

from __future__ import annotations

from tests.testkit.planning import planned, text


def test_an_inaccessible_key_leads_to_other_subgraphs() -> None:
    assert planned("plan-inaccessible", "{ users { name email } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                users {
                  __typename
                  name
                  internalId
                }
              }
            }
            Flatten(path: "users.@") {
              Fetch(service: "b") {
                {
                  ... on User {
                    __typename
                    internalId
                  }
                } =>
                {
                  ... on User {
                    email
                  }
                }
              }
            }
          }
        }
    """)


def test_an_inaccessible_field_can_be_required() -> None:
    assert planned("plan-inaccessible", "{ users { rank } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                users {
                  __typename
                  internalId
                }
              }
            }
            Flatten(path: "users.@") {
              Fetch(service: "b") {
                {
                  ... on User {
                    __typename
                    internalId
                  }
                } =>
                {
                  ... on User {
                    score
                  }
                }
              }
            }
            Flatten(path: "users.@") {
              Fetch(service: "c") {
                {
                  ... on User {
                    __typename
                    internalId
                    score
                  }
                } =>
                {
                  ... on User {
                    rank
                  }
                }
              }
            }
          }
        }
    """)


def test_an_inaccessible_member_of_a_union_has_no_selections() -> None:
    assert planned("plan-inaccessible", "{ accounts { __typename ... on Person { name } } }") == text("""
        QueryPlan {
          Fetch(service: "a") {
            {
              accounts {
                __typename
                ... on Person {
                  name
                }
              }
            }
          }
        }
    """)


def test_arguments_of_enum_and_input_types() -> None:
    operation = "query($text: String, $state: State) { orders(filter: { text: $text }, state: $state) { state total } }"
    assert planned("plan-enums-and-inputs", operation) == text("""
        QueryPlan {
          Fetch(service: "b") {
            {
              orders(filter: { text: $text }, state: $state) {
                state
                total
              }
            }
          }
        }
    """)


def test_a_whole_input_object_as_a_variable() -> None:
    operation = 'query($filter: OrderFilter = { text: "x" }) { orders(filter: $filter, state: OPEN) { id } }'
    assert planned("plan-enums-and-inputs", operation) == text("""
        QueryPlan {
          Fetch(service: "a") {
            {
              orders(filter: $filter, state: OPEN) {
                id
              }
            }
          }
        }
    """)
