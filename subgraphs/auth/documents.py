"""What is read about tenants, OAuth clients and what was done."""

from datetime import datetime

from pydantic import BaseModel
from pymongo import ASCENDING, DESCENDING, IndexModel

from subgraphs.kit.persistence.documents import TenantDocument

__all__ = ["AuditEntryDocument", "OAuthClientDocument", "SecretValue", "TenantProfileDocument"]


class TenantProfileDocument(TenantDocument):
    """One tenant as it is now; `id` and `tenant` are the same."""

    name: str
    created_by: str
    created_at: datetime

    class Settings:
        name = "tenants"


class SecretValue(BaseModel):
    digest: str
    expires_at: datetime | None


class OAuthClientDocument(TenantDocument):
    """One OAuth client as it is now."""

    name: str
    scopes: list[str]
    secrets: list[SecretValue]
    created_by: str
    created_at: datetime
    secret_created_at: datetime
    revoked_at: datetime | None

    class Settings:
        name = "oauth_clients"
        indexes = [IndexModel([("tenant", ASCENDING), ("_id", ASCENDING)], name="by_age")]


class AuditEntryDocument(TenantDocument):
    """One commit of any subgraph: who changed what, when and why. The id's order is that of `at`.

    `customer_id` is the customer it is about, where it is about one.
    """

    at: datetime
    actor: str
    client_id: str | None
    request_id: str
    reason: str | None
    entity_kind: str
    entity_id: str
    entity_version: int
    stream: str
    changes: list[str]
    customer_id: str | None = None

    class Settings:
        name = "audit_entries"
        indexes = [
            IndexModel([("tenant", ASCENDING), ("_id", ASCENDING)], name="by_age"),
            IndexModel([("tenant", ASCENDING), ("at", DESCENDING)], name="by_time"),
            IndexModel([("tenant", ASCENDING), ("entity_id", ASCENDING), ("_id", ASCENDING)], name="by_entity"),
            IndexModel([("tenant", ASCENDING), ("client_id", ASCENDING), ("_id", ASCENDING)], name="by_client"),
            IndexModel([("tenant", ASCENDING), ("customer_id", ASCENDING)], name="by_customer", sparse=True),
        ]
