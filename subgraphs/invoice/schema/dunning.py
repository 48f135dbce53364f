"""How what could not be charged is tried again, and what is too little to charge, as the API shows and changes it."""

from typing import Annotated

import strawberry

from subgraphs.invoice.commands.configure_dunning import (
    remove_dunning_campaign,
    remove_minimum_charge,
    set_dunning_campaign,
    set_minimum_charge,
)
from subgraphs.invoice.documents import DunningConfigurationDocument
from subgraphs.invoice.domain import dunning_configuration
from subgraphs.invoice.domain.dunning import DEFAULT_CAMPAIGN
from subgraphs.invoice.domain.dunning import DunningCampaign as CampaignValue
from subgraphs.invoice.domain.dunning_configuration import ANY_CURRENCY
from subgraphs.invoice.projections import dunning_configuration_document
from subgraphs.invoice.schema.context import Info
from subgraphs.invoice.schema.enums import DunningAction
from subgraphs.kit.domain import money
from subgraphs.kit.graphql.errors import UserError
from subgraphs.kit.graphql.scalars import CurrencyCode, Money, MoneyInput
from subgraphs.kit.graphql.writes import WriteInput, write

__all__ = ["DunningMutation", "DunningQuery"]

READ = [["invoices:read"]]
WRITE = [["invoices:write"]]
WHAT = strawberry.argument(description="What to change.")


@strawberry.type(description="When an invoice that could not be charged is charged again, and what happens in the end.")
class DunningCampaign:
    """As the API shows it."""

    currency_code: CurrencyCode | None = strawberry.field(
        description="The invoices it is for; null: those in currencies without a campaign of their own."
    )
    retry_after_days: list[int] = strawberry.field(
        description=(
            "The retries, in days after the first failure; at most 10. Of an invoice that is sent, the reminders, in days after "
            "it was due; on the last of them `action` is done."
        )
    )
    action: DunningAction = strawberry.field(description="What becomes of a plan subscription when the last retry failed.")


@strawberry.type(description="The least of a currency that you charge by itself.")
class MinimumCharge:
    """As the API shows it."""

    amount: Money = strawberry.field(description="Less than this is carried forward to the customer's next invoice.")


@strawberry.type(description="How you try again what could not be charged, and what is too little to charge.")
class DunningConfiguration:
    """As the API shows it."""

    campaigns: list[DunningCampaign] = strawberry.field(description="The campaigns, that of all other currencies first.")
    minimum_charges: list[MinimumCharge] = strawberry.field(
        description=(
            "Your own minimum charges, by currency; none until you set them. The payment provider's counts where it is higher."
        )
    )

    @classmethod
    def of(cls, document: DunningConfigurationDocument | None) -> "DunningConfiguration":
        found = [
            DunningCampaign(
                currency_code=CurrencyCode(value.currency) if value.currency else None,
                retry_after_days=value.retry_after_days,
                action=value.action,
            )
            for value in (document.campaigns if document else [])
        ]
        if not any(campaign.currency_code is None for campaign in found):
            days, action = list(DEFAULT_CAMPAIGN.retry_after_days), DEFAULT_CAMPAIGN.action
            found.insert(0, DunningCampaign(currency_code=None, retry_after_days=days, action=action))
        own = document.minimum_charges.items() if document else ()
        minimums = [MinimumCharge(amount=Money.of(money.Money(minor, currency))) for currency, minor in own]
        return cls(campaigns=found, minimum_charges=minimums)


@strawberry.type
class DunningQuery:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=READ,
        description="How you try again what could not be charged: after 1, 3, 5 and 7 days, then CANCEL, until you set it.",
    )
    async def dunning_configuration(self, info: Info) -> DunningConfiguration | None:
        tenant, reader = info.context.tenant, info.context.deps.dunning_configuration_reader
        found = await reader.find(tenant, dunning_configuration.DunningConfiguration.id_of(tenant))
        return DunningConfiguration.of(found)


@strawberry.input(description="What dunningCampaignSet takes.")
class DunningCampaignSetInput(WriteInput):
    """Input of dunningCampaignSet."""

    currency_code: CurrencyCode | None = strawberry.field(
        default=None, description="The invoices it is for; null: those in currencies without a campaign of their own."
    )
    retry_after_days: list[int] = strawberry.field(
        description=(
            "When to charge again, in days after the first failure: up to 10 rising numbers from 1 to 90; none: never. Of an "
            "invoice that is sent, when to remind the customer, in days after it was due; on the last of them `action` is done."
        )
    )
    action: DunningAction = strawberry.field(description="What becomes of a plan subscription when the last retry failed.")


@strawberry.input(description="What dunningCampaignRemove takes.")
class DunningCampaignRemoveInput(WriteInput):
    """Input of dunningCampaignRemove."""

    currency_code: CurrencyCode | None = strawberry.field(
        default=None, description="Whose campaign to remove; null: that of all others, for which the default counts again."
    )


@strawberry.input(description="What minimumChargeSet takes.")
class MinimumChargeSetInput(WriteInput):
    """Input of minimumChargeSet."""

    amount: MoneyInput = strawberry.field(
        description="The least that is charged by itself in its currency, above zero and at most 100000 in major units."
    )


@strawberry.input(description="What minimumChargeRemove takes.")
class MinimumChargeRemoveInput(WriteInput):
    """Input of minimumChargeRemove."""

    currency_code: CurrencyCode = strawberry.field(description="The currency whose minimum is the payment provider's again.")


@strawberry.type
class DunningConfigurationPayload:
    """Base of every payload with the dunning configuration."""

    dunning_configuration: DunningConfiguration | None = strawberry.field(
        default=None, description="The configuration afterwards, null when refused."
    )
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type(description="Answer of dunningCampaignSet.")
class DunningCampaignSetPayload(DunningConfigurationPayload):
    """Answer of dunningCampaignSet."""


@strawberry.type(description="Answer of dunningCampaignRemove.")
class DunningCampaignRemovePayload(DunningConfigurationPayload):
    """Answer of dunningCampaignRemove."""


@strawberry.type(description="Answer of minimumChargeSet.")
class MinimumChargeSetPayload(DunningConfigurationPayload):
    """Answer of minimumChargeSet."""


@strawberry.type(description="Answer of minimumChargeRemove.")
class MinimumChargeRemovePayload(DunningConfigurationPayload):
    """Answer of minimumChargeRemove."""


@strawberry.type
class DunningMutation:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Set when invoices in a currency are charged again. It counts for retries that are planned from now on. "
            "Repeating it changes nothing."
        ),
    )
    @write(DunningCampaignSetPayload)
    async def dunning_campaign_set(
        self, info: Info, input: Annotated[DunningCampaignSetInput, WHAT]
    ) -> DunningCampaignSetPayload:
        campaign = CampaignValue(retry_after_days=tuple(input.retry_after_days), action=input.action)
        configurations, context = info.context.deps.dunning_configurations, await info.context.command()
        changed = await set_dunning_campaign(configurations, input.currency_code or ANY_CURRENCY, campaign, context)
        return DunningCampaignSetPayload(dunning_configuration=_shown(changed))

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description="Follow the campaign of all other currencies again, or the default. Repeating it changes nothing.",
    )
    @write(DunningCampaignRemovePayload)
    async def dunning_campaign_remove(
        self, info: Info, input: Annotated[DunningCampaignRemoveInput, WHAT]
    ) -> DunningCampaignRemovePayload:
        configurations, context = info.context.deps.dunning_configurations, await info.context.command()
        changed = await remove_dunning_campaign(configurations, input.currency_code or ANY_CURRENCY, context)
        return DunningCampaignRemovePayload(dunning_configuration=_shown(changed))

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Set the least of a currency that is charged by itself: what an invoice leaves below it moves to the customer's "
            "balance, and the next one collects it. It counts for charges from now on. Repeating it changes nothing."
        ),
    )
    @write(MinimumChargeSetPayload)
    async def minimum_charge_set(self, info: Info, input: Annotated[MinimumChargeSetInput, WHAT]) -> MinimumChargeSetPayload:
        configurations, context = info.context.deps.dunning_configurations, await info.context.command()
        changed = await set_minimum_charge(configurations, input.amount.to_domain(), context)
        return MinimumChargeSetPayload(dunning_configuration=_shown(changed))

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description="Charge what the payment provider charges in a currency again, however little. Repeating it changes nothing.",
    )
    @write(MinimumChargeRemovePayload)
    async def minimum_charge_remove(
        self, info: Info, input: Annotated[MinimumChargeRemoveInput, WHAT]
    ) -> MinimumChargeRemovePayload:
        configurations, context = info.context.deps.dunning_configurations, await info.context.command()
        changed = await remove_minimum_charge(configurations, input.currency_code, context)
        return MinimumChargeRemovePayload(dunning_configuration=_shown(changed))


def _shown(configuration: dunning_configuration.DunningConfiguration) -> DunningConfiguration:
    return DunningConfiguration.of(dunning_configuration_document(configuration))
