"""The Typer application: every command of `tributary`, each from a file of its own."""

import inspect
import re
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import typer

from tributary.commands import dead_letters, doctor, export, import_data, lock, router, schema, seed, serve, token, up, worker
from tributary.failure import Failure

__all__ = ["cli"]

P = ParamSpec("P")


def _reporting(command: Callable[P, None]) -> Callable[P, None]:
    """Turn a Failure into its one line on stderr and its exit code; the help shows each example on one line."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except Failure as failure:
            typer.secho(f"error: {failure}", fg=typer.colors.RED, err=True)
            raise typer.Exit(failure.exit_code) from failure

    # Click wraps every paragraph except one that begins with this mark: a wrapped example would paste as two commands.
    run.__doc__ = re.sub(r"\n\n(?= )", "\n\n\b\n", inspect.getdoc(command) or "")
    return run


cli = typer.Typer(
    name="tributary",
    help="SaaS billing as a federated GraphQL API: run it, inspect it, export its schemas.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
)
schemas = typer.Typer(
    name="schema",
    help="The artefacts in schema/: export them, compose the supergraph, check that they are fresh.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
cli.add_typer(schemas)

cli.command("up", epilog=up.EXIT_CODES)(_reporting(up.up))
cli.command("serve", epilog=serve.EXIT_CODES)(_reporting(serve.serve))
cli.command("worker", epilog=worker.EXIT_CODES)(_reporting(worker.worker))
cli.command("router", epilog=router.EXIT_CODES)(_reporting(router.router))
cli.command("seed", epilog=seed.EXIT_CODES)(_reporting(seed.seed))
cli.command("token", epilog=token.EXIT_CODES)(_reporting(token.token))
cli.command("export", epilog=export.EXIT_CODES)(_reporting(export.export))
cli.command("import", epilog=import_data.EXIT_CODES)(_reporting(import_data.import_data))
cli.command("dead-letters", epilog=dead_letters.EXIT_CODES)(_reporting(dead_letters.dead_letters))
cli.command("doctor", epilog=doctor.EXIT_CODES)(_reporting(doctor.doctor))
cli.command("lock", epilog=lock.EXIT_CODES)(_reporting(lock.lock))
schemas.command("export", epilog=schema.EXIT_CODES)(_reporting(schema.export))
schemas.command("compose", epilog=schema.EXIT_CODES)(_reporting(schema.compose))
schemas.command("check", epilog=schema.EXIT_CODES)(_reporting(schema.check))
