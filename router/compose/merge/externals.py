"""Whether what a subgraph says of a field that another resolves (`@external`) is true."""

from __future__ import annotations

from router.compose.definitions import Field
from router.compose.merge.context import MergeContext, Sources, named
from router.compose.merge.type_references import is_subtype
from router.compose.subgraph import Subgraph

__all__ = ["check_externals"]


def check_externals(context: MergeContext, coordinate: str, own: Sources[Field], sources: Sources[Field]) -> None:
    """Refuse @external declarations whose type, arguments or defaults contradict the subgraphs that resolve the field (`own`)."""
    externals = [(subgraph, found) for subgraph, found in sources if found.external]
    if not externals or not any(not found.external for _, found in own):
        return
    resolver, resolved = own[0]
    for subgraph, found in externals:
        if all(found.type != other.type for _, other in own):
            _refuse(
                context,
                "EXTERNAL_TYPE_MISMATCH",
                f'Field "{coordinate}" has type "{found.type}" in {named([subgraph])}, where it is marked @external, but type '
                f'"{resolved.type}" in {named([resolver])}. Declare the same type.',
                subgraph,
                found,
            )
        _check_arguments(context, coordinate, own, subgraph, found)


def _check_arguments(context: MergeContext, coordinate: str, own: Sources[Field], subgraph: Subgraph, external: Field) -> None:
    resolver, resolved = own[0]
    for name, argument in resolved.arguments.items():
        if argument.has("fromContext") or any(name not in found.arguments for _, found in own):
            continue  # none of the supergraph's
        declared = external.arguments.get(name)
        what = f'Argument "{coordinate}({name}:)"'
        where = f"{named([subgraph])}, where the field is marked @external"
        if declared is None:
            _refuse(
                context,
                "EXTERNAL_ARGUMENT_MISSING",
                f"{what} is declared in {named([resolver])} but not in {where}. Declare it there, too.",
                subgraph,
                external,
            )
        elif not any(is_subtype(found.arguments[name].type, declared.type, context.supertypes) for _, found in own):
            _refuse(
                context,
                "EXTERNAL_ARGUMENT_TYPE_MISMATCH",
                f'{what} has type "{argument.type}" in {named([resolver])} but type "{declared.type}" in {where}. '
                "Declare the same type.",
                subgraph,
                external,
            )
        elif declared.default_text != argument.default_text:
            _refuse(
                context,
                "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH",
                f"{what} has default value {argument.default_text or 'none'} in {named([resolver])} but "
                f"{declared.default_text or 'none'} in {where}. Declare the same default.",
                subgraph,
                external,
            )


def _refuse(context: MergeContext, code: str, message: str, subgraph: Subgraph, field: Field) -> None:
    context.error(code, message, [(subgraph, field.node)])
