"""The first start makes what is needed to enter; later starts follow the settings."""

import asyncio
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from subgraphs.auth.__main__ import rotate_key
from subgraphs.auth.bootstrap import open_services
from subgraphs.auth.domain.client_secret import secret_matches
from subgraphs.auth.domain.scopes import SCOPES
from subgraphs.auth.key_encryption import KeyUnreadable
from subgraphs.auth.settings import AuthSettings
from subgraphs.auth.signing_keys import KeyState

LONG = "x" * 32


async def test_a_restart_keeps_the_operator_and_the_key(auth_settings: AuthSettings) -> None:
    found = []
    for _ in range(2):
        async with open_services(auth_settings) as services:
            client = await services.client_reader.find("operator", "operator")
            assert client is not None
            found.append((client.model_dump(), (await services.signing_keys.current()).id))
            assert await services.stores.database["commits"].count_documents({}) == 2
    assert found[0] == found[1]
    assert found[0][0]["scopes"] == list(SCOPES)


async def test_another_secret_in_the_settings_replaces_the_former_one(auth_settings: AuthSettings) -> None:
    async with open_services(auth_settings):
        pass
    changed = auth_settings.model_copy(update={"bootstrap_client_secret": SecretStr(LONG)})
    async with open_services(changed) as services:
        client = await services.client_reader.find("operator", "operator")
        assert client is not None
        assert secret_matches(LONG, client.secrets[0].digest)
        assert client.secrets[1].expires_at is not None
        assert client.secrets[1].expires_at <= services.clock.now()


async def test_processes_that_start_together_make_one_operator(auth_settings: AuthSettings) -> None:
    async def start() -> None:
        async with open_services(auth_settings):
            await asyncio.sleep(0.5)

    await asyncio.gather(*(start() for _ in range(4)))
    async with open_services(auth_settings) as services:
        assert await services.stores.database["commits"].count_documents({}) == 2
        assert await services.stores.database["signing_keys"].count_documents({}) == 1


async def test_without_a_secret_no_operator_is_made(auth_settings: AuthSettings) -> None:
    async with open_services(auth_settings.model_copy(update={"bootstrap_client_secret": None})) as services:
        assert await services.stores.database["commits"].count_documents({}) == 0


async def test_another_encryption_secret_stops_the_start(auth_settings: AuthSettings) -> None:
    async with open_services(auth_settings):
        pass
    with pytest.raises(KeyUnreadable):
        async with open_services(auth_settings.model_copy(update={"auth_key_encryption_secret": SecretStr(LONG)})):
            pass


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIBUTARY_AUTH_KEY_ENCRYPTION_SECRET", LONG)
    monkeypatch.setenv("TRIBUTARY_BOOTSTRAP_CLIENT_ID", "root")
    monkeypatch.setenv("TRIBUTARY_BOOTSTRAP_CLIENT_SECRET", LONG)
    settings = AuthSettings(_env_file=None)
    assert settings.auth_key_encryption_secret.get_secret_value() == LONG
    assert settings.bootstrap_client_id == "root"
    assert LONG not in repr(settings)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"auth_key_encryption_secret": "short-secret"},
        {"auth_key_encryption_secret": LONG, "bootstrap_client_secret": "short-secret"},
    ],
)
def test_missing_or_short_secrets_are_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch, values: dict[str, Any]) -> None:
    monkeypatch.delenv("TRIBUTARY_AUTH_KEY_ENCRYPTION_SECRET", raising=False)
    with pytest.raises(ValidationError) as refused:
        AuthSettings(_env_file=None, **values)
    assert "short-secret" not in str(refused.value)


async def test_an_operator_rotates_the_key_by_hand(auth_settings: AuthSettings) -> None:
    first = await rotate_key(auth_settings)
    assert first.endswith(" UTC")
    assert await rotate_key(auth_settings) == first
    async with open_services(auth_settings) as services:
        current, following = await services.signing_keys.states()
        assert (current[1], following[1]) == (KeyState.CURRENT, KeyState.NEXT)
        assert following[0].id in first
