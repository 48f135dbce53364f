"""`tributary serve`: one subgraph over HTTP."""

from typing import Annotated

import typer

from tributary.options import SubgraphName, subgraph_module
from tributary.services import SUBGRAPHS
from tributary.signals import exit_cleanly_on_signals

__all__ = ["EXIT_CODES", "serve"]

EXIT_CODES = "Exit codes: 0 stopped by a signal · 2 wrong use · 3 the subgraph did not start."

GRACE_SECONDS = 10


def serve(
    subgraph: SubgraphName,
    host: Annotated[str, typer.Option(help="Address to listen on.", envvar="TRIBUTARY_HOST")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="Port to listen on; by default the subgraph's own.", min=1, max=65535)] = None,
) -> None:
    """Serve one subgraph until SIGINT or SIGTERM. MONGODB_URI, REDIS_URL and TRIBUTARY_… configure it (docs/operations.md).

    Examples:

      tributary serve customer

      MONGODB_URI=mongodb://db:27017 tributary serve invoice --host 0.0.0.0 --port 8080
    """
    exit_cleanly_on_signals()
    import uvicorn

    uvicorn.run(
        f"{subgraph_module(subgraph, 'app')}:create_app",
        factory=True,
        host=host,
        port=SUBGRAPHS[subgraph].port if port is None else port,
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
