"""What a price asks for, as the API shows it."""

from decimal import Decimal
from typing import Any

import strawberry

from subgraphs.kit.domain import money
from subgraphs.kit.graphql.scalars import BigInt, Money
from subgraphs.plan.schema.enums import CommitmentEnding
from subgraphs.pricing.charge import ChargeDetails, PriceModel, Tier
from subgraphs.pricing.rating import Rated
from subgraphs.pricing.thresholds import has_thresholds

__all__ = [
    "PriceAllowance",
    "PriceEstimate",
    "PriceMinimumCommitment",
    "PriceTier",
    "PriceTransactions",
    "PriceUsageThresholds",
    "allowance",
    "bound",
    "commitment",
    "thresholds",
    "tiers",
    "transactions",
]


@strawberry.type(description="One tier of a price; the last one goes on without end.")
class PriceTier:
    """As the API shows it."""

    up_to: Decimal | None = strawberry.field(
        description="The last unit of the tier, or, with GRADUATED_PERCENTAGE, its highest amount in major units; null: no end."
    )
    unit_amount: Decimal | None = strawberry.field(
        description="The amount per unit in major units, up to 12 decimals; null with GRADUATED_PERCENTAGE."
    )
    rate_percent: Decimal | None = strawberry.field(
        description="The share of the amounts in the tier, in percent; null unless GRADUATED_PERCENTAGE."
    )
    flat_amount: Money = strawberry.field(description="What entering the tier costs in each period.")


@strawberry.type(description="How transactions are charged, with model PERCENTAGE.")
class PriceTransactions:
    """As the API shows it."""

    rate_percent: Decimal = strawberry.field(description="The share of a transaction's amount, in percent.")
    fee: Money = strawberry.field(description="What each transaction costs besides.")
    minimum: Money | None = strawberry.field(description="The least a transaction costs; null: no least.")
    maximum: Money | None = strawberry.field(description="The most a transaction costs; null: no most.")


@strawberry.type(description="What of a period costs nothing.")
class PriceAllowance:
    """As the API shows it."""

    units: BigInt = strawberry.field(description="How many units are free in each period.")
    transactions: int | None = strawberry.field(
        description="How many transactions are free in each period, as long as their amounts are; null: the amount alone decides."
    )
    amount: Money | None = strawberry.field(
        description="Up to which amount transactions are free in each period, as long as their number is; null: that decides."
    )


@strawberry.type(description="At which amounts usage is billed before its period has ended, before discounts and tax.")
class PriceUsageThresholds:
    """As the API shows it."""

    amounts: list[Money] = strawberry.field(description="The amounts, upwards; at most 20.")
    recurring: Money | None = strawberry.field(
        description="After the last of them, it is billed again whenever it is this much more; null: no more."
    )


@strawberry.type(description="What is billed at least over a term, before discounts and tax.")
class PriceMinimumCommitment:
    """As the API shows it."""

    amount: Money = strawberry.field(description="How much in all.")
    periods: int = strawberry.field(description="Over how many billing periods.")
    ending: CommitmentEnding = strawberry.field(description="What holds when a term is cut short.")


@strawberry.type(description="What a price comes to.")
class PriceEstimate:
    """As the API shows it."""

    amount: Money = strawberry.field(description="The amount, rounded once, half away from zero.")
    true_up: Money = strawberry.field(description="The part of it that only the price's minimum asks for.")
    explanation: str = strawberry.field(description="The arithmetic, such as 3 × 12.50 EUR.")

    @classmethod
    def of(cls, rated: Rated) -> "PriceEstimate":
        return cls(amount=Money.of(rated.amount), true_up=Money.of(rated.true_up), explanation=rated.explanation)


def tiers(details: ChargeDetails, model: PriceModel, currency: str) -> list[PriceTier]:
    """Return the tiers of a price, none when its model has none."""
    return [_tier(tier, model, currency) for tier in details.tiers]


def transactions(details: ChargeDetails, currency: str) -> PriceTransactions | None:
    """Return how transactions are charged, None unless the model is PERCENTAGE."""
    if details.rate_percent is None:
        return None
    return PriceTransactions(
        rate_percent=details.rate_percent,
        fee=Money.of(money.Money(details.transaction_fee_minor, currency)),
        minimum=bound(details.transaction_minimum_minor, currency),
        maximum=bound(details.transaction_maximum_minor, currency),
    )


def allowance(details: ChargeDetails, currency: str) -> PriceAllowance:
    """Return what is free."""
    return PriceAllowance(
        units=BigInt(details.free_units),
        transactions=details.free_transactions,
        amount=bound(details.free_amount_minor, currency),
    )


def thresholds(details: ChargeDetails, currency: str) -> PriceUsageThresholds | None:
    """Return at which amounts usage is billed, None when all of it is when its period has ended."""
    if not has_thresholds(details):
        return None
    return PriceUsageThresholds(
        amounts=[Money.of(money.Money(minor, currency)) for minor in details.usage_thresholds_minor],
        recurring=bound(details.recurring_threshold_minor, currency),
    )


def commitment(details: ChargeDetails, currency: str) -> PriceMinimumCommitment | None:
    """Return what whoever subscribes commits to, None when that is nothing."""
    if details.commitment_minor is None:
        return None
    return PriceMinimumCommitment(
        amount=Money.of(money.Money(details.commitment_minor, currency)),
        periods=details.commitment_periods,
        ending=CommitmentEnding.FULL if details.commitment_in_full else CommitmentEnding.PRORATE,
    )


def bound(minor_units: int | None, currency: str) -> Any:
    """Return the amount, None when there is no bound."""
    return None if minor_units is None else Money.of(money.Money(minor_units, currency))


def _tier(tier: Tier, model: PriceModel, currency: str) -> PriceTier:
    of_amounts = model is PriceModel.GRADUATED_PERCENTAGE
    return PriceTier(
        up_to=tier.up_to,
        unit_amount=None if of_amounts else tier.unit_amount,
        rate_percent=tier.unit_amount if of_amounts else None,
        flat_amount=Money.of(money.Money(tier.flat_amount_minor, currency)),
    )
