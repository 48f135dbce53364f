"""What creating a price takes."""

from decimal import Decimal

import strawberry

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.period import Interval
from subgraphs.kit.graphql.scalars import BigInt, CurrencyCode, MoneyInput
from subgraphs.kit.graphql.writes import WriteInput
from subgraphs.plan.domain.values import PriceTerms
from subgraphs.plan.schema.enums import (
    CommitmentEnding,
    Granularity,
    IntervalUnit,
    PartialPeriodAllowances,
    PriceBilling,
    PriceModel,
    PriceType,
)
from subgraphs.pricing.charge import ChargeDetails, Tier

__all__ = [
    "BillingIntervalInput",
    "PriceAllowanceInput",
    "PriceCreateInput",
    "PriceMinimumCommitmentInput",
    "PriceTierInput",
    "PriceTransactionsInput",
    "PriceUsageThresholdsInput",
]


@strawberry.input(description="How often a price is billed.")
class BillingIntervalInput:
    """As the API takes it."""

    unit: IntervalUnit = strawberry.field(description="The unit counted.")
    count: int = strawberry.field(default=1, description="How many units: up to 365 days, 52 weeks, 36 months or 3 years.")


@strawberry.input(description="One tier of a price, above the one before it.")
class PriceTierInput:
    """As the API takes it."""

    up_to: Decimal | None = strawberry.field(
        default=None,
        description=(
            "The last unit of the tier, or, with GRADUATED_PERCENTAGE, its highest amount in major units. "
            "Null for the last tier, and only for it: it goes on without end."
        ),
    )
    unit_amount: Decimal | None = strawberry.field(
        default=None,
        description="The amount per unit in major units, up to 12 decimals, with GRADUATED and VOLUME; null: nothing.",
    )
    rate_percent: Decimal | None = strawberry.field(
        default=None, description="The share of the amounts in the tier, 0 to 100 percent, with GRADUATED_PERCENTAGE."
    )
    flat_amount: MoneyInput | None = strawberry.field(
        default=None,
        description="What entering the tier costs in each period, and in proportion in a part of one; null: nothing.",
    )


@strawberry.input(description="How transactions are charged, with model PERCENTAGE.")
class PriceTransactionsInput:
    """As the API takes it."""

    rate_percent: Decimal = strawberry.field(description="The share of a transaction's amount, 0 to 100 percent.")
    fee: MoneyInput | None = strawberry.field(default=None, description="What each transaction costs besides; null: nothing.")
    minimum: MoneyInput | None = strawberry.field(default=None, description="The least a transaction costs; null: no least.")
    maximum: MoneyInput | None = strawberry.field(default=None, description="The most a transaction costs; null: no most.")


@strawberry.input(description="What of a period costs nothing.")
class PriceAllowanceInput:
    """As the API takes it."""

    units: BigInt = strawberry.field(
        default=BigInt(0), description="How many units are free in each period, with PER_UNIT, PACKAGE, GRADUATED and VOLUME."
    )
    transactions: int | None = strawberry.field(
        default=None,
        description="With PERCENTAGE: how many transactions are free in each period, as long as their amounts are.",
    )
    amount: MoneyInput | None = strawberry.field(
        default=None,
        description="With PERCENTAGE: up to which amount transactions are free in each period, as long as their number is.",
    )


@strawberry.input(
    description=(
        "At which amounts usage is billed before its period has ended: before discounts and tax, counted anew in each period, "
        "without what only the price's minimum asks for."
    )
)
class PriceUsageThresholdsInput:
    """As the API takes it."""

    amounts: list[MoneyInput] = strawberry.field(default_factory=list, description="Up to 20 amounts, upwards.")
    recurring: MoneyInput | None = strawberry.field(
        default=None, description="After the last of them, bill again whenever it is this much more; null: no more."
    )


@strawberry.input(
    description=(
        "What is billed at least over a term, before discounts and tax: what is missing is billed when the term ends. Add-ons, "
        "usage and changes count as well; what was used counts for the term in which its period ends."
    )
)
class PriceMinimumCommitmentInput:
    """As the API takes it."""

    amount: MoneyInput = strawberry.field(description="How much in all.")
    periods: int = strawberry.field(
        default=1,
        description="Over how many billing periods: 1 to 120. Of one that is billed in part, that part is committed to.",
    )
    ending: CommitmentEnding = strawberry.field(
        default=CommitmentEnding.PRORATE,
        description="What holds when the subscription ends within a term, or another billing interval cuts it short.",
    )


@strawberry.input(description="What priceCreate takes.")
class PriceCreateInput(WriteInput):
    """Input of priceCreate."""

    plan_id: strawberry.ID = strawberry.field(description="The plan it is a price of.")
    model: PriceModel = strawberry.field(description="How a quantity becomes an amount.")
    currency_code: CurrencyCode = strawberry.field(description="The price's currency, and that of every amount in it.")
    type: PriceType = strawberry.field(
        default=PriceType.RECURRING,
        description=(
            "Whether it is billed every interval, or once. A ONE_TIME price is FLAT, PER_UNIT, PACKAGE, GRADUATED, VOLUME or "
            "STAIRSTEP, and has nothing that billing periods have: no meter, thresholds, commitment, proration or arrears."
        ),
    )
    interval: BillingIntervalInput | None = strawberry.field(
        default=None, description="How often it is billed: needed with RECURRING, and not with ONE_TIME."
    )
    flat_amount: MoneyInput | None = strawberry.field(
        default=None, description="The amount per interval, or once, with model FLAT."
    )
    unit_amount: Decimal | None = strawberry.field(
        default=None,
        description=(
            "The amount per unit (PER_UNIT) or per package (PACKAGE), and interval where it recurs, in major units, up to 12 "
            "decimals."
        ),
    )
    package_size: BigInt | None = strawberry.field(
        default=None, description="How many units make a package, with model PACKAGE. Each package begun counts."
    )
    tiers: list[PriceTierInput] | None = strawberry.field(
        default=None,
        description="1 to 100 tiers, upwards, with GRADUATED, VOLUME, STAIRSTEP and GRADUATED_PERCENTAGE.",
    )
    first_tier_at_zero: bool = strawberry.field(
        default=True, description="Whether the first tier's flat amount is due where nothing was used."
    )
    transactions: PriceTransactionsInput | None = strawberry.field(
        default=None, description="How transactions are charged, with model PERCENTAGE."
    )
    meter_id: strawberry.ID | None = strawberry.field(
        default=None,
        description=(
            "Bill what this meter counts, when a period has ended; null: a quantity, in advance. Not with FLAT. PERCENTAGE needs "
            "a meter of TRANSACTIONS, GRADUATED_PERCENTAGE one of TRANSACTIONS or SUM."
        ),
    )
    billed: PriceBilling = strawberry.field(
        default=PriceBilling.IN_ADVANCE,
        description="When the quantity of a period is billed. With a meter, what was used is always billed in arrears.",
    )
    prorated_by: Granularity = strawberry.field(
        default=Granularity.DAY, description="What a part of a billing period is measured in when a subscription changes."
    )
    free: PriceAllowanceInput | None = strawberry.field(default=None, description="What of a period costs nothing.")
    partial_period_allowances: PartialPeriodAllowances = strawberry.field(
        default=PartialPeriodAllowances.WHOLE,
        description="What of free quantities and tiers' bounds usage of a part of a period has. PROPORTIONAL needs a meter.",
    )
    minimum: MoneyInput | None = strawberry.field(
        default=None, description="The least a period costs, and in proportion a part of one; null: no least."
    )
    maximum: MoneyInput | None = strawberry.field(
        default=None,
        description=(
            "The most a period costs, and in proportion a part of one. Of usage: what a part may cost together with what its "
            "meter was billed for in the period before. Null: no most."
        ),
    )
    external_id: str | None = strawberry.field(
        default=None, description="Your own id of this price, 1 to 200 characters, unique in your tenant."
    )

    usage_thresholds: PriceUsageThresholdsInput | None = strawberry.field(
        default=None,
        description=(
            "Bill what was used at once when it comes to these amounts, and the rest when the period has ended. Needs a meter, "
            "of any aggregation but LAST and WEIGHTED_SUM. Null: bill all of it when the period has ended."
        ),
    )

    minimum_commitment: PriceMinimumCommitmentInput | None = strawberry.field(
        default=None,
        description=(
            "What whoever subscribes commits to; null: nothing. A term that has begun goes on when the subscription changes to "
            "another price of the same interval. Such a price cannot be an add-on."
        ),
    )

    def terms(self) -> PriceTerms:
        """Return the terms.

        Raises:
            InvalidInput: an amount is in another currency than the price, or the interval is out of range, missing, or of a price
                that is billed once.
        """
        return PriceTerms(
            currency=self.currency_code,
            model=self.model,
            flat_amount_minor=self._minor(self.flat_amount, "flatAmount"),
            unit_amount=self.unit_amount,
            interval=self._interval(),
            details=self._details(),
            meter_id=self.meter_id,
        )

    def _interval(self) -> Interval | None:
        if self.type is PriceType.RECURRING and self.interval is None:
            raise InvalidInput("a RECURRING price needs an interval; what is billed once is ONE_TIME", field=("interval",))
        if self.type is PriceType.ONE_TIME and self.interval is not None:
            raise InvalidInput("a ONE_TIME price has no interval: leave it out, or make it RECURRING", field=("interval",))
        return Interval(self.interval.unit, self.interval.count) if self.interval else None

    def _details(self) -> ChargeDetails:
        charged, free, thresholds = self.transactions, self.free, self.usage_thresholds
        commitment = self.minimum_commitment
        amounts = [
            self._minor(amount, "usageThresholds", "amounts", str(number)) or 0
            for number, amount in enumerate(thresholds.amounts if thresholds else ())
        ]
        return ChargeDetails(
            package_size=self.package_size,
            tiers=tuple(self._tier(tier, str(number)) for number, tier in enumerate(self.tiers or ())),
            rate_percent=charged.rate_percent if charged else None,
            transaction_fee_minor=self._minor(charged.fee if charged else None, "transactions", "fee") or 0,
            transaction_minimum_minor=self._minor(charged.minimum if charged else None, "transactions", "minimum"),
            transaction_maximum_minor=self._minor(charged.maximum if charged else None, "transactions", "maximum"),
            free_units=free.units if free else 0,
            free_transactions=free.transactions if free else None,
            free_amount_minor=self._minor(free.amount if free else None, "free", "amount"),
            minimum_minor=self._minor(self.minimum, "minimum"),
            maximum_minor=self._minor(self.maximum, "maximum"),
            first_tier_at_zero=self.first_tier_at_zero,
            prorated_by=self.prorated_by,
            allowances_prorated=self.partial_period_allowances is PartialPeriodAllowances.PROPORTIONAL,
            in_arrears=self.billed is PriceBilling.IN_ARREARS and self.meter_id is None,
            usage_thresholds_minor=tuple(amounts),
            commitment_minor=self._minor(commitment.amount if commitment else None, "minimumCommitment", "amount"),
            commitment_periods=commitment.periods if commitment else 1,
            commitment_in_full=commitment is not None and commitment.ending is CommitmentEnding.FULL,
            recurring_threshold_minor=self._minor(thresholds.recurring if thresholds else None, "usageThresholds", "recurring"),
        )

    def _tier(self, tier: PriceTierInput, number: str) -> Tier:
        of_amounts = self.model is PriceModel.GRADUATED_PERCENTAGE
        wrong, name = (tier.unit_amount, "unitAmount") if of_amounts else (tier.rate_percent, "ratePercent")
        if wrong is not None:
            raise InvalidInput(f"a {self.model} tier has no {name}", field=("tiers", number, name))
        return Tier(
            up_to=tier.up_to,
            unit_amount=(tier.rate_percent if of_amounts else tier.unit_amount) or Decimal(0),
            flat_amount_minor=self._minor(tier.flat_amount, "tiers", number, "flatAmount") or 0,
        )

    def _minor(self, amount: MoneyInput | None, *field: str) -> int | None:
        if amount is None:
            return None
        if amount.currency_code != self.currency_code:
            raise InvalidInput(
                f"the amount is in {amount.currency_code}, the price in {self.currency_code}", field=(*field, "currencyCode")
            )
        return amount.minor_units
