"""Changing customers."""

from typing import Annotated

import strawberry

from subgraphs.customer.commands.archive_customer import archive_customer
from subgraphs.customer.commands.attach_payment_method import attach_payment_method
from subgraphs.customer.commands.change_payment_method import detach_payment_method, make_payment_method_default
from subgraphs.customer.commands.create_customer import create_customer
from subgraphs.customer.commands.unarchive_customer import unarchive_customer
from subgraphs.customer.commands.update_customer import update_customer
from subgraphs.customer.domain.values import card_expiry
from subgraphs.customer.schema.context import Info
from subgraphs.customer.schema.credit_mutation import CreditMutation
from subgraphs.customer.schema.erasure_mutation import ErasureMutation
from subgraphs.customer.schema.inputs import (
    CustomerArchiveInput,
    CustomerCreateInput,
    CustomerUnarchiveInput,
    CustomerUpdateInput,
    PaymentMethodAttachInput,
    PaymentMethodDetachInput,
    PaymentMethodMakeDefaultInput,
)
from subgraphs.customer.schema.merge_mutation import MergeMutation
from subgraphs.customer.schema.payloads import WHAT, WRITE, CustomerPayload
from subgraphs.customer.schema.tax_mutation import TaxMutation
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.graphql.writes import write

__all__ = ["Mutation"]


@strawberry.type(description="Answer of customerCreate.")
class CustomerCreatePayload(CustomerPayload):
    """Answer of customerCreate."""


@strawberry.type(description="Answer of customerUpdate.")
class CustomerUpdatePayload(CustomerPayload):
    """Answer of customerUpdate."""


@strawberry.type(description="Answer of customerArchive.")
class CustomerArchivePayload(CustomerPayload):
    """Answer of customerArchive."""


@strawberry.type(description="Answer of customerUnarchive.")
class CustomerUnarchivePayload(CustomerPayload):
    """Answer of customerUnarchive."""


@strawberry.type(description="Answer of paymentMethodAttach.")
class PaymentMethodAttachPayload(CustomerPayload):
    """Answer of paymentMethodAttach."""


@strawberry.type(description="Answer of paymentMethodDetach.")
class PaymentMethodDetachPayload(CustomerPayload):
    """Answer of paymentMethodDetach."""


@strawberry.type(description="Answer of paymentMethodMakeDefault.")
class PaymentMethodMakeDefaultPayload(CustomerPayload):
    """Answer of paymentMethodMakeDefault."""


@strawberry.type
class Mutation(TaxMutation, CreditMutation, MergeMutation, ErasureMutation):
    """Root fields."""

    @strawberry.federation.field(requires_scopes=WRITE, description="Create a customer.")
    @write(CustomerCreatePayload)
    async def customer_create(self, info: Info, input: Annotated[CustomerCreateInput, WHAT]) -> CustomerCreatePayload:
        services = info.context.deps
        customer = await create_customer(
            services.customers, services.claims, input.profile(), input.currency_code, input.external_id, await _command(info)
        )
        return CustomerCreatePayload.done(customer)

    @strawberry.federation.field(requires_scopes=WRITE, description="Change parts of a customer's profile.")
    @write(CustomerUpdatePayload)
    async def customer_update(self, info: Info, input: Annotated[CustomerUpdateInput, WHAT]) -> CustomerUpdatePayload:
        return CustomerUpdatePayload.done(
            await update_customer(info.context.deps.customers, input.id, input.changes(), await _command(info))
        )

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Archive a customer: it can be given no new plan subscriptions or invoices, and its profile does not change. Plan "
            "subscriptions that it has go on and are billed: cancel them. Repeating it changes nothing."
        ),
    )
    @write(CustomerArchivePayload)
    async def customer_archive(self, info: Info, input: Annotated[CustomerArchiveInput, WHAT]) -> CustomerArchivePayload:
        return CustomerArchivePayload.done(await archive_customer(info.context.deps.customers, input.id, await _command(info)))

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Take a customer back from the archive: it can be billed and changed as before. One that was merged or erased stays "
            "so. Repeating it changes nothing."
        ),
    )
    @write(CustomerUnarchivePayload)
    async def customer_unarchive(self, info: Info, input: Annotated[CustomerUnarchiveInput, WHAT]) -> CustomerUnarchivePayload:
        customers = info.context.deps.customers
        return CustomerUnarchivePayload.done(await unarchive_customer(customers, input.id, await _command(info)))

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Give a customer a way to pay; the first one is the default in any case. Attaching the same one again changes its "
            "expiry, where that is given, and makes it the default by makeDefault."
        ),
    )
    @write(PaymentMethodAttachPayload)
    async def payment_method_attach(
        self, info: Info, input: Annotated[PaymentMethodAttachInput, WHAT]
    ) -> PaymentMethodAttachPayload:
        customer = await attach_payment_method(
            info.context.deps.customers,
            input.customer_id,
            input.provider,
            input.token,
            input.label,
            default=input.make_default,
            context=await _command(info),
            expires_on=card_expiry(input.expiry_month, input.expiry_year),
        )
        return PaymentMethodAttachPayload.done(customer)

    @strawberry.federation.field(
        requires_scopes=WRITE, description="Remove a way to pay. Where it was the default, the oldest remaining one becomes it."
    )
    @write(PaymentMethodDetachPayload)
    async def payment_method_detach(
        self, info: Info, input: Annotated[PaymentMethodDetachInput, WHAT]
    ) -> PaymentMethodDetachPayload:
        customer = await detach_payment_method(
            info.context.deps.customers, input.customer_id, input.payment_method_id, await _command(info)
        )
        return PaymentMethodDetachPayload.done(customer)

    @strawberry.federation.field(
        requires_scopes=WRITE, description="Charge another of the customer's payment methods from now on."
    )
    @write(PaymentMethodMakeDefaultPayload)
    async def payment_method_make_default(
        self, info: Info, input: Annotated[PaymentMethodMakeDefaultInput, WHAT]
    ) -> PaymentMethodMakeDefaultPayload:
        customer = await make_payment_method_default(
            info.context.deps.customers, input.customer_id, input.payment_method_id, await _command(info)
        )
        return PaymentMethodMakeDefaultPayload.done(customer)


async def _command(info: Info) -> CommandContext:
    return await info.context.command()
