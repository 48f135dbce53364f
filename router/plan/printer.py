"""A query plan as text, in the notation that federation users know."""

from __future__ import annotations

from graphql import parse, print_ast
from graphql.language import OperationDefinitionNode

from router.plan.nodes import (
    Condition,
    Fetch,
    Flatten,
    Parallel,
    PlanNode,
    PlanPath,
    QueryPlan,
    RequiredField,
    Requirement,
    Sequence,
    SubscriptionPlan,
)

__all__ = ["print_path", "print_plan"]


def print_plan(plan: QueryPlan) -> str:
    """Return the plan as text."""
    if plan.root is None:
        return "QueryPlan {}"
    return "\n".join(["QueryPlan {", *_indented(_node(plan.root)), "}"])


def print_path(path: PlanPath) -> str:
    """Return a path such as `users.@.orders|[Paid].@`: `@` stands for every element of a list, `../` for the object above."""
    parts: list[str] = []
    for step in path:
        condition = f"|[{','.join(sorted(step.on))}]" if step.on is not None else ""
        if condition and parts:
            parts[-1] += condition
            condition = ""
        parts += [condition + step.response_name, *["@"] * step.list_depth]
    above = sum(part == ".." for part in parts)
    return "../" * above + ".".join(parts[above:])


def _node(node: PlanNode) -> list[str]:
    if isinstance(node, Fetch):
        return _fetch(node)
    if isinstance(node, Flatten):
        return [f'Flatten(path: "{print_path(node.path)}") {{', *_indented(_node(node.node)), "}"]
    if isinstance(node, (Sequence, Parallel)):
        inner = [line for child in node.nodes for line in _indented(_node(child))]
        return [f"{type(node).__name__} {{", *inner, "}"]
    if isinstance(node, Condition):
        return _condition(node)
    assert isinstance(node, SubscriptionPlan)  # noqa: S101  there is no other node
    rest = ["  Rest {", *_indented(_indented(_node(node.rest))), "  }"] if node.rest else []
    return ["Subscription {", "  Primary {", *_indented(_indented(_node(node.primary))), "  }", *rest, "}"]


def _condition(node: Condition) -> list[str]:
    if node.if_false is None and node.if_true is not None:
        return [f"Include(if: ${node.variable}) {{", *_indented(_node(node.if_true)), "}"]
    if node.if_true is None and node.if_false is not None:
        return [f"Skip(if: ${node.variable}) {{", *_indented(_node(node.if_false)), "}"]
    branches = [
        line
        for name, branch in (("If", node.if_true), ("Else", node.if_false))
        if branch is not None
        for line in _indented([f"{name} {{", *_indented(_node(branch)), "}"])
    ]
    return [f"Condition(if: ${node.variable}) {{", *branches, "}"]


def _fetch(node: Fetch) -> list[str]:
    definition, *fragments = parse(node.operation, no_location=True).definitions
    assert isinstance(definition, OperationDefinitionNode)  # noqa: S101  written by the planner
    shared = [line for fragment in fragments for line in print_ast(fragment).splitlines()]
    if not node.requires:
        body = [*print_ast(definition.selection_set).splitlines(), *shared]
        return [f'Fetch(service: "{node.subgraph}"{_extras(node)}) {{', *_indented(body), "}"]
    entities = definition.selection_set.selections[0]
    selection = print_ast(entities.selection_set).splitlines()  # type: ignore[attr-defined]
    required = [line for requirement in node.requires for line in _requirement(requirement)]
    body = ["{", *_indented(required), "} =>", *selection, *shared]
    return [f'Fetch(service: "{node.subgraph}"{_extras(node)}) {{', *_indented(body), "}"]


def _extras(node: Fetch) -> str:
    """Return where variables come from the context, and what is renamed in the answer."""
    context = [f', ${name}: "{print_path(path)}"' for name, path in node.context.items()]
    renames = [f', rename: "{".".join((*one.path, one.alias))}: {one.response_name}"' for one in node.renames]
    return "".join((*context, *renames))


def _requirement(requirement: Requirement) -> list[str]:
    if not isinstance(requirement, RequiredField):
        inner = [line for child in requirement.selections for line in _requirement(child)]
        return [f"... on {requirement.type_condition} {{", *_indented(inner), "}"]
    name = requirement.name
    if requirement.constant is not None:
        name += f': "{requirement.constant}"'
    elif requirement.response_name != requirement.name:
        name += f": {requirement.response_name}"
    if not requirement.selections:
        return [name]
    inner = [line for child in requirement.selections for line in _requirement(child)]
    return [f"{name} {{", *_indented(inner), "}"]


def _indented(lines: list[str]) -> list[str]:
    return ["  " + line for line in lines]
