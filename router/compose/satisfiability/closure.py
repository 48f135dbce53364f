"""What is reachable for one object: the nodes at which its fields can be asked for."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field

from router.supergraph.query_graph import Entrance, Node

__all__ = ["Closure", "Growth"]


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """The nodes that are reachable from `start` for an object of `type_name`.

    `mask` has the bit of each node's number, `entered` the bits of nodes reached through an entrance, at which fields with
    conditions can be answered. `refused` are the entrances whose keys nothing supplies.
    """

    type_name: str
    start: Node
    nodes: tuple[Node, ...]
    mask: int
    entered: int
    refused: tuple[Entrance, ...]
    # False while all that was reached are interface objects: nothing knows which object type this is.
    identified: bool

    def covers(self, other: Closure) -> bool:
        """Whether everything that is answered from `other` is answered from here."""
        return not (other.mask & ~self.mask or other.entered & ~self.entered)


@dataclass(slots=True, eq=False)
class Growth:
    """A closure in the making."""

    type_name: str
    start: Node
    pending: list[Entrance]
    nodes: dict[Node, None] = field(default_factory=dict)
    entered: set[Node] = field(default_factory=set)

    @property
    def identified(self) -> bool:
        """Whether a node knows the object's type."""
        return any(not node.is_interface_object for node in self.nodes)

    def closed(self) -> Closure:
        """Return the closure, to be asked for when nothing can be added."""
        return Closure(
            type_name=self.type_name,
            start=self.start,
            nodes=tuple(self.nodes),
            mask=_mask(self.nodes.keys()),
            entered=_mask(self.entered),
            refused=tuple(self.pending),
            identified=self.identified,
        )


def _mask(nodes: Set[Node]) -> int:
    mask = 0
    for node in nodes:
        mask |= 1 << node.number
    return mask
