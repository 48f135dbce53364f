"""What a subgraph reads from its environment. Every service reads the same names; `.env` works too."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["Settings"]


class Settings(BaseSettings):
    """Settings shared by all subgraphs: `MONGODB_URI`, `REDIS_URL` and names with the prefix `TRIBUTARY_`."""

    model_config = SettingsConfigDict(env_prefix="TRIBUTARY_", env_file=".env", extra="ignore", populate_by_name=True)

    mongodb_uri: SecretStr = Field(
        default=SecretStr("mongodb://127.0.0.1:27017"),
        validation_alias="MONGODB_URI",
        description="Where documents and events are kept.",
    )
    redis_url: SecretStr = Field(
        default=SecretStr("redis://127.0.0.1:6379"),
        validation_alias="REDIS_URL",
        description="Streams and pub/sub between services.",
    )
    database_prefix: str = Field(default="tributary", description="Each subgraph's database is <prefix>_<subgraph>.")
    issuer: str = Field(default="http://127.0.0.1:3005", description="The OAuth2 issuer, as written in tokens.")
    jwks_url: str | None = Field(default=None, description="Where signing keys are published; by default the issuer's.")
    audience: str = Field(default="tributary", description="The audience tokens must be meant for.")
    host: str = Field(default="127.0.0.1", description="The address the service listens on.")
    log_level: str = "INFO"
    development: bool = Field(default=False, description="Human-readable logs; never in production.")
    body_limit_bytes: int = Field(default=1_000_000, description="Largest request body that is read.")
    replica_wait_seconds: float = Field(
        default=2.0,
        description="How long a command waits for an event of another subgraph that it depends on.",
    )

    @property
    def key_set_url(self) -> str:
        """Where the issuer's public keys are fetched."""
        return self.jwks_url or f"{self.issuer.rstrip('/')}/.well-known/jwks.json"
