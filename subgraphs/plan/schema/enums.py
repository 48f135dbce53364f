"""The catalogue's enums as the API names them; imported before types and inputs use them."""

from enum import StrEnum

from subgraphs.kit.domain.period import IntervalUnit
from subgraphs.kit.graphql.enums import described_enum
from subgraphs.plan.domain.values import PriceModel, State
from subgraphs.pricing.charge import Granularity
from subgraphs.pricing.discount import DiscountDuration
from subgraphs.pricing.usage import Aggregation

__all__ = [
    "Aggregation",
    "CommitmentEnding",
    "DiscountDuration",
    "FeatureLimitKind",
    "Granularity",
    "IntervalUnit",
    "PartialPeriodAllowances",
    "PriceBilling",
    "PriceModel",
    "PriceType",
    "State",
]

described_enum(
    State,
    {
        "ACTIVE": "It can be sold, or be made part of what is.",
        "ARCHIVED": "It is given out no longer; who has it keeps it.",
    },
    name="CatalogStatus",
    description="Whether something of the catalogue is given out.",
)
described_enum(
    PriceModel,
    {
        "FLAT": "One amount, whatever the quantity.",
        "PER_UNIT": "The quantity × the unit amount.",
        "PACKAGE": "The unit amount for every package that is begun.",
        "GRADUATED": "Each unit at the price of the tier it is in.",
        "VOLUME": "All units at the price of the tier that the quantity is in.",
        "STAIRSTEP": "The flat amount of the tier that the quantity is in.",
        "PERCENTAGE": "A share of each transaction, and a fee for it.",
        "GRADUATED_PERCENTAGE": "A share of the transacted amount, each part at the rate of its tier.",
    },
    description="How a quantity becomes an amount.",
)
described_enum(
    Aggregation,
    {
        "SUM": "The sum of their values.",
        "COUNT": "How many there are.",
        "UNIQUE_COUNT": "How many different keys they have.",
        "MAX": "The largest of their values; of a price that comes or goes within the period, its share for that time.",
        "LAST": "The value told last; of a price that comes or goes within the period, its share for that time.",
        "WEIGHTED_SUM": (
            "Values change a level, and the quantity is its mean over the billing period; of a price that comes or "
            "goes within it, the share for that time."
        ),
        "TRANSACTIONS": (
            "Values are amounts of money in major units, none below zero: with PERCENTAGE each is charged by itself, "
            "with other models their sum counts."
        ),
    },
    name="MeterAggregation",
    description="How the events of a period become a quantity.",
)
described_enum(
    DiscountDuration,
    {
        "ONCE": "For the next one.",
        "REPEATING": "For a number of them.",
        "FOREVER": "For all.",
    },
    description="For how many billing periods a discount is given. Periods in a trial do not count.",
)


class FeatureLimitKind(StrEnum):
    """What reaching a metered limit means."""

    HARD = "HARD"
    SOFT = "SOFT"


described_enum(
    FeatureLimitKind,
    {
        "HARD": "No more is allowed until it resets.",
        "SOFT": "More is allowed, and is over it.",
    },
    description="What reaching a metered limit means.",
)


class CommitmentEnding(StrEnum):
    """What holds of a commitment when its term is cut short."""

    PRORATE = "PRORATE"
    FULL = "FULL"


described_enum(
    CommitmentEnding,
    {
        "PRORATE": "The part for the time until then.",
        "FULL": "All of it.",
    },
    description="What holds of a commitment when its term is cut short.",
)


described_enum(
    IntervalUnit,
    {
        "DAY": "Days.",
        "WEEK": "Weeks.",
        "MONTH": "Months: the same day of each, or its last one where it has no such day.",
        "YEAR": "Years.",
    },
    description="The unit a billing interval is counted in, on the customer's calendar.",
)
described_enum(
    Granularity,
    {
        "DAY": "Days of the customer's calendar, the day of a change belonging to what follows it.",
        "SECOND": "Seconds.",
    },
    name="ProrationUnit",
    description="What a part of a billing period is measured in.",
)


class PartialPeriodAllowances(StrEnum):
    """What usage of a part of a billing period has of free quantities and of the bounds of tiers."""

    WHOLE = "WHOLE"
    PROPORTIONAL = "PROPORTIONAL"


described_enum(
    PartialPeriodAllowances,
    {
        "WHOLE": "All of them, so that what was promised for a period holds in a short one.",
        "PROPORTIONAL": (
            "The part of them, so that going to and fro between prices gains no second allowance; free transactions "
            "are rounded down."
        ),
    },
    description=(
        "What usage of a part of a billing period has of free quantities and of the bounds of tiers, where its "
        "price comes or goes within the period."
    ),
)


class PriceBilling(StrEnum):
    """When a billing period is billed."""

    IN_ADVANCE = "IN_ADVANCE"
    IN_ARREARS = "IN_ARREARS"


described_enum(
    PriceBilling,
    {
        "IN_ADVANCE": "When it begins.",
        "IN_ARREARS": "When it has ended, and what changes within it for the time that it was had.",
    },
    description="When a billing period is billed.",
)


class PriceType(StrEnum):
    """How often a price is billed."""

    RECURRING = "RECURRING"
    ONE_TIME = "ONE_TIME"


described_enum(
    PriceType,
    {
        "RECURRING": "Every interval, to whoever subscribes to it.",
        "ONE_TIME": "Once, whenever it is sold, such as a set-up fee or hardware.",
    },
    description="How often a price is billed.",
)
