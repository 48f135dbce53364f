"""What the API's descriptions promise: every value of an enum says what it means, and every code of a refusal is listed."""

import pkgutil
from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module
from pathlib import Path

import pytest
from graphql import DocumentNode, EnumTypeDefinitionNode, ObjectTypeDefinitionNode, parse

import subgraphs
from subgraphs.kit.domain.errors import CODES, DomainError
from subgraphs.kit.graphql.enums import described_enum
from subgraphs.kit.graphql.errors import UserError, user_error

API = Path(__file__).parents[2] / "schema" / "api.graphql"


@pytest.fixture(scope="module")
def api() -> DocumentNode:
    return parse(API.read_text())


def test_every_value_of_every_enum_says_what_it_means(api: DocumentNode) -> None:
    enums = [one for one in api.definitions if isinstance(one, EnumTypeDefinitionNode)]
    assert len(enums) > 40
    silent = [
        f"{one.name.value}.{value.name.value}"
        for one in enums
        for value in one.values
        if value.description is None or not value.description.value.strip()
    ]
    assert silent == []


def test_an_enum_describes_each_of_its_values_and_nothing_else() -> None:
    class Size(StrEnum):
        SMALL = "SMALL"
        LARGE = "LARGE"

    for values in ({"SMALL": "Little."}, {"SMALL": "Little.", "LARGE": "Much.", "HUGE": "More."}):
        with pytest.raises(ValueError, match="described are"):
            described_enum(Size, values, description="How much.")


def refusals(type_: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    for one in type_.__subclasses__():
        yield one
        yield from refusals(one)


def test_every_code_of_a_refusal_is_listed_where_clients_read_of_it(api: DocumentNode) -> None:
    for module in pkgutil.walk_packages(subgraphs.__path__, "subgraphs."):
        import_module(module.name)
    codes = {one.code for one in refusals() if one.__module__.startswith("subgraphs.")}
    assert codes == set(CODES)
    [shown] = [one for one in api.definitions if isinstance(one, ObjectTypeDefinitionNode) and one.name.value == "UserError"]
    [code] = [one for one in shown.fields if one.name.value == "code"]
    assert code.description is not None
    for name, meaning in CODES.items():
        assert f"{name}: {meaning}." in code.description.value


def test_a_refusal_is_told_by_its_code() -> None:
    class Refused(DomainError):
        code = "NOT_FOUND"

    assert user_error(Refused("x", field=("id",))) == UserError(field=["input", "id"], message="x", code="NOT_FOUND")
