"""Codes: what a tenant calls things by itself, such as plans and tax categories."""

import re

from subgraphs.kit.domain.errors import InvalidInput

__all__ = ["checked_code"]

_CODE = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


def checked_code(code: str, field: tuple[str, ...] = ("code",)) -> str:
    """Return the code.

    Raises:
        InvalidInput: it is not of lower-case letters and digits, with single - or _ between.
    """
    if len(code) > 64 or not _CODE.fullmatch(code):
        raise InvalidInput(
            f"{code[:80]!r} is not a code: use up to 64 lower-case letters and digits, with - or _ between, such as team-2026",
            field=field,
        )
    return code
