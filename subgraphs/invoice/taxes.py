"""Which taxes a draft bears, by what the tenant configured and what the customer's events have told."""

from subgraphs.invoice.documents import CustomerReplica, ProfilePart, TaxConfigurationDocument
from subgraphs.invoice.domain.jurisdictions import Jurisdiction, region_of_address
from subgraphs.invoice.domain.tax_configuration import TaxConfiguration
from subgraphs.invoice.domain.taxation import with_taxes
from subgraphs.invoice.domain.values import InvoiceDraft, TaxExemption, TaxExemptionKind
from subgraphs.invoice.projections import tax_rates, tax_rule
from subgraphs.kit.domain.errors import NotReady
from subgraphs.kit.persistence.documents import TenantReader
from subgraphs.pricing.tax import NO_RULE

__all__ = ["Taxes"]


class Taxes:
    """Puts taxes on drafts. A tenant without tax rates waits for nothing that is not known of its customers."""

    def __init__(
        self,
        configurations: TenantReader[TaxConfigurationDocument],
        customers: TenantReader[CustomerReplica],
        wait_seconds: float,
    ) -> None:
        self._configurations, self._customers, self._wait = configurations, customers, wait_seconds

    async def on(self, tenant: str, draft: InvoiceDraft) -> InvoiceDraft:
        """Return the draft with the taxes of its customer's country and region, or with the customer's exemption.

        Raises:
            NotReady: the tenant has tax rates, and the customer is not known yet.
        """
        configured = await self._configurations.find(tenant, TaxConfiguration.id_of(tenant))
        if configured is None or not configured.rates:
            known = await self._customers.find(tenant, draft.customer_id)
            return with_taxes(draft, (), NO_RULE, Jurisdiction(None), _exemption(known))
        customer = await self._customers.wait_for(tenant, draft.customer_id, self._wait, lambda one: one.profile is not None)
        if customer is None or customer.profile is None:
            raise NotReady(f"customer {draft.customer_id!r} has not arrived")
        return with_taxes(
            draft, tax_rates(configured), tax_rule(configured), _jurisdiction(customer.profile), _exemption(customer)
        )


def _jurisdiction(profile: ProfilePart) -> Jurisdiction:
    return Jurisdiction(profile.country, region_of_address(profile.country, profile.address.region if profile.address else None))


def _exemption(customer: CustomerReplica | None) -> TaxExemption | None:
    status = customer.tax_status if customer else None
    if status is None or status.exemption == TaxExemptionKind.NONE:
        return None
    return TaxExemption(kind=TaxExemptionKind(status.exemption), reason=status.reason)
