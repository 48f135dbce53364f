"""The auth subgraph on the test stores."""

import pytest

from subgraphs.auth.settings import AuthSettings
from subgraphs.kit.settings import Settings

OPERATOR_SECRET = "operator-secret-for-tests-0123456789"


@pytest.fixture
def auth_settings(settings: Settings) -> AuthSettings:
    return AuthSettings(
        _env_file=None,
        mongodb_uri=settings.mongodb_uri,
        redis_url=settings.redis_url,
        database_prefix=settings.database_prefix,
        auth_key_encryption_secret="key-encryption-secret-for-tests-01234",
        bootstrap_client_secret=OPERATOR_SECRET,
    )
