"""Change how a tenant tries again what could not be charged, and what is too little to charge."""

from subgraphs.invoice.domain.dunning import DunningCampaign
from subgraphs.invoice.domain.dunning_configuration import DunningConfiguration
from subgraphs.invoice.repository import DunningConfigurationRepository
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.money import Money

__all__ = ["remove_dunning_campaign", "remove_minimum_charge", "set_dunning_campaign", "set_minimum_charge"]


async def set_dunning_campaign(
    configurations: DunningConfigurationRepository, currency: str, campaign: DunningCampaign, context: CommandContext
) -> DunningConfiguration:
    """Follow the campaign for invoices in the currency, or in all that have none of their own; return the configuration.

    Raises:
        InvalidInput: the currency is unknown, or the campaign is out of range.
    """
    id = (await configurations.create(DunningConfiguration.create(context), context)).id
    return await configurations.update(id, context, lambda current: current.set_campaign(currency, campaign, context))


async def remove_dunning_campaign(
    configurations: DunningConfigurationRepository, currency: str, context: CommandContext
) -> DunningConfiguration:
    """Follow the campaign of all others for this currency again; return the configuration."""
    id = (await configurations.create(DunningConfiguration.create(context), context)).id
    return await configurations.update(id, context, lambda current: current.remove_campaign(currency, context))


async def set_minimum_charge(
    configurations: DunningConfigurationRepository, amount: Money, context: CommandContext
) -> DunningConfiguration:
    """Charge nothing below `amount` of its currency by itself; return the configuration.

    Raises:
        InvalidInput: the amount is out of range.
    """
    id = (await configurations.create(DunningConfiguration.create(context), context)).id
    return await configurations.update(id, context, lambda current: current.set_minimum_charge(amount, context))


async def remove_minimum_charge(
    configurations: DunningConfigurationRepository, currency: str, context: CommandContext
) -> DunningConfiguration:
    """Follow the payment provider's minimum alone in this currency again; return the configuration."""
    id = (await configurations.create(DunningConfiguration.create(context), context)).id
    return await configurations.update(id, context, lambda current: current.remove_minimum_charge(currency, context))
