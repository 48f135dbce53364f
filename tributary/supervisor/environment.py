"""What a local system's processes get in their environment."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from tributary.services import ROUTER, SUBGRAPHS

__all__ = ["process_environment", "supergraph_file", "user_environment"]

AUDIENCE = "tributary"


def user_environment(folder: Path = Path()) -> dict[str, str]:
    """Return the environment of this process over the values in `.env`; what is set but empty counts as unset."""
    dotenv = dotenv_values(folder / ".env", interpolate=False)
    return {name: value for name, value in {**dotenv, **os.environ}.items() if value}


def process_environment(
    user: Mapping[str, str], *, mongodb_uri: str, redis_url: str, secrets: Mapping[str, str], port_offset: int = 0
) -> dict[str, str]:
    """Return the environment of subgraphs, workers and router. What the user has set wins over what is derived here."""
    issuer = user.get("TRIBUTARY_ISSUER", SUBGRAPHS["auth"].url(port_offset))
    audience = user.get("TRIBUTARY_AUDIENCE", AUDIENCE)
    derived = {
        "TRIBUTARY_ISSUER": issuer,
        "TRIBUTARY_AUDIENCE": audience,
        "TRIBUTARY_JWKS_URL": f"{SUBGRAPHS['auth'].url(port_offset)}/.well-known/jwks.json",
        "ROUTER_HOST": "127.0.0.1",
        "ROUTER_PORT": str(ROUTER.port + port_offset),
        "ROUTER_SUPERGRAPH": str(supergraph_file()),
        "ROUTER_SUBGRAPH_URLS": json.dumps({name: f"{each.url(port_offset)}/graphql" for name, each in SUBGRAPHS.items()}),
        "ROUTER_ISSUER": issuer,
        "ROUTER_AUDIENCE": audience,
        "ROUTER_JWKS_URL": f"{SUBGRAPHS['auth'].url(port_offset)}/.well-known/jwks.json",
        "ROUTER_DEVELOPMENT": "true",
    }
    return {**derived, **secrets, **user, "MONGODB_URI": mongodb_uri, "REDIS_URL": redis_url, "PYTHONUNBUFFERED": "1"}


def supergraph_file() -> Path:
    """Return where the composed supergraph is: below the working folder, else beside the code."""
    here = Path("schema/supergraph.graphql")
    return (here if here.is_file() else Path(__file__).parents[2] / here).resolve()
