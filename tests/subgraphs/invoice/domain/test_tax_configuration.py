"""Which taxes a tenant charges."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from subgraphs.invoice.domain.tax_configuration import (
    RATES,
    TaxConfiguration,
    TaxRate,
    TaxRateAdded,
    TaxRateRemoved,
    TaxRoundingSet,
)
from subgraphs.invoice.domain.values import TaxCategory
from subgraphs.kit.domain.errors import AlreadyExists, InvalidInput, NotFound
from subgraphs.pricing.tax import RoundingMode, TaxRounding, TaxRule
from tests.testkit.memory import AT, context

VAT = TaxRate(id="txr_1", name="VAT", percentage=Decimal("19"), inclusive=False, country="DE")
RULE = TaxRule(rounding=TaxRounding.PER_INVOICE, mode=RoundingMode.HALF_EVEN)


def configured() -> TaxConfiguration:
    configuration = TaxConfiguration.create(context())
    configuration.add_rate(VAT, context())
    return configuration


def test_without_configuration_tax_is_rounded_per_line_half_up() -> None:
    configuration = TaxConfiguration.create(context())
    assert (configuration.id, configuration.rates) == ("tax_acme", ())
    assert configuration.rule == TaxRule(rounding=TaxRounding.PER_LINE, mode=RoundingMode.HALF_UP)


def test_a_rate_is_added_and_removed_once() -> None:
    configuration = configured()
    configuration.add_rate(VAT, context())
    assert (configuration.unsaved[1:], configuration.rates) == ((TaxRateAdded(rate=VAT, added_at=AT),), (VAT,))
    for _ in range(2):
        configuration.remove_rate("txr_1", context())
    assert configuration.unsaved[2:] == (TaxRateRemoved(rate_id="txr_1", removed_at=AT),)
    assert configuration.rates == ()


def test_rounding_is_set_once() -> None:
    configuration = configured()
    for _ in range(2):
        configuration.set_rounding(RULE, context())
    assert configuration.unsaved[2:] == (TaxRoundingSet(rule=RULE, set_at=AT),)
    assert configuration.rule == RULE


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "x" * 101),
        ("percentage", Decimal("-1")),
        ("percentage", Decimal("100.1")),
        ("percentage", Decimal("1.0000001")),
        ("percentage", Decimal("NaN")),
        ("country", "Germany"),
        ("country", "de"),
        ("region", "Bavaria"),
        ("region", "DE-"),
        ("region", "DE-BYRN"),
        ("region", "US-CA"),  # of another country
        ("tax_category", "Reduced rate"),
    ],
)
def test_a_malformed_rate_is_refused(field: str, value: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        configured().add_rate(replace(VAT, id="txr_2", **{field: value}), context())
    assert refused.value.field == ({"tax_category": "taxCategory"}.get(field, field),)


def test_rates_are_bounded() -> None:
    configuration = TaxConfiguration.create(context())
    for number in range(RATES):
        configuration.add_rate(replace(VAT, id=f"txr_{number}", name=f"VAT {number}"), context())
    with pytest.raises(InvalidInput, match="at most 500"):
        configuration.add_rate(replace(VAT, id="txr_more"), context())


@pytest.mark.parametrize(
    "again",
    [VAT, replace(VAT, name=" vat "), replace(VAT, percentage=Decimal("20")), replace(VAT, inclusive=True)],
    ids=["the same", "by name", "another percentage", "within prices"],
)
def test_a_country_has_a_tax_of_a_name_once(again: TaxRate) -> None:
    configuration = configured()
    with pytest.raises(AlreadyExists, match=r"VAT is charged in DE already, 19 % by txr_1") as refused:
        configuration.add_rate(replace(again, id="txr_2"), context())
    assert refused.value.field == ("name",)
    assert configuration.rates == (VAT,)
    for other in (replace(again, id="txr_2", name="Levy"), replace(again, id="txr_3", country="AT")):
        configuration.add_rate(other, context())
    configuration.remove_rate("txr_1", context())
    configuration.add_rate(replace(again, id="txr_4"), context())
    assert [rate.id for rate in configuration.rates] == ["txr_2", "txr_3", "txr_4"]


def test_a_region_and_a_category_have_a_tax_of_a_name_once_beside_that_of_the_country() -> None:
    configuration = configured()
    configuration.add_rate(replace(VAT, id="txr_2", region="DE-BY"), context())
    configuration.add_rate(replace(VAT, id="txr_3", region="DE-BE"), context())
    configuration.add_rate(replace(VAT, id="txr_5", region="DE-BY", tax_category="reduced"), context())
    with pytest.raises(AlreadyExists, match=r"VAT is charged in DE-BY already, 19 % by txr_2"):
        configuration.add_rate(replace(VAT, id="txr_4", region="DE-BY"), context())
    assert [rate.id for rate in configuration.rates] == ["txr_1", "txr_2", "txr_3", "txr_5"]


def test_an_unknown_rate_is_not_removed() -> None:
    with pytest.raises(NotFound) as refused:
        configured().remove_rate("txr_none", context())
    assert refused.value.field == ("id",)


def test_replay_of_the_stored_events_equals_the_live_configuration() -> None:
    configuration = configured()
    configuration.set_rounding(RULE, context())
    configuration.remove_rate("txr_1", context())
    codec = TaxConfiguration.codec
    stored = [codec.decode(*codec.encode(event)) for event in configuration.unsaved]
    replayed = TaxConfiguration.replay("tax_acme", "acme", [(AT, stored)])
    configuration.saved(AT)
    assert vars(replayed) == vars(configuration)


@pytest.mark.parametrize(
    ("percentage", "category", "reason", "field"),
    [
        ("0", TaxCategory.STANDARD, None, "category"),
        ("5", TaxCategory.EXPORT, None, "category"),
        ("0", TaxCategory.EXEMPT, " ", "exemptionReason"),
        ("0", TaxCategory.EXEMPT, "x" * 201, "exemptionReason"),
    ],
)
def test_only_a_rate_of_nothing_says_why(percentage: str, category: TaxCategory, reason: str | None, field: str) -> None:
    configuration = TaxConfiguration.create(context())
    rate = replace(VAT, percentage=Decimal(percentage), category=category, exemption_reason=reason)
    with pytest.raises(InvalidInput) as caught:
        configuration.add_rate(rate, context())
    assert caught.value.field == (field,)
