"""Which fields a subgraph's own directives and interfaces name."""

from router.compose.field_uses import key_fields, provided_fields, used_fields
from router.compose.result import SubgraphSource
from router.compose.subgraph_reader import read_subgraph

SUBGRAPH = read_subgraph(
    SubgraphSource(
        "a",
        "",
        """
        extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: [
          "@key", "@requires", "@provides", "@external", "@context", "@fromContext"])
        type Query { me: User @provides(fields: "org { name }") }
        interface Named { name: String }
        type User implements Named @key(fields: "id org { id }") @context(name: "user") {
          id: ID! name: String org: Org age: Int adult: Boolean @requires(fields: "age") locale: String unused: Int
        }
        type Org @key(fields: "id") { id: ID! name: String greeting(in: String @fromContext(field: "$user { locale }")): String }
        """,
    )
)


def test_fields_in_keys() -> None:
    assert key_fields(SUBGRAPH) == {"User.id", "User.org", "Org.id"}


def test_provided_fields() -> None:
    assert provided_fields(SUBGRAPH) == {"User.org", "Org.name"}


def test_used_fields_are_those_of_requirements_interfaces_and_contexts_too() -> None:
    assert used_fields(SUBGRAPH) == {"User.id", "User.org", "Org.id", "Org.name", "User.age", "User.name", "User.locale"}


def test_a_field_named_on_an_interface_is_named_on_its_implementations() -> None:
    subgraph = read_subgraph(
        SubgraphSource(
            "a",
            "",
            'interface Node @key(fields: "id") { id: ID! } type A implements Node { id: ID! } '
            'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])',
        )
    )
    assert key_fields(subgraph) == {"Node.id", "A.id"}
