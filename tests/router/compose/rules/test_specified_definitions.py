"""The definitions that come with links."""

from graphql import print_ast

from router.compose.result import SubgraphSource
from router.compose.rules.specified_definitions import element_names, specified_definitions
from router.compose.subgraph_reader import read_subgraph


def definitions(link: str) -> dict[str, str]:
    subgraph = read_subgraph(SubgraphSource("a", "", f"schema {link} {{ query: Query }} type Query {{ a: Int }}"))
    return {name: print_ast(node) for _, name, node in specified_definitions(subgraph.links)}


def test_each_version_of_federation_has_its_own_definitions() -> None:
    federation = '@link(url: "https://specs.apollo.dev/federation/v2.{}")'
    assert "@composeDirective" not in definitions(federation.format(0))
    assert "@composeDirective" in {name.replace("federation__", "") for name in definitions(federation.format(1))}
    assert definitions(federation.format(6))["@override"] == "directive @federation__override(from: String!) on FIELD_DEFINITION"
    assert (
        definitions(federation.format(7))["@override"]
        == "directive @federation__override(from: String!, label: String) on FIELD_DEFINITION"
    )


def test_federation_1_has_no_link_to_federation() -> None:
    found = definitions("")
    assert (
        found["@key"]
        == "directive @key(fields: federation__FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE"
    )
    assert "@shareable" not in found


def test_imports_and_namespaces_rename() -> None:
    found = definitions(
        '@link(url: "https://specs.apollo.dev/federation/v2.5", as: "f", import: [{name: "@key", as: "@entity"}, "FieldSet"])'
    )
    assert found["@key"] == "directive @entity(fields: FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE"
    assert found["@provides"] == "directive @f__provides(fields: FieldSet!) on FIELD_DEFINITION"
    assert found["@requiresScopes"] == (
        "directive @f__requiresScopes(scopes: [[f__Scope!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM"
    )


def test_single_specifications_define_their_own_directives() -> None:
    found = definitions('@link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@listSize"])')
    assert found["@cost"].startswith("directive @cost(weight: Int!) on ")
    assert found["@listSize"].startswith("directive @listSize(assumedSize: Int, ")


def test_unknown_specifications_may_import_anything() -> None:
    sdl = 'extend schema @link(url: "https://example.com/mark/v1.0") @link(url: "https://specs.apollo.dev/tag/v0.3")'
    links = read_subgraph(SubgraphSource("a", "", sdl)).links.all
    assert [element_names(link) for link in links] == [None, frozenset({"@tag"})]
