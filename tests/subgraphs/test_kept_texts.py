"""Texts that a client chooses and that are kept for good say so where they are given."""

import pytest
from graphql import GraphQLInputObjectType, GraphQLString, get_named_type

from subgraphs.auth.schema import schema as auth
from subgraphs.customer.schema import schema as customer
from subgraphs.invoice.schema import schema as invoice
from subgraphs.kit.graphql.writes import KEPT_FOR_GOOD
from subgraphs.plan.schema import schema as plan
from subgraphs.subscription.schema import schema as subscription


def texts(schema: object) -> dict[str, str]:
    """Return the descriptions of all fields of inputs that take text, by type and field."""
    types = schema._schema.type_map.values()  # type: ignore[attr-defined]
    return {
        f"{type_.name}.{name}": field.description or ""
        for type_ in types
        if isinstance(type_, GraphQLInputObjectType)
        for name, field in type_.fields.items()
        if get_named_type(field.type) is GraphQLString or get_named_type(field.type).name == "String"
    }


@pytest.mark.parametrize("schema", [auth, plan, invoice, subscription], ids=["auth", "plan", "invoice", "subscription"])
def test_a_reason_is_kept_for_good(schema: object) -> None:
    reasons = {field: text for field, text in texts(schema).items() if field.endswith(".reason")}
    assert len(reasons) > 3
    assert {field for field, text in reasons.items() if KEPT_FOR_GOOD not in text} == set()


def test_so_is_every_text_about_somebody_that_is_billed() -> None:
    found = {field for schema in (invoice, subscription) for field, text in texts(schema).items() if KEPT_FOR_GOOD in text}
    assert {field for field in found if not field.endswith(".reason")} == {
        "InvoiceLineInput.description",
        "InvoicePaymentRecordInput.reference",
        "PlanSubscriptionStartInput.externalId",
        "PlanSubscriptionStartPreviewInput.externalId",
        "UsageEventInput.key",
    }


def test_what_is_about_a_customer_goes_with_the_customer() -> None:
    reasons = {field: text for field, text in texts(customer).items() if field.endswith(".reason")}
    assert len(reasons) > 10
    own = {"TaxExemptionSetInput.reason"}  # invoices print it
    assert {field for field, text in reasons.items() if "until the customer is erased" not in text} == own
    assert "Invoices print it and keep it: write no personal data." in reasons["TaxExemptionSetInput.reason"]
    assert [field for field, text in texts(customer).items() if KEPT_FOR_GOOD in text] == ["WalletSpendInput.reference"]
