"""While the database is away, no token is issued, and those that live can still be verified.

A closed client stands for a database that is away: every call on it fails at once, with an error of pymongo's.
"""

from datetime import timedelta

from starlette.applications import Starlette

from subgraphs.auth.app import create_app
from subgraphs.auth.key_encryption import KeyCipher
from subgraphs.auth.settings import AuthSettings
from subgraphs.auth.signing_keys import SigningKeys
from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.persistence.mongo import connect
from tests.subgraphs.auth.conftest import OPERATOR_SECRET
from tests.testkit.memory import AT
from tests.testkit.subgraph import run_subgraph

GRANT = {"grant_type": "client_credentials", "client_id": "operator", "client_secret": OPERATOR_SECRET}


async def test_token_requests_are_told_to_wait_and_keys_stay_published(auth_settings: AuthSettings) -> None:
    apps: list[Starlette] = []

    def create(settings: AuthSettings, _: object) -> Starlette:
        apps.append(create_app(settings))
        return apps[0]

    async with run_subgraph(create, auth_settings) as auth:
        await apps[0].state.deps.stores.database.client.close()
        async with auth.session.post(f"{auth.url}/oauth/token", data=GRANT) as response:
            assert (response.status, response.headers["retry-after"]) == (503, "5")
            assert (await response.json())["error"] == "temporarily_unavailable"
        async with auth.session.get(f"{auth.url}/.well-known/jwks.json") as response:
            assert response.status == 200


async def test_known_keys_serve_beyond_their_time_to_be_read_again(auth_settings: AuthSettings) -> None:
    clock = FixedClock(AT)
    async with connect(auth_settings, "auth") as database:
        keys = SigningKeys(
            database,
            KeyCipher(auth_settings.auth_key_encryption_secret),
            clock,
            token_lifetime=timedelta(minutes=10),
            rotate_after=timedelta(days=90),
        )
        before = await keys.key_set()
        await database.client.close()
        clock.at = AT + timedelta(minutes=2)
        assert await keys.key_set() == before
