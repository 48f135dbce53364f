"""Which taxes a draft bears, by what the tenant configured and what the customer's and the plans' events have told."""

from collections.abc import Mapping, Sequence

from subgraphs.invoice.documents import (
    CustomerReplica,
    CustomerTaxRatesDocument,
    PlanReplica,
    ProfilePart,
    TaxConfigurationDocument,
)
from subgraphs.invoice.domain.customer_tax_rates import CustomerTaxRates
from subgraphs.invoice.domain.jurisdictions import Jurisdiction, region_of_address
from subgraphs.invoice.domain.tax_configuration import TaxConfiguration, TaxRate
from subgraphs.invoice.domain.taxation import CustomerTaxation, with_taxes
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
        own_rates: TenantReader[CustomerTaxRatesDocument],
        plans: TenantReader[PlanReplica],
        wait_seconds: float,
    ) -> None:
        self._configurations, self._customers, self._own_rates = configurations, customers, own_rates
        self._plans, self._wait = plans, wait_seconds

    async def on(self, tenant: str, draft: InvoiceDraft) -> InvoiceDraft:
        """Return the draft with the taxes that its lines bear, or with the customer's exemption.

        Raises:
            NotReady: the tenant has tax rates, and the customer is not known yet.
        """
        configured = await self._configurations.find(tenant, TaxConfiguration.id_of(tenant))
        if configured is None or not configured.rates:
            known = await self._customers.find(tenant, draft.customer_id)
            return with_taxes(draft, (), NO_RULE, CustomerTaxation(exemption=_exemption(known)))
        customer = await self._customers.wait_for(tenant, draft.customer_id, self._wait, lambda one: one.profile is not None)
        if customer is None or customer.profile is None:
            raise NotReady(f"customer {draft.customer_id!r} has not arrived")
        rates = tax_rates(configured)
        own = await self._own_rates.find(tenant, CustomerTaxRates.id_of(draft.customer_id))
        taxation = CustomerTaxation(
            customer_in=_jurisdiction(customer.profile),
            rate_ids=own.rate_ids if own else (),
            exemption=_exemption(customer),
        )
        categories = await self._plan_categories(tenant, draft, rates)
        return with_taxes(draft, rates, tax_rule(configured), taxation, categories)

    async def _plan_categories(self, tenant: str, draft: InvoiceDraft, rates: Sequence[TaxRate]) -> Mapping[str, str]:
        ids = list(dict.fromkeys(line.plan_id for line in draft.lines if line.plan_id is not None))
        if not ids or all(rate.tax_category is None for rate in rates):
            return {}
        plans = await self._plans.find_many(tenant, ids)
        return {plan.id: plan.tax_category for plan in plans if plan is not None and plan.tax_category is not None}


def _jurisdiction(profile: ProfilePart) -> Jurisdiction:
    return Jurisdiction(profile.country, region_of_address(profile.country, profile.address.region if profile.address else None))


def _exemption(customer: CustomerReplica | None) -> TaxExemption | None:
    status = customer.tax_status if customer else None
    if status is None or status.exemption == TaxExemptionKind.NONE:
        return None
    return TaxExemption(kind=TaxExemptionKind(status.exemption), reason=status.reason)
