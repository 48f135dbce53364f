"""The least that is charged by itself: the payment provider's own, or the tenant's where that is higher."""

from subgraphs.invoice.commands.settle_payment import PaymentProviders
from subgraphs.invoice.documents import DunningConfigurationDocument
from subgraphs.invoice.domain.dunning_configuration import DunningConfiguration
from subgraphs.invoice.domain.values import PaymentMethod
from subgraphs.kit.domain.money import Money
from subgraphs.kit.persistence.documents import TenantReader

__all__ = ["ConfiguredMinimumCharges"]


class ConfiguredMinimumCharges:
    """Reads configurations and asks providers."""

    def __init__(self, configurations: TenantReader[DunningConfigurationDocument], providers: PaymentProviders) -> None:
        self._configurations, self._providers = configurations, providers

    async def of(self, tenant: str, currency: str, method: PaymentMethod | None) -> Money | None:
        """Return the least of a currency that the tenant's invoices charge to the method by themselves; None: any amount.

        Without a method only the tenant's own counts: which provider it would be is not known.
        """
        found = await self._configurations.find(tenant, DunningConfiguration.id_of(tenant))
        provider = self._providers.get(method.provider) if method is not None else None
        own = Money(found.minimum_charges.get(currency, 0) if found else 0, currency)
        of_provider = (provider.minimum_charge(currency) if provider is not None else None) or Money.zero(currency)
        return max(own, of_provider) or None
