"""The promotion code aggregate."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.plan.domain.coupon import checked_redemptions

__all__ = ["PromotionCode", "PromotionCodeCreated", "PromotionCodeDeactivated", "normalized_code"]

_CODE = re.compile(r"[A-Z0-9](?:[A-Z0-9_-]{0,48}[A-Z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionCodeCreated(Event):
    """`expires_at` is the first instant at which the code is not accepted any more."""

    coupon_id: str
    code: str
    max_redemptions: int | None
    expires_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionCodeDeactivated(Event):
    deactivated_at: datetime


class PromotionCode(Aggregate):
    """What customers type in to be given a coupon."""

    kind: ClassVar[str] = "PromotionCode"
    codec: ClassVar[EventCodec] = EventCodec(PromotionCodeCreated, PromotionCodeDeactivated)

    created: PromotionCodeCreated
    active: bool

    @classmethod
    def create(
        cls,
        id: str,
        coupon_id: str,
        code: str,
        max_redemptions: int | None,
        expires_at: datetime | None,
        context: CommandContext,
    ) -> "PromotionCode":
        """Return a new code.

        Raises:
            InvalidInput: the code is malformed, or its limits are out of range.
        """
        checked_redemptions(max_redemptions, expires_at, context.at, "expiresAt")
        made = cls(id, context.tenant)
        made.record(
            PromotionCodeCreated(
                coupon_id=coupon_id,
                code=normalized_code(code),
                max_redemptions=max_redemptions,
                expires_at=expires_at,
                created_at=context.at,
            )
        )
        return made

    def deactivate(self, context: CommandContext) -> None:
        """Accept it no longer; who was given the coupon by it keeps that. Deactivating again changes nothing."""
        if self.active:
            self.record(PromotionCodeDeactivated(deactivated_at=context.at))

    def apply(self, event: Event) -> None:
        match event:
            case PromotionCodeCreated():
                self.created, self.active = event, True
            case PromotionCodeDeactivated():
                self.active = False
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a promotion code")


def normalized_code(code: str) -> str:
    """Return the code in upper case, as it is compared.

    Raises:
        InvalidInput: it is not 1 to 50 letters, digits, - and _, beginning and ending with a letter or digit.
    """
    found = code.strip().upper()
    if not _CODE.fullmatch(found):
        raise InvalidInput(
            "a promotion code has 1 to 50 letters A to Z, digits, - and _, a letter or digit first and last", field=("code",)
        )
    return found
