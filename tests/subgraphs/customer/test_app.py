"""The customer subgraph over HTTP, on real stores."""

import time
from collections.abc import AsyncIterator

import pytest

from subgraphs.customer.app import create_app
from subgraphs.kit.settings import Settings
from tests.testkit.subgraph import RunningSubgraph, run_subgraph

BOTH = "customers:read customers:write"
CREATE = """
mutation($input: CustomerCreateInput!) {
  customerCreate(input: $input) { customer { id name status currencyCode createdBy { id } } userErrors { field message code } }
}"""
EXPIRING = """
mutation($input: PaymentMethodAttachInput!) { paymentMethodAttach(input: $input) {
  customer { paymentMethods { label expiresOn } } userErrors { field code }
} }"""
BY_ID = "query($id: ID!) { customer(id: $id) { id name paymentMethods { id label } defaultPaymentMethod { label } } }"
ATTACH = """
mutation($input: PaymentMethodAttachInput!) {
  paymentMethodAttach(input: $input) { customer { defaultPaymentMethod { label } } userErrors { field code } }
}"""
LIST = """
query($first: Int, $after: String, $last: Int, $before: String, $where: CustomerWhereInput) {
  customers(first: $first, after: $after, last: $last, before: $before, where: $where) {
    nodes { name } edges { cursor node { name } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""
ENTITIES = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Customer { id name } } }"


@pytest.fixture
async def customers(settings: Settings) -> AsyncIterator[RunningSubgraph]:
    async with run_subgraph(create_app, settings) as running:
        yield running


async def create(customers: RunningSubgraph, name: str = "Ada", tenant: str = "ten_a", **more: object) -> str:
    data = await customers.data(CREATE, {"input": {"name": name, "currencyCode": "EUR", **more}}, scopes=BOTH, tenant=tenant)
    assert data["customerCreate"]["userErrors"] == []
    id: str = data["customerCreate"]["customer"]["id"]
    return id


async def test_a_created_customer_is_read_back_at_once(customers: RunningSubgraph) -> None:
    id = await create(customers)
    data = await customers.data(BY_ID, {"id": id}, scopes=BOTH)
    assert data["customer"] == {"id": id, "name": "Ada", "paymentMethods": [], "defaultPaymentMethod": None}


async def test_the_first_payment_method_becomes_the_default(customers: RunningSubgraph) -> None:
    id = await create(customers)
    method = {"customerId": id, "provider": "sandbox", "token": "sandbox_success", "label": "Visa •••• 4242"}
    data = await customers.data(ATTACH, {"input": method}, scopes=BOTH)
    assert data["paymentMethodAttach"] == {"customer": {"defaultPaymentMethod": {"label": "Visa •••• 4242"}}, "userErrors": []}


async def test_a_payment_method_expires_with_the_month_on_its_card(customers: RunningSubgraph) -> None:
    id = await create(customers)
    method = {"customerId": id, "token": "sandbox_success", "label": "Visa", "expiryMonth": 2, "expiryYear": 2028}
    data = await customers.data(EXPIRING, {"input": method}, scopes=BOTH)
    assert data["paymentMethodAttach"]["customer"]["paymentMethods"] == [{"label": "Visa", "expiresOn": "2028-02-29"}]
    renewed = await customers.data(EXPIRING, {"input": method | {"expiryYear": 2030}}, scopes=BOTH)
    assert renewed["paymentMethodAttach"]["customer"]["paymentMethods"] == [{"label": "Visa", "expiresOn": "2030-02-28"}]
    refused = await customers.data(EXPIRING, {"input": method | {"expiryMonth": 13}}, scopes=BOTH)
    assert refused["paymentMethodAttach"]["userErrors"] == [{"field": ["input", "expiryMonth"], "code": "INVALID_INPUT"}]


TAX = """
mutation($id: ID!, $add: TaxIdAddInput!) {
  taxIdAdd(input: $add) {
    customer { taxIds { type value country } } userErrors { field code message }
  }
  taxExemptionSet(input: { customerId: $id, exemption: REVERSE_CHARGE, reason: "Art. 196" }) {
    customer { taxExemption taxExemptionReason } userErrors { field code }
  }
}"""


async def test_tax_ids_and_exemption_are_shown_and_an_impossible_id_is_refused(customers: RunningSubgraph) -> None:
    id = await create(customers)
    wrong = {"customerId": id, "type": "EU_VAT", "value": "DE136695977"}
    data = await customers.data(TAX, {"id": id, "add": wrong}, scopes=BOTH)
    [error] = data["taxIdAdd"]["userErrors"]
    assert (error["field"], error["code"]) == (["input", "value"], "INVALID_TAX_ID")
    assert error["message"] == "'DE136695977' is not a valid eu_vat: its check digits do not match (CHECKSUM)"
    assert data["taxExemptionSet"]["userErrors"] == [{"field": None, "code": "INVALID_STATE"}]
    data = await customers.data(TAX, {"id": id, "add": wrong | {"value": "DE 136 695 976"}}, scopes=BOTH)
    tax_ids = [{"type": "EU_VAT", "value": "DE136695976", "country": "DE"}]
    assert data["taxIdAdd"] == {"customer": {"taxIds": tax_ids}, "userErrors": []}
    assert data["taxExemptionSet"]["customer"] == {"taxExemption": "REVERSE_CHARGE", "taxExemptionReason": "Art. 196"}
    read = "query($id: ID!) { customer(id: $id) { taxExemption taxIds { type value country } } }"
    customer = (await customers.data(read, {"id": id}, scopes=BOTH))["customer"]
    assert customer == {"taxExemption": "REVERSE_CHARGE", "taxIds": tax_ids}


async def test_billing_and_shipping_addresses_language_and_time_zone_are_updated(customers: RunningSubgraph) -> None:
    home = {"line1": "Torstr. 1", "city": "Berlin", "country": "DE"}
    id = await create(customers, address=home, shippingAddress=home | {"city": "Bern", "country": "CH"})
    update = """
    mutation($input: CustomerUpdateInput!) {
      customerUpdate(input: $input) {
        customer { language timeZone address { city } shippingAddress { city country } } userErrors { field message }
      }
    }"""
    changes = {"id": id, "language": "pt-BR", "timeZone": "America/Sao_Paulo", "address": None}
    data = await customers.data(update, {"input": changes}, scopes=BOTH)
    assert data["customerUpdate"]["customer"] == {
        "language": "pt-BR",
        "timeZone": "America/Sao_Paulo",
        "address": None,
        "shippingAddress": {"city": "Bern", "country": "CH"},
    }
    wrong = {"id": id, "shippingAddress": home | {"country": "UK"}}
    data = await customers.data(update, {"input": wrong}, scopes=BOTH)
    assert data["customerUpdate"]["userErrors"] == [
        {
            "field": ["input", "shippingAddress", "country"],
            "message": "'UK' is not an ISO 3166-1 alpha-2 country code such as DE",
        }
    ]


async def test_refused_input_names_the_field_and_creates_nothing(customers: RunningSubgraph) -> None:
    data = await customers.data(CREATE, {"input": {"name": "  ", "currencyCode": "EUR"}}, scopes=BOTH)
    assert data["customerCreate"]["customer"] is None
    assert [error["field"] for error in data["customerCreate"]["userErrors"]] == [["input", "name"]]
    assert (await customers.data(LIST, scopes=BOTH))["customers"]["nodes"] == []


async def test_an_external_id_belongs_to_one_customer_of_a_tenant(customers: RunningSubgraph) -> None:
    await create(customers, externalId="crm-1")
    await create(customers, tenant="ten_b", externalId="crm-1")
    data = await customers.data(CREATE, {"input": {"name": "Eve", "currencyCode": "EUR", "externalId": "crm-1"}}, scopes=BOTH)
    assert data["customerCreate"]["userErrors"][0]["field"] == ["input", "externalId"]


async def test_a_list_is_walked_forwards_and_backwards_newest_first(customers: RunningSubgraph) -> None:
    for name in ["one", "two", "three"]:
        await create(customers, name)
    first = (await customers.data(LIST, {"first": 2}, scopes=BOTH))["customers"]
    assert [node["name"] for node in first["nodes"]] == ["three", "two"]
    assert (first["pageInfo"]["hasNextPage"], first["pageInfo"]["hasPreviousPage"]) == (True, False)
    rest = (await customers.data(LIST, {"first": 2, "after": first["pageInfo"]["endCursor"]}, scopes=BOTH))["customers"]
    assert [node["name"] for node in rest["nodes"]] == ["one"]
    assert (rest["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasPreviousPage"]) == (False, True)
    back = (await customers.data(LIST, {"last": 1, "before": rest["pageInfo"]["startCursor"]}, scopes=BOTH))["customers"]
    assert [node["name"] for node in back["nodes"]] == ["two"]
    assert back["pageInfo"]["hasPreviousPage"] is True


async def test_a_filter_finds_by_the_beginning_of_the_name(customers: RunningSubgraph) -> None:
    for name in ["Ada", "Adam", "Bob"]:
        await create(customers, name)
    found = await customers.data(LIST, {"where": {"nameStartsWith": "ad"}}, scopes=BOTH)
    assert [node["name"] for node in found["customers"]["nodes"]] == ["Adam", "Ada"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"first": 0}, "INVALID_INPUT"),
        ({"first": 101}, "INVALID_INPUT"),
        ({"first": 1, "last": 1}, "INVALID_INPUT"),
        ({"after": "x"}, "INVALID_CURSOR"),
    ],
)
async def test_paging_arguments_out_of_range_are_refused(
    customers: RunningSubgraph, arguments: dict[str, object], code: str
) -> None:
    answer = await customers.graphql(LIST, arguments, scopes=BOTH)
    assert answer["errors"][0]["extensions"]["code"] == code


async def test_another_tenant_sees_nothing_by_id_entity_or_list(customers: RunningSubgraph) -> None:
    id = await create(customers)
    assert await customers.data(BY_ID, {"id": id}, scopes=BOTH, tenant="ten_b") == {"customer": None}
    representation = [{"__typename": "Customer", "id": id}]
    assert await customers.data(ENTITIES, {"r": representation}, scopes=BOTH, tenant="ten_b") == {"_entities": [None]}
    assert (await customers.data(LIST, scopes=BOTH, tenant="ten_b"))["customers"]["nodes"] == []
    method = {"customerId": id, "provider": "sandbox", "token": "sandbox_success", "label": "Visa"}
    data = await customers.data(ATTACH, {"input": method}, scopes=BOTH, tenant="ten_b")
    assert data["paymentMethodAttach"]["userErrors"] == [{"field": ["input", "customerId"], "code": "NOT_FOUND"}]


async def test_entities_come_in_the_order_of_their_representations(customers: RunningSubgraph) -> None:
    ids = [await create(customers, name) for name in ["one", "two"]]
    representations = [{"__typename": "Customer", "id": id} for id in [ids[1], "cus_none", ids[0], ids[1]]]
    data = await customers.data(ENTITIES, {"r": representations}, scopes=BOTH)
    assert [entity and entity["name"] for entity in data["_entities"]] == ["two", None, "one", "two"]


async def test_an_unknown_entity_type_is_an_error_of_its_own_entry(customers: RunningSubgraph) -> None:
    id = await create(customers)
    representations = [{"__typename": "Nothing", "id": "1"}, {"__typename": "Customer", "id": id}]
    answer = await customers.graphql(ENTITIES, {"r": representations}, scopes=BOTH)
    assert answer["data"]["_entities"] == [None, {"id": id, "name": "Ada"}]
    assert answer["errors"][0]["path"] == ["_entities", 0]


async def test_without_the_scope_the_field_is_refused_and_the_others_answer(customers: RunningSubgraph) -> None:
    answer = await customers.graphql('{ __typename customer(id: "cus_1") { id } }', scopes="plans:read")
    assert answer["data"] == {"__typename": "Query", "customer": None}
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHORIZED_FIELD_OR_TYPE"
    answer = await customers.graphql(ENTITIES, {"r": [{"__typename": "Customer", "id": "cus_1"}]}, scopes="plans:read")
    assert answer["data"] == {"_entities": [None]}
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHORIZED_FIELD_OR_TYPE"


async def test_expired_tampered_and_foreign_tokens_are_refused(customers: RunningSubgraph) -> None:
    good = customers.token(BOTH)
    bad = {
        "expired": customers.token(BOTH, exp=int(time.time()) - 60),
        "tampered": good[:-6] + ("A" if good[-6] != "A" else "B") + good[-5:],
        "audience": customers.token(BOTH, aud="someone-else"),
        "issuer": customers.token(BOTH, iss="https://evil.test"),
        "no tenant": customers.token(BOTH, tenant=None),
        "not a token": "abc",
    }
    for name, token in bad.items():
        status, answer = await customers.send("{ __typename }", token=token, accept="application/graphql-response+json")
        assert (status, answer["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED"), name


async def test_anonymous_requests_get_introspection_but_no_data(customers: RunningSubgraph) -> None:
    status, answer = await customers.send("{ __schema { queryType { name } } customers { nodes { id } } }")
    assert status == 200
    assert answer["data"] is None or answer["data"]["customers"] is None
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHORIZED_FIELD_OR_TYPE"
    status, answer = await customers.send("{ _service { sdl } }")
    assert "@link" in answer["data"]["_service"]["sdl"]


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"query": 1}', b'{"variables": {}}'])
async def test_a_malformed_body_is_a_clear_400(customers: RunningSubgraph, body: bytes) -> None:
    async with customers.session.post(f"{customers.url}/graphql", data=body) as response:
        assert response.status in {200, 400}
        assert (await response.json())["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_health_and_readiness(customers: RunningSubgraph) -> None:
    async with customers.session.get(f"{customers.url}/healthz") as response:
        assert (response.status, await response.json()) == (200, {"service": "customer", "healthy": True})
    async with customers.session.get(f"{customers.url}/readyz") as response:
        assert (response.status, await response.json()) == (
            200,
            {"service": "customer", "ready": True, "checks": {"mongodb": "ok"}},
        )


async def test_the_request_id_comes_back(customers: RunningSubgraph) -> None:
    async with customers.session.post(
        f"{customers.url}/graphql", json={"query": "{ __typename }"}, headers={"x-request-id": "req-7"}
    ) as response:
        assert response.headers["x-request-id"] == "req-7"
