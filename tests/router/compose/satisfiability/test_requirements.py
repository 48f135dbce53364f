"""Fields with conditions (`@requires`, `@fromContext`), and fields that a path provides (`@provides`, `@external`)."""

from tests.testkit.satisfiability import messages, witnesses

PRICED = 'type Product @key(fields: "id") { id: ID! price: Int }'
SHIPPED = 'type Product @key(fields: "id") { id: ID! price: Int @external shipping: Int @requires(fields: "price") }'


def test_requirement_that_another_subgraph_resolves_is_met():
    assert not messages(a=f"type Query {{ product: Product }} {PRICED}", b=SHIPPED)


def test_requirement_is_fetched_when_its_own_subgraph_gives_the_object():
    assert not messages(a=PRICED, b=f"type Query {{ product: Product }} {SHIPPED}")


def test_requirement_that_no_key_leads_to_is_named():
    assert messages(
        a='type Query { product: Product } type Product @key(fields: "id", resolvable: false) { id: ID! price: Int }', b=SHIPPED
    ) == [
        "The following supergraph API query:\n{\n  product {\n    shipping\n  }\n}\n"
        "cannot be satisfied by the subgraphs because:\n"
        '- from subgraph "a": cannot find field "Product.shipping".\n'
        '- from subgraph "b": cannot satisfy @require conditions on field "Product.shipping".\n'
        'To fix it: make "price", which "Product.shipping" requires in subgraph "b", resolvable from it, or resolve '
        '"Product.shipping" in subgraph "a" too (@shareable).'
    ]


def test_requirements_that_need_each_other_are_not_met():
    assert witnesses(
        a='type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @requires(fields: "y") y: Int @external }',
        b='type T @key(fields: "id") { id: ID! y: Int @requires(fields: "x") x: Int @external }',
    ) == ["{ t { x } }", "{ t { y } }"]


def test_requirements_below_objects_use_the_keys_of_those():
    assert not messages(
        a='type Query { order: Order } type Order @key(fields: "id") { id: ID! buyer: User } '
        'type User @key(fields: "id") { id: ID! }',
        b='type User @key(fields: "id") { id: ID! country: String }',
        c='type Order @key(fields: "id") { id: ID! buyer: User @external tax: Int @requires(fields: "buyer { country }") } '
        'type User @key(fields: "id") { id: ID! country: String @external }',
    )


def test_key_with_a_field_whose_requirement_leads_to_that_key_is_used():
    """While `r` is looked at, the key `t { r }` cannot be counted on; afterwards, for `last`, it can."""
    assert not messages(
        a='type T @key(fields: "id") { r: Int @requires(fields: "u { p }") id: ID! u: U @external } '
        'type U @key(fields: "id") { id: ID! p: Int @external }',
        b='type Query { t: T } type T @key(fields: "id") { id: ID! u: U } type U @key(fields: "id") { id: ID! t: T @shareable }',
        c='type U @key(fields: "id") { id: ID! p: Int }',
        d='type U @key(fields: "t { r }") { t: T @shareable last: Int } type T @key(fields: "id") { id: ID! r: Int @external }',
    )


def test_field_with_requirements_needs_a_key_to_hand_them_in():
    assert messages(
        a='type Query { product: Product } type Product @key(fields: "id", resolvable: false) '
        '{ id: ID! price: Int @external shipping: Int @requires(fields: "price") }',
        b=PRICED,
    ) == [
        "The following supergraph API query:\n{\n  product {\n    shipping\n  }\n}\n"
        "cannot be satisfied by the subgraphs because:\n"
        '- from subgraph "a": cannot enter this subgraph again with the arguments of field "Product.shipping": no resolvable '
        '@key of "Product".\n'
        '- from subgraph "b":\n'
        '  - cannot find field "Product.shipping".\n'
        '  - cannot move to subgraph "a", which has field "Product.shipping", because none of the @key defined on type "Product" '
        'in subgraph "a" are resolvable (they are all declared with their "resolvable" argument set to false).\n'
        'To fix it: make a @key resolvable on "Product" in subgraph "a", with fields that subgraph "a" resolves.'
    ]


LOCKED = 'type Product @key(fields: "id", resolvable: false) { id: ID! price: Int @shareable }'


def test_external_field_is_answered_on_the_path_that_provides_it():
    assert not messages(
        a='type Query { product: Product @provides(fields: "price") } '
        'type Product @key(fields: "id") { id: ID! price: Int @external }',
        b=LOCKED,
    )


def test_external_field_is_not_answered_on_another_path():
    [message] = messages(
        a='type Query { product: Product @provides(fields: "price") other: Product } '
        'type Product @key(fields: "id") { id: ID! price: Int @external }',
        b=LOCKED,
    )
    assert "{\n  other {\n    price\n  }\n}" in message
    assert '- field "Product.price" is not resolvable because marked @external.' in message


def test_provided_fields_of_some_object_types_are_answered_for_those():
    book = 'type Book @key(fields: "id") { id: ID! title: String @external }'
    film = 'type Film @key(fields: "id") { id: ID! title: String @external }'
    titled = "{ id: ID! title: String @shareable }"
    assert witnesses(
        a=f'type Query {{ media: Media @provides(fields: "... on Book {{ title }}") film: Film @provides(fields: "title") }} '
        f"union Media = Book | Film {book} {film}",
        b=f'type Book @key(fields: "id", resolvable: false) {titled} type Film @key(fields: "id", resolvable: false) {titled}',
    ) == ["{ media { ... on Film { title } } }"]


SHOP = (
    'type Shop @key(fields: "id") @context(name: "shop") { id: ID! currency: String product: Product } '
    'type Product @key(fields: "id") { id: ID! price(in: String @fromContext(field: "$shop { currency }")): Int }'
)


def test_context_is_taken_from_an_object_above():
    assert not messages(a=f"type Query {{ shop: Shop }} {SHOP}", b='type Product @key(fields: "id") { id: ID! name: String }')


def test_field_is_not_answered_on_a_path_without_its_context():
    [message] = messages(a=f"type Query {{ shop: Shop product: Product }} {SHOP}")
    assert "{\n  product {\n    price\n  }\n}" in message
    assert '- from subgraph "a": cannot find @context "shop", which field "Product.price" takes arguments from' in message


def test_context_may_come_from_another_subgraph_and_must_be_reachable_there():
    shop = (
        'type Query { shop: Shop } type Shop @key(fields: "id") @context(name: "shop") '
        "{ id: ID! currency: String @external product: Product } "
        'type Product @key(fields: "id") { id: ID! price(in: String @fromContext(field: "$shop { currency }")): Int }'
    )
    assert not messages(a=shop, b='type Shop @key(fields: "id") { id: ID! currency: String }')
    assert witnesses(a=shop, b='type Shop @key(fields: "id", resolvable: false) { id: ID! currency: String }') == [
        "{ shop { currency } }",
        "{ shop { product { price } } }",
    ]
