"""Values of SDL."""

import pytest
from graphql import parse_const_value

from router.compose.values import EnumName, Number, canonical_text, print_value, read_value


@pytest.mark.parametrize(
    "text",
    [
        "null",
        "true",
        "1",
        "1.50",
        "-3",
        "RED",
        '"a\\"b\\n"',
        "[1, [A, null]]",
        '{a: 1, b: {c: "x"}}',
        "[]",
        "123456789012345678901234567890",
    ],
)
def test_values_print_as_they_were_written(text: str) -> None:
    assert print_value(read_value(parse_const_value(text))) == text


def test_enum_values_and_numbers_are_told_from_strings() -> None:
    assert type(read_value(parse_const_value("RED"))) is EnumName
    assert type(read_value(parse_const_value("3"))) is Number
    assert type(read_value(parse_const_value('"3"'))) is str


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("{a: 1, b: 2}", "{b: 2, a: 1}", True),
        ("1", "1.0", True),
        ("1e3", "1000", True),
        ("[1, 2]", "[2, 1]", False),
        ("RED", '"RED"', False),
        ("1", '"1"', False),
        ("null", "false", False),
        ("9007199254740993", "9007199254740992", False),
    ],
)
def test_equal_values_have_the_same_canonical_text(one: str, other: str, equal: bool) -> None:
    texts = [canonical_text(read_value(parse_const_value(text))) for text in (one, other)]
    assert (texts[0] == texts[1]) is equal
