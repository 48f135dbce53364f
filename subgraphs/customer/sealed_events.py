"""Events whose personal data is stored sealed: only who holds the customer's key reads it (docs/decisions/0011).

append:  {"profile": {"name": "Ada", …}} → {"profile": {"name": {"sealed": <AES-256-GCM>}, …}}
load:    the other way round; once the key is destroyed, what `PERSONAL_DATA` puts in its place

A key that was lost is not one that was destroyed: what it sealed may be read again once it is restored. Until then, loading
fails, so that nothing is written over it, and no other key is made.

The reason that a command states is sealed as well, with the key of the customer it is about.
"""

from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from os import urandom
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.errors import PersonalDataUnreadable
from subgraphs.customer.domain.personal_data import PERSONAL_DATA
from subgraphs.customer.personal_data_keys import PersonalDataKeys
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.persistence.commit import Commit, StoredEvent
from subgraphs.kit.persistence.event_store import EventLog
from subgraphs.kit.telemetry import get_logger

__all__ = ["SealedEventLog"]

_MARK = "sealed"
_TEXT_MARK = "sealed:"
_REASON = ("reason",)
_NONCE_BYTES = 12


class SealedEventLog:
    """An event log that is read and written in the clear, and stored sealed."""

    def __init__(self, log: EventLog, keys: PersonalDataKeys) -> None:
        self._log, self._keys = log, keys
        self._withheld: set[str] = set()
        self._logger = get_logger("sealed_events")

    async def append(self, commit: Commit) -> None:
        await self._log.append(await self.seal(commit))

    async def load(self, tenant: str, kind: str, aggregate_id: str) -> list[Commit]:
        """Return the commits.

        Raises:
            PersonalDataUnreadable: one is sealed with a key that is lost, or was changed since.
        """
        commits = await self._log.load(tenant, kind, aggregate_id)
        keys = await self._keys_of(commits)
        return [_opened_commit(commit, keys) for commit in commits]

    async def undispatched(self, limit: int) -> list[Commit]:
        """Return what is to be sent. Where a commit cannot be read, it and those after it in its stream wait until it can be."""
        withheld = 0
        while True:
            commits = await self._log.undispatched(limit + withheld)
            readable = await self._readable(commits)
            if len(readable) >= limit or len(commits) < limit + withheld:
                return readable[:limit]
            withheld = len(commits) - len(readable)

    async def _readable(self, commits: list[Commit]) -> list[Commit]:
        keys = await self._keys_of(commits)
        readable: list[Commit] = []
        withheld: dict[str, set[str]] = defaultdict(set)
        for commit in commits:
            if commit.stream not in withheld:
                try:
                    readable.append(_opened_commit(commit, keys))
                    continue
                except PersonalDataUnreadable as error:
                    if commit.id not in self._withheld:
                        self._logger.error("events wait: their personal data cannot be read", commit=commit.id, error=str(error))
            withheld[commit.stream].add(commit.id)
        self._withheld = set().union(*withheld.values())
        return readable

    async def mark_dispatched(self, commits: Sequence[Commit]) -> None:
        await self._log.mark_dispatched(commits)  # of which the position is all that is stored

    async def undispatch_after(self, entry: str) -> int:
        return await self._log.undispatch_after(entry)

    async def seal(self, commit: Commit) -> Commit:
        """Return the commit as it is stored. Of a customer whose key was destroyed, personal data is left out at once.

        Raises:
            PersonalDataUnreadable: the customer's key is lost.
        """
        events = []
        for number, event in enumerate(commit.events):
            if event.type in PERSONAL_DATA:
                events.append(_sealed(event, await self._key(commit, _subject(commit, event)), f"{commit.id}#{number}"))
            else:
                events.append(event)
        return replace(commit, events=tuple(events), context=await self._sealed_context(commit))

    async def _sealed_context(self, commit: Commit) -> CommandContext:
        """Return the circumstances with the reason sealed: it is free text of whoever gave the command."""
        if commit.context.reason is None:
            return commit.context
        key = await self._key(commit, _subject(commit, commit.events[0]))
        return replace(commit.context, reason=_sealed_text(key, commit.context.reason, commit.id) if key else None)

    async def _key(self, commit: Commit, customer_id: str) -> bytes | None:
        """Return the customer's key, None once it was destroyed. One is made only where nothing is sealed yet."""
        if commit.kind != Customer.kind or commit.version > 1:
            found = await self._keys.find(commit.tenant, [customer_id])
            if customer_id in found:
                return found[customer_id]
            for kind, id in {(Customer.kind, customer_id), (commit.kind, commit.aggregate_id)}:
                for earlier in await self._log.load(commit.tenant, kind, id):
                    _refuse_sealed(earlier, customer_id)
        return await self._keys.obtain(commit.tenant, customer_id)

    async def _keys_of(self, commits: list[Commit]) -> "_Keys":
        subjects: dict[str, set[str]] = defaultdict(set)
        for commit in commits:
            subjects[commit.tenant] |= _subjects(commit)
        return {tenant: await self._keys.find(tenant, found) for tenant, found in subjects.items()}


_Keys = Mapping[str, Mapping[str, bytes | None]]
"""Keys by tenant and customer, as `PersonalDataKeys.find` returns them."""


def _opened_commit(commit: Commit, keys: _Keys) -> Commit:
    known = keys.get(commit.tenant, {})
    events = tuple(
        _opened(event, _Opener(_subject(commit, event), known), f"{commit.id}#{number}")
        for number, event in enumerate(commit.events)
    )
    opener = _Opener(_subject(commit, commit.events[0]), known)
    return replace(
        commit, events=events, context=replace(commit.context, reason=_opened_text(opener, commit.context.reason, commit.id))
    )


def _refuse_sealed(commit: Commit, customer_id: str) -> None:
    """Raise where anything of the customer is sealed in a commit as it is stored."""
    _opened_commit(commit, {commit.tenant: dict.fromkeys(_subjects(commit) - {customer_id})})


class _Opener:
    """Opens what is sealed with a customer's key."""

    def __init__(self, customer_id: str, keys: Mapping[str, bytes | None]) -> None:
        self._customer_id, self._keys = customer_id, keys

    def open(self, sealed: bytes, place: str, path: tuple[str, ...], erased: Any) -> Any:
        """Return the value, or `erased` once the key was destroyed.

        Raises:
            PersonalDataUnreadable: there is no key, or it is another one.
        """
        if self._customer_id not in self._keys:
            raise PersonalDataUnreadable(self._customer_id, place, "the customer's key is missing")
        key = self._keys[self._customer_id]
        if key is None:
            return erased
        try:
            return _decrypt(key, sealed, _associated(place, path))
        except (InvalidTag, ValueError) as error:
            raise PersonalDataUnreadable(self._customer_id, place, "the customer's key does not open it") from error


def _subjects(commit: Commit) -> set[str]:
    return {_subject(commit, event) for event in commit.events}


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


def _opened(event: StoredEvent, opener: _Opener, place: str) -> StoredEvent:
    if event.type not in PERSONAL_DATA:
        return event
    data = deepcopy(event.data)
    for path, erased in PERSONAL_DATA[event.type].items():
        parent, name = _at(data, path)
        value = parent.get(name)
        if isinstance(value, dict) and value.keys() == {_MARK}:
            parent[name] = opener.open(value[_MARK], place, path, erased)
    return StoredEvent(event.type, data)


def _sealed_text(key: bytes, text: str, place: str) -> str:
    return _TEXT_MARK + b64encode(_encrypt(key, text, _associated(place, _REASON))).decode()


def _opened_text(opener: _Opener, text: str | None, place: str) -> str | None:
    if text is None or not text.startswith(_TEXT_MARK):
        return text
    opened: str | None = opener.open(b64decode(text.removeprefix(_TEXT_MARK)), place, _REASON, None)
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
