"""Commands speak to what their options name, and otherwise to the local system as its data folder knows it."""

from pathlib import Path

import pytest

from tributary import access
from tributary.demo_clients import DemoClient, write_demo_clients
from tributary.failure import Failure
from tributary.oauth import Login
from tributary.services import ROUTER, SUBGRAPHS
from tributary.supervisor.state import ProcessState, write_states


def login(data: Path, **given: str) -> Login:
    return access.login(data, **{"client_id": None, "client_secret": None, "tenant": None, "issuer": None, **given})  # type: ignore[arg-type]


@pytest.fixture
def running(tmp_path: Path) -> Path:
    """Return the data folder of a system whose ports are other than usual."""
    write_demo_clients(tmp_path, [DemoClient("acme", "client_a", "secret_a"), DemoClient("globex", "client_g", "secret_g")])
    states = {
        name: ProcessState(pid=1, ready=True, restarts=0, url=url)
        for name, url in {"router": "http://127.0.0.1:4000", "auth": "http://127.0.0.1:4005"}.items()
    }
    write_states(tmp_path, states)
    return tmp_path


def test_nothing_given_is_the_local_system(running: Path) -> None:
    assert access.endpoint(running, None) == "http://127.0.0.1:4000/graphql"
    assert login(running) == Login("client_a", "secret_a", "http://127.0.0.1:4005")
    assert login(running, tenant="globex") == Login("client_g", "secret_g", "http://127.0.0.1:4005")


def test_what_is_given_goes_before_it(running: Path) -> None:
    assert access.endpoint(running, "https://api.example.com/graphql") == "https://api.example.com/graphql"
    given = {"client_id": "client_1", "client_secret": "s3cret", "issuer": "https://auth.example.com"}
    assert login(running, **given) == Login("client_1", "s3cret", "https://auth.example.com")


def test_where_nothing_runs_the_usual_addresses_are_tried(tmp_path: Path) -> None:
    assert access.endpoint(tmp_path, None) == f"{ROUTER.url()}/graphql"
    assert login(tmp_path, client_id="client_1", client_secret="s3cret").issuer == SUBGRAPHS["auth"].url()


@pytest.mark.parametrize("given", [{"client_id": "client_1"}, {"client_secret": "s3cret"}])
def test_half_a_client_is_refused_and_the_other_half_is_named(running: Path, given: dict[str, str]) -> None:
    with pytest.raises(Failure, match="--client-id and --client-secret belong together → give both, or none"):
        login(running, **given)
    with pytest.raises(Failure, match="--client-id and the variable S belong together"):
        login(running, **given, secret_option="the variable S")


def test_without_a_client_it_says_where_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no client's secrets"):
        login(tmp_path)
