"""`python -m router compose | plan | serve`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from router.settings import RouterSettings

__all__ = ["main"]

cli = typer.Typer(
    name="router",
    help="GraphQL federation router: composes subgraphs, prints query plans, serves.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@cli.command(epilog="Exit codes: 0 composed · 1 composition errors · 2 unreadable input · 3 breaking changes (--check).")
def compose(
    config: Annotated[Path | None, typer.Argument(help="supergraph.yaml: the subgraphs, their URLs and schemas.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the supergraph here, not to stdout; not when it breaks clients.")
    ] = None,
    check: Annotated[
        Path | None, typer.Option(help="An earlier supergraph or API schema: list the changes that break its clients.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
    json_lines: Annotated[
        bool, typer.Option("--json-lines", help="Compose each line of stdin, for test suites and CI; docs/composition-errors.md.")
    ] = False,
) -> None:
    """Compose subgraph schemas into a supergraph.

    Examples:

      python -m router compose schema/supergraph.yaml -o schema/supergraph.graphql

      python -m router compose supergraph.yaml --check schema/supergraph.graphql --json

      echo '{"subgraphs": [{"name": "a", "url": "", "sdl": "type Query { a: Int }"}]}' | python -m router compose --json-lines
    """
    # Imported late: no command waits for what only the others need.
    from router.cli.compose import run_compose, run_compose_lines

    if json_lines:
        if config or output or check:
            raise typer.BadParameter("reads stdin and writes stdout: give no file with it", param_hint="--json-lines")
        raise typer.Exit(run_compose_lines(sys.stdin, sys.stdout))
    if config is None:
        raise typer.BadParameter("name the configuration, such as supergraph.yaml", param_hint="CONFIG")
    raise typer.Exit(run_compose(config, output=output, check=check, as_json=json))


@cli.command(epilog="Exit codes: 0 planned · 1 the operation is refused · 2 unreadable input.")
def plan(
    operation: Annotated[str, typer.Argument(help="A file with the operation, the operation itself, or - for stdin.")],
    supergraph: Annotated[Path, typer.Option(help="The supergraph schema.")] = Path("schema/supergraph.graphql"),
    name: Annotated[str | None, typer.Option(help="The operation's name, when the document has several.")] = None,
) -> None:
    """Print the query plan of an operation.

    Examples:

      python -m router plan '{ products { name } }' --supergraph supergraph.graphql

      python -m router plan schema/operations/overview.graphql --name Overview
    """
    from router.cli.plan import run_plan

    raise typer.Exit(run_plan(operation, supergraph=supergraph, operation_name=name))


@cli.command(
    epilog="Exit codes: 0 stopped by a signal · 2 a setting or the supergraph is wrong · 3 the port cannot be listened on."
)
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; ROUTER_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; ROUTER_PORT.")] = None,
    supergraph: Annotated[Path | None, typer.Option(help="The supergraph schema; ROUTER_SUPERGRAPH.")] = None,
) -> None:
    """Serve the supergraph until SIGINT or SIGTERM; SIGHUP reads its file again. Settings: ROUTER_… (docs/router.md).

    Examples:

      python -m router serve

      ROUTER_JWKS_URL=http://localhost:3005/jwks ROUTER_PORT=4000 python -m router serve
    """
    changes: dict[str, Any] = {"host": host, "port": port, "supergraph": supergraph}
    try:
        settings = RouterSettings(**{name: value for name, value in changes.items() if value is not None})
    except ValidationError as error:
        for problem in error.errors():
            typer.echo(f"ROUTER_{'_'.join(map(str, problem['loc'])).upper()}: {problem['msg']}", err=True)
        raise typer.Exit(2) from None
    except SettingsError as error:
        typer.echo(f"{error}: lists and maps are JSON in the environment (ROUTER_…).", err=True)
        raise typer.Exit(2) from None
    from router.cli.server import make_server
    from router.cli.startup import port_problem, supergraph_problem
    from router.telemetry.logs import configure_logging

    configure_logging(settings.log_level)
    try:
        server = make_server(settings)
    except (OSError, ValueError) as error:
        typer.echo(f"ROUTER_TRUSTED_DOCUMENTS: {error}", err=True)
        raise typer.Exit(2) from None
    # At the start only: while it serves, a file that is broken or away keeps the supergraph that is served.
    if unusable := supergraph_problem(settings.supergraph, server.app.router.parse):
        typer.echo(unusable, err=True)
        raise typer.Exit(2)
    if taken := port_problem(settings.host, settings.port):
        typer.echo(taken, err=True)
        raise typer.Exit(3)
    server.run()


def main() -> None:
    """Run the command line."""
    cli()


if __name__ == "__main__":
    main()
