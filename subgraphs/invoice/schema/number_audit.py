"""The proof that numbers have no gap, as the API shows it."""

from enum import StrEnum
from typing import Annotated

import strawberry

from subgraphs.invoice.domain.numbering import CREDIT_NOTE_SERIES, DEFAULT_SERIES, format_number
from subgraphs.invoice.schema.context import Info
from subgraphs.invoice.schema.types import READ
from subgraphs.kit.graphql.enums import described_enum

__all__ = ["NumberAuditQuery"]


class NumberSeries(StrEnum):
    """What is numbered."""

    INVOICES = DEFAULT_SERIES
    CREDIT_NOTES = CREDIT_NOTE_SERIES


described_enum(
    NumberSeries,
    {
        "INVOICES": "The numbers of invoices.",
        "CREDIT_NOTES": "The numbers of credit notes.",
    },
    description="A series of numbers.",
)


@strawberry.type(description="A number that no document bears.")
class MissingNumber:
    """As the API shows it."""

    number: str = strawberry.field(description="The number.")
    held_by: strawberry.ID | None = strawberry.field(
        description="The document that it was taken for and that is not finished yet; null: it was never given, or its document "
        "is gone."
    )


@strawberry.type(description="A number that more than one document bears.")
class DuplicateNumber:
    """As the API shows it."""

    number: str = strawberry.field(description="The number.")
    ids: list[strawberry.ID] = strawberry.field(description="The documents that bear it; at most ten.")


@strawberry.type(description="Whether a series of numbers has no gap and no number twice.")
class InvoiceNumberAudit:
    """As the API shows it."""

    is_complete: bool = strawberry.field(
        description="Whether every number from 1 to the last is on exactly one document, and no other number is on any."
    )
    first: str | None = strawberry.field(description="The lowest number; null: there is none yet.")
    last: str | None = strawberry.field(description="The highest number.")
    count: int = strawberry.field(description="How many documents bear a number of the series.")
    missing_count: int = strawberry.field(description="How many numbers from 1 to the last no document bears.")
    missing: list[MissingNumber] = strawberry.field(description="The lowest of them, at most 100.")
    duplicate_count: int = strawberry.field(description="How many numbers more than one document bears.")
    duplicates: list[DuplicateNumber] = strawberry.field(description="The lowest of them, at most 100.")
    foreign_count: int = strawberry.field(description="How many documents bear a number that is none of the series.")
    foreign: list[str] = strawberry.field(description="Some of these numbers, at most 100.")


@strawberry.type
class NumberAuditQuery:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=READ,
        description="Whether the numbers of invoices, or of credit notes, have no gap and none is there twice: every number on "
        "a document is looked at.",
    )
    async def invoice_number_audit(
        self,
        info: Info,
        series: Annotated[NumberSeries, strawberry.argument(description="Which numbers.")] = NumberSeries.INVOICES,
    ) -> InvoiceNumberAudit | None:
        audits, tenant, name = info.context.deps.number_audits, info.context.tenant, series.value
        found = await audits.audit(tenant, name)

        def shown(number: int | None) -> str | None:
            return None if number is None else format_number(name, number)

        missing = [(number, await audits.holder(tenant, name, number)) for number in found.missing]
        duplicates = [(number, await audits.bearers(tenant, name, number)) for number in found.duplicates]
        return InvoiceNumberAudit(
            is_complete=found.is_complete,
            first=shown(found.first),
            last=shown(found.last),
            count=found.count,
            missing_count=found.missing_count,
            missing=[
                MissingNumber(number=format_number(name, number), held_by=strawberry.ID(holder) if holder else None)
                for number, holder in missing
            ],
            duplicate_count=found.duplicate_count,
            duplicates=[
                DuplicateNumber(number=format_number(name, number), ids=[strawberry.ID(id) for id in ids])
                for number, ids in duplicates
            ],
            foreign_count=found.foreign_count,
            foreign=list(found.foreign),
        )
