"""Interfaces and unions spread over subgraphs, and interface objects."""

from tests.testkit.satisfiability import messages, witnesses


def test_interface_field_is_answered_through_the_keys_of_each_object_type():
    assert not messages(
        a="type Query { node: Node } interface Node { id: ID! } "
        'type User implements Node @key(fields: "id") { id: ID! } type Team implements Node @key(fields: "id") { id: ID! }',
        b='interface Node { id: ID! name: String } type User implements Node @key(fields: "id") { id: ID! name: String } '
        'type Team implements Node @key(fields: "id") { id: ID! name: String }',
    )


def test_object_type_of_an_interface_that_cannot_be_reached_is_named():
    assert witnesses(
        a="type Query { node: Node } interface Node { id: ID! } "
        'type User implements Node @key(fields: "id") { id: ID! } type Team implements Node { id: ID! @shareable }',
        b='interface Node { id: ID! name: String } type User implements Node @key(fields: "id") { id: ID! name: String } '
        "type Team implements Node { id: ID! @shareable name: String }",
    ) == ["{ node { ... on Team { name } } }"]


def test_members_that_a_subgraph_never_gives_need_not_be_answered_from_it():
    assert not messages(
        a='type Query { media: Media } union Media = Book type Book @key(fields: "id") { id: ID! }',
        b="type Query { other: Media } union Media = Film type Film { title: String }",
    )


FILMS = (
    "type Query { media: Media @shareable } union Media = Book | Film type Book { id: ID! @shareable } "
    'type Film @key(fields: "id") { id: ID! }'
)
LENGTHS = 'type Query { film: Film } type Film @key(fields: "id", resolvable: false) { id: ID! length: Int }'


def test_member_that_one_sharing_subgraph_never_gives_cannot_occur():
    books = "union Media = Book type Book { id: ID! @shareable }"
    assert not messages(a=FILMS, b=f"type Query {{ media: Media @shareable }} {books}", c=LENGTHS)
    assert witnesses(a=FILMS, b=f"type Query {{ other: Media }} {books}", c=LENGTHS) == ["{ media { ... on Film { length } } }"]


MEDIA = 'interface Media @key(fields: "id") { id: ID! } type Book implements Media @key(fields: "id") { id: ID! title: String }'
RATED = 'type Media @interfaceObject @key(fields: "id") { id: ID! rating: Int }'


def test_interface_object_adds_fields_to_each_object_type():
    assert not messages(a=f"type Query {{ media: Media book: Book }} {MEDIA}", b=RATED)


def test_interface_object_is_identified_by_the_subgraph_of_the_interface():
    assert not messages(a=MEDIA + " type Query { a: Int }", b=f"type Query {{ best: Media }} {RATED}")


def test_object_types_behind_an_interface_object_are_entered_once_identified():
    assert not messages(
        a=MEDIA + " type Query { a: Int }",
        b=f"type Query {{ best: Media }} {RATED}",
        c='type Book @key(fields: "id") { id: ID! pages: Int }',
    )


def test_interface_object_that_nothing_identifies_is_named():
    assert messages(
        a=MEDIA.replace('interface Media @key(fields: "id")', 'interface Media @key(fields: "id", resolvable: false)')
        + " type Query { a: Int }",
        b=f"type Query {{ best: Media }} {RATED}",
    ) == [
        "The following supergraph API query:\n{\n  best {\n    ... on Book {\n      ...\n    }\n  }\n}\n"
        "cannot be satisfied by the subgraphs because:\n"
        '- from subgraph "b": no subgraph can be reached to resolve the implementation type of @interfaceObject type "Media".\n'
        'To fix it: give the interface "Media" a @key in a subgraph that defines it, with fields that these subgraphs resolve.'
    ]


def test_fields_of_an_interface_object_without_a_resolvable_key_are_not_answered_elsewhere():
    assert witnesses(
        a=f"type Query {{ media: Media }} {MEDIA}",
        b='type Media @interfaceObject @key(fields: "id", resolvable: false) { id: ID! rating: Int }',
    ) == ["{ media { ... on Book { rating } } }"]


def test_requirements_of_an_interface_object_come_from_the_interface():
    assert not messages(
        a='interface Media @key(fields: "id") { id: ID! name: String } '
        'type Book implements Media @key(fields: "id") { id: ID! name: String } type Query { media: Media }',
        b='type Media @interfaceObject @key(fields: "id") { id: ID! name: String @external slug: Int @requires(fields: "name") }',
    )
