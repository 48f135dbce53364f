"""What a plan is committed to: so much is billed over a term of some periods, or the difference is when the term ends. Pure.

Amounts are before discounts and tax. What is billed for time counts for the term of its period, what was used for the term in
which its period ends. Every natural period has the same part of the commitment; of a period billed in part, it has that part.
"""

from dataclasses import replace
from datetime import datetime
from fractions import Fraction

from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Period
from subgraphs.pricing.proration import Share
from subgraphs.subscription.domain.values import Adjustment, CommitmentTerm, SubscribedPrice

__all__ = ["begun", "billed", "committed", "opened", "pending", "true_up"]


def begun(price: SubscribedPrice, at: datetime) -> CommitmentTerm | None:
    """Return the term that a price commits to from `at` on, None when it commits to nothing."""
    details = price.details
    if details.commitment_minor is None:
        return None
    return CommitmentTerm(
        price_id=price.price_id,
        plan_id=price.plan_id,
        plan_name=price.plan_name,
        currency=price.currency,
        interval=price.interval,
        amount_minor=details.commitment_minor,
        periods=details.commitment_periods,
        in_full=details.commitment_in_full,
        start=at,
    )


def opened(term: CommitmentTerm, share: Share | None) -> CommitmentTerm:
    """Return the term with one more period open, which is `share` of a natural one; None: all of it."""
    elapsed = _fraction(term.elapsed) + (_fraction(share) if share else 1)
    return replace(term, opened=term.opened + 1, elapsed=Share(elapsed.numerator, elapsed.denominator))


def billed(term: CommitmentTerm, amount_minor: int, *, with_pending: bool = False) -> CommitmentTerm:
    """Return the term with so much more billed, and what was pending where that is billed with it."""
    added = amount_minor + (term.pending_minor if with_pending else 0)
    return replace(term, billed_minor=term.billed_minor + added, pending_minor=0 if with_pending else term.pending_minor)


def pending(term: CommitmentTerm, amount_minor: int) -> CommitmentTerm:
    """Return the term with so much more that the next invoice bills."""
    return replace(term, pending_minor=term.pending_minor + amount_minor)


def committed(term: CommitmentTerm, unused: Share | None = None, *, cut_short: bool = False) -> tuple[Money, str]:
    """Return what is committed to and the arithmetic, rounded once.

    That is for the whole term as it looks now, or where it is `cut_short` for its periods so far without the `unused` share of
    the last one; all the same where the commitment is due in full.
    """
    elapsed = _fraction(term.elapsed)
    if cut_short and not term.in_full:
        periods = elapsed - (_fraction(unused) if unused else 0)
    else:
        periods = elapsed + term.periods - term.opened
    amount, part = Money(term.amount_minor, term.currency), periods / term.periods
    if part == 1:
        return amount, f"{amount} committed"
    return amount.share(part.numerator, part.denominator), f"{amount} × {part} committed"


def true_up(term: CommitmentTerm, at: Period, unused: Share | None = None, *, cut_short: bool = False) -> Adjustment | None:
    """Return the line that bills what was committed to and is not billed yet, for the time `at`; None when all of it is."""
    whole, explanation = committed(term, unused, cut_short=cut_short)
    missing = whole.minor_units - term.billed_minor
    if missing <= 0:
        return None
    return Adjustment(
        description=f"Minimum commitment of {term.plan_name}",
        price_id=term.price_id,
        plan_id=term.plan_id,
        quantity=1,
        start=at.start,
        end=at.end,
        amount_minor=missing,
        explanation=f"{explanation} − {Money(term.billed_minor, term.currency)} billed",
    )


def _fraction(share: Share) -> Fraction:
    return Fraction(share.numerator, share.denominator)
