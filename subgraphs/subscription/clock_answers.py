"""What those who follow tenants' own clocks have answered last."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Protocol

import msgspec
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from subgraphs.kit.messaging.clock_contracts import Due
from subgraphs.kit.messaging.consumer import EventHandler, Received
from subgraphs.kit.messaging.rest import is_up_to
from subgraphs.kit.persistence.documents import set_forward

__all__ = ["FOLLOWERS", "Answer", "FollowerAnswers", "MongoFollowerAnswers", "answer_handlers", "nothing_between"]

FOLLOWERS = ("customer", "invoice")
"""Who must answer before a clock goes on. What one of them has to do at the same instant as another comes in this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """At rest, with everything handled up to the positions that are `handled`, by the name of the sender, and its own last event
    `sent` at one. `due` is everything due before `due_until`, None: nothing is."""

    round: int
    sent: str
    handled: Mapping[str, str]
    due: tuple[tuple[str, datetime], ...] = field(default=())
    due_until: datetime | None = None


class FollowerAnswers(Protocol):
    """Where a subgraph's processes share what they were answered."""

    async def note(self, tenant: str, follower: str, answer: Answer) -> None:
        """Remember an answer, unless a later round was answered before."""
        ...

    async def of(self, tenant: str) -> Mapping[str, Answer]:
        """Return each follower's last answer, by name."""
        ...


class MongoFollowerAnswers:
    """A MongoDB document per tenant and follower."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._answers: AsyncCollection[dict[str, Any]] = database["clock_answers"]

    async def note(self, tenant: str, follower: str, answer: Answer) -> None:
        due = [[customer_id, at] for customer_id, at in answer.due]
        values = {"round": answer.round, "sent": answer.sent, "handled": dict(answer.handled)}
        values |= {"due": due, "due_until": answer.due_until}
        where = {"_id": f"{tenant}/{follower}", "round": {"$lt": answer.round}}
        await set_forward(self._answers, where, values)

    async def of(self, tenant: str) -> Mapping[str, Answer]:
        ids = {f"{tenant}/{follower}": follower for follower in FOLLOWERS}
        return {
            ids[found["_id"]]: Answer(
                round=found["round"],
                sent=found["sent"],
                handled=found["handled"],
                due=tuple((customer_id, at) for customer_id, at in found["due"]),
                due_until=found["due_until"],
            )
            async for found in self._answers.find({"_id": {"$in": list(ids)}})
        }


class _Told(msgspec.Struct, frozen=True, rename="camel"):
    round: int
    sent: str
    handled: dict[str, str]
    due: tuple[Due, ...] = ()
    due_until: datetime | None = None


def nothing_between(answers: Mapping[str, Answer]) -> bool:
    """Tell whether each of them had handled, when it was at rest, everything that the others had sent when they were."""
    return all(
        is_up_to(answer.handled[sender], sent.sent)
        for answer in answers.values()
        for sender, sent in answers.items()
        if sender in answer.handled
    )


def answer_handlers(answers: FollowerAnswers) -> Mapping[str, EventHandler]:
    """Return what is done about each follower's answer."""
    return {f"{follower}-clock-answered.v1": partial(_note, answers, follower) for follower in FOLLOWERS}


async def _note(answers: FollowerAnswers, follower: str, received: Received) -> None:
    told = msgspec.convert(received.event.data, _Told)
    due = tuple((one.customer_id, one.at) for one in told.due)
    answer = Answer(round=told.round, sent=told.sent, handled=told.handled, due=due, due_until=told.due_until)
    await answers.note(received.tenant, follower, answer)
