"""What a system's processes get in their environment."""

import json
from pathlib import Path

import pytest

from subgraphs.kit.settings import Settings
from tributary.services import SUBGRAPHS
from tributary.supervisor.environment import process_environment, user_environment
from tributary.supervisor.secrets import CLIENT_ID, CLIENT_SECRET, ENCRYPTION_SECRET
from tributary.supervisor.specs import system_specs

SECRETS = {ENCRYPTION_SECRET: "k", CLIENT_ID: "operator", CLIENT_SECRET: "s"}


def environment(user: dict[str, str], port_offset: int = 0) -> dict[str, str]:
    return process_environment(
        user, mongodb_uri="mongodb://127.0.0.1:1", redis_url="redis://127.0.0.1:2", secrets=SECRETS, port_offset=port_offset
    )


def test_environment_wins_over_dotenv_and_empty_is_unset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("MONGODB_URI=mongodb://dotenv\nREDIS_URL=redis://dotenv\nTRIBUTARY_AUDIENCE=us\n")
    monkeypatch.setenv("MONGODB_URI", "")
    monkeypatch.setenv("REDIS_URL", "redis://environment")
    user = user_environment(tmp_path)
    assert "MONGODB_URI" not in user
    assert (user["REDIS_URL"], user["TRIBUTARY_AUDIENCE"]) == ("redis://environment", "us")


def test_router_and_subgraphs_agree_on_the_issuer() -> None:
    derived = environment({}, 100)
    assert derived["TRIBUTARY_ISSUER"] == derived["ROUTER_ISSUER"] == "http://127.0.0.1:3105"
    assert derived["ROUTER_JWKS_URL"] == "http://127.0.0.1:3105/.well-known/jwks.json"
    assert json.loads(derived["ROUTER_SUBGRAPH_URLS"])["customer"] == "http://127.0.0.1:3101/graphql"
    given = environment({"TRIBUTARY_ISSUER": "https://id.example.com", "TRIBUTARY_AUDIENCE": "us"})
    assert (given["ROUTER_ISSUER"], given["ROUTER_AUDIENCE"]) == ("https://id.example.com", "us")
    # Wherever tokens say they come from, the keys of a local system are here.
    assert given["TRIBUTARY_JWKS_URL"] == given["ROUTER_JWKS_URL"] == "http://127.0.0.1:3005/.well-known/jwks.json"


def test_defaults_are_those_of_the_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings(_env_file=None)
    derived = environment({})
    assert (derived["TRIBUTARY_ISSUER"], derived["TRIBUTARY_AUDIENCE"]) == (settings.issuer, settings.audience)
    assert derived["TRIBUTARY_JWKS_URL"] == settings.key_set_url


def test_secrets_reach_auth_alone() -> None:
    specs = {spec.name: spec for spec in system_specs(environment({}))}
    having = {name for name, spec in specs.items() if set(SECRETS) & set(spec.environment)}
    assert having == {"auth", "auth-worker"}
    assert len(specs) == 2 * len(SUBGRAPHS) + 1
    # Nor do they show when a spec is printed.
    assert ENCRYPTION_SECRET not in repr(specs["auth"])
