"""The federated query graph: nodes, the fields answered at them, and the ways into subgraphs."""

import pytest

from router.supergraph.parser import parse_supergraph
from router.supergraph.query_graph import Obstacle, QueryGraph, SetField, SetFragment

SUPERGRAPH = """
enum join__Graph {
  A @join__graph(name: "a", url: "http://a")
  B @join__graph(name: "b", url: "http://b")
  C @join__graph(name: "c", url: "http://c")
}
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) {
  media: Media @join__field(graph: A)
  book: Book @join__field(graph: A, provides: "title author { name }")
  item: Item @join__field(graph: A, provides: "... on Book { title }")
  rated: Media @join__field(graph: B)
}
interface Media
  @join__type(graph: A, key: "id")
  @join__type(graph: B, key: "id", isInterfaceObject: true) {
  id: ID!
  rating: Int @join__field(graph: B)
}
union Item @join__type(graph: A) @join__unionMember(graph: A, member: "Book") @join__unionMember(graph: A, member: "Film")
  = Book | Film
type Book implements Media
  @join__implements(graph: A, interface: "Media")
  @join__type(graph: A, key: "id")
  @join__type(graph: C, key: "id")
  @join__type(graph: C, key: "author { name }", resolvable: false) {
  id: ID!
  title: String @join__field(graph: A, external: true) @join__field(graph: C)
  author: Author
  label: String @join__field(graph: A, requires: "title author { name }") @join__field(graph: C, usedOverridden: true)
  shelf: String
    @join__field(graph: A, override: "c", overrideLabel: "percent(5)")
    @join__field(graph: C, overrideLabel: "percent(5)", usedOverridden: true)
  rating: Int @join__field
}
type Film implements Media @join__implements(graph: A, interface: "Media") @join__type(graph: A, key: "id") {
  id: ID!
  rating: Int @join__field
}
type Author @join__type(graph: A) @join__type(graph: C) {
  name: String @join__field(graph: A, external: true) @join__field(graph: C)
}
"""


@pytest.fixture
def graph() -> QueryGraph:
    return QueryGraph(parse_supergraph(SUPERGRAPH))


def test_equal_nodes_are_one(graph: QueryGraph):
    assert graph.node("a", "Book") is graph.node("a", "Book")
    assert graph.node("a", "Book") is not graph.node("a", "Book", frozenset({("title",)}))


def test_root_has_a_node_in_each_subgraph(graph: QueryGraph):
    assert [node.subgraph for node in graph.roots("Query")] == ["a", "b", "c"]


def test_field_leads_to_a_node_of_the_same_subgraph(graph: QueryGraph):
    edge = graph.edge(graph.node("c", "Book"), "author")
    assert edge is not None
    assert edge.child is graph.node("c", "Author")
    title = graph.edge(graph.node("c", "Book"), "title")
    assert title is not None
    assert (title.child, title.obstacle) == (None, None)


def test_field_that_a_subgraph_lacks_has_no_edge(graph: QueryGraph):
    assert graph.edge(graph.node("b", "Media"), "title") is None
    # It comes from the interface object.
    assert graph.edge(graph.node("a", "Book"), "rating") is None


def test_fields_resolved_elsewhere_have_obstacles(graph: QueryGraph):
    external, overridden = graph.edge(graph.node("a", "Book"), "title"), graph.edge(graph.node("c", "Book"), "label")
    assert external is not None
    assert external.obstacle is Obstacle.EXTERNAL
    assert overridden is not None
    assert overridden.obstacle is Obstacle.OVERRIDDEN


def test_labelled_field_is_there_on_both_sides_with_opposite_values(graph: QueryGraph):
    new, old = graph.edge(graph.node("a", "Book"), "shelf"), graph.edge(graph.node("c", "Book"), "shelf")
    assert new is not None
    assert old is not None
    assert [(edge.label, edge.active, edge.obstacle) for edge in (new, old)] == [
        ("percent(5)", True, None),
        ("percent(5)", False, None),
    ]


def test_requirements_are_field_sets(graph: QueryGraph):
    edge = graph.edge(graph.node("a", "Book"), "label")
    assert edge is not None
    assert edge.requires == (SetField("title"), SetField("author", (SetField("name"),)))


def test_provided_fields_are_answered_below_the_field_that_provides_them(graph: QueryGraph):
    book = graph.edge(graph.node("a", "Query"), "book")
    assert book is not None
    assert book.child is graph.node("a", "Book", frozenset({("title",), ("author",), ("author", "name")}))
    author = graph.edge(book.child, "author")
    assert author is not None
    assert author.child is graph.node("a", "Author", frozenset({("name",)}))
    name = graph.edge(author.child, "name")
    assert name is not None
    assert name.obstacle is None


def test_fields_provided_for_one_object_type_are_not_for_another(graph: QueryGraph):
    item = graph.edge(graph.node("a", "Query"), "item")
    assert item is not None
    assert item.child is not None
    assert graph.as_object(item.child, "Book") == (graph.node("a", "Book", frozenset({("title",)})),)
    assert graph.as_object(item.child, "Film") == (graph.node("a", "Film"),)
    assert graph.as_object(item.child, "Author") == ()


def test_interface_object_stands_for_every_implementation(graph: QueryGraph):
    media = graph.node("b", "Media")
    assert media.is_interface_object
    assert graph.as_object(media, "Book") == (media,)
    assert graph.as_object(media, "Author") == ()


def test_object_is_entered_by_its_keys_and_those_of_its_interface_objects(graph: QueryGraph):
    assert [(way.node.subgraph, way.entered_as, way.fields) for way in graph.entrances("Book")] == [
        ("a", "Book", (SetField("id"),)),
        ("c", "Book", (SetField("id"),)),
        ("b", "Media", (SetField("id"),)),
    ]


def test_interface_object_is_identified_where_the_interface_is_real(graph: QueryGraph):
    [way] = graph.identifying("Media", "Film")
    assert (way.node, way.entered_as) == (graph.node("a", "Film"), "Media")
    assert graph.identifying("Media", "Author") == ()


def test_root_is_entered_without_a_key(graph: QueryGraph):
    assert [(way.node.subgraph, way.key) for way in graph.entrances("Query")] == [("a", None), ("b", None), ("c", None)]


def test_types_without_keys_are_not_entered(graph: QueryGraph):
    assert graph.entrances("Author") == ()


def test_field_sets_keep_fragments_with_a_type_condition():
    graph = QueryGraph(
        parse_supergraph(
            SUPERGRAPH.replace(
                'key: "author { name }", resolvable: false', 'key: "author { ... { name } ... on Author { name } }"'
            )
        )
    )
    [*_, way] = (way for way in graph.entrances("Book") if way.node.subgraph == "c")
    assert way.fields == (SetField("author", (SetField("name"), SetFragment("Author", (SetField("name"),)))),)
    assert way.is_nested
