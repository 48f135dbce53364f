"""What the invoice subgraph and its worker read from their environment, beyond what every subgraph does."""

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from subgraphs.kit.settings import Settings

__all__ = ["InvoiceSettings"]


class InvoiceSettings(Settings):
    """Settings of outside services. Each is optional; a refused value is not repeated in the error: it may be a secret."""

    model_config = SettingsConfigDict(hide_input_in_errors=True)

    stripe_secret_key: SecretStr | None = Field(
        default=None,
        validation_alias="STRIPE_SECRET_KEY",
        description="Makes the payment provider `stripe` available; unset: there is only the sandbox.",
    )
    stripe_webhook_secret: SecretStr | None = Field(
        default=None,
        validation_alias="STRIPE_WEBHOOK_SECRET",
        description="Signs what Stripe sends to /webhooks/stripe; unset: that path does not exist.",
    )
    stripe_api_base: str = Field(
        default="https://api.stripe.com", validation_alias="STRIPE_API_BASE", description="Where Stripe answers."
    )

    @field_validator("stripe_secret_key", "stripe_webhook_secret", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if value == "" else value
