"""Types that fields name."""

from tests.testkit.merging import compose_as_written


def test_a_type_of_the_federation_specification_is_no_type_of_fields() -> None:
    result = compose_as_written(
        a="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
            scalar federation__FieldSet
            type Query { a: federation__FieldSet b(x: federation__FieldSet): Int }
            """
    )
    assert [(error.code, error.message) for error in result.errors] == [
        (
            "INVALID_GRAPHQL",
            f'"{coordinate}" has type "federation__FieldSet", which serves the directives of a specification that subgraph "a" '
            "links to and is not part of the supergraph. Use a type of the schema's own.",
        )
        for coordinate in ("Query.a", "Query.b(x:)")
    ]
