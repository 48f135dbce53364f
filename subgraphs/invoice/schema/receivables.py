"""What is owed, by age, as the API shows it."""

import strawberry

from subgraphs.invoice.domain import receivables
from subgraphs.invoice.queries import open_receivables
from subgraphs.invoice.schema.context import Info
from subgraphs.invoice.schema.enums import Age
from subgraphs.kit.graphql.scalars import CurrencyCode, Money

__all__ = ["ReceivablesQuery"]

READ = [["invoices:read"]]


@strawberry.type(description="What is owed of invoices of one age.")
class ReceivablesOfAge:
    """As the API shows it."""

    age: Age = strawberry.field(description="How many days they are overdue.")
    amount: Money = strawberry.field(description="What is still owed of them.")
    invoices: int = strawberry.field(description="How many there are.")


@strawberry.type(description="What is owed in one currency, by age.")
class AgedReceivables:
    """As the API shows it."""

    currency_code: CurrencyCode = strawberry.field(description="The currency.")
    total: Money = strawberry.field(description="All that is owed in it.")
    by_age: list[ReceivablesOfAge] = strawberry.field(description="The same by age, every age, the youngest first.")

    @classmethod
    def of(cls, found: receivables.AgedReceivables) -> "AgedReceivables":
        return cls(
            currency_code=CurrencyCode(found.currency),
            total=Money.of(found.total),
            by_age=[
                ReceivablesOfAge(age=age, amount=Money.of(amount), invoices=count)
                for age, (amount, count) in found.by_age.items()
            ],
        )


@strawberry.type
class ReceivablesQuery:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=READ,
        description="What is owed of open invoices, per currency (at most 200) and age; uncollectible ones are not in it.",
    )
    async def aged_receivables(self, info: Info) -> list[AgedReceivables] | None:
        now = await info.context.now()
        found = receivables.aged(await open_receivables(info.context.tenant), now)
        return [AgedReceivables.of(one) for one in found]
