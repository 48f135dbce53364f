"""The GraphQL text of a subgraph request (Federation specification, "Enhanced introspection and entity resolution")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import ArgumentNode, Node, VariableDefinitionNode, VariableNode, print_ast

from router.plan.fetch_group import FetchGroup, Out, OutField
from router.plan.nodes import OperationKind
from router.plan.selection import Conditions, variables_of

__all__ = ["operation_text"]

# Selections from this length on are written once when several object types have them in common.
FRAGMENT_LINES = 12


def operation_text(
    group: FetchGroup,
    kind: OperationKind,
    name: str | None,
    definitions: Mapping[str, VariableDefinitionNode],
    implied: Conditions = (),
) -> tuple[str, tuple[str, ...]]:
    """Return the operation and the client's variables it uses.

    `implied` conditions hold whenever the request is sent, so they are not repeated. `name` leads the operation's name, for the
    subgraph's logs: `name__subgraph`. No number follows: requests for the same are the same, and can be sent once.
    """
    writer = _Writer()
    lines = list(writer.lines(group.out, frozenset(implied), "  " if group.requires is None else "    "))
    mine = [variable for variable in writer.used if variable not in group.context]
    variables = [print_ast(definitions[variable]) for variable in mine]
    variables += [f"${name}: {type_}" for name, (type_, _) in group.context.items()]
    if group.requires is not None:
        variables.insert(0, "$representations: [_Any!]!")
        lines = ["  _entities(representations: $representations) {", *lines, "  }"]
    entity = "query" if group.requires is not None else kind
    title = f" {name}__{_name(group.subgraph)}" if name else ""
    header = f"({', '.join(variables)})" if variables else ""
    space = " " if header and not title else ""
    fragments = [line for fragment in writer.fragments.values() for line in fragment]
    return "\n".join([f"{entity}{title}{space}{header} {{", *lines, "}", *fragments]), tuple(mine)


class _Writer:
    """Writes selection sets. `used` are the variables in them; large ones that several fields share become `fragments`."""

    def __init__(self) -> None:
        self.used: dict[str, None] = {}
        self.fragments: dict[str, list[str]] = {}
        self._shared: dict[int, list[str]] = {}

    def lines(
        self, out: Out, implied: frozenset[tuple[str, bool]], indent: str, above: frozenset[str] = frozenset()
    ) -> list[str]:
        """Return the selections; leaves that are selected `above`, without more conditions, are not repeated."""
        lines = []
        leaves = [found for found in out.fields.values() if found.out is None]
        always = {found.response_name for found in leaves if implied.issuperset(found.conditions)}
        for found in out.fields.values():
            if found.out is None and (found.response_name in above or _is_weaker(found, leaves)):
                continue
            text = found.name if found.name == found.alias else f"{found.alias}: {found.name}"
            if found.arguments:
                text += f"({', '.join(self._argument(argument) for argument in found.arguments)})"
            conditions = [condition for condition in variables_of(found.conditions) if condition not in implied]
            directives = [f" @{'include' if wanted else 'skip'}(if: ${variable})" for variable, wanted in conditions]
            self.used.update((variable, None) for variable, _ in conditions)
            # A directive stands once at a place: what is left over goes around the field.
            own = {wanted: at for at, (_, wanted) in reversed(list(enumerate(conditions)))}.values()
            around = [directive for at, directive in enumerate(directives) if at not in own]
            inner = indent + "  " * len(around)
            text += "".join(directive for at, directive in enumerate(directives) if at in own)
            below = self._below(found, implied.union(conditions), inner + "  ")
            lines += [f"{indent}{'  ' * at}...{directive} {{" for at, directive in enumerate(around)]
            lines += [f"{inner}{text} {{", *below, f"{inner}}}"] if below else [inner + text]
            lines += [f"{indent}{'  ' * at}}}" for at in reversed(range(len(around)))]
        for type_name, fragment in out.fragments.items():
            below = self.lines(fragment, implied, indent + "  ", above | always)
            if below:
                lines += [f"{indent}... on {type_name} {{", *below, f"{indent}}}"]
        return lines

    def _below(self, found: OutField, implied: frozenset[tuple[str, bool]], indent: str) -> list[str]:
        """Return the field's selections."""
        if found.out is None:
            return []
        if not found.shared:
            return self.lines(found.out, implied, indent)
        if id(found) not in self._shared:
            lines = self.lines(found.out, implied, "  ")
            if len(lines) >= FRAGMENT_LINES:
                name = f"Shared{len(self.fragments)}"
                self.fragments[name] = [f"fragment {name} on {found.type.strip('[]!')} {{", *lines, "}"]
                lines = [f"  ...{name}"]
            self._shared[id(found)] = lines
        return [indent + line[2:] for line in self._shared[id(found)]]

    def _argument(self, argument: ArgumentNode) -> str:
        for variable in _variables(argument.value):
            self.used[variable] = None
        return print_ast(argument)


def _is_weaker(found: OutField, leaves: list[OutField]) -> bool:
    """Whether the same leaf is selected under fewer conditions."""
    return any(other.response_name == found.response_name and set(other.conditions) < set(found.conditions) for other in leaves)


def _variables(node: Any) -> list[str]:
    if isinstance(node, VariableNode):
        return [node.name.value]
    found = []
    for key in node.keys:
        value = getattr(node, key, None)
        for child in value if isinstance(value, tuple) else (value,):
            if isinstance(child, Node):
                found += _variables(child)
    return found


def _name(subgraph: str) -> str:
    """Return the subgraph's name as part of a GraphQL name."""
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in subgraph)
