"""The collector leaves alone what stays, and frees a supergraph that is served no more."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from router.cli.garbage import settle_heap, tune_collector


class Cycle:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_what_is_there_is_not_looked_at_any_more() -> None:
    kept = Cycle()
    settle_heap()
    assert gc.get_freeze_count() > 1000
    assert all(found is not kept for found in gc.get_objects())


def test_what_is_left_of_the_time_before_is_freed() -> None:
    old = Cycle()
    settle_heap()
    left = weakref.ref(old)
    del old
    gc.collect()
    assert left() is not None
    settle_heap()
    assert left() is None


def test_the_collector_runs_less_often() -> None:
    tune_collector()
    assert gc.get_threshold() == (50_000, 20, 20)
    assert gc.isenabled()
