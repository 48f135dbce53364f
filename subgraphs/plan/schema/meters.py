"""Reading and changing meters."""

from typing import Annotated

import strawberry

from subgraphs.kit.graphql.errors import UserError
from subgraphs.kit.graphql.pagination import After, Before, First, Last, PageArguments, connection
from subgraphs.kit.graphql.writes import WriteInput, write
from subgraphs.plan.commands.archive_meter import archive_meter
from subgraphs.plan.commands.create_meter import create_meter
from subgraphs.plan.projections import meter_document
from subgraphs.plan.schema.context import Info
from subgraphs.plan.schema.enums import Aggregation
from subgraphs.plan.schema.loaders import load_meter
from subgraphs.plan.schema.meter_types import READ, Meter, MeterConnection, MeterEdge

__all__ = ["MeterMutation", "MeterQuery"]

WRITE = [["plans:write"]]
WHAT = strawberry.argument(description="What to do.")


@strawberry.type
class MeterQuery:
    """Root fields."""

    @strawberry.federation.field(requires_scopes=READ, description="One meter, null when there is none with this id.")
    async def meter(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The meter's id, `mtr_…`.")]
    ) -> Meter | None:
        document = await load_meter(info.context, id)
        return Meter.of(document) if document else None

    @strawberry.federation.field(requires_scopes=READ, description="Meters, newest first.")
    async def meters(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> MeterConnection | None:
        page = PageArguments.parse(first, after, last, before)
        rows = await info.context.deps.meter_reader.page(info.context.tenant, {}, **page.reading())
        return connection(MeterConnection, MeterEdge, page, rows, Meter.of)


@strawberry.input(description="What meterCreate takes.")
class MeterCreateInput(WriteInput):
    """Input of meterCreate."""

    code: str = strawberry.field(
        description="Your own name of it: up to 64 lower-case letters and digits, with - or _ between; unique in your tenant."
    )
    name: str = strawberry.field(description="What customers read, 1 to 200 characters.")
    aggregation: Aggregation = strawberry.field(description="How the events of a period become a quantity.")


@strawberry.input(description="What meterArchive takes.")
class MeterArchiveInput(WriteInput):
    """Input of meterArchive."""

    id: strawberry.ID = strawberry.field(description="The meter to archive.")


@strawberry.type
class MeterPayload:
    """Base of payloads with a meter."""

    meter: Meter | None = strawberry.field(default=None, description="The meter afterwards, null when refused.")
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type(description="Answer of meterCreate.")
class MeterCreatePayload(MeterPayload):
    """Answer of meterCreate."""


@strawberry.type(description="Answer of meterArchive.")
class MeterArchivePayload(MeterPayload):
    """Answer of meterArchive."""


@strawberry.type
class MeterMutation:
    """Root fields."""

    @strawberry.federation.field(requires_scopes=WRITE, description="Create a meter, by which usage is counted and priced.")
    @write(MeterCreatePayload)
    async def meter_create(self, info: Info, input: Annotated[MeterCreateInput, WHAT]) -> MeterCreatePayload:
        services, context = info.context.deps, await info.context.command()
        meter = await create_meter(services.meters, services.claims, input.code, input.name, input.aggregation, context)
        return MeterCreatePayload(meter=Meter.of(meter_document(meter)))

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description="Sell nothing new by a meter; what is sold by it goes on being counted. Repeating it changes nothing.",
    )
    @write(MeterArchivePayload)
    async def meter_archive(self, info: Info, input: Annotated[MeterArchiveInput, WHAT]) -> MeterArchivePayload:
        meter = await archive_meter(info.context.deps.meters, input.id, await info.context.command())
        return MeterArchivePayload(meter=Meter.of(meter_document(meter)))
