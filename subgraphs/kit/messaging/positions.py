"""Positions of entries in a Redis stream: `<milliseconds>-<number>`, also padded with zeros."""

__all__ = ["Position", "padded", "parsed", "unpadded"]

Position = tuple[int, int]
"""Milliseconds and number; its order is that of the stream."""


def parsed(entry: str | bytes) -> Position:
    """Return a position, padded or not, in a form that can be compared."""
    milliseconds, _, number = (entry.decode() if isinstance(entry, bytes) else entry).partition("-")
    return int(milliseconds), int(number)


def padded(entry: str | bytes) -> str:
    """Return a position in a form whose text order is its order."""
    milliseconds, number = parsed(entry)
    return f"{milliseconds:020d}-{number:020d}"


def unpadded(position: Position) -> str:
    """Return a position in the form that Redis knows it by."""
    milliseconds, number = position
    return f"{milliseconds}-{number}"
