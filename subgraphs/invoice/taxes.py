"""Which taxes a draft bears, by what the tenant configured and what the customer's events have told."""

from subgraphs.invoice.documents import CustomerReplica, TaxConfigurationDocument
from subgraphs.invoice.domain.tax_configuration import TaxConfiguration
from subgraphs.invoice.domain.taxation import with_taxes
from subgraphs.invoice.domain.values import InvoiceDraft, TaxExemption
from subgraphs.invoice.projections import tax_rates, tax_rule
from subgraphs.kit.domain.errors import NotReady
from subgraphs.kit.persistence.documents import TenantReader

__all__ = ["Taxes"]

TAXED = "NONE"


class Taxes:
    """Puts taxes on drafts. A tenant without tax rates needs nothing of its customers for it."""

    def __init__(
        self,
        configurations: TenantReader[TaxConfigurationDocument],
        customers: TenantReader[CustomerReplica],
        wait_seconds: float,
    ) -> None:
        self._configurations, self._customers, self._wait = configurations, customers, wait_seconds

    async def on(self, tenant: str, draft: InvoiceDraft) -> InvoiceDraft:
        """Return the draft with the taxes of its customer's country.

        Raises:
            NotReady: the customer is not known yet.
        """
        configured = await self._configurations.find(tenant, TaxConfiguration.id_of(tenant))
        if configured is None or not configured.rates:
            return draft
        customer = await self._customers.wait_for(tenant, draft.customer_id, self._wait, lambda one: one.profile is not None)
        if customer is None or customer.profile is None:
            raise NotReady(f"customer {draft.customer_id!r} has not arrived")
        status = customer.tax_status
        exemption = TaxExemption(kind=status.exemption, reason=status.reason) if status and status.exemption != TAXED else None
        return with_taxes(draft, tax_rates(configured), tax_rule(configured), customer.profile.country, exemption)
