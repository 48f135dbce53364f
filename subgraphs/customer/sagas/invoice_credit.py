"""Uses customers' wallets and balance for invoices, gives back what was used, and keeps what invoices could not charge.

The agreement with whoever issues invoices, each event of it at least once and in the order of its invoice:

    invoice-credit-requested.v1   before an invoice is charged: how much credit it could use
    invoice-credit-applied.v1     the answer: how much of it is paid so, possibly nothing, and what was owed before
    invoice-carried-forward.v1    what was left was too little to charge: it is owed in the balance
    invoice-voided.v1             what was used goes back, and invoice-credit-returned.v1 says so
    credit-note-issued.v1         what it gives back to the balance is added to it
"""

import msgspec

from subgraphs.customer.commands.apply_credit import CreditStores, apply_credit, return_credit
from subgraphs.customer.commands.change_balance import carry_forward, credit_balance
from subgraphs.customer.commands.merge_customers import MergeStores, complete_merge
from subgraphs.customer.open_items import OpenItems
from subgraphs.kit.domain.errors import NotFound, NotReady
from subgraphs.kit.domain.money import Money
from subgraphs.kit.messaging.consumer import Received

__all__ = ["CarriedForward", "CreditNoteIssued", "CreditRequested", "InvoiceCreditSaga"]

ACTOR = "system:credit"


class CreditRequested(msgspec.Struct, frozen=True, rename="camel"):
    """What invoice-credit-requested.v1 tells, as far as it matters here."""

    invoice_id: str
    customer_id: str
    currency: str
    amount_minor: int


class CarriedForward(msgspec.Struct, frozen=True, rename="camel"):
    """What invoice-carried-forward.v1 tells, as far as it matters here."""

    invoice_id: str
    customer_id: str
    currency: str
    carried_forward_minor: int


class CreditNoteIssued(msgspec.Struct, frozen=True, rename="camel"):
    """What credit-note-issued.v1 tells, as far as it matters here. `balance_minor` is what it gives back to the balance, or 0."""

    credit_note_id: str
    customer_id: str
    currency: str
    balance_minor: int


class _InvoiceNamed(msgspec.Struct, frozen=True, rename="camel"):
    invoice_id: str


class InvoiceCreditSaga:
    """Handlers of the invoice subgraph's events."""

    def __init__(self, stores: CreditStores, merge: MergeStores, open_items: OpenItems) -> None:
        self._stores, self._merge, self._open_items = stores, merge, open_items

    async def apply(self, received: Received) -> None:
        told = msgspec.convert(received.event.data, CreditRequested)
        due, context = Money(told.amount_minor, told.currency), received.context(ACTOR)
        try:
            await apply_credit(self._stores, told.customer_id, told.invoice_id, due, context)
        except NotFound as error:
            raise NotReady(error.message) from error
        # A request that had to be tried again may come after the invoice was voided. Voiding is noted before it looks for what
        # was used, and what is used is recorded before this looks for the note: one of the two sees the other.
        if await self._open_items.is_voided(context.tenant, told.invoice_id):
            await return_credit(self._stores, told.invoice_id, context)

    async def give_back(self, received: Received) -> None:
        told = msgspec.convert(received.event.data, _InvoiceNamed)
        context = received.context(ACTOR)
        application = await return_credit(self._stores, told.invoice_id, context)
        if application is not None:  # where the customer has become an alias, what came back moves on
            await complete_merge(self._merge, application.applied.customer_id, context)

    async def carry_forward(self, received: Received) -> None:
        told = msgspec.convert(received.event.data, CarriedForward)
        amount, context, stores = Money(told.carried_forward_minor, told.currency), received.context(ACTOR), self._stores
        try:
            await carry_forward(stores.customers, stores.balances, told.customer_id, told.invoice_id, amount, context)
        except NotFound as error:
            raise NotReady(error.message) from error
        # Where the customer became an alias meanwhile, what is owed moves on.
        await complete_merge(self._merge, told.customer_id, context)

    async def credit_note(self, received: Received) -> None:
        told = msgspec.convert(received.event.data, CreditNoteIssued)
        if told.balance_minor <= 0:
            return
        amount, context = Money(told.balance_minor, told.currency), received.context(ACTOR)
        stores = self._stores
        await credit_balance(stores.customers, stores.balances, told.customer_id, told.credit_note_id, amount, context)
