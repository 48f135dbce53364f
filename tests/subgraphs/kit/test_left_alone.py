"""What could not be worked on is left alone for a while, and no longer."""

from subgraphs.kit.left_alone import LeftAlone


def test_each_is_left_alone_for_its_own_time() -> None:
    now = 100.0
    left_alone = LeftAlone(60.0, lambda: now)
    left_alone.add("a")
    now = 130.0
    left_alone.add("b")
    assert set(left_alone.ids()) == {"a", "b"}
    now = 160.0  # 100 + 60
    assert set(left_alone.ids()) == {"b"}
    now = 190.0
    assert set(left_alone.ids()) == set()


def test_what_fails_while_others_are_worked_on_is_among_them() -> None:
    left_alone = LeftAlone(60.0, lambda: 0.0)
    skipped = left_alone.ids()
    left_alone.add("a")
    assert set(skipped) == {"a"}
