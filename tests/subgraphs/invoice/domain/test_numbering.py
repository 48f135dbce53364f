"""How invoice numbers read."""

import pytest

from subgraphs.invoice.domain.numbering import format_number


@pytest.mark.parametrize(
    ("series", "number", "shown"), [("INV", 1, "INV-000001"), ("INV", 999_999, "INV-999999"), ("CN", 1_000_000, "CN-1000000")]
)
def test_a_number_is_padded_and_never_cut(series: str, number: int, shown: str) -> None:
    assert format_number(series, number) == shown
