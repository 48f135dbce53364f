"""The garbage collector of a process that serves: long-lived objects are not looked at, short-lived ones seldom.

Answers are trees of thousands of dictionaries without cycles, which reference counting frees. With Python's defaults the
collector took a third of the processor time looking for cycles among them.
"""

from __future__ import annotations

import gc

__all__ = ["settle_heap", "tune_collector"]

# Containers made and not freed before the youngest are looked at: some megabytes.
YOUNGEST = 50_000
# Collections of one generation before the next older one's.
OLDER = 20


def tune_collector() -> None:
    """Collect less often."""
    gc.set_threshold(YOUNGEST, OLDER, OLDER)


def settle_heap() -> None:
    """Take what is there out of later collections: supergraph, schema and code.

    What a supergraph before this one has left, and requests under way do not need any more, is freed first.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
