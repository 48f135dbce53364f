"""Codes that tenants give things."""

import pytest

from subgraphs.kit.domain.codes import checked_code
from subgraphs.kit.domain.errors import InvalidInput


@pytest.mark.parametrize("code", ["team", "team-2026", "e_books", "7", "x" * 64])
def test_a_code_is_of_lower_case_letters_and_digits(code: str) -> None:
    assert checked_code(code) == code


@pytest.mark.parametrize("code", ["", "Team", "team--2", "-team", "team_", "team 2", "x" * 65])
def test_a_malformed_code_is_refused_and_its_field_named(code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_code(code, ("lines", "0", "taxCategory"))
    assert refused.value.field == ("lines", "0", "taxCategory")
