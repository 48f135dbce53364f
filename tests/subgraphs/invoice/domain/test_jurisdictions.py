"""Where a customer is by what the address says."""

import pytest

from subgraphs.invoice.domain.jurisdictions import Jurisdiction, region_of_address


@pytest.mark.parametrize(
    ("country", "written", "region"),
    [
        ("US", "US-CA", "US-CA"),
        ("US", "us-ca", "US-CA"),
        ("US", " CA ", "US-CA"),
        ("US", "california", "US-CA"),
        ("US", "Washington, D.C.", "US-DC"),
        ("US", "CA-QC", None),  # of another country
        ("US", "Bavaria", None),
        ("CA", "QC", "CA-QC"),
        ("CA", "Québec", "CA-QC"),
        ("CA", "Ile du Prince Edouard", "CA-PE"),
        ("DE", "BY", "DE-BY"),
        ("DE", "Bayern", None),  # names are known of the US and Canada alone
        ("IN", "27", "IN-27"),
        ("US", "", None),
        ("US", None, None),
        (None, "CA", None),
    ],
)
def test_the_region_of_an_address_is_its_code_or_name(country: str | None, written: str | None, region: str | None) -> None:
    assert region_of_address(country, written) == region


def test_a_customer_of_a_region_is_in_its_country_too() -> None:
    quebec = Jurisdiction("CA", "CA-QC")
    assert quebec.has("CA", None)
    assert quebec.has("CA", "CA-QC")
    assert not quebec.has("CA", "CA-ON")
    assert not quebec.has("US", None)
    assert not Jurisdiction("CA").has("CA", "CA-QC")
    assert not Jurisdiction(None).has("CA", None)
