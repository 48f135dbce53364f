"""Fields that move from one subgraph to another (`@override`), at once or by a label, which is then checked both ways."""

from tests.testkit.satisfiability import messages, witnesses

OLD = 'type Query { user: User } type User @key(fields: "id") { id: ID! name: String }'
NEW = 'type User @key(fields: "id") { id: ID! name: String @override(from: "a") }'


def test_overriding_subgraph_answers():
    assert not messages(a=OLD, b=NEW)


def test_overridden_field_is_not_answered_by_the_old_subgraph():
    [message] = messages(a=OLD, b=NEW.replace('@key(fields: "id")', '@key(fields: "id", resolvable: false)'))
    assert '- cannot move to subgraph "b", which has field "User.name", because none of the @key' in message


def test_label_needs_the_new_subgraph_only_while_it_is_on():
    new = 'type User @key(fields: "id", resolvable: false) { id: ID! name: String @override(from: "a", label: "beta") }'
    [message] = messages(a=OLD, b=new)
    assert message.startswith('The following supergraph API query (with the @override label "beta" on):\n{\n  user {\n    name\n')
    assert '- field "User.name" is not resolvable while the @override label "beta" is on.' in message


def test_label_needs_the_old_subgraph_while_it_is_off():
    new = 'type Query { best: User } type User @key(fields: "id") { id: ID! name: String @override(from: "a", label: "beta") }'
    [message] = messages(a=OLD.replace('fields: "id"', 'fields: "id", resolvable: false'), b=new)
    assert message.startswith(
        'The following supergraph API query (with the @override label "beta" off):\n{\n  best {\n    name\n'
    )


def test_what_follows_from_a_label_is_assumed_below_it():
    """While the label is on, the group comes from the new subgraph, whose groups have a name; while off, from the old one."""
    group = 'type Group @key(fields: "id", resolvable: false) { id: ID! @shareable'
    assert not messages(
        a=f'type Query {{ user: User }} type User @key(fields: "id") {{ id: ID! group: Group }} {group} name: String }}',
        b='type User @key(fields: "id") { id: ID! group: Group @override(from: "a", label: "beta") } '
        f'{group} name: String @override(from: "a", label: "beta") }}',
    )


def test_two_labels_are_checked_in_every_combination():
    group = 'type Group @key(fields: "id", resolvable: false) { id: ID! @shareable'
    found = messages(
        a=f'type Query {{ user: User }} type User @key(fields: "id") {{ id: ID! group: Group }} {group} name: String }}',
        b='type User @key(fields: "id") { id: ID! group: Group @override(from: "a", label: "one") } '
        f'{group} name: String @override(from: "a", label: "two") }}',
    )
    assert [message.partition(":\n")[0] for message in found] == [
        'The following supergraph API query (with the @override labels "one" on, "two" off)',
        'The following supergraph API query (with the @override labels "one" off, "two" on)',
    ]


def test_conditions_do_not_rest_on_labelled_fields():
    assert witnesses(
        a=OLD,
        b=NEW.replace('from: "a"', 'from: "a", label: "beta"'),
        c='type User @key(fields: "id") { id: ID! name: String @external slug: String @requires(fields: "name") }',
    ) == ["{ user { slug } }"]
