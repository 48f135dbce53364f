"""Which prices can be."""

from collections.abc import Sequence
from decimal import Decimal

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.pricing.charge import NO_DETAILS, Charge, ChargeDetails, PriceModel, Tier

__all__ = ["checked_charge"]

# Digits of a unit amount after the decimal point, in major units.
UNIT_AMOUNT_DIGITS = 12
LARGEST_UNIT_AMOUNT = Decimal(10) ** 12
LARGEST_AMOUNT = 10**15
LARGEST_QUANTITY = 10**12
TIERS = 100
THRESHOLDS = 20
COMMITMENT_PERIODS = 120


def checked_charge(charge: Charge) -> Charge:
    """Return the charge when it has the numbers of its model, all of them in range, and none of another.

    Raises:
        InvalidInput: names the first field at fault, as the API's input has it.
    """
    model, details = charge.model, charge.details
    _only(charge.flat_amount_minor is not None, model is PriceModel.FLAT, model, "flatAmount")
    _only(charge.unit_amount is not None, model in {PriceModel.PER_UNIT, PriceModel.PACKAGE}, model, "unitAmount")
    _only(details.package_size is not None, model is PriceModel.PACKAGE, model, "packageSize")
    _only(bool(details.tiers), model.is_tiered, model, "tiers")
    _only(details.rate_percent is not None, model is PriceModel.PERCENTAGE, model, "transactions")
    _check_amount(charge.flat_amount_minor, "flatAmount", "minorUnits")
    _check_unit_amount(charge.unit_amount, ("unitAmount",))
    if details.package_size is not None and not 1 <= details.package_size <= LARGEST_QUANTITY:
        raise InvalidInput(f"a package has 1 to {LARGEST_QUANTITY} units", field=("packageSize",))
    _check_tiers(details.tiers, model)
    _check_percentage(details, model)
    _check_bounds(details, model)
    _check_thresholds(details)
    _check_commitment(details)
    return charge


def _only(given: bool, wanted: bool, model: PriceModel, field: str) -> None:
    article = "an" if field[0] in "aeio" else "a"  # a unit amount
    if given and not wanted:
        raise InvalidInput(f"a {model} price has no {field}", field=(field,))
    if wanted and not given:
        raise InvalidInput(f"a {model} price needs {article} {field}", field=(field,))


def _check_amount(amount: int | None, *field: str) -> None:
    if amount is not None and not 0 <= amount <= LARGEST_AMOUNT:
        raise InvalidInput(f"an amount is 0 to {LARGEST_AMOUNT} minor units", field=field)


def _check_unit_amount(amount: Decimal | None, field: tuple[str, ...]) -> None:
    if amount is None:
        return
    if not amount.is_finite() or not 0 <= amount <= LARGEST_UNIT_AMOUNT:
        raise InvalidInput(f"a unit amount is 0 to {LARGEST_UNIT_AMOUNT}", field=field)
    exponent = amount.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > UNIT_AMOUNT_DIGITS:
        raise InvalidInput(f"a unit amount has at most {UNIT_AMOUNT_DIGITS} decimals", field=field)


def _check_tiers(tiers: Sequence[Tier], model: PriceModel) -> None:
    if len(tiers) > TIERS:
        raise InvalidInput(f"a price has at most {TIERS} tiers", field=("tiers",))
    below = Decimal(0)
    for number, tier in enumerate(tiers):
        place = ("tiers", str(number))
        last = number == len(tiers) - 1
        if tier.up_to is None and not last:
            raise InvalidInput("only the last tier goes on without end", field=(*place, "upTo"))
        if tier.up_to is not None and last:
            raise InvalidInput("the last tier goes on without end: its upTo is null", field=(*place, "upTo"))
        if tier.up_to is not None and not (tier.up_to.is_finite() and below < tier.up_to <= LARGEST_QUANTITY):
            raise InvalidInput(f"a tier ends above {below:f}, where the one before it does", field=(*place, "upTo"))
        if model is PriceModel.STAIRSTEP and tier.unit_amount:
            raise InvalidInput("a STAIRSTEP tier has a flatAmount and no unitAmount", field=(*place, "unitAmount"))
        unit = "ratePercent" if model is PriceModel.GRADUATED_PERCENTAGE else "unitAmount"
        if model is PriceModel.GRADUATED_PERCENTAGE and tier.unit_amount > 100:
            raise InvalidInput("a rate is 0 to 100 percent", field=(*place, unit))
        _check_unit_amount(tier.unit_amount, (*place, unit))
        _check_amount(tier.flat_amount_minor, *place, "flatAmount", "minorUnits")
        below = tier.up_to or below


def _check_percentage(details: ChargeDetails, model: PriceModel) -> None:
    names = {
        "transaction_fee_minor": ("transactions", "fee"),
        "transaction_minimum_minor": ("transactions", "minimum"),
        "transaction_maximum_minor": ("transactions", "maximum"),
        "free_transactions": ("free", "transactions"),
        "free_amount_minor": ("free", "amount"),
    }
    for name, field in names.items():
        value = getattr(details, name)
        if model is not PriceModel.PERCENTAGE and value != getattr(NO_DETAILS, name):
            raise InvalidInput(f"a {model} price has no {' '.join(field)}", field=field)
        _check_amount(value, *field)
    rate = details.rate_percent
    if rate is not None and not (rate.is_finite() and 0 <= rate <= 100):
        raise InvalidInput("a rate is 0 to 100 percent", field=("transactions", "ratePercent"))
    _check_unit_amount(rate, ("transactions", "ratePercent"))
    lowest, highest = details.transaction_minimum_minor, details.transaction_maximum_minor
    if lowest is not None and highest is not None and lowest > highest:
        raise InvalidInput("the maximum of a transaction is not below its minimum", field=("transactions", "maximum"))


def _check_bounds(details: ChargeDetails, model: PriceModel) -> None:
    if details.free_units and (model in {PriceModel.FLAT, PriceModel.STAIRSTEP} or model.is_of_transactions):
        raise InvalidInput(f"a {model} price has no free units", field=("free", "units"))
    if not 0 <= details.free_units <= LARGEST_QUANTITY:
        raise InvalidInput(f"free units are 0 to {LARGEST_QUANTITY}", field=("free", "units"))
    _check_amount(details.minimum_minor, "minimum", "minorUnits")
    _check_amount(details.maximum_minor, "maximum", "minorUnits")
    lowest, highest = details.minimum_minor, details.maximum_minor
    if lowest is not None and highest is not None and lowest > highest:
        raise InvalidInput("the maximum is not below the minimum", field=("maximum",))


def _check_thresholds(details: ChargeDetails) -> None:
    if len(details.usage_thresholds_minor) > THRESHOLDS:
        raise InvalidInput(f"a price has at most {THRESHOLDS} usage thresholds", field=("usageThresholds", "amounts"))
    below = 0
    for number, amount in enumerate(details.usage_thresholds_minor):
        if not below < amount <= LARGEST_AMOUNT:
            place = ("usageThresholds", "amounts", str(number), "minorUnits")
            raise InvalidInput(f"a threshold is {below + 1} to {LARGEST_AMOUNT} minor units: they ascend", field=place)
        below = amount
    recurring = details.recurring_threshold_minor
    if recurring is not None and not 1 <= recurring <= LARGEST_AMOUNT:
        raise InvalidInput(
            f"a threshold is 1 to {LARGEST_AMOUNT} minor units", field=("usageThresholds", "recurring", "minorUnits")
        )


def _check_commitment(details: ChargeDetails) -> None:
    amount = details.commitment_minor
    if amount is not None and not 1 <= amount <= LARGEST_AMOUNT:
        place = ("minimumCommitment", "amount", "minorUnits")
        raise InvalidInput(f"a commitment is 1 to {LARGEST_AMOUNT} minor units", field=place)
    if not 1 <= details.commitment_periods <= COMMITMENT_PERIODS:
        raise InvalidInput(
            f"a commitment is for 1 to {COMMITMENT_PERIODS} billing periods", field=("minimumCommitment", "periods")
        )
