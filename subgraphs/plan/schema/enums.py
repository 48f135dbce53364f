"""The catalogue's enums as the API names them; imported before types and inputs use them."""

from enum import StrEnum

import strawberry

from subgraphs.kit.domain.period import IntervalUnit
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

strawberry.enum(State, name="CatalogStatus", description="Whether something of the catalogue can be sold.")
strawberry.enum(
    PriceModel,
    description=(
        "How a quantity becomes an amount. FLAT: one amount. PER_UNIT: quantity × unit amount. PACKAGE: unit amount per package "
        "begun. GRADUATED: each unit at the price of its tier. VOLUME: all units at the price of the tier the quantity is in. "
        "STAIRSTEP: the flat amount of that tier. PERCENTAGE: a share of each transaction and a fee. GRADUATED_PERCENTAGE: of "
        "the transacted amount, each part at the rate of its tier."
    ),
)
strawberry.enum(
    Aggregation,
    name="MeterAggregation",
    description=(
        "How the events of a period become a quantity. SUM of their values. COUNT of events. UNIQUE_COUNT of their keys. MAX of "
        "their values. LAST value. WEIGHTED_SUM: values change a level, and the quantity is its mean over the billing period; of "
        "a price that comes or goes within it, the share for that time, as of MAX and LAST. TRANSACTIONS: values are amounts of "
        "money in major units, none below zero; with PERCENTAGE each is charged by itself, with other models their sum counts."
    ),
)
strawberry.enum(
    DiscountDuration,
    description=(
        "For how many billing periods a discount is given. ONCE: the next one. REPEATING: a number of them. FOREVER: all. "
        "Periods in a trial do not count."
    ),
)


@strawberry.enum(
    description=(
        "What reaching a metered limit means. HARD: no more is allowed until it resets. SOFT: more is allowed, and is over it."
    )
)
class FeatureLimitKind(StrEnum):
    """What reaching a metered limit means."""

    HARD = "HARD"
    SOFT = "SOFT"


@strawberry.enum(
    description=(
        "What holds of a commitment when its term is cut short. PRORATE: the part for the time until then. FULL: all of it."
    )
)
class CommitmentEnding(StrEnum):
    """What holds of a commitment when its term is cut short."""

    PRORATE = "PRORATE"
    FULL = "FULL"


strawberry.enum(IntervalUnit, description="The unit a billing interval is counted in.")
strawberry.enum(
    Granularity,
    name="ProrationUnit",
    description=(
        "What a part of a billing period is measured in. DAY: days of the customer's calendar, the day of a change belonging to "
        "what follows it. SECOND: seconds."
    ),
)


@strawberry.enum(
    description=(
        "What usage of a part of a billing period has of free quantities and of the bounds of tiers, where its price comes or "
        "goes within the period. WHOLE: all of them, so that what was promised for a period holds in a short one. "
        "PROPORTIONAL: the part of them, so that going to and fro between prices gains no second allowance; free transactions "
        "are rounded down."
    )
)
class PartialPeriodAllowances(StrEnum):
    """What usage of a part of a billing period has of free quantities and of the bounds of tiers."""

    WHOLE = "WHOLE"
    PROPORTIONAL = "PROPORTIONAL"


@strawberry.enum(
    description=(
        "When a billing period is billed. IN_ADVANCE: when it begins. IN_ARREARS: when it has ended, and what changes within it "
        "for the time that it was had."
    )
)
class PriceBilling(StrEnum):
    """When a billing period is billed."""

    IN_ADVANCE = "IN_ADVANCE"
    IN_ARREARS = "IN_ARREARS"


@strawberry.enum(
    description=(
        "How often a price is billed. RECURRING: every interval, to whoever subscribes to it. ONE_TIME: once, whenever it is "
        "sold, such as a set-up fee or hardware."
    )
)
class PriceType(StrEnum):
    """How often a price is billed."""

    RECURRING = "RECURRING"
    ONE_TIME = "ONE_TIME"
