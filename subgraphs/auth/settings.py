"""What the auth subgraph reads from its environment, beyond what every subgraph does."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from subgraphs.auth.domain.client_secret import MINIMUM_LENGTH
from subgraphs.kit.settings import Settings

__all__ = ["AuthSettings"]


class AuthSettings(Settings):
    """Settings with the prefix `TRIBUTARY_`. A refused value is not repeated in the error: it may be a secret."""

    model_config = SettingsConfigDict(hide_input_in_errors=True)

    auth_key_encryption_secret: SecretStr = Field(
        min_length=MINIMUM_LENGTH,
        description="Encrypts the signing keys in the database; random, at least 32 characters.",
    )
    # No underscore: the ids that the system makes have one, so that the two can never be the same.
    bootstrap_client_id: str = Field(
        default="operator",
        pattern=r"^[A-Za-z0-9.-]{1,64}$",
        description="The id of the operator's OAuth client. A client under a former id stays until it is revoked.",
    )
    bootstrap_client_secret: SecretStr | None = Field(
        default=None,
        min_length=MINIMUM_LENGTH,
        description="The operator's client secret, random, at least 32 characters; unset: no client is made or changed.",
    )
    access_token_seconds: int = Field(default=600, ge=30, le=3600, description="How long an access token lives.")
    signing_key_days: int = Field(default=90, ge=1, description="How long a key signs before the next one takes over.")
