"""How a failed charge is tried again: when, how often, and what happens in the end. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from subgraphs.invoice.domain.payment_provider import AMOUNT_NOT_CHARGEABLE
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money

__all__ = ["DEFAULT_CAMPAIGN", "HARD_DECLINES", "Dunning", "DunningAction", "DunningCampaign", "NO_DUNNING"]

MOST_RETRIES = 10
LONGEST_DAYS = 90


class DunningAction(StrEnum):
    """What becomes of a plan subscription whose invoice was not paid by the last retry."""

    CANCEL = "CANCEL"
    MARK_UNPAID = "MARK_UNPAID"
    LEAVE_PAST_DUE = "LEAVE_PAST_DUE"


@dataclass(frozen=True, slots=True, kw_only=True)
class DunningCampaign:
    """Charge again this many days after the first failure, then do `action`. Without retries it is done at once.

    Of an invoice that is sent, the customer is reminded this many days after it was due; on the last of them `action` is done.
    """

    retry_after_days: tuple[int, ...]
    action: DunningAction

    def reminder_after(self, overdue_since: datetime, reminders: int) -> datetime | None:
        """Return when the customer is reminded again after so many reminders; the last time is the end. None: it has ended."""
        days = self.retry_after_days
        return overdue_since + timedelta(days=days[reminders]) if reminders < len(days) else None

    def check(self) -> None:
        """Check that the days rise and are in range.

        Raises:
            InvalidInput: there are too many retries, or the days do not rise from 1 to LONGEST_DAYS.
        """
        days = self.retry_after_days
        if len(days) > MOST_RETRIES:
            raise InvalidInput(f"a campaign has at most {MOST_RETRIES} retries", field=("retryAfterDays",))
        if any(not 1 <= day <= LONGEST_DAYS for day in days) or sorted(set(days)) != list(days):
            raise InvalidInput(f"the days of retries rise, from 1 to {LONGEST_DAYS}", field=("retryAfterDays",))


DEFAULT_CAMPAIGN = DunningCampaign(retry_after_days=(1, 3, 5, 7), action=DunningAction.CANCEL)
"""What counts until a tenant sets its own."""

HARD_DECLINES = frozenset(
    {
        "account_closed",
        "card_not_supported",
        "expired_card",
        "fraudulent",
        "highest_risk_level",
        "incorrect_number",
        "invalid_account",
        "invalid_number",
        "invalid_payment_method",
        "lost_card",
        "merchant_blacklist",
        "new_account_information_available",
        "pickup_card",
        "restricted_card",
        "revocation_of_all_authorizations",
        "revocation_of_authorization",
        "security_violation",
        "stolen_card",
        "stop_payment_order",
        "transaction_not_allowed",
    }
)
"""Codes after which the same payment method is not charged again: it would be declined again, and cost a fee or a fraud score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dunning:
    """How far an invoice is: what failed last, and its retries so far. `retry_at` is when the next one is due.

    One that is sent fails to be paid: it is `overdue_since` then, was reminded of so often, and is next at `remind_at`.
    """

    failed_since: datetime | None = None
    failure_code: str | None = None
    failed_method_id: str | None = None
    failed_amount: Money | None = None
    retry_number: int = 0
    retry_at: datetime | None = None
    exhausted: bool = False
    overdue_since: datetime | None = None
    reminders: int = 0
    remind_at: datetime | None = None

    def next_retry(self, campaign: DunningCampaign) -> datetime | None:
        """Return when the retry after the last one is due by the campaign; None: there is no further one."""
        days = campaign.retry_after_days
        if self.failed_since is None or self.retry_number >= len(days):
            return None
        return self.failed_since + timedelta(days=days[self.retry_number])

    def is_in_vain(self, method_id: str | None, amount: Money) -> bool:
        """Tell whether charging this method is known to fail: there is none, or it was declined for good, or for the amount."""
        if method_id is None or method_id != self.failed_method_id:
            return method_id is None
        return self.failure_code in HARD_DECLINES or (self.failure_code == AMOUNT_NOT_CHARGEABLE and self.failed_amount == amount)


NO_DUNNING = Dunning()
