"""Change which taxes a tenant charges, and how they are rounded."""

from decimal import Decimal

from subgraphs.invoice.domain.tax_configuration import TaxConfiguration, TaxRate
from subgraphs.invoice.domain.values import TaxCategory
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
    category: TaxCategory | None = None,
    exemption_reason: str | None = None,
    region: str | None = None,
    tax_category: str | None = None,
) -> tuple[TaxConfiguration, TaxRate]:
    """Add a rate and return it with the configuration. Its category is STANDARD unless said otherwise, of 0 % ZERO_RATED.

    Raises:
        InvalidInput: the name, percentage, category, reason, country, region or tax category is malformed, or there are too many
            rates.
        AlreadyExists: the country or region has a tax of this name and tax category.
    """
    rate = TaxRate(
        id=context.new_id("txr"),
        name=name.strip(),
        percentage=percentage,
        inclusive=inclusive,
        country=country,
        category=category or (TaxCategory.STANDARD if percentage > 0 else TaxCategory.ZERO_RATED),
        exemption_reason=exemption_reason.strip() if exemption_reason is not None else None,
        region=region,
        tax_category=tax_category,
    )
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
