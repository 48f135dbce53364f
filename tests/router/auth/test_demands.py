"""A refusal names what is demanded and not granted, by the schema's own directives."""

from __future__ import annotations

import pytest
from graphql import build_schema

from router.auth.access import FieldAccess
from router.auth.demands import satisfied, unmet_demand
from router.auth.scopes import Grants
from router.supergraph.access import AccessRule


def groups(*texts: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(text.split()) for text in texts)


EITHER = AccessRule(scopes=groups("b a", "c"))
ALL = AccessRule(authenticated=True, scopes=groups("a"), policies=groups("p q"))


@pytest.mark.parametrize(
    ("rule", "grants", "unmet"),
    [
        (AccessRule(authenticated=True), Grants(), "an access token"),
        (AccessRule(authenticated=True), Grants(True), None),
        (EITHER, Grants(True, frozenset({"a", "other"})), "the scopes a and b, or c"),
        (EITHER, Grants(True, frozenset({"c"})), None),
        (AccessRule(policies=groups("p", "q")), Grants(True), "the policy p, or q"),
        (ALL, Grants(), "an access token and the scope a and the policies p and q"),
        (ALL, Grants(True, frozenset({"a"}), frozenset({"q"})), "the policies p and q"),
        (ALL, Grants(True, frozenset({"a"}), frozenset({"p", "q"})), None),
        (AccessRule(scopes=groups("")), Grants(), None),
    ],
)
def test_what_is_not_met_is_named(rule: AccessRule, grants: Grants, unmet: str | None) -> None:
    assert unmet_demand(rule, grants) == unmet
    assert satisfied(rule, grants) is (unmet is None)


READ = AccessRule(scopes=groups("invoices:read"))
ACCESS = FieldAccess(
    build_schema("type Query { invoices: [Invoice!], me: Int } type Invoice { total: Int, tax: Int }"),
    {
        "Query.invoices": AccessRule(authenticated=True),
        "Invoice": READ,
        "Invoice.total": READ,
        "Invoice.tax": AccessRule(scopes=groups("tax:read")),
    },
)


@pytest.mark.parametrize(
    ("grants", "type_name", "field_name", "refusal"),
    [
        (Grants(), "Query", "me", None),
        (Grants(), "Query", "invoices", "Query.invoices needs an access token; Invoice needs the scope invoices:read"),
        (Grants(True), "Query", "invoices", "Invoice needs the scope invoices:read"),
        (Grants(True, frozenset({"invoices:read"})), "Query", "invoices", None),
        (Grants(True), "Invoice", "total", "Invoice needs the scope invoices:read"),
        (Grants(True, frozenset({"tax:read"})), "Invoice", "tax", "Invoice needs the scope invoices:read"),
        (Grants(True, frozenset({"invoices:read"})), "Invoice", "tax", "Invoice.tax needs the scope tax:read"),
    ],
)
def test_a_field_is_refused_by_the_coordinates_that_demand_more(
    grants: Grants, type_name: str, field_name: str, refusal: str | None
) -> None:
    assert ACCESS.refusal(grants, type_name, field_name) == refusal
    assert ACCESS.allows(grants, type_name, field_name) is (refusal is None)
