"""Change which taxes a tenant charges, and how they are rounded."""

from decimal import Decimal

from subgraphs.invoice.domain.tax_configuration import TaxConfiguration, TaxRate
from subgraphs.invoice.repository import TaxConfigurationRepository
from subgraphs.kit.domain.command import CommandContext
from subgraphs.pricing.tax import TaxRule

__all__ = ["add_tax_rate", "remove_tax_rate", "set_tax_rounding"]


async def add_tax_rate(
    taxes: TaxConfigurationRepository,
    name: str,
    percentage: Decimal,
    inclusive: bool,
    country: str,
    context: CommandContext,
) -> tuple[TaxConfiguration, TaxRate]:
    """Add a rate and return it with the configuration.

    Raises:
        InvalidInput: the name, percentage or country is malformed, or there are too many rates.
    """
    rate = TaxRate(id=context.new_id("txr"), name=name.strip(), percentage=percentage, inclusive=inclusive, country=country)
    id = await _existing(taxes, context)
    return await taxes.update(id, context, lambda current: current.add_rate(rate, context)), rate


async def remove_tax_rate(taxes: TaxConfigurationRepository, id: str, context: CommandContext) -> TaxConfiguration:
    """Remove a rate and return the configuration.

    Raises:
        NotFound: there never was such a rate.
    """
    configuration_id = await _existing(taxes, context)
    return await taxes.update(configuration_id, context, lambda current: current.remove_rate(id, context))


async def set_tax_rounding(taxes: TaxConfigurationRepository, rule: TaxRule, context: CommandContext) -> TaxConfiguration:
    """Set how taxes are rounded and return the configuration."""
    id = await _existing(taxes, context)
    return await taxes.update(id, context, lambda current: current.set_rounding(rule, context))


async def _existing(taxes: TaxConfigurationRepository, context: CommandContext) -> str:
    return (await taxes.create(TaxConfiguration.create(context), context)).id
