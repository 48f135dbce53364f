"""The stores that a command works on: those of the environment, or those of the system that runs on a data folder."""

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from tributary.failure import Failure
from tributary.supervisor.data_folder import is_in_use
from tributary.supervisor.environment import user_environment
from tributary.supervisor.secrets import read_secrets
from tributary.supervisor.state import read_states

if TYPE_CHECKING:
    from subgraphs.kit.settings import Settings

    S = TypeVar("S", bound=Settings)

__all__ = ["read_settings", "stores_environment"]


def stores_environment(data: Path) -> dict[str, str]:
    """Return what leads to the stores and secrets of the system on `data`, as far as the environment does not say so itself."""
    user, states = user_environment(), read_states(data) if is_in_use(data) else {}
    running = {"MONGODB_URI": states.get("mongodb"), "REDIS_URL": states.get("redis")}
    found = {name: state.url for name, state in running.items() if state is not None and state.pid is not None and state.url}
    environment = {**read_secrets(data), **found, **user}
    for name, store in (("MONGODB_URI", "MongoDB"), ("REDIS_URL", "Redis")):
        if name not in environment:
            raise Failure(f"no {store} is known: no system runs on {data}", f"run `tributary up`, or set {name}")
    return environment


def read_settings(settings: "type[S]") -> "S":
    """Return the settings in the environment; what is wrong with them is named."""
    try:
        return settings()
    except ValidationError as error:
        wrong = "; ".join(f"{each['loc'][0]}: {each['msg']}" for each in error.errors())
        raise Failure(f"wrong settings: {wrong}", "correct the environment; docs/operations.md lists every name") from error
