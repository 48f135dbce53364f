"""Commands at full speed: what they make is kept in memory, told to the other subgraphs' handlers, then stored at once.

    command → commit ─┬→ published → event handlers of the other subgraphs, as their workers would call them → commands …
                      └→ commit, read document, audit entry ─→ one transaction

Nothing is stored half: when the process dies, the database is as it was before.
"""

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Any, Generic, TypeVar

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from subgraphs.auth.audit_log import audit_entry
from subgraphs.auth.documents import AuditEntryDocument
from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.messaging.consumer import EventHandler, Received
from subgraphs.kit.messaging.envelope import envelope_of
from subgraphs.kit.messaging.positions import padded
from subgraphs.kit.messaging.relay import Publish
from subgraphs.kit.persistence.claims import InMemoryClaims, claim_document
from subgraphs.kit.persistence.commit import Commit
from subgraphs.kit.persistence.documents import TenantDocument
from subgraphs.kit.persistence.event_store import StreamMoved
from subgraphs.kit.persistence.repository import AggregateRepository
from subgraphs.kit.stores import Stores

__all__ = ["InMemoryCollection", "WriteBehind", "stored"]

A = TypeVar("A", bound=Aggregate)

# Every consumer has handled these commits, so that they count as sent before anything Redis may have lost.
SENT_BEFORE_ALL = padded("0-0")
# Documents per command: each is done well within the driver's time limit, on a slow and busy machine too.
BATCH = 500


class WriteBehind:
    """Keeps new aggregates of one tenant. What is in the database already is not seen: only what was made here can be changed."""

    def __init__(self) -> None:
        self.handlers: Mapping[str, Iterable[EventHandler]] = {}
        self.stored_form: Mapping[str, Callable[[Commit], Awaitable[Commit]]] = {}
        """By subgraph, what turns its commits into what is stored of them."""
        self._streams: dict[str, _Streams] = {}
        self._projections: list[tuple[Stores, _LatestState[Any]]] = []
        self._claims: list[tuple[Stores, InMemoryClaims]] = []
        self._documents: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        self._made_last: list[tuple[Stores, str, Callable[[], Iterable[dict[str, Any]]]]] = []
        self._untold: deque[tuple[Commit, Publish]] = deque()

    def repository(
        self,
        stores: Stores,
        publish: Publish,
        type_: type[A],
        document: type[TenantDocument],
        build: Callable[[A], TenantDocument],
    ) -> AggregateRepository[A]:
        """Return a repository of one aggregate kind; `build` makes its read `document`."""
        projection = _LatestState(document, build)
        self._projections.append((stores, projection))
        streams = self._streams.setdefault(stores.subgraph, _Streams(lambda commit: self._untold.append((commit, publish))))
        return AggregateRepository(type_, streams, projection, _nobody_waits, stores.clock)

    def claims(self, stores: Stores) -> InMemoryClaims:
        """Return the claims of a subgraph."""
        claims = InMemoryClaims()
        self._claims.append((stores, claims))
        return claims

    def streams(self, stores: Stores, kind: str) -> list[list[Commit]]:
        """Return the commits of every aggregate of a kind, each stream by itself."""
        return self._streams[stores.subgraph].of_kind(kind)

    def add(self, stores: Stores, collection: str, documents: Iterable[dict[str, Any]]) -> None:
        """Have other documents stored, too."""
        self._documents[stores.database.name, collection] += documents

    def add_last(self, stores: Stores, collection: str, make: Callable[[], Iterable[dict[str, Any]]]) -> None:
        """Have documents stored that are known only once every commit is in its stored form; `make` is called then."""
        self._made_last.append((stores, collection, make))

    async def tell(self, audit: Stores) -> None:
        """Hand what has happened to the event handlers, and what follows from it, until nothing does. `audit` logs it."""
        while self._untold:
            commit, publish = self._untold.popleft()
            envelope = envelope_of(commit, publish(commit))
            self.add(audit, AuditEntryDocument.get_collection_name(), [stored(audit_entry(envelope))])
            for event in envelope.events:
                for handler in self.handlers.get(event.type, ()):
                    await handler(Received(event, envelope))

    async def store(self, stores: Stores, on_stored: Callable[[int, int], None]) -> None:
        """Write everything in one transaction, through the connection of `stores`; `on_stored` gets how much of how much."""
        collections = await self._collected()
        total = sum(map(len, collections.values()))

        async def write(session: AsyncClientSession) -> None:
            done = 0
            for (database, collection), documents in collections.items():
                target = stores.database.client[database][collection]
                for start in range(0, len(documents), BATCH):
                    batch = documents[start : start + BATCH]
                    await target.insert_many(batch, ordered=False, session=session)
                    done += len(batch)
                    on_stored(done, total)

        async with stores.database.client.start_session() as session:
            await session.with_transaction(write)

    async def _collected(self) -> dict[tuple[str, str], list[dict[str, Any]]]:
        found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        databases = {stores.subgraph: stores.database.name for stores, _ in self._projections}
        for subgraph, streams in self._streams.items():
            stored_form = self.stored_form.get(subgraph, _as_it_is)
            commits = [await stored_form(commit) for commit in streams.all]
            found[databases[subgraph], "commits"] += [commit.dispatched(SENT_BEFORE_ALL).to_document() for commit in commits]
        for stores, projection in self._projections:
            found[stores.database.name, projection.collection] += projection.documents()
        for stores, claims in self._claims:
            found[stores.database.name, "claims"] += [claim_document(*key, owner) for key, owner in claims.owners.items()]
        for place, documents in self._documents.items():
            found[place] += documents
        for stores, collection, make in self._made_last:
            found[stores.database.name, collection] += make()
        return {place: documents for place, documents in found.items() if documents}


class InMemoryCollection:
    """As much of a MongoDB collection as is needed to keep documents by their `_id`."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {}

    async def insert_one(self, document: dict[str, Any]) -> None:
        """Store a document.

        Raises:
            DuplicateKeyError: there is one with this `_id`.
        """
        if document["_id"] in self.documents:
            raise DuplicateKeyError(f"{document['_id']} is there already")
        self.documents[document["_id"]] = dict(document)

    async def find_one(self, filters: dict[str, Any]) -> dict[str, Any] | None:
        """Return the document with the `_id` in `filters`."""
        return self.documents.get(filters["_id"])


class _Streams:
    """An event store in memory, by stream; tells of each commit."""

    def __init__(self, on_commit: Callable[[Commit], None]) -> None:
        self.all: list[Commit] = []
        self._by_name: dict[str, list[Commit]] = defaultdict(list)
        self._on_commit = on_commit

    async def append(self, commit: Commit) -> None:
        stream = self._by_name[commit.stream]
        if commit.version != len(stream) + 1:
            raise StreamMoved(commit.id)
        stream.append(commit)
        self.all.append(commit)
        self._on_commit(commit)

    async def load(self, tenant: str, kind: str, aggregate_id: str) -> list[Commit]:
        return list(self._by_name.get(f"{tenant}/{kind}/{aggregate_id}", ()))

    def of_kind(self, kind: str) -> list[list[Commit]]:
        return [commits for commits in self._by_name.values() if commits[0].kind == kind]


class _LatestState(Generic[A]):
    """Remembers each aggregate as it was last saved: its document is built once, at the end."""

    def __init__(self, type_: type[TenantDocument], build: Callable[[A], TenantDocument]) -> None:
        self._type, self._build = type_, build
        self._latest: dict[str, A] = {}

    @property
    def collection(self) -> str:
        return self._type.get_collection_name()

    async def project(self, aggregate: A) -> None:
        self._latest[aggregate.id] = aggregate

    async def shown(self, aggregate_ids: Collection[str]) -> Mapping[tuple[str, str], int]:
        found = [self._latest[id] for id in aggregate_ids if id in self._latest]
        return {(one.tenant, one.id): one.version for one in found}

    def documents(self) -> list[dict[str, Any]]:
        return [stored(self._build(aggregate)) for aggregate in self._latest.values()]


def stored(document: TenantDocument) -> dict[str, Any]:
    """Return a read document as the database has it."""
    return {"_id": document.id, **document.model_dump(exclude={"id", "revision_id"})}


async def _as_it_is(commit: Commit) -> Commit:
    return commit


async def _nobody_waits() -> None:
    """Wake no relay: nothing is in the outbox."""
