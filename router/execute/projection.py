"""Projects the response tree onto the client's operation: its fields, in its order, completed by the API schema.

Value completion is GraphQL section 6.4.3, null propagation section 6.4.4. Everything that depends only on the schema and
the operation is looked up once per operation and runtime type; what is left for each object is a loop over its fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLAbstractType, GraphQLObjectType, GraphQLSchema, SelectionSetNode

from router.execute.completion import LinkedPath, Run
from router.execute.errors import ErrorList
from router.execute.field_collection import Fragments, condition_variables, selected_path
from router.execute.object_completion import ObjectCompleter
from router.execute.response_tree import Object, Path

__all__ = ["Projection"]

# Programs by the values of the condition variables: more than this many combinations are compiled again when needed.
MAX_PROGRAMS = 64


class Projection:
    """What the client sees of a response tree, or of the objects below it that a selection set is on."""

    def __init__(
        self,
        schema: GraphQLSchema,
        root: GraphQLObjectType | GraphQLAbstractType,
        selection_set: SelectionSetNode,
        fragments: Fragments,
    ) -> None:
        self._schema = schema
        self._root = root
        self._selection_set = selection_set
        self._fragments = fragments
        self._conditions = condition_variables(selection_set, fragments)
        self._programs: dict[tuple[bool, ...], ObjectCompleter] = {}

    def project(
        self, tree: Object, variables: Mapping[str, Any], errors: ErrorList, *, shared: bool, at: Path = ()
    ) -> Object | None:
        """Return the data of an object whose place is `at`.

        Adds an error for each value that the schema does not allow and no error explains yet.
        """
        program = self._program(tuple(variables[name] for name in self._conditions))
        above: LinkedPath = None
        for key in at[:-1]:
            above = (above, key)
        return program.complete(tree, above, at[-1] if at else "", Run(errors, shared))

    def client_path(self, path: Path) -> Path:
        """Return the part of a path in the response tree that the client knows of: not what only the plan needs."""
        return selected_path(self._selection_set, self._fragments, path)

    def _program(self, values: tuple[bool, ...]) -> ObjectCompleter:
        program = self._programs.get(values)
        if program is None:
            if len(self._programs) >= MAX_PROGRAMS:
                self._programs.clear()
            booleans = dict(zip(self._conditions, values, strict=True))
            selections = (self._selection_set,)
            program = ObjectCompleter(self._schema, self._fragments, booleans, self._root, selections)
            self._programs[values] = program
        return program
