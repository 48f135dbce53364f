"""What is written down of Stripe's API is what the official SDK says of it: each request, each answer, each event.

`test_stripe.py` proves that the provider asks exactly what is written down, and reads exactly that.
"""

import importlib
import json
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
import stripe
from stripe._api_version import _ApiVersion
from stripe._error_object import ErrorObject

from tests.testkit.stripe_replay import RECORDED
from tests.testkit.stripe_shapes import ALWAYS_SENT, differences, fields_of, object_class, params_differences, path_of

# What the operations are called in the SDK's params, and what they answer with.
OPERATIONS = {
    ("GET", "/v1/payment_methods/ID"): ("payment_method_retrieve", "payment_method"),
    ("POST", "/v1/payment_methods/ID/attach"): ("payment_method_attach", "payment_method"),
    ("POST", "/v1/customers"): ("customer_create", "customer"),
    ("POST", "/v1/payment_intents"): ("payment_intent_create", "payment_intent"),
    ("GET", "/v1/payment_intents"): ("payment_intent_list", "list of payment_intent"),
    ("GET", "/v1/payment_intents/ID"): ("payment_intent_retrieve", "payment_intent"),
    ("POST", "/v1/payment_intents/ID/confirm"): ("payment_intent_confirm", "payment_intent"),
    ("POST", "/v1/payment_intents/ID/cancel"): ("payment_intent_cancel", "payment_intent"),
    ("POST", "/v1/refunds"): ("refund_create", "refund"),
    ("GET", "/v1/refunds"): ("refund_list", "list of refund"),
    ("GET", "/v1/refunds/ID"): ("refund_retrieve", "refund"),
    ("GET", "/v1/disputes/ID"): ("dispute_retrieve", "dispute"),
    ("POST", "/v1/disputes/ID"): ("dispute_update", "dispute"),
    ("POST", "/v1/disputes/ID/close"): ("dispute_close", "dispute"),
}


def exchanges() -> Iterator[Any]:
    for path in sorted(RECORDED.glob("*.json")):
        if path.name != "always_sent.json":
            for number, exchange in enumerate(json.loads(path.read_text("utf-8"))):
                yield pytest.param(exchange, id=f"{path.stem}-{number}")


def events() -> Iterator[Any]:
    for path in sorted((RECORDED / "events").glob("*.json")):
        yield pytest.param(json.loads(path.read_text("utf-8")), id=path.stem)


def operation(request: dict[str, Any]) -> tuple[str, str]:
    return OPERATIONS[request["method"], re.sub(r"/(pm|pi|re|dp|cus)_\w+", "/ID", request["path"])]


def params(name: str) -> type:
    module = importlib.import_module(f"stripe.params._{name}_params")
    return getattr(module, "".join(part.capitalize() for part in name.split("_")) + "Params")  # type: ignore[no-any-return]


def answer_differences(answer: dict[str, Any], kind: str) -> list[str]:
    if "error" in answer["body"]:
        return list(differences(answer["body"]["error"], ErrorObject))
    if kind.startswith("list of "):
        return list(differences(answer["body"], stripe.ListObject[object_class(kind.removeprefix("list of "))]))  # type: ignore[misc]
    return list(differences(answer["body"], object_class(kind)))


@pytest.mark.parametrize("exchange", list(exchanges()))
def test_requests_and_answers_are_stripes(exchange: dict[str, Any]) -> None:
    request, answer = exchange["request"], exchange["response"]
    name, kind = operation(request)
    assert list(params_differences(request.get("form") or request.get("query") or {}, params(name), "request")) == []
    if "body" not in answer:
        assert {"lost", "silent"} & set(answer)
        return
    assert answer_differences(answer, kind) == []
    assert ("error" in answer["body"]) is (answer.get("status", 200) != 200)


@pytest.mark.parametrize("event", list(events()))
def test_events_are_stripes(event: dict[str, Any]) -> None:
    about = event["data"]["object"]
    assert [*differences(event, stripe.Event), *differences(about, object_class(about["object"]), "data.object")] == []
    assert event["api_version"] == _ApiVersion.CURRENT
    # `charge.dispute.created` is about a dispute, the others about what they are named after.
    assert event["type"].split(".")[-2] == about["object"]


def test_every_operation_of_the_provider_is_recorded() -> None:
    recorded = {operation(one.values[0]["request"]) for one in exchanges()}
    assert recorded == set(OPERATIONS.values())


@pytest.mark.parametrize(("name", "fields"), list(ALWAYS_SENT.items()))
def test_what_is_always_sent_is_known_to_the_sdk(name: str, fields: list[str]) -> None:
    described: Any = ErrorObject if name == "ErrorObject" else stripe
    for part in name.split(".") if name != "ErrorObject" else ():
        described = getattr(described, part)
    assert path_of(described) == name
    assert set(fields) <= set(fields_of(described))


INTENT = json.loads((RECORDED / "charge_declined.json").read_text("utf-8"))[1]["response"]["body"]["error"]["payment_intent"]
DISPUTE = json.loads((RECORDED / "dispute_won.json").read_text("utf-8"))[0]["response"]["body"]


def changed(what: dict[str, Any], *path: str | int, to: Any = ...) -> dict[str, Any]:
    """Return a copy with another value at the path, or without it."""
    copy = deepcopy(what)
    at: Any = copy
    for part in path[:-1]:
        at = at[part]
    if to is ...:
        del at[path[-1]]
    else:
        at[path[-1]] = to
    return copy


@pytest.mark.parametrize(
    ("what", "difference"),
    [
        (changed(INTENT, "amount_due", to=1), "body.amount_due is no field of PaymentIntent"),
        (changed(INTENT, "amount"), "body has no amount"),
        (changed(INTENT, "customer"), "body has no customer"),
        (changed(INTENT, "amount", to="5650"), "body.amount is '5650', and no int"),
        (changed(INTENT, "amount", to=None), "body.amount is None, and no int"),
        (changed(INTENT, "amount", to=True), "body.amount is True, and no int"),
        (changed(INTENT, "livemode", to=0), "body.livemode is 0, and no bool"),
        (changed(INTENT, "metadata", "n", to=1), "body.metadata.n is 1, and no str"),
        (changed(INTENT, "payment_method_types", 0, to=4), "body.payment_method_types[0] is 4, and no str"),
        (
            changed(INTENT, "last_payment_error", "payment_method", "object", to="card"),
            "body.last_payment_error.payment_method.object is 'card', and not 'payment_method'",
        ),
        (
            changed(INTENT, "last_payment_error", "payment_method", "card", "bin", to="424242"),
            "body.last_payment_error.payment_method.card.bin is no field of PaymentMethod.Card",
        ),
        (changed(DISPUTE, "evidence", "receipt"), "body.evidence has no receipt"),
        (changed(DISPUTE, "balance_transactions", 0, "net"), "body.balance_transactions[0] has no net"),
    ],
)
def test_a_difference_is_found_wherever_it_is(what: dict[str, Any], difference: str) -> None:
    assert list(differences(what, object_class(what["object"]))) == [difference]


@pytest.mark.parametrize(("field", "value"), [("status", "paid"), ("capture_method", "auto"), ("status", None)])
def test_values_outside_of_those_that_stripe_names_are_found(field: str, value: str | None) -> None:
    [difference] = differences(changed(INTENT, field, to=value), stripe.PaymentIntent)
    assert difference.startswith(f"body.{field} is {value!r}, and only ")


@pytest.mark.parametrize(
    ("form", "difference"),
    [
        ({"amount": "5650"}, "request has no currency"),
        ({"amount": "56.50", "currency": "eur"}, "request.amount is '56.50', and no int"),
        ({"amount": "5650", "currency": "eur", "confirm": "yes"}, "request.confirm is 'yes', and no bool"),
        ({"amount": "5650", "currency": "eur", "off_session[0]": "true"}, "request.off_session is ['true'], and no bool"),
        ({"amount": "5650", "currency": "eur", "card": "4242"}, "request.card is no parameter"),
        ({"amount": "5650", "currency": "eur", "metadata": "a"}, "request.metadata is no object"),
        ({"amount": "5650", "currency": "eur", "capture_method": "now"}, "request.capture_method is 'now', and only"),
    ],
)
def test_a_parameter_that_stripe_does_not_take_is_found(form: dict[str, str], difference: str) -> None:
    [found] = params_differences(form, params("payment_intent_create"), "request")
    assert found.startswith(difference)
