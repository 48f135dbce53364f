"""`python -m router compose`: one supergraph from a configuration, or one per line of JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import typer
from graphql import EnumTypeDefinitionNode, GraphQLError, GraphQLSchema, GraphQLSyntaxError, build_ast_schema, parse

from router.cli.supergraph_yaml import SupergraphConfigError, read_subgraphs
from router.compose.breaking_changes import SchemaChange, breaking_changes, dangerous_changes
from router.compose.composer import compose
from router.compose.errors import CompositionError, CompositionHint
from router.compose.result import CompositionResult, SubgraphSource
from router.compose.tightened_access import tightened_access
from router.supergraph.model import Supergraph
from router.supergraph.parser import parse_supergraph

__all__ = ["run_compose", "run_compose_lines"]

COMPOSED, REFUSED, UNREADABLE, BREAKING = range(4)


def run_compose(config: Path, *, output: Path | None, check: Path | None, as_json: bool) -> int:
    """Compose what `config` names; return the exit code: 0 composed, 1 refused, 2 unreadable input, 3 breaking changes.

    `output` is written only with exit code 0, so that a refused or breaking supergraph never replaces a good one.
    """
    try:
        old = None if check is None else _old_schema(check)
        result = compose(read_subgraphs(config))
    except (SupergraphConfigError, _UnreadableSchema) as error:
        typer.echo(str(error), err=True)
        return UNREADABLE
    if result.supergraph is None:
        _report(result, as_json=as_json)
        return REFUSED
    breaking: list[SchemaChange] = []
    dangerous: list[SchemaChange] = []
    if old is not None:
        new = parse_supergraph(result.supergraph)
        breaking, dangerous = breaking_changes(old.api, new.schema), dangerous_changes(old.api, new.schema)
        if old.supergraph is not None:
            breaking += tightened_access(old.supergraph, new)
    if output is not None and not breaking:
        try:
            output.write_text(result.supergraph, encoding="utf-8")
        except OSError as error:
            typer.echo(f"{output}: {error.strerror}.", err=True)
            return UNREADABLE
    if as_json:
        changes = {} if check is None else {"breaking": _entries(breaking), "dangerous": _entries(dangerous)}
        typer.echo(json.dumps(_as_json(result) | changes, ensure_ascii=False))
    else:
        _report(result, as_json=False)
        if check is not None:
            _print_changes(breaking, dangerous)
        elif output is None:
            typer.echo(result.supergraph, nl=False)
    return BREAKING if breaking else COMPOSED


def run_compose_lines(lines: IO[str], answers: IO[str]) -> int:
    """Answer each line `{"subgraphs": [{"name", "url", "sdl"}]}` with one line `{"supergraph"}` or `{"errors"}`, at once.

    Returns the exit code: 0 all composed, 1 some did not, 2 a line is not of that form (nothing after it is read).
    """
    code = COMPOSED
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            sources = [_source(entry) for entry in json.loads(line)["subgraphs"]]
        except (ValueError, TypeError, KeyError, AttributeError):
            typer.echo(f'Line {number} is not {{"subgraphs": [{{"name": "…", "url": "…", "sdl": "…"}}]}}.', err=True)
            return UNREADABLE
        result = compose(sources)
        if result.supergraph is None:
            code = REFUSED
        answers.write(json.dumps(_as_json(result), ensure_ascii=False) + "\n")
        answers.flush()
    return code


class _UnreadableSchema(Exception):
    """The schema to check against cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class _OldSchema:
    api: GraphQLSchema
    # None when the file holds an API schema, which says nothing of access.
    supergraph: Supergraph | None


def _old_schema(path: Path) -> _OldSchema:
    try:
        text = path.read_text(encoding="utf-8")
        document = parse(text, no_location=True)
        if any(isinstance(node, EnumTypeDefinitionNode) and node.name.value == "join__Graph" for node in document.definitions):
            supergraph = parse_supergraph(text)
            return _OldSchema(supergraph.schema, supergraph)
        return _OldSchema(build_ast_schema(document), None)
    except OSError as error:
        raise _UnreadableSchema(f"{path}: {error.strerror}.") from error
    except GraphQLSyntaxError as error:
        raise _UnreadableSchema(f"{path}: is not GraphQL: {error.message}") from error
    except (GraphQLError, TypeError, ValueError) as error:
        raise _UnreadableSchema(f"{path}: is not a schema: {error}") from error


def _source(entry: Any) -> SubgraphSource:
    name, url, sdl = entry["name"], entry.get("url"), entry["sdl"]
    if not (isinstance(name, str) and isinstance(sdl, str) and isinstance(url, (str, type(None)))):
        raise TypeError
    return SubgraphSource(name, url or "", sdl)


def _report(result: CompositionResult, *, as_json: bool) -> None:
    """Tell errors and hints: as JSON on stdout, as text on stderr, where they do not mix with a supergraph."""
    if as_json:
        typer.echo(json.dumps(_as_json(result), ensure_ascii=False))
        return
    for error in result.errors:
        _print_finding("error", error)
    for hint in result.hints:
        _print_finding("hint", hint)
    if result.errors:
        count = len(result.errors)
        typer.echo(
            f"{count} composition error{'' if count == 1 else 's'}. docs/composition-errors.md explains the codes.", err=True
        )


def _print_finding(kind: str, finding: CompositionError | CompositionHint) -> None:
    typer.echo(f"{kind} {finding}", err=True)
    for location in finding.locations:
        typer.echo(f"  at {location.subgraph}:{location.line}:{location.column}", err=True)


def _print_changes(breaking: Sequence[SchemaChange], dangerous: Sequence[SchemaChange]) -> None:
    for change in breaking:
        typer.echo(f"breaking {change}")
    for change in dangerous:
        typer.echo(f"dangerous {change}")
    if not (breaking or dangerous):
        typer.echo("No change breaks a client.")


def _as_json(result: CompositionResult) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    if result.supergraph is not None:
        answer["supergraph"] = result.supergraph
    if result.errors:
        answer["errors"] = _entries(result.errors)
    answer["hints"] = _entries(result.hints)
    return answer


def _entries(findings: Sequence[CompositionError | CompositionHint | SchemaChange]) -> list[dict[str, Any]]:
    entries = []
    for finding in findings:
        entry: dict[str, Any] = {"code": finding.code, "message": finding.message}
        if not isinstance(finding, SchemaChange):
            entry["locations"] = [
                {"subgraph": place.subgraph, "line": place.line, "column": place.column} for place in finding.locations
            ]
        entries.append(entry)
    return entries
