"""`python -m router plan`: the query plan of an operation, as text."""

from __future__ import annotations

import sys
from pathlib import Path

import typer
from graphql import GraphQLError, parse, validate

from router.execute.defer_directive import with_defer
from router.execute.executor import prepare
from router.plan.printer import print_plan
from router.supergraph.parser import parse_supergraph

__all__ = ["run_plan"]


def run_plan(operation: str, *, supergraph: Path, operation_name: str | None) -> int:
    """Print the plan; return the exit code."""
    try:
        source = _read_operation(operation)
        sdl = supergraph.read_text(encoding="utf-8")
    except OSError as error:
        typer.echo(f"{error.filename}: {error.strerror}.", err=True)
        return 2
    except UnicodeDecodeError as error:
        typer.echo(f"The operation or {supergraph} is not UTF-8: {error.reason} at byte {error.start}.", err=True)
        return 2
    try:
        loaded = with_defer(parse_supergraph(sdl))
    except Exception as error:
        typer.echo(f"{supergraph}: is not a supergraph schema: {error}", err=True)
        return 2
    try:
        document = parse(source)
        errors = validate(loaded.schema, document)
        if not errors:
            typer.echo(print_plan(prepare(loaded, document, operation_name).plan))
            return 0
    except GraphQLError as error:
        errors = [error]
    for refusal in errors:
        typer.echo(str(refusal), err=True)
    return 1


def _read_operation(operation: str) -> str:
    if operation == "-":
        return sys.stdin.read()
    if "{" in operation:
        return operation
    return Path(operation).read_text(encoding="utf-8")
