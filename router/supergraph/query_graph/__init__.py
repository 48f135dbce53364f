"""The federated query graph: what a subgraph answers at each of its nodes, and which keys lead from one subgraph into another."""

from router.supergraph.query_graph.field_set import FieldSet, SetField, SetFragment, read_field_set
from router.supergraph.query_graph.graph import QueryGraph
from router.supergraph.query_graph.nodes import Edge, Entrance, Node, Obstacle
from router.supergraph.query_graph.provided import NOTHING, Provided

__all__ = [
    "NOTHING",
    "Edge",
    "Entrance",
    "FieldSet",
    "Node",
    "Obstacle",
    "Provided",
    "QueryGraph",
    "SetField",
    "SetFragment",
    "read_field_set",
]
