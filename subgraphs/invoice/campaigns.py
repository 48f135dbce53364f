"""The tenants' dunning campaigns, as they are configured now."""

import msgspec

from subgraphs.invoice.documents import DunningConfigurationDocument
from subgraphs.invoice.domain.dunning import DunningCampaign
from subgraphs.invoice.domain.dunning_configuration import DunningConfiguration, campaign_for
from subgraphs.kit.persistence.documents import TenantReader

__all__ = ["ConfiguredCampaigns"]


class ConfiguredCampaigns:
    """Reads configurations."""

    def __init__(self, configurations: TenantReader[DunningConfigurationDocument]) -> None:
        self._configurations = configurations

    async def of(self, tenant: str, currency: str) -> DunningCampaign:
        """Return the campaign for a tenant's invoices in the currency."""
        found = await self._configurations.find(tenant, DunningConfiguration.id_of(tenant))
        campaigns = {
            value.currency: msgspec.convert(value.model_dump(exclude={"currency"}), DunningCampaign)
            for value in (found.campaigns if found else [])
        }
        return campaign_for(campaigns, currency)
