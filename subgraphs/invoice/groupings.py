"""Which bills come on one invoice, by what the tenant set and what the customer's events have told."""

from datetime import datetime

from subgraphs.invoice.documents import CustomerReplica, InvoiceGroupingDocument
from subgraphs.invoice.domain.invoice_grouping import DEFAULT_GROUPING, BillGroup, Grouping, InvoiceGrouping
from subgraphs.invoice.domain.values import Bill
from subgraphs.kit.domain.errors import NotReady
from subgraphs.kit.persistence.claims import ClaimStore
from subgraphs.kit.persistence.documents import TenantReader
from subgraphs.kit.persistence.tenant_clocks import TenantClocks

__all__ = ["Groupings"]

# What is claimed for each bill: the name of its group, or this.
OWN_INVOICE = "own"
SCOPE = "bill"
NO_TIME_ZONE = "UTC"


class Groupings:
    """Decides for each bill once: what was decided first stands, whatever is set or told meanwhile."""

    def __init__(
        self,
        groupings: TenantReader[InvoiceGroupingDocument],
        customers: TenantReader[CustomerReplica],
        claims: ClaimStore,
        clocks: TenantClocks,
    ) -> None:
        self._groupings, self._customers, self._claims, self._clocks = groupings, customers, claims, clocks

    async def of(self, tenant: str, customer_id: str | None) -> Grouping:
        """Return the customer's grouping, else that of all customers, else the default."""
        ids = [InvoiceGrouping.id_of(tenant, customer_id), InvoiceGrouping.id_of(tenant)]
        for found in await self._groupings.find_many(tenant, ids):
            if found is not None and found.consolidate is not None:
                return Grouping(consolidate=found.consolidate, draft_minutes=found.draft_minutes)
        return DEFAULT_GROUPING

    async def group_of(
        self,
        tenant: str,
        bill: Bill,
        customer_id: str,
        currency: str,
        payment_method_id: str | None,
        at: datetime,
        days_until_due: int | None = None,
    ) -> BillGroup | None:
        """Return the group of what is billed at `at`, None where it has an invoice of its own; again: the same.

        What is sent, and due `days_until_due` later, is not on an invoice with what is charged, nor with what is due at another
        time.

        Raises:
            NotReady: the customer, whose time zone decides the day, is not known yet.
        """
        wanted = OWN_INVOICE
        if (await self.of(tenant, customer_id)).consolidate:
            customer = await self._customers.find(tenant, customer_id)
            if customer is None or customer.profile is None:
                raise NotReady(f"customer {customer_id!r} has not arrived")
            time_zone = customer.profile.time_zone or NO_TIME_ZONE
            wanted = BillGroup.of(customer_id, currency, payment_method_id, at, time_zone, days_until_due).name
        decided = await self._claims.claim(tenant, SCOPE, f"{bill.plan_subscription_id}/{bill.period_number}", wanted)
        return None if decided == OWN_INVOICE else BillGroup.parse(decided)

    async def finalize_at(self, tenant: str, customer_id: str, at: datetime) -> datetime:
        """Return until when a draft takes further bills whose first one comes at `at`.

        One that comes late counts from now on, except on a clock of the tenant's own: that passes days in one step.
        """
        draft_for = (await self.of(tenant, customer_id)).draft_for
        on_own_clock = await self._clocks.frozen_at(tenant) is not None
        return (at if on_own_clock else max(at, await self._clocks.now(tenant))) + draft_for
