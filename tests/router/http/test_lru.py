"""The bounded cache."""

from __future__ import annotations

from router.http.lru import Lru


def test_least_recently_used_goes_first() -> None:
    lru: Lru[str, int] = Lru(2)
    lru.put("a", 1)
    lru.put("b", 2)
    assert lru.get("a") == 1
    lru.put("c", 3)
    assert (lru.get("a"), lru.get("b"), lru.get("c")) == (1, None, 3)


def test_weight_is_bounded_too() -> None:
    lru: Lru[str, int] = Lru(10, max_weight=10)
    lru.put("a", 1, weight=6)
    lru.put("b", 2, weight=4)
    assert len(lru) == 2
    lru.put("c", 3, weight=1)
    assert (lru.get("a"), lru.get("b"), lru.get("c")) == (None, 2, 3)


def test_replacing_counts_the_weight_once() -> None:
    lru: Lru[str, int] = Lru(10, max_weight=10)
    for value in range(5):
        lru.put("a", value, weight=6)
    lru.put("b", 9, weight=4)
    assert (lru.get("a"), lru.get("b")) == (4, 9)


def test_what_is_too_heavy_is_not_kept_and_drops_nothing() -> None:
    lru: Lru[str, int] = Lru(10, max_weight=10)
    lru.put("a", 1, weight=5)
    lru.put("b", 2, weight=11)
    assert (lru.get("a"), lru.get("b")) == (1, None)
