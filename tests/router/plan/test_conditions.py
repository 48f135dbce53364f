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
              Sequence {
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
            Include(if: $a) {
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
        }
    """)


def test_everything_conditional() -> None:
    assert planned("plan-operations", "query($a: Boolean!) { cart @skip(if: $a) { total } }") == text("""
        QueryPlan {
          Skip(if: $a) {
            Sequence {
              Fetch(service: "shop") {
                {
                  cart {
                    __typename
                    id
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
            Condition(if: $a) {
              If {
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
              Else {
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


def test_a_branch_that_only_one_of_two_selections_wants() -> None:
    operation = """
        query ($a: Boolean!, $b: Boolean!) {
          me {
            bestFriend @skip(if: $b) {
              liked {
                __typename
              }
            }
            bestFriend @include(if: $a) {
              posts {
                id
              }
            }
          }
        }
    """
    assert planned("plan-circular-references", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "users") {
              {
                me {
                  bestFriend @skip(if: $b) {
                    __typename
                    id
                  }
                  bestFriend @include(if: $a) {
                    __typename
                    id
                  }
                }
              }
            }
            Parallel {
              Skip(if: $b) {
                Flatten(path: "me.bestFriend") {
                  Fetch(service: "likes") {
                    {
                      ... on User {
                        __typename
                        id
                      }
                    } =>
                    {
                      ... on User {
                        liked {
                          __typename
                        }
                      }
                    }
                  }
                }
              }
              Include(if: $a) {
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
    """)


def test_what_a_skipped_field_requires_is_skipped_too() -> None:
    assert planned("plan-requires-chained", "query($t: Boolean!) { order { id total @include(if: $t) } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                order {
                  __typename
                  id
                  lines @include(if: $t) {
                    __typename
                    sku
                    quantity
                  }
                }
              }
            }
            Include(if: $t) {
              Sequence {
                Flatten(path: "order.lines.@") {
                  Fetch(service: "b") {
                    {
                      ... on Line {
                        __typename
                        sku
                      }
                    } =>
                    {
                      ... on Line {
                        price
                      }
                    }
                  }
                }
                Flatten(path: "order.lines.@") {
                  Fetch(service: "c") {
                    {
                      ... on Line {
                        __typename
                        sku
                        price
                        quantity
                      }
                    } =>
                    {
                      ... on Line {
                        total
                      }
                    }
                  }
                }
                Flatten(path: "order") {
                  Fetch(service: "d") {
                    {
                      ... on Order {
                        __typename
                        id
                        lines {
                          total
                        }
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
          }
        }
    """)


def test_a_requirement_that_may_be_skipped_does_not_hold_up_the_others() -> None:
    assert planned("plan-requires-with-several", "query($t: Boolean!) { item { computed @include(if: $t) plain } }") == text("""
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
            Parallel {
              Include(if: $t) {
                Sequence {
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
                          size
                        }
                      }
                    }
                  }
                  Flatten(path: "item") {
                    Fetch(service: "c") {
                      {
                        ... on Item {
                          __typename
                          id
                          size
                        }
                      } =>
                      {
                        ... on Item {
                          computed
                        }
                      }
                    }
                  }
                }
              }
              Flatten(path: "item") {
                Fetch(service: "c") {
                  {
                    ... on Item {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Item {
                      plain
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_a_key_of_a_skipped_field_is_not_fetched_elsewhere() -> None:
    assert planned("plan-chained-keys", "query($d: Boolean!) { thing { inB inD @include(if: $d) } }") == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                thing {
                  __typename
                  a
                }
              }
            }
            Flatten(path: "thing") {
              Fetch(service: "b") {
                {
                  ... on Thing {
                    __typename
                    a
                  }
                } =>
                {
                  ... on Thing {
                    inB
                    b @include(if: $d)
                  }
                }
              }
            }
            Include(if: $d) {
              Sequence {
                Flatten(path: "thing") {
                  Fetch(service: "c") {
                    {
                      ... on Thing {
                        __typename
                        b
                      }
                    } =>
                    {
                      ... on Thing {
                        c
                      }
                    }
                  }
                }
                Flatten(path: "thing") {
                  Fetch(service: "d") {
                    {
                      ... on Thing {
                        __typename
                        c
                      }
                    } =>
                    {
                      ... on Thing {
                        inD
                      }
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_a_requirement_that_is_wanted_in_any_case_is_shared() -> None:
    operation = "query($t: Boolean!) { item { again: computed @include(if: $t) computed plain } }"
    assert planned("plan-requires-with-several", operation) == text("""
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
            Parallel {
              Sequence {
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
                        size
                      }
                    }
                  }
                }
                Flatten(path: "item") {
                  Fetch(service: "c") {
                    {
                      ... on Item {
                        __typename
                        id
                        size
                      }
                    } =>
                    {
                      ... on Item {
                        computed
                        again: computed @include(if: $t)
                      }
                    }
                  }
                }
              }
              Flatten(path: "item") {
                Fetch(service: "c") {
                  {
                    ... on Item {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Item {
                      plain
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_the_type_of_an_interface_object_is_wanted_whatever_else_is_not() -> None:
    operation = "query($t: Boolean!) { greeted { __typename greeting @include(if: $t) } }"
    assert planned("plan-interface-object-with-requires", operation) == text("""
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
                    name @include(if: $t)
                  }
                }
              }
            }
            Include(if: $t) {
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
        }
    """)


def test_objects_wanted_under_two_conditions_wait_only_for_what_their_own_fields_require() -> None:
    operation = """
        query ($s: Boolean!, $i: Boolean!) {
          parcels {
            product @skip(if: $s) { total }
            product @include(if: $i) { rated }
          }
        }
    """
    assert planned("requires", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shipping") {
              {
                parcels {
                  product @skip(if: $s) {
                    __typename
                    id
                  }
                  product @include(if: $i) {
                    __typename
                    id
                  }
                }
              }
            }
            Flatten(path: "parcels.@.product") {
              Fetch(service: "products") {
                {
                  ... on Product {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Product {
                    price(currency: USD) @skip(if: $s)
                    weight @skip(if: $s)
                    dimensions @skip(if: $s) {
                      size
                      shape {
                        corners
                      }
                    }
                    category @include(if: $i) {
                      rate
                    }
                  }
                }
              }
            }
            Parallel {
              Skip(if: $s) {
                Sequence {
                  Flatten(path: "parcels.@.product") {
                    Fetch(service: "shipping") {
                      {
                        ... on Product {
                          __typename
                          id
                          price
                          weight
                          dimensions {
                            size
                            shape {
                              corners
                            }
                          }
                        }
                      } =>
                      {
                        ... on Product {
                          cost
                          box {
                            label
                            layers
                          }
                        }
                      }
                    }
                  }
                  Flatten(path: "parcels.@.product") {
                    Fetch(service: "invoices") {
                      {
                        ... on Product {
                          __typename
                          id
                          cost
                          box {
                            label
                            layers
                          }
                        }
                      } =>
                      {
                        ... on Product {
                          total
                        }
                      }
                    }
                  }
                }
              }
              Include(if: $i) {
                Flatten(path: "parcels.@.product") {
                  Fetch(service: "shipping") {
                    {
                      ... on Product {
                        __typename
                        id
                        category {
                          rate
                        }
                      }
                    } =>
                    {
                      ... on Product {
                        rated
                      }
                    }
                  }
                }
              }
            }
          }
        }
    """)


def test_objects_wanted_under_two_conditions_are_asked_once_for_what_requires_the_same() -> None:
    operation = """
        query ($s: Boolean!, $i: Boolean!) {
          parcels {
            product @skip(if: $s) { rated }
            product @include(if: $i) { rated }
          }
        }
    """
    assert planned("requires", operation) == text("""
        QueryPlan {
          Sequence {
            Fetch(service: "shipping") {
              {
                parcels {
                  product @skip(if: $s) {
                    __typename
                    id
                  }
                  product @include(if: $i) {
                    __typename
                    id
                  }
                }
              }
            }
            Flatten(path: "parcels.@.product") {
              Fetch(service: "products") {
                {
                  ... on Product {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Product {
                    category @skip(if: $s) {
                      rate
                    }
                    category @include(if: $i) {
                      rate
                    }
                  }
                }
              }
            }
            Flatten(path: "parcels.@.product") {
              Fetch(service: "shipping") {
                {
                  ... on Product {
                    __typename
                    id
                    category {
                      rate
                    }
                  }
                } =>
                {
                  ... on Product {
                    rated @skip(if: $s)
                    rated @include(if: $i)
                  }
                }
              }
            }
          }
        }
    """)
