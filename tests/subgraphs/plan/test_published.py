"""What others are told when the catalogue is renamed or archived."""

import pytest

from subgraphs.kit.domain.event import Event
from subgraphs.kit.persistence.commit import Commit, StoredEvent
from subgraphs.plan.domain import events
from subgraphs.plan.domain.feature import Feature
from subgraphs.plan.domain.plan import Plan
from subgraphs.plan.domain.product import Product
from subgraphs.plan.published import publish
from tests.testkit.memory import AT, context


@pytest.mark.parametrize(
    ("kind", "event", "type", "data"),
    [
        (Product, events.ProductUpdated(name="B", description="x"), "product-updated.v1", {"productId": "id_1", "name": "B"}),
        (Product, events.ProductArchived(archived_at=AT), "product-archived.v1", {"productId": "id_1"}),
        (Plan, events.PlanUpdated(name="B", description=None), "plan-updated.v1", {"planId": "id_1", "name": "B"}),
        (Feature, events.FeatureUpdated(name="B", description="x"), "feature-updated.v1", {"featureId": "id_1", "name": "B"}),
        (Feature, events.FeatureArchived(archived_at=AT), "feature-archived.v1", {"featureId": "id_1"}),
    ],
)
def test_what_is_told(kind: type[Product | Plan | Feature], event: Event, type: str, data: dict[str, str]) -> None:
    commit = Commit(
        tenant="acme",
        kind=kind.kind,
        aggregate_id="id_1",
        version=2,
        events=(StoredEvent(*kind.codec.encode(event)),),
        context=context(),
        recorded_at=AT,
    )
    assert [(told.type, told.data) for told in publish(commit)] == [(type, data)]
