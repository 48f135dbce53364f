"""Links: which names belong to which specification."""

import pytest
from graphql import parse

from router.compose.links import FEDERATION, GRAPHQL, LINK, Links, parse_link_url, read_links


def links(sdl: str) -> Links:
    return read_links(parse(sdl + " type Query { a: Int }"))


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://specs.apollo.dev/federation/v2.3", ("https://specs.apollo.dev/federation", "federation", (2, 3))),
        ("https://specs.apollo.dev/federation/v2.3/", ("https://specs.apollo.dev/federation", "federation", (2, 3))),
        ("https://example.com/a/b/spec", ("https://example.com/a/b/spec", "spec", None)),
        ("https://example.com/v1.0", ("https://example.com", "", (1, 0))),
        ("https://example.com/not-a-name/v1.0", ("https://example.com/not-a-name", "", (1, 0))),
        ("https://example.com", ("https://example.com", "", None)),
        ("spec/v1.2", ("spec", "spec", (1, 2))),
    ],
)
def test_a_url_has_identity_name_and_version(url: str, parts: tuple[str, str, tuple[int, int] | None]) -> None:
    assert parse_link_url(url) == parts


def test_imports_renames_and_namespaces_are_resolved() -> None:
    found = links(
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", as: "fed", '
        'import: ["@shareable", {name: "@key", as: "@clef"}, {name: "FieldSet", as: "Fields"}])'
    )
    assert found.directive("shareable") == (FEDERATION, "shareable")
    assert found.directive("clef") == (FEDERATION, "key")
    assert found.directive("fed__tag") == (FEDERATION, "tag")
    assert found.directive("key") == (None, "key")
    assert found.type("Fields") == (FEDERATION, "FieldSet")
    assert found.type("fed__Scope") == (FEDERATION, "Scope")
    assert found.type("Scope") == (None, "Scope")
    assert found.directive_name("key") == "clef"
    assert found.directive_name("tag") == "fed__tag"
    assert not found.federation_1


def test_without_link_the_directives_are_those_of_federation_1() -> None:
    found = links("")
    assert found.federation_1
    assert found.directive("key") == (FEDERATION, "key")
    assert found.directive("shareable") == (None, "shareable")
    assert found.directive("deprecated") == (GRAPHQL, "deprecated")


def test_a_link_to_another_specification_alone_is_federation_1() -> None:
    found = links('extend schema @link(url: "https://example.com/audit/v1.0", import: ["@audited"])')
    assert found.federation_1
    assert found.directive("audited") == ("https://example.com/audit", "audited")
    assert found.directive("audit") == ("https://example.com/audit", "audit")
    assert found.directive("audit__level") == ("https://example.com/audit", "level")


def test_link_may_have_another_name() -> None:
    found = links(
        'extend schema @connect(url: "https://specs.apollo.dev/link/v1.0", as: "connect") '
        '@connect(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key"])'
    )
    assert found.link_name == "connect"
    assert found.directive("key") == (FEDERATION, "key")
    assert found.directive("connect") == (LINK, "link")


def test_directives_of_specifications_that_federation_exports_are_federations() -> None:
    found = links('extend schema @link(url: "https://specs.apollo.dev/inaccessible/v0.2")')
    assert found.directive("inaccessible") == (FEDERATION, "inaccessible")


def test_what_is_no_link_is_left_out() -> None:
    assert links("extend schema @link(url: 3) @link @link(url: 4)").all == ()
