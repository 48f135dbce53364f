"""The dunning configuration aggregate: how a tenant tries again what could not be charged, and what is too little to charge."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from subgraphs.invoice.domain.dunning import DEFAULT_CAMPAIGN, DunningCampaign
from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.currency import check_currency
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.kit.domain.money import Money

__all__ = [
    "ANY_CURRENCY",
    "LARGEST_MINIMUM_CHARGE",
    "DunningCampaignRemoved",
    "DunningCampaignSet",
    "DunningConfiguration",
    "DunningConfigurationCreated",
    "MinimumChargeRemoved",
    "MinimumChargeSet",
    "campaign_for",
]

ANY_CURRENCY = ""
# Major units. More than this is worth a charge anywhere: a larger minimum is a slip of the decimal point.
LARGEST_MINIMUM_CHARGE = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DunningConfigurationCreated(Event):
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DunningCampaignSet(Event):
    """`currency` is ANY_CURRENCY for those without a campaign of their own."""

    currency: str
    campaign: DunningCampaign
    set_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DunningCampaignRemoved(Event):
    currency: str
    removed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimumChargeSet(Event):
    """Less than `amount` of its currency is not charged by itself."""

    amount: Money
    set_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimumChargeRemoved(Event):
    currency: str
    removed_at: datetime


class DunningConfiguration(Aggregate):
    """One per tenant. A change counts for the next retry that is planned; one that is planned keeps its day."""

    kind: ClassVar[str] = "DunningConfiguration"
    codec: ClassVar[EventCodec] = EventCodec(
        DunningConfigurationCreated, DunningCampaignSet, DunningCampaignRemoved, MinimumChargeSet, MinimumChargeRemoved
    )

    campaigns: dict[str, DunningCampaign]
    minimum_charges: dict[str, Money]

    @staticmethod
    def id_of(tenant: str) -> str:
        """Return the id of the tenant's only configuration."""
        return f"dun_{tenant}"

    @classmethod
    def create(cls, context: CommandContext) -> "DunningConfiguration":
        """Return the tenant's configuration without any campaign of its own."""
        configuration = cls(cls.id_of(context.tenant), context.tenant)
        configuration.record(DunningConfigurationCreated(created_at=context.at))
        return configuration

    def set_campaign(self, currency: str, campaign: DunningCampaign, context: CommandContext) -> None:
        """Follow this campaign for invoices in the currency, ANY_CURRENCY: in all others; nothing happens when that is so.

        Raises:
            InvalidInput: the currency is unknown, or the campaign is out of range.
        """
        if currency != ANY_CURRENCY:
            check_currency(currency)
        campaign.check()
        if self.campaigns.get(currency) != campaign:
            self.record(DunningCampaignSet(currency=currency, campaign=campaign, set_at=context.at))

    def remove_campaign(self, currency: str, context: CommandContext) -> None:
        """Follow the campaign of all others again; nothing happens when there is none of its own."""
        if currency in self.campaigns:
            self.record(DunningCampaignRemoved(currency=currency, removed_at=context.at))

    def set_minimum_charge(self, amount: Money, context: CommandContext) -> None:
        """Charge nothing below `amount` of its currency by itself from now on; nothing happens when that is so.

        Raises:
            InvalidInput: the amount is not above zero, or more than LARGEST_MINIMUM_CHARGE major units.
        """
        if not 0 < amount.amount <= LARGEST_MINIMUM_CHARGE:
            message = f"a minimum charge is above zero and at most {LARGEST_MINIMUM_CHARGE} {amount.currency}"
            raise InvalidInput(message, field=("amount",))
        if self.minimum_charges.get(amount.currency) != amount:
            self.record(MinimumChargeSet(amount=amount, set_at=context.at))

    def remove_minimum_charge(self, currency: str, context: CommandContext) -> None:
        """Follow the payment provider's minimum alone again; nothing happens when there is none of its own."""
        if currency in self.minimum_charges:
            self.record(MinimumChargeRemoved(currency=currency, removed_at=context.at))

    def apply(self, event: Event) -> None:
        match event:
            case DunningConfigurationCreated():
                self.campaigns, self.minimum_charges = {}, {}
            case DunningCampaignSet():
                self.campaigns = {**self.campaigns, event.currency: event.campaign}
            case DunningCampaignRemoved():
                self.campaigns = {currency: one for currency, one in self.campaigns.items() if currency != event.currency}
            case MinimumChargeSet(amount=amount):
                self.minimum_charges = {**self.minimum_charges, amount.currency: amount}
            case MinimumChargeRemoved():
                self.minimum_charges = {
                    currency: one for currency, one in self.minimum_charges.items() if currency != event.currency
                }
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a dunning configuration")


def campaign_for(campaigns: dict[str, DunningCampaign], currency: str) -> DunningCampaign:
    """Return the campaign of the currency, else that of any currency, else the default."""
    return campaigns.get(currency) or campaigns.get(ANY_CURRENCY) or DEFAULT_CAMPAIGN
