"""Makes one request of those that ask the same for objects of different types at one place.

Where an abstract type is expanded, each of its types leads to requests of its own: `media.@|[Book].owner` and
`media.@|[Film].owner`. What is asked is never widened by joining: no object gets fields that were not selected for it.
"""

from __future__ import annotations

from router.plan.fetch_group import FetchGroup
from router.plan.nodes import PathStep, PlanPath

__all__ = ["joined"]


def joined(groups: list[FetchGroup]) -> list[FetchGroup]:
    """Return the requests, in order, with equal ones made one."""
    replaced: dict[int, int] = {}
    kept: dict[object, list[FetchGroup]] = {}
    result = []
    for group in groups:
        group.after = frozenset(replaced.get(id, id) for id in group.after)
        alike = kept.setdefault((group.subgraph, _shape(group.path), group.after, group.out.key, repr(group.context)), [])
        other = next((other for other in alike if _join(other, group)), None) if group.requires is not None else None
        if other is None:
            alike.append(group)
            result.append(group)
        else:
            replaced[group.id] = other.id
    return result


def _join(group: FetchGroup, other: FetchGroup) -> bool:
    """Make `group` stand for the other one too, if it can."""
    path = _joined_path(group.path, other.path)
    if path is None or any(group.contradicts(names, fields) for (names, _), fields in (other.requires or {}).items()):
        return False
    group.path = path
    for (names, condition), fields in (other.requires or {}).items():
        group.require(names, condition, fields)
    return True


def _shape(path: PlanPath) -> tuple[str, ...]:
    return tuple(step.response_name for step in path)


def _joined_path(path: PlanPath, other: PlanPath) -> PlanPath | None:
    """Return the path to the objects at either path, None if there is none: they may differ in the types of one step."""
    different = [at for at, (one, two) in enumerate(zip(path, other, strict=True)) if one.on != two.on]
    if not different:
        return path
    at = different[0]
    on, also = path[at].on, other[at].on
    if len(different) > 1 or on is None or also is None:
        return None
    return (*path[:at], PathStep(path[at].response_name, on | also, path[at].list_depth), *path[at + 1 :])
