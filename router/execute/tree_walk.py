"""Walks the response tree for the fetches of one execution, whose paths have most of their steps in common."""

from __future__ import annotations

from router.execute.response_tree import Object, objects_below
from router.plan.nodes import PlanPath
from router.plan.printer import print_path

__all__ = ["TreeWalk", "WalkPath"]


class WalkPath:
    """A path with a name for each of its beginnings."""

    __slots__ = ("beginnings", "steps")

    def __init__(self, path: PlanPath) -> None:
        self.steps: PlanPath = path
        self.beginnings = tuple(print_path(path[: length + 1]) for length in range(len(path)))


class TreeWalk:
    """Keeps what paths led to, as long as no objects come into the tree."""

    __slots__ = ("_levels", "_tree")

    def __init__(self, tree: Object) -> None:
        self._tree = tree
        self._levels: dict[str, list[Object]] = {}

    def objects_at(self, path: WalkPath, *, shared: bool) -> list[Object]:
        """Return the objects at a path in response order; each once where the tree is `shared`. The list is not to be changed."""
        levels = self._levels
        level = [self._tree]
        for step, beginning in zip(path.steps, path.beginnings, strict=True):
            known = levels.get(beginning)
            if known is None:
                known = levels[beginning] = objects_below(level, step, shared=shared)
            level = known
        return level

    def grown(self) -> None:
        """Forget what is known: objects have come into the tree."""
        self._levels.clear()
