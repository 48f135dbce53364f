"""How much of a billing period a part of it is."""

from dataclasses import dataclass

from subgraphs.kit.domain.money import Money

__all__ = ["Share"]


@dataclass(frozen=True, slots=True)
class Share:
    """`numerator` of `denominator` days or seconds."""

    numerator: int
    denominator: int

    def of(self, amount: Money) -> Money:
        """Return this share of `amount`, rounded once, half away from zero."""
        return amount.share(self.numerator, self.denominator)

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"
