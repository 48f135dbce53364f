"""Values of the catalogue, and what they may be."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypedDict

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.period import Interval
from subgraphs.pricing.charge import NO_DETAILS, Charge, ChargeDetails, Granularity, PriceModel
from subgraphs.pricing.checks import checked_charge
from subgraphs.pricing.thresholds import has_thresholds
from subgraphs.pricing.usage import Aggregation

__all__ = [
    "FeatureMeter",
    "PriceModel",
    "PriceTerms",
    "State",
    "check_meter",
    "checked_description",
    "checked_external_id",
    "checked_name",
    "checked_terms",
]

NAME_LENGTH = 200
DESCRIPTION_LENGTH = 2_000
EXTERNAL_ID_LENGTH = 200
LARGEST_INTERVAL_COUNT = {"DAY": 365, "WEEK": 52, "MONTH": 36, "YEAR": 3}


class Naming(TypedDict, total=False):
    """What something is called, as far as it changes."""

    name: str
    description: str | None


class State(StrEnum):
    """Whether something can be sold."""

    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureMeter:
    """By which meter the use of a feature is counted in a billing period; `soft`: a limit tells, and does not keep from using."""

    meter_id: str
    soft: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTerms:
    """What a price version fixes for life.

    With `meter_id` it bills what is used, when a period has ended, else in advance. Without an `interval` it is a one-time price,
    which is billed once, whenever it is sold.

    All per interval, or once: `flat_amount_minor` in minor units; `unit_amount` is per unit (or package), in major units, exact.
    """

    currency: str
    model: PriceModel
    flat_amount_minor: int | None
    unit_amount: Decimal | None
    interval: Interval | None
    details: ChargeDetails = NO_DETAILS
    meter_id: str | None = None

    @property
    def is_one_time(self) -> bool:
        """Whether it is billed once, and not every interval."""
        return self.interval is None

    @property
    def charge(self) -> Charge:
        """What it asks for, whatever the interval."""
        return Charge(
            currency=self.currency,
            model=self.model,
            flat_amount_minor=self.flat_amount_minor,
            unit_amount=self.unit_amount,
            details=self.details,
        )


def checked_name(name: str) -> str:
    """Return the name without surrounding space.

    Raises:
        InvalidInput: it is empty or too long.
    """
    stripped = name.strip()
    if not 1 <= len(stripped) <= NAME_LENGTH:
        raise InvalidInput(f"a name has 1 to {NAME_LENGTH} characters", field=("name",))
    return stripped


def checked_description(description: str | None) -> str | None:
    """Return the description.

    Raises:
        InvalidInput: it is too long.
    """
    if description is not None and len(description) > DESCRIPTION_LENGTH:
        raise InvalidInput(f"a description has at most {DESCRIPTION_LENGTH} characters", field=("description",))
    return description or None


def checked_external_id(external_id: str | None) -> str | None:
    """Return the tenant's own id.

    Raises:
        InvalidInput: it is empty or too long.
    """
    if external_id is not None and not 1 <= len(external_id) <= EXTERNAL_ID_LENGTH:
        raise InvalidInput(f"an external id has 1 to {EXTERNAL_ID_LENGTH} characters", field=("externalId",))
    return external_id


def checked_terms(terms: PriceTerms) -> PriceTerms:
    """Return the terms.

    Raises:
        InvalidInput: the price lacks a number of its model, one is out of range, or the interval is; or its model takes no meter;
            or it is a one-time price with something that only billing periods have.
    """
    if terms.interval is None:
        _check_one_time(terms)
    else:
        _check_interval(terms.interval)
    if terms.meter_id is not None and terms.model is PriceModel.FLAT:
        raise InvalidInput(f"a {terms.model} price bills no quantity, which a meter counts", field=("meterId",))
    if terms.meter_id is None and has_thresholds(terms.details):
        raise InvalidInput("usage thresholds need a meter, which counts what is used", field=("usageThresholds",))
    if terms.meter_id is None and terms.details.allowances_prorated:
        raise InvalidInput(
            "PROPORTIONAL allowances are for usage: name the meter that counts it, or leave them WHOLE",
            field=("partialPeriodAllowances",),
        )
    checked_charge(terms.charge)
    return terms


def _check_interval(interval: Interval) -> None:
    unit, largest = interval.unit.value, LARGEST_INTERVAL_COUNT[interval.unit.value]
    if not 1 <= interval.count <= largest:
        raise InvalidInput(f"an interval has 1 to {largest} {unit.lower()}s, not {interval.count}", field=("interval", "count"))


def _check_one_time(terms: PriceTerms) -> None:
    details = terms.details
    of_periods = {
        ("meterId",): (terms.meter_id is not None, "counts no usage: it has a quantity when it is sold"),
        ("model",): (terms.model.is_of_transactions, f"bills a quantity, and {terms.model} bills transactions"),
        ("billed",): (details.in_arrears, "has no period that ends: it is billed when it is sold"),
        ("proratedBy",): (details.prorated_by is not Granularity.DAY, "is never prorated: leave it out"),
        ("usageThresholds",): (has_thresholds(details), "bills no usage, so nothing reaches a threshold"),
        ("minimumCommitment",): (details.commitment_minor is not None, "has no periods to commit to"),
    }
    for field, (given, why) in of_periods.items():
        if given:
            raise InvalidInput(f"a ONE_TIME price {why}", field=field)


def check_meter(terms: PriceTerms, aggregation: Aggregation) -> None:
    """Check that a meter of this aggregation counts what the price takes.

    Raises:
        InvalidInput: the price takes amounts of money, and the meter counts something else; or it has thresholds, and what the
            meter counts is known only when the period has ended.
    """
    if has_thresholds(terms.details) and aggregation in {Aggregation.LAST, Aggregation.WEIGHTED_SUM}:
        raise InvalidInput(
            f"what a {aggregation} meter counts is known when the period has ended: it reaches no thresholds",
            field=("usageThresholds",),
        )
    needed = {
        PriceModel.PERCENTAGE: (Aggregation.TRANSACTIONS,),
        PriceModel.GRADUATED_PERCENTAGE: (Aggregation.TRANSACTIONS, Aggregation.SUM),
    }.get(terms.model)
    if needed is not None and aggregation not in needed:
        raise InvalidInput(
            f"a {terms.model} price needs a meter of {' or '.join(needed)}, which is not {aggregation}", field=("meterId",)
        )
