"""Types that subgraphs declare differently but compatibly."""

from itertools import permutations

import pytest

from router.compose.merge.type_references import is_subtype, most_general, most_specific

SUPERTYPES = {"Dog": {"Pet", "Node"}, "Pet": {"Node"}}


@pytest.mark.parametrize(
    ("type_", "of", "expected"),
    [
        ("Int", "Int", True),
        ("Int!", "Int", True),
        ("Int", "Int!", False),
        ("[Int!]!", "[Int]", True),
        ("[Int]", "[Int!]", False),
        ("[Int!]", "[Int]!", False),
        ("[[Int!]]", "[[Int]]", True),
        ("Int", "[Int]", False),
        ("[Int]", "Int", False),
        ("Dog", "Pet", True),
        ("Dog!", "Pet", True),
        ("[Dog!]", "[Node]", True),
        ("Pet", "Dog", False),
        ("Dog", "Cat", False),
    ],
)
def test_subtypes(type_: str, of: str, expected: bool) -> None:
    assert is_subtype(type_, of, SUPERTYPES) is expected


def test_the_most_general_and_most_specific_do_not_depend_on_order() -> None:
    for types in permutations(["[Dog!]", "[Pet]!", "[Pet]"]):
        assert most_general(types, SUPERTYPES) == "[Pet]"
    for types in permutations(["Int", "Int!"]):
        assert most_specific(types, {}) == "Int!"


def test_unrelated_types_have_neither() -> None:
    assert most_general(["Int", "String"], {}) is None
    assert most_specific(["[Int!]", "[Int]!"], {}) is None
