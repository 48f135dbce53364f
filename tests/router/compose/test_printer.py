"""The printed supergraph: what is printed reads back as it was meant."""

from graphql import parse, print_ast

from tests.testkit.merging import compose_as_written, definition


def test_descriptions_strings_and_defaults_survive() -> None:
    result = compose_as_written(
        a='''
            """
            The root.

              Indented, with a \\""" in it.
            """
            type Query {
              "Says \\"hello\\"."
              hello(
                "Whom to greet."
                name: String = "q\\"uo\\n\\u00e9"
                times: [Float!] = [1.5, 2e3]
              ): String @deprecated(reason: "a \\\\ and a \\"quote\\"")
            }
            '''
    )
    text = definition("Query", result)
    assert (
        text
        == '''\
"""
The root.

  Indented, with a \\""" in it.
"""
type Query
  @join__type(graph: A)
{
  """Says "hello"."""
  hello(
    """Whom to greet."""
    name: String = "q\\"uo\\né"

    times: [Float!] = [1.5, 2e3]
  ): String @deprecated(reason: "a \\\\ and a \\"quote\\"")
}'''
    )
    assert 'reason: "a \\\\ and a \\"quote\\""' in print_ast(parse(text))


def test_a_description_of_the_schema_is_kept() -> None:
    result = compose_as_written(a='"All of it." schema { query: Query } type Query { a: Int }')
    assert definition("schema", result).startswith('"""All of it."""\nschema\n')


def test_mutation_and_subscription_are_named() -> None:
    result = compose_as_written(a="type Query { a: Int } type Mutation { b: Int } type Subscription { c: Int }")
    assert definition("schema", result).endswith("{\n  query: Query\n  mutation: Mutation\n  subscription: Subscription\n}")
