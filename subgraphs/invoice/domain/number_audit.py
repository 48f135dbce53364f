"""Whether a series of numbers has no gap and no number twice: the proof, whatever order they come in. Pure."""

from dataclasses import dataclass
from itertools import islice

__all__ = ["LARGEST", "SHOWN", "NumberAudit", "NumberTally"]

# A bit for each of them is 2.5 MB; a number beyond is not one that this system gave.
LARGEST = 20_000_000
# Of what is wrong, so many are named; all are counted.
SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberAudit:
    """What a series is like: `count` documents bear a number of it, the lowest is `first` and the highest `last`.

    `missing` are the first SHOWN of the `missing_count` numbers from 1 to `last` that no document bears; `duplicates` those that
    more than one bears; `foreign` are numbers that are none of the series.
    """

    first: int | None
    last: int | None
    count: int
    missing: tuple[int, ...]
    missing_count: int
    duplicates: tuple[int, ...]
    duplicate_count: int
    foreign: tuple[str, ...]
    foreign_count: int

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing, twice or foreign."""
        return not (self.missing_count or self.duplicate_count or self.foreign_count)


class NumberTally:
    """Takes the numbers that documents bear (`INV-000001`), in any order. Memory: a bit per number, however many there are."""

    def __init__(self, series: str) -> None:
        self._series = series
        self._seen, self._twice = bytearray(), set[int]()
        self._first: int | None = None
        self._last = self._count = self._foreign_count = 0
        self._foreign: list[str] = []

    def add(self, text: str) -> None:
        """Take one more."""
        number = _parsed(self._series, text)
        if number is None:
            self._foreign_count += 1
            if len(self._foreign) < SHOWN:
                self._foreign.append(text)
            return
        self._count += 1
        self._first, self._last = min(self._first or number, number), max(self._last, number)
        place, bit = number // 8, 1 << number % 8
        if place >= len(self._seen):
            self._seen.extend(bytes(max(place + 1 - len(self._seen), len(self._seen))))
        if self._seen[place] & bit:
            self._twice.add(number)
        self._seen[place] |= bit

    def result(self) -> NumberAudit:
        """Return what the series is like."""
        seen, last = self._seen, self._last
        missing = (number for number in range(1, last + 1) if not seen[number // 8] & 1 << number % 8)
        missing_count = last - sum(byte.bit_count() for byte in seen)
        return NumberAudit(
            first=self._first,
            last=last or None,
            count=self._count,
            missing=tuple(islice(missing, min(missing_count, SHOWN))),
            missing_count=missing_count,
            duplicates=tuple(sorted(self._twice)[:SHOWN]),
            duplicate_count=len(self._twice),
            foreign=tuple(self._foreign),
            foreign_count=self._foreign_count,
        )


def _parsed(series: str, text: str) -> int | None:
    prefix, _, digits = text.rpartition("-")
    if prefix != series or not (digits.isascii() and digits.isdecimal()) or len(digits) > len(str(LARGEST)):
        return None
    number = int(digits)
    return number if 1 <= number <= LARGEST else None
