"""Which client the command line speaks for."""

import stat
from pathlib import Path

import pytest

from tributary.demo_clients import DemoClient, local_client, read_demo_clients, write_demo_clients
from tributary.failure import Failure
from tributary.supervisor.secrets import CLIENT_SECRET, ensure_secrets

ACME, GLOBEX = DemoClient("acme", "a", "1"), DemoClient("globex", "g", "2")


def test_first_demo_tenant_comes_before_the_operator(tmp_path: Path) -> None:
    secrets = ensure_secrets(tmp_path)
    operator = DemoClient("operator", "operator", secrets[CLIENT_SECRET])
    assert local_client(tmp_path) == operator
    write_demo_clients(tmp_path, [ACME, GLOBEX])
    assert local_client(tmp_path) == ACME
    assert local_client(tmp_path, "globex") == GLOBEX
    assert local_client(tmp_path, "operator") == operator


def test_clients_are_kept_privately_and_replaced_by_tenant(tmp_path: Path) -> None:
    write_demo_clients(tmp_path, [ACME, GLOBEX])
    write_demo_clients(tmp_path, [DemoClient("acme", "b", "3")])
    assert read_demo_clients(tmp_path) == [DemoClient("acme", "b", "3"), GLOBEX]
    assert stat.S_IMODE((tmp_path / "demo-clients.json").stat().st_mode) == 0o600


def test_unknown_tenant_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="has no client's secrets → run `tributary up`"):
        local_client(tmp_path)
    ensure_secrets(tmp_path)
    write_demo_clients(tmp_path, [ACME])
    with pytest.raises(Failure, match="knows no client of 'initech' → choose among acme, operator"):
        local_client(tmp_path, "initech")
