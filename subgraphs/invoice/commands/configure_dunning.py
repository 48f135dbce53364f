"""Change how a tenant tries again what could not be charged."""

from subgraphs.invoice.domain.dunning import DunningCampaign
from subgraphs.invoice.domain.dunning_configuration import DunningConfiguration
from subgraphs.invoice.repository import DunningConfigurationRepository
from subgraphs.kit.domain.command import CommandContext

__all__ = ["remove_dunning_campaign", "set_dunning_campaign"]


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
