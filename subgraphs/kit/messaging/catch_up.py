"""Several read models of one aggregate kind."""

from subgraphs.kit.messaging.relay import CatchUp
from subgraphs.kit.persistence.commit import Commit

__all__ = ["CatchUpAll"]


class CatchUpAll:
    """Brings each of the read models to commits, in the order given."""

    def __init__(self, *read_models: CatchUp) -> None:
        self._read_models = read_models

    async def catch_up(self, *commits: Commit) -> None:
        for read_model in self._read_models:
            await read_model.catch_up(*commits)
