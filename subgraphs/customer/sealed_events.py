"""Events whose personal data is stored sealed: only who holds the customer's key reads it (docs/decisions/0011).

append:  {"profile": {"name": "Ada", …}} → {"profile": {"name": {"sealed": <AES-256-GCM>}, …}}
load:    the other way round; once the key is destroyed, what `PERSONAL_DATA` puts in its place

The reason that a command states is sealed as well, with the key of the customer it is about.
"""

from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from os import urandom
from typing import Any

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from subgraphs.customer.domain.personal_data import PERSONAL_DATA
from subgraphs.customer.personal_data_keys import PersonalDataKeys
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.persistence.commit import Commit, StoredEvent
from subgraphs.kit.persistence.event_store import EventLog

__all__ = ["SealedEventLog"]

_MARK = "sealed"
_TEXT_MARK = "sealed:"
_REASON = ("reason",)
_NONCE_BYTES = 12


class SealedEventLog:
    """An event log that is read and written in the clear, and stored sealed."""

    def __init__(self, log: EventLog, keys: PersonalDataKeys) -> None:
        self._log, self._keys = log, keys

    async def append(self, commit: Commit) -> None:
        await self._log.append(await self.seal(commit))

    async def load(self, tenant: str, kind: str, aggregate_id: str) -> list[Commit]:
        return await self._unseal(await self._log.load(tenant, kind, aggregate_id))

    async def undispatched(self, limit: int) -> list[Commit]:
        return await self._unseal(await self._log.undispatched(limit))

    async def mark_dispatched(self, commits: Sequence[Commit]) -> None:
        await self._log.mark_dispatched(commits)  # of which the position is all that is stored

    async def undispatch_after(self, entry: str) -> int:
        return await self._log.undispatch_after(entry)

    async def seal(self, commit: Commit) -> Commit:
        """Return the commit as it is stored. Of a customer whose key was destroyed, personal data is left out at once."""
        events = []
        for number, event in enumerate(commit.events):
            if event.type in PERSONAL_DATA:
                subject = _subject(commit, event)
                events.append(_sealed(event, await self._keys.obtain(commit.tenant, subject), f"{commit.id}#{number}"))
            else:
                events.append(event)
        return replace(commit, events=tuple(events), context=await self._sealed_context(commit))

    async def _sealed_context(self, commit: Commit) -> CommandContext:
        """Return the circumstances with the reason sealed: it is free text of whoever gave the command."""
        if commit.context.reason is None:
            return commit.context
        key = await self._keys.obtain(commit.tenant, _subject(commit, commit.events[0]))
        return replace(commit.context, reason=_sealed_text(key, commit.context.reason, commit.id) if key else None)

    async def _unseal(self, commits: list[Commit]) -> list[Commit]:
        subjects: dict[str, set[str]] = defaultdict(set)
        for commit in commits:
            subjects[commit.tenant] |= {_subject(commit, event) for event in commit.events}
        keys = {tenant: await self._keys.find(tenant, found) for tenant, found in subjects.items()}
        return [
            replace(
                commit,
                events=tuple(
                    _opened(event, keys[commit.tenant].get(_subject(commit, event)), f"{commit.id}#{number}")
                    for number, event in enumerate(commit.events)
                ),
                context=replace(
                    commit.context,
                    reason=_opened_text(
                        keys[commit.tenant].get(_subject(commit, commit.events[0])), commit.context.reason, commit.id
                    ),
                ),
            )
            for commit in commits
        ]


def _subject(commit: Commit, event: StoredEvent) -> str:
    """Return whose personal data it is: an event of something that belongs to a customer names it."""
    return str(event.data.get("customer_id", commit.aggregate_id))


def _sealed(event: StoredEvent, key: bytes | None, place: str) -> StoredEvent:
    data = deepcopy(event.data)
    for path, erased in PERSONAL_DATA[event.type].items():
        parent, name = _at(data, path)
        value = parent.get(name)
        if value is None or value == erased:
            continue
        parent[name] = erased if key is None else {_MARK: _encrypt(key, value, _associated(place, path))}
    return StoredEvent(event.type, data)


def _opened(event: StoredEvent, key: bytes | None, place: str) -> StoredEvent:
    if event.type not in PERSONAL_DATA:
        return event
    data = deepcopy(event.data)
    for path, erased in PERSONAL_DATA[event.type].items():
        parent, name = _at(data, path)
        value = parent.get(name)
        if isinstance(value, dict) and value.keys() == {_MARK}:
            parent[name] = erased if key is None else _decrypt(key, value[_MARK], _associated(place, path))
    return StoredEvent(event.type, data)


def _sealed_text(key: bytes, text: str, place: str) -> str:
    return _TEXT_MARK + b64encode(_encrypt(key, text, _associated(place, _REASON))).decode()


def _opened_text(key: bytes | None, text: str | None, place: str) -> str | None:
    if text is None or not text.startswith(_TEXT_MARK):
        return text
    if key is None:
        return None
    opened: str = _decrypt(key, b64decode(text.removeprefix(_TEXT_MARK)), _associated(place, _REASON))
    return opened


def _at(data: dict[str, Any], path: tuple[str, ...]) -> tuple[dict[str, Any], str]:
    *parents, name = path
    for parent in parents:
        data = data[parent]
    return data, name


def _associated(place: str, path: tuple[str, ...]) -> bytes:
    """Return what binds a sealed value to its place, so that it cannot be moved to another event or field."""
    return f"{place}/{'.'.join(path)}".encode()


def _encrypt(key: bytes, value: Any, associated: bytes) -> bytes:
    nonce = urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, msgspec.json.encode(value), associated)


def _decrypt(key: bytes, sealed: bytes, associated: bytes) -> Any:
    nonce, encrypted = bytes(sealed[:_NONCE_BYTES]), bytes(sealed[_NONCE_BYTES:])
    return msgspec.json.decode(AESGCM(key).decrypt(nonce, encrypted, associated))
