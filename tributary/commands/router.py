"""`tributary router`: the federation router."""

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from tributary.failure import Failure
from tributary.signals import exit_cleanly_on_signals

__all__ = ["EXIT_CODES", "router"]

EXIT_CODES = "Exit codes: 0 stopped by a signal · 2 a setting is wrong · 3 the router did not start."


def router(
    host: Annotated[str | None, typer.Option(help="Address to listen on; ROUTER_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; ROUTER_PORT.", min=1, max=65535)] = None,
    supergraph: Annotated[Path | None, typer.Option(help="The supergraph schema; ROUTER_SUPERGRAPH.")] = None,
) -> None:
    """Serve the supergraph until SIGINT or SIGTERM; SIGHUP reads its file again. ROUTER_… configures it (docs/router.md).

    Examples:

      tributary router

      ROUTER_JWKS_URL=http://auth:3005/.well-known/jwks.json tributary router --host 0.0.0.0
    """
    exit_cleanly_on_signals()
    # Imported late: the other commands start faster without a router in their process.
    from router.settings import RouterSettings
    from router.telemetry.logs import configure_logging

    given: dict[str, Any] = {"host": host, "port": port, "supergraph": supergraph}
    try:
        settings = RouterSettings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        wrong = "; ".join(f"ROUTER_{'_'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors())
        raise Failure(f"wrong router settings: {wrong}", "correct the environment; docs/router.md lists every name") from error
    from router.cli.server import make_server

    configure_logging(settings.log_level)
    server = make_server(settings)
    server.run()
    if not server.started:
        raise typer.Exit(3)
