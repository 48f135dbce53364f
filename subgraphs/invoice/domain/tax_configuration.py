"""The tax configuration aggregate: which taxes a tenant charges in which country, and how they are rounded."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from subgraphs.invoice.domain.jurisdictions import checked_region
from subgraphs.invoice.domain.values import TaxCategory
from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.codes import checked_code
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import AlreadyExists, InvalidInput, NotFound
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.pricing.tax import NO_RULE, TaxRule

__all__ = [
    "TaxConfiguration",
    "TaxConfigurationCreated",
    "TaxRate",
    "TaxRateAdded",
    "TaxRateRemoved",
    "TaxRoundingSet",
    "checked_rate_ids",
]

# Read with every draft; more taxes than this in all countries together nobody charges.
RATES = 500
# All of them are charged on one line.
NAMED_RATES = 20
PERCENTAGE_DECIMALS = 6
REASON_LENGTH = 200
_COUNTRY = re.compile("[A-Z]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRate:
    """A tax on what is billed to customers in `country` (ISO 3166-1 alpha-2), within the prices when `inclusive`.

    With a `region` (ISO 3166-2) it is for customers there, beside what is charged in the whole country. With a `tax_category`, a
    code of the tenant's own, it is for what is sold in that category, instead of the rates there without one.
    `category` and `exemption_reason` say why nothing is charged at 0 %.
    """

    id: str
    name: str
    percentage: Decimal
    inclusive: bool
    country: str
    category: TaxCategory = TaxCategory.STANDARD
    exemption_reason: str | None = None
    region: str | None = None
    tax_category: str | None = None

    @property
    def place(self) -> str:
        """Where it is charged: the region, or the country."""
        return self.region or self.country


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxConfigurationCreated(Event):
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRateAdded(Event):
    rate: TaxRate
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRateRemoved(Event):
    rate_id: str
    removed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRoundingSet(Event):
    rule: TaxRule
    set_at: datetime


class TaxConfiguration(Aggregate):
    """One per tenant. A change counts for what is drafted from then on; invoices keep the taxes they were drafted with."""

    kind: ClassVar[str] = "TaxConfiguration"
    codec: ClassVar[EventCodec] = EventCodec(TaxConfigurationCreated, TaxRateAdded, TaxRateRemoved, TaxRoundingSet)

    rates: tuple[TaxRate, ...]
    rule: TaxRule
    removed_ids: frozenset[str]

    @staticmethod
    def id_of(tenant: str) -> str:
        """Return the id of the tenant's only configuration."""
        return f"tax_{tenant}"

    @classmethod
    def create(cls, context: CommandContext) -> "TaxConfiguration":
        """Return the tenant's configuration without any tax."""
        configuration = cls(cls.id_of(context.tenant), context.tenant)
        configuration.record(TaxConfigurationCreated(created_at=context.at))
        return configuration

    def add_rate(self, rate: TaxRate, context: CommandContext) -> None:
        """Charge this tax from now on; adding it again under the same id changes nothing.

        Raises:
            InvalidInput: the name, percentage, category, reason, country, region or tax category is malformed, or there are too
                many rates.
            AlreadyExists: the country or region has a tax of this name and tax category, whatever its case and percentage: both
                would be charged.
        """
        if any(known.id == rate.id for known in self.rates):
            return
        exponent = rate.percentage.as_tuple().exponent
        if not 1 <= len(rate.name.strip()) <= 100:
            raise InvalidInput("a name has 1 to 100 characters", field=("name",))
        if not isinstance(exponent, int) or exponent < -PERCENTAGE_DECIMALS or not 0 <= rate.percentage <= 100:
            raise InvalidInput(
                f"a percentage is from 0 to 100 with up to {PERCENTAGE_DECIMALS} decimals, not {rate.percentage}",
                field=("percentage",),
            )
        if not _COUNTRY.fullmatch(rate.country):
            raise InvalidInput(f"{rate.country!r} is not an ISO 3166-1 alpha-2 country code such as DE", field=("country",))
        checked_region(rate.region, rate.country)
        if rate.tax_category is not None:
            checked_code(rate.tax_category, ("taxCategory",))
        if (rate.percentage > 0) is not (rate.category is TaxCategory.STANDARD):
            raise InvalidInput(
                "a rate above 0 % is STANDARD, one of 0 % is of another category, which says why", field=("category",)
            )
        if rate.exemption_reason is not None and not 1 <= len(rate.exemption_reason.strip()) <= REASON_LENGTH:
            raise InvalidInput(f"a reason has 1 to {REASON_LENGTH} characters", field=("exemptionReason",))
        beside = (known for known in self.rates if (known.place, known.tax_category) == (rate.place, rate.tax_category))
        same = (known for known in beside if _same_name(known.name, rate.name))
        if (known := next(same, None)) is not None:
            raise AlreadyExists(
                f"{known.name} is charged in {rate.place} already, {known.percentage} % by {known.id}, and both would be: "
                "remove that one first, or give this one a name of its own",
                field=("name",),
            )
        if len(self.rates) >= RATES:
            raise InvalidInput(f"there are at most {RATES} tax rates; remove one first")
        self.record(TaxRateAdded(rate=rate, added_at=context.at))

    def remove_rate(self, rate_id: str, context: CommandContext) -> None:
        """Charge this tax no more; removing it again changes nothing.

        Raises:
            NotFound: there never was such a rate.
        """
        if rate_id in self.removed_ids:
            return
        if not any(known.id == rate_id for known in self.rates):
            raise NotFound("TaxRate", rate_id, field=("id",))
        self.record(TaxRateRemoved(rate_id=rate_id, removed_at=context.at))

    def set_rounding(self, rule: TaxRule, context: CommandContext) -> None:
        """Round taxes like this from now on; nothing happens when they are already."""
        if rule != self.rule:
            self.record(TaxRoundingSet(rule=rule, set_at=context.at))

    def apply(self, event: Event) -> None:
        match event:
            case TaxConfigurationCreated():
                self.rates, self.rule, self.removed_ids = (), NO_RULE, frozenset()
            case TaxRateAdded():
                self.rates += (event.rate,)
            case TaxRateRemoved():
                self.rates = tuple(rate for rate in self.rates if rate.id != event.rate_id)
                self.removed_ids |= {event.rate_id}
            case TaxRoundingSet():
                self.rule = event.rule
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a tax configuration")


def checked_rate_ids(ids: Sequence[str], known: Collection[str], field: tuple[str, ...]) -> tuple[str, ...]:
    """Return the rates that a line or a customer is to bear, each once; `known` are all of the tenant.

    Raises:
        InvalidInput: there is none, which says nothing about why there is no tax, or there are too many.
        NotFound: the tenant has no such rate.
    """
    named = tuple(dict.fromkeys(ids))
    if not 1 <= len(named) <= NAMED_RATES:
        raise InvalidInput(
            f"name 1 to {NAMED_RATES} tax rates, where there is no tax one of 0 % that says why; or leave taxRateIds out",
            field=field,
        )
    for id in named:
        if id not in known:
            raise NotFound("TaxRate", id, field=field)
    return named


def _same_name(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
