"""What a profile may be."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.customer.domain.values import Address, CustomerProfile, checked_profile
from subgraphs.kit.domain.errors import InvalidInput

ADDRESS = Address(line1="Torstr. 1", city="Berlin", country="DE")
PROFILE = CustomerProfile(name="Hooli", email=None, time_zone="UTC", language="en", address=ADDRESS)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "x" * 200},
        {"email": "billing@hooli.example"},
        {"email": "größe@exämple.de"},
        {"time_zone": "America/Argentina/Buenos_Aires"},
        {"language": "pt-BR"},
        {"language": "zh-Hant-TW"},
        {"language": "es-419"},
        {"language": "zh-yue-Hant-HK"},
        {"language": "de-CH-1901"},
        {"language": "sl-rozaj-biske"},
        {"language": "de-DE-u-co-phonebk"},
        {"language": "en-x-pirate"},
        {"address": None},
        {"shipping_address": replace(ADDRESS, country="JP", city="東京")},
        {"address": replace(ADDRESS, line2="c/o Gavin", postal_code="10119", region="BE")},
    ],
)
def test_a_well_formed_profile_is_taken_as_it_is(changes: dict[str, object]) -> None:
    profile = replace(PROFILE, **changes)  # type: ignore[arg-type]
    assert checked_profile(profile) is profile


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, ("name",)),
        ({"name": "x" * 201}, ("name",)),
        ({"email": "a@b"}, ("email",)),
        ({"email": "a b@c.example"}, ("email",)),
        ({"email": "@c.example"}, ("email",)),
        ({"email": "a@" + "b" * 250 + ".example"}, ("email",)),
        ({"time_zone": "europe/berlin"}, ("timeZone",)),
        ({"time_zone": "../etc/passwd"}, ("timeZone",)),
        ({"language": "EN"}, ("language",)),
        ({"language": "en-us"}, ("language",)),
        ({"language": "en-"}, ("language",)),
        ({"language": "en-u"}, ("language",)),
        ({"language": "en-x-" + "a-" * 15 + "a"}, ("language",)),
        ({"address": replace(ADDRESS, country="de")}, ("address", "country")),
        ({"address": replace(ADDRESS, country="DEU")}, ("address", "country")),
        ({"address": replace(ADDRESS, city=" ")}, ("address", "city")),
        ({"address": replace(ADDRESS, postal_code="x" * 201)}, ("address", "postalCode")),
        ({"address": replace(ADDRESS, region="x" * 201)}, ("address", "region")),
        ({"address": replace(ADDRESS, country="UK")}, ("address", "country")),  # reserved; the code is GB
        ({"address": replace(ADDRESS, country="XX")}, ("address", "country")),
        ({"shipping_address": replace(ADDRESS, country="EU")}, ("shippingAddress", "country")),
        ({"shipping_address": replace(ADDRESS, line1="")}, ("shippingAddress", "line1")),
    ],
)
def test_the_first_field_at_fault_is_named(changes: dict[str, object], field: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_profile(replace(PROFILE, **changes))  # type: ignore[arg-type]
    assert refused.value.field == field


@given(st.text(), st.text(), st.text(), st.text())
def test_any_text_is_taken_or_refused_and_never_breaks(name: str, email: str, zone: str, language: str) -> None:
    profile = CustomerProfile(name=name, email=email, time_zone=zone, language=language, address=None)
    try:
        assert checked_profile(profile) is profile
    except InvalidInput as error:
        assert error.field
