"""The response tree: plain dictionaries by response name, into which every fetch is merged.

Entities fetched once for several places of the tree may be one dictionary there (see `merge`), so walking skips objects
already seen where the tree is known to share.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from router.plan.nodes import FieldRename, PathStep, PlanPath

__all__ = ["Object", "Path", "clone", "merge", "merge_leaves", "objects_at", "objects_below", "places_at", "rename_fields"]

Object: TypeAlias = dict[str, Any]
# A response path (GraphQL section 7.1.2).
Path: TypeAlias = tuple[str | int, ...]
NONE: frozenset[str] = frozenset()


def objects_at(root: Object, path: PlanPath, *, shared: bool) -> list[Object]:
    """Return the objects at `path` in response order; each once where the tree is `shared`."""
    level = [root]
    for step in path:
        level = objects_below(level, step, shared=shared)
    return level


def objects_below(level: list[Object], step: PathStep, *, shared: bool) -> list[Object]:
    """Return the objects that one step of a path leads to."""
    name, on = step.response_name, step.on
    below: list[Object] = []
    for parent in level:
        if on is not None and parent.get("__typename") not in on:
            continue
        value = parent.get(name)
        if value.__class__ is dict:
            below.append(value)
        elif value.__class__ is list:
            _objects_in(value, below)
    if shared and len(below) > 1:
        return list({id(found): found for found in below}.values())
    return below


def _objects_in(values: list[Any], found: list[Object]) -> None:
    for value in values:
        if value.__class__ is dict:
            found.append(value)
        elif value.__class__ is list:
            _objects_in(value, found)


def places_at(root: Object, path: PlanPath) -> list[tuple[Object, Path]]:
    """Return the objects at `path` with the response path of each: one object comes as often as it has places."""
    level: list[tuple[Object, Path]] = [(root, ())]
    for step in path:
        below: list[tuple[Object, Path]] = []
        for parent, place in level:
            if step.on is None or parent.get("__typename") in step.on:
                _places_in(parent.get(step.response_name), (*place, step.response_name), below)
        level = below
    return level


def _places_in(value: Any, place: Path, found: list[tuple[Object, Path]]) -> None:
    if isinstance(value, dict):
        found.append((value, place))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _places_in(item, (*place, index), found)


def merge(target: Object, source: Object, abstract: frozenset[str] = NONE) -> None:
    """Merge `source` into `target` deeply; what only `source` has is shared with it, not copied.

    Lists merge element by element: two fetches for one list have it from the same resolver, in the same order. A null
    never replaces a value. `abstract` are names of interfaces: an interface object's `__typename`, which never replaces what is
    known of an object's type.
    """
    for name, value in source.items():
        if name not in target:
            target[name] = value
        elif name != "__typename" or value not in abstract:
            target[name] = _merged(target[name], value, abstract)


def merge_leaves(targets: list[Object], source: Object, abstract: frozenset[str] = NONE) -> None:
    """Merge an object without composite values into each of `targets`."""
    if None in source.values() or source.get("__typename") in abstract:
        for target in targets:
            merge(target, source, abstract)
    else:
        for target in targets:
            target.update(source)


def _merged(existing: Any, value: Any, abstract: frozenset[str]) -> Any:
    if value is None or existing is value:
        return existing
    if existing.__class__ is dict and value.__class__ is dict:
        merge(existing, value, abstract)
        return existing
    if existing.__class__ is list and value.__class__ is list and len(existing) == len(value):
        existing[:] = [_merged(old, new, abstract) for old, new in zip(existing, value, strict=True)]
        return existing
    return value


def clone(value: Any) -> Any:
    """Return a deep copy of JSON data."""
    if value.__class__ is dict:
        return {name: clone(item) for name, item in value.items()}
    if value.__class__ is list:
        return [clone(item) for item in value]
    return value


def rename_fields(objects: list[Object], renames: tuple[FieldRename, ...]) -> None:
    """Give fields the response names of clients, where a subgraph was asked for them under others."""
    for rename in renames:
        path = tuple(map(PathStep, rename.path))
        for start in objects:
            for found in objects_at(start, path, shared=False):
                if rename.alias in found:
                    found[rename.response_name] = found.pop(rename.alias)
