"""Change a customer's balance."""

from collections.abc import Callable

from subgraphs.customer.domain.balance import CustomerBalance
from subgraphs.customer.domain.balance_events import BalanceEntryKind
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.values import CustomerStatus
from subgraphs.customer.repository import BalanceRepository, CustomerRepository
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidState
from subgraphs.kit.domain.ids import derived_id
from subgraphs.kit.domain.money import Money

__all__ = [
    "adjust_balance",
    "carry_forward",
    "change_balance",
    "credit_balance",
    "current_customer",
    "find_balance",
]


async def adjust_balance(
    customers: CustomerRepository,
    balances: BalanceRepository,
    customer_id: str,
    amount: Money,
    description: str | None,
    *,
    allow_negative: bool,
    context: CommandContext,
) -> CustomerBalance:
    """Add `amount` to the customer's balance in its currency, negative to take away, and return the balance.

    Raises:
        NotFound: there is no such customer.
        InvalidInput: the amount is zero or too large, or the description too long.
        InsufficientBalance: more would be taken than is there, and `allow_negative` is False.
        InvalidState: the customer is an alias: its balance is with the customer it was merged into.
    """
    customer = await customers.get(context.tenant, customer_id, field=("customerId",))
    if customer.status is CustomerStatus.MERGED:
        raise InvalidState(f"customer {customer.id!r} was merged into {customer.merged_into_id!r}: adjust that one")

    if customer.status is CustomerStatus.ERASED:
        description = None  # what names nobody now must not do so again

    def adjust(balance: CustomerBalance) -> None:
        balance.adjust(amount, description, allow_negative=allow_negative, context=context)

    return await change_balance(balances, customer, amount.currency, adjust, context)


async def credit_balance(
    customers: CustomerRepository,
    balances: BalanceRepository,
    customer_id: str,
    credit_note_id: str,
    amount: Money,
    context: CommandContext,
) -> CustomerBalance:
    """Add what a credit note gives back to the customer, or to the one it was merged into; the same note adds nothing again.

    Raises:
        NotFound: there is no such customer.
        InvalidInput: the amount is not above zero.
    """
    customer = await current_customer(customers, context.tenant, customer_id)
    return await change_balance(
        balances, customer, amount.currency, lambda balance: balance.credit(credit_note_id, amount, context), context
    )


async def carry_forward(
    customers: CustomerRepository,
    balances: BalanceRepository,
    customer_id: str,
    invoice_id: str,
    amount: Money,
    context: CommandContext,
) -> None:
    """Owe what an invoice left that was too little to charge; the same invoice adds nothing again, also where the customer was
    merged into another one since.

    Raises:
        NotFound: there is no such customer.
        InvalidInput: the amount is not above zero.
    """
    customer = await customers.get(context.tenant, customer_id, field=("customerId",))
    while True:
        balance = await find_balance(balances, customer, amount.currency)
        if balance is not None and balance.has(BalanceEntryKind.CARRIED_FORWARD, invoice_id):
            return
        if customer.merged_into_id is None:
            break
        customer = await customers.get(context.tenant, customer.merged_into_id)
    await change_balance(
        balances, customer, amount.currency, lambda balance: balance.carry_forward(invoice_id, amount, context), context
    )


async def change_balance(
    balances: BalanceRepository,
    customer: Customer,
    currency: str,
    change: Callable[[CustomerBalance], None],
    context: CommandContext,
) -> CustomerBalance:
    """Change the customer's balance in `currency`, which is opened by its first entry: refused changes leave none behind."""
    id = _balance_id(customer, currency)
    if await balances.find(context.tenant, id) is None:
        balance = CustomerBalance.open(id, customer.id, currency, context)
        change(balance)
        opened = await balances.create(balance, context)
        if opened is balance:
            return opened
    return await balances.update(id, context, change)


async def find_balance(balances: BalanceRepository, customer: Customer, currency: str) -> CustomerBalance | None:
    """Return the customer's balance in `currency`, None before its first entry."""
    return await balances.find(customer.tenant, _balance_id(customer, currency))


async def current_customer(customers: CustomerRepository, tenant: str, id: str) -> Customer:
    """Return the customer, or whom it was merged into.

    Raises:
        NotFound: there is no such customer.
    """
    customer = await customers.get(tenant, id, field=("customerId",))
    while customer.merged_into_id is not None:  # no cycle: only an active customer is merged into
        customer = await customers.get(tenant, customer.merged_into_id)
    return customer


def _balance_id(customer: Customer, currency: str) -> str:
    return derived_id("bal", customer.created.created_at, customer.tenant, customer.id, currency)
