"""Bounds on documents, also where fragments multiply or spread themselves."""

from __future__ import annotations

import pytest
from graphql import parse

from router.errors import LimitExceeded
from router.http.limits import DocumentLimits, check_limits

LIMITS = DocumentLimits(tokens=1000, depth=4, aliases=3, root_fields=3, repetitions=6)


@pytest.mark.parametrize(
    "source",
    [
        "{ a { b { c { d } } } }",
        "{ x: a y: a z: a }",
        "{ a ...F } fragment F on Query { b c }",
        "{ a { ...F } } fragment F on A { b { ... on B { c } } }",
        "{ ...F } fragment F on Query { ...F }",
        "{ ...Missing }",
        "{ a { b b b b b b } }",
        "{ a { b b b b } c { b b b b } }",
        "{ a { b c } a { b c } a { b c d d d } }",
    ],
)
def test_document_within_limits_passes(source: str) -> None:
    check_limits(parse(source), LIMITS)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{ a { b { c { d { e } } } } }", "nested deeper than 4 levels"),
        ("{ a { b { ...F } } } fragment F on B { c { d { e } } }", "nested deeper than 4 levels"),
        ("{ w: a x: a y: a { z: b } }", "more than 3 aliases"),
        ("{ a { ...F } b { ...F } } fragment F on A { x: a y: a }", "more than 3 aliases"),
        ("{ a b c d }", "more than 3 root fields"),
        ("{ a ...F ... { c } } fragment F on Query { b d }", "more than 3 root fields"),
        ("query A { a } query B { a b c d }", "more than 3 root fields"),
        ("{ a { b b b b b b b } }", r"selects one field more than 6 times \(ROUTER_MAX_REPETITIONS\)"),
        ("{ a { x: b x: b x: b { c } ...F ... { b b } } } fragment F on A { b b b b b }", "more than 6 times"),
        ("{ a { b b ...F ... { b b } } } fragment F on A { b b b }", "more than 6 times"),
        ("{ a { b b b b } a { b b b } }", "more than 6 times"),
        ("{ a { b { c c } b { c c c } } a { b { c c } } }", "more than 6 times"),
    ],
)
def test_document_beyond_a_limit_is_refused(source: str, message: str) -> None:
    with pytest.raises(LimitExceeded, match=message):
        check_limits(parse(source), LIMITS)


def test_fragments_that_double_sixty_times_are_measured_in_no_time() -> None:
    fragments = [f"fragment F{n} on Q {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60)]
    source = "{ ...F0 } " + " ".join(fragments) + " fragment F60 on Q { x: a }"
    with pytest.raises(LimitExceeded, match="aliases"):
        check_limits(parse(source), LIMITS)


@pytest.mark.parametrize("use", ["a{n}: a {{ ...F }}", "a{n} {{ b ...F }}", "a{n} {{ ... {{ ...F }} }}"])
def test_a_large_fragment_that_is_used_everywhere_is_refused_in_no_time(use: str) -> None:
    uses = " ".join(use.format(n=n) for n in range(1000))
    source = f"{{ {uses} }} fragment F on A {{ {' '.join(f'f{n}' for n in range(5000))} }}"
    with pytest.raises(LimitExceeded, match="uses fragments with many fields too often"):
        check_limits(parse(source), LIMITS)


def test_fragments_nested_thousands_deep_are_refused() -> None:
    fragments = [f"fragment F{n} on Q {{ ...F{n + 1} }}" for n in range(2000)]
    source = "{ ...F0 } " + " ".join(fragments) + " fragment F2000 on Q { a }"
    with pytest.raises(LimitExceeded, match="fragments are nested too deeply"):
        check_limits(parse(source), LIMITS)
