"""The example query of an error: the shortest operation that leads along a path, with values for required arguments only."""

from __future__ import annotations

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLNonNull,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
)

from router.compose.satisfiability.positions import Path, Step

__all__ = ["witness"]

_SCALARS = {"Int": "0", "Float": "3.14", "Boolean": "true", "String": '"A string value"', "ID": '"<any id>"'}


def witness(path: Path) -> str:
    """Return the operation as text. What is below the last step, when that has fields of its own, is shown as `...`."""
    steps = path.steps
    opening = "{" if path.operation == "query" else f"{path.operation} {{"
    lines = [opening]
    for depth, step in enumerate(steps, start=1):
        lines.append("  " * depth + _text(step) + ("" if step is steps[-1] and _is_leaf(step) else " {"))
    depth = len(steps)
    if not _is_leaf(steps[-1]):
        lines.append("  " * (depth + 1) + "...")
        lines.append("  " * depth + "}")
    lines += ["  " * level + "}" for level in range(depth - 1, -1, -1)]
    return "\n".join(lines)


def _is_leaf(step: Step) -> bool:
    return not isinstance(step, str) and is_leaf_type(get_named_type(step[1].type))


def _text(step: Step) -> str:
    if isinstance(step, str):
        return f"... on {step}"
    name, field = step
    arguments = [f"{key}: {_value(found)}" for key, found in field.args.items() if is_required_argument(found)]
    return f"{name}({', '.join(arguments)})" if arguments else name


def _value(argument: GraphQLArgument) -> str:
    return _example(argument.type, ())


def _example(type_: GraphQLInputType, inside: tuple[str, ...]) -> str:
    """Return a value of the type. Inputs that demand themselves have no value: they are cut."""
    if is_non_null_type(type_):
        assert isinstance(type_, GraphQLNonNull)  # noqa: S101  what the predicate says
        return _example(type_.of_type, inside)
    if is_list_type(type_):
        return "[]"
    if isinstance(type_, GraphQLEnumType):
        return next(iter(type_.values), "<some value>")
    if isinstance(type_, GraphQLInputObjectType):
        if type_.name in inside:
            return "{}"
        fields = list(type_.fields.items())
        given = fields[:1] if type_.is_one_of else [item for item in fields if is_required_input_field(item[1])]
        return "{" + ", ".join(f"{name}: {_example(field.type, (*inside, type_.name))}" for name, field in given) + "}"
    return _SCALARS.get(get_named_type(type_).name, '"<some value>"')
