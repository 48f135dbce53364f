"""What a price asks for: its model and the numbers of the model."""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

import msgspec

from subgraphs.pricing.share import Share

__all__ = ["NO_DETAILS", "Charge", "ChargeDetails", "Granularity", "PriceModel", "Tier"]


class PriceModel(StrEnum):
    """How a quantity becomes an amount.

    FLAT                  one amount, whatever the quantity
    PER_UNIT              quantity × unit amount
    PACKAGE               unit amount per package begun
    GRADUATED             each unit at the price of the tier it falls in
    VOLUME                all units at the price of the tier that the whole quantity falls in
    STAIRSTEP             one amount: that of the tier that the quantity falls in
    PERCENTAGE            a share of each transaction's amount, and a fee per transaction
    GRADUATED_PERCENTAGE  of the transactions' amount, each part at the rate of the tier it falls in
    """

    FLAT = "FLAT"
    PER_UNIT = "PER_UNIT"
    PACKAGE = "PACKAGE"
    GRADUATED = "GRADUATED"
    VOLUME = "VOLUME"
    STAIRSTEP = "STAIRSTEP"
    PERCENTAGE = "PERCENTAGE"
    GRADUATED_PERCENTAGE = "GRADUATED_PERCENTAGE"

    @property
    def is_tiered(self) -> bool:
        """Whether the price is a list of tiers."""
        return self in {PriceModel.GRADUATED, PriceModel.VOLUME, PriceModel.STAIRSTEP, PriceModel.GRADUATED_PERCENTAGE}

    @property
    def is_of_transactions(self) -> bool:
        """Whether it takes the amounts of transactions, where others take a quantity."""
        return self in {PriceModel.PERCENTAGE, PriceModel.GRADUATED_PERCENTAGE}


class Granularity(StrEnum):
    """What time is counted in. DAY: days of the customer's calendar, the day of a change belonging to what follows it."""

    DAY = "DAY"
    SECOND = "SECOND"


class Tier(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Up to and including `up_to` units, None without end; with GRADUATED_PERCENTAGE it is an amount in major units.

    `unit_amount` is in major units, or with GRADUATED_PERCENTAGE a rate in percent; `flat_amount_minor` is added once the tier is
    entered.
    """

    up_to: Decimal | None = None
    unit_amount: Decimal = Decimal(0)
    flat_amount_minor: int = 0


class ChargeDetails(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The numbers of models other than FLAT and PER_UNIT, and what bounds an amount. All amounts are of one billing period.

    `free_units` come off the quantity first; with PERCENTAGE, the first `free_transactions`, as long as they come to no more than
    `free_amount`. `first_tier_at_zero` tells whether GRADUATED, VOLUME and STAIRSTEP cost their first tier's flat amount where
    nothing was used. `prorated_by` is what a part of a billing period is measured in. `in_arrears`: what is subscribed to is
    billed when its period has ended, as usage always is. `allowances_prorated`: usage of a part of a period has that part of what
    is free and of the tiers' bounds, otherwise all of it.

    What is used is billed before its period has ended when it comes to one of `usage_thresholds_minor`, which ascend, or to a
    further `recurring_threshold_minor` after the last of them.

    Whoever subscribes commits to `commitment_minor` in all over terms of `commitment_periods`; `commitment_in_full` tells whether
    that holds for a term that is cut short as well, or in proportion.
    """

    package_size: int | None = None
    tiers: tuple[Tier, ...] = ()
    rate_percent: Decimal | None = None
    transaction_fee_minor: int = 0
    transaction_minimum_minor: int | None = None
    transaction_maximum_minor: int | None = None
    free_units: int = 0
    free_transactions: int | None = None
    free_amount_minor: int | None = None
    minimum_minor: int | None = None
    maximum_minor: int | None = None
    first_tier_at_zero: bool = True
    prorated_by: Granularity = Granularity.DAY
    in_arrears: bool = False
    allowances_prorated: bool = False
    usage_thresholds_minor: tuple[int, ...] = ()
    recurring_threshold_minor: int | None = None
    commitment_minor: int | None = None
    commitment_periods: int = 1
    commitment_in_full: bool = False


NO_DETAILS = ChargeDetails()


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A price's arithmetic. `flat_amount_minor` belongs to FLAT, `unit_amount` (major units) to PER_UNIT and PACKAGE.

    `share` is the part of a billing period for whose usage it is asked, None: all of it.
    """

    currency: str
    model: PriceModel
    flat_amount_minor: int | None = None
    unit_amount: Decimal | None = None
    details: ChargeDetails = NO_DETAILS
    share: Share | None = None

    def part(self, share: Share | None) -> "Charge":
        """Return what is asked for usage of this share of a billing period, None: of all of it."""
        whole = share is None or share.numerator == share.denominator
        return replace(self, share=None if whole else share)
