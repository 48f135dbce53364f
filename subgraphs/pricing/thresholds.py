"""Amounts of usage at which it is billed before its period has ended."""

from subgraphs.pricing.charge import ChargeDetails

__all__ = ["has_thresholds", "next_threshold", "reached", "threshold"]


def has_thresholds(details: ChargeDetails) -> bool:
    """Tell whether usage is billed at thresholds at all."""
    return bool(details.usage_thresholds_minor) or details.recurring_threshold_minor is not None


def reached(details: ChargeDetails, amount_minor: int) -> int:
    """Return how many thresholds an amount has reached: those listed, then every recurring one after the last of them."""
    listed = details.usage_thresholds_minor
    found = sum(amount_minor >= one for one in listed)
    if found < len(listed) or details.recurring_threshold_minor is None:
        return found
    beyond = amount_minor - (listed[-1] if listed else 0)
    return found + max(beyond, 0) // details.recurring_threshold_minor


def threshold(details: ChargeDetails, number: int) -> int | None:
    """Return threshold `number`, 1 for the first, in minor units; None: there is none."""
    listed = details.usage_thresholds_minor
    if 1 <= number <= len(listed):
        return listed[number - 1]
    if number < 1 or details.recurring_threshold_minor is None:
        return None
    return (listed[-1] if listed else 0) + (number - len(listed)) * details.recurring_threshold_minor


def next_threshold(details: ChargeDetails, amount_minor: int, reached_before: int = 0) -> int | None:
    """Return the first threshold above an amount that was not `reached_before`; None: there is none."""
    return threshold(details, max(reached(details, amount_minor), reached_before) + 1)
