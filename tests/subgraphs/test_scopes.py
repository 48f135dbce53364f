"""A caller who lacks a scope still gets the other fields: what needs a scope of its own can be null."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import FieldDefinitionNode, NonNullTypeNode, ObjectTypeDefinitionNode, ObjectTypeExtensionNode, parse

SDLS = sorted((Path(__file__).parents[2] / "schema/subgraphs").glob("*.graphql"))
# The only field of a live operation is what was asked for.
ALONE = {"Subscription"}


def fields_with_scopes(sdl: str) -> Iterator[tuple[str, FieldDefinitionNode]]:
    for type_ in parse(sdl).definitions:
        if isinstance(type_, ObjectTypeDefinitionNode | ObjectTypeExtensionNode) and type_.name.value not in ALONE:
            for field in type_.fields or ():
                if any(directive.name.value == "requiresScopes" for directive in field.directives or ()):
                    yield f"{type_.name.value}.{field.name.value}", field


@pytest.mark.parametrize("path", SDLS, ids=lambda path: path.stem)
def test_fields_that_need_a_scope_of_their_own_are_nullable(path: Path) -> None:
    found = list(fields_with_scopes(path.read_text()))
    assert found
    assert [name for name, field in found if isinstance(field.type, NonNullTypeNode)] == []
