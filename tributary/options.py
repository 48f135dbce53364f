"""Arguments that several commands take."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from tributary.failure import Failure
from tributary.services import SUBGRAPHS

__all__ = ["DataFolder", "PortOffset", "SubgraphName", "subgraph_module"]


def _known(name: str) -> str:
    if name not in SUBGRAPHS:
        raise typer.BadParameter(f"there is no subgraph {name!r}; there are {', '.join(SUBGRAPHS)}")
    return name


SubgraphName = Annotated[str, typer.Argument(help=f"One of {', '.join(SUBGRAPHS)}.", callback=_known, show_default=False)]
DataFolder = Annotated[
    Path, typer.Option("--data-dir", help="Where the data, the secrets and the logs of a local system are.", file_okay=False)
]
PortOffset = Annotated[
    int, typer.Option("--port-offset", help="Added to every port: a second system beside the first.", min=0, max=60000)
]


def subgraph_module(subgraph: str, module: str) -> str:
    """Return the dotted name of one of a subgraph's modules, which is there."""
    name = f"subgraphs.{subgraph}.{module}"
    try:
        found = find_spec(name)
    except ModuleNotFoundError:
        found = None
    if found is None:
        raise Failure(f"{name} is not installed", "run `make install`")
    return name
