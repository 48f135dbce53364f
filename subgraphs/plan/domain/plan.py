"""The plan aggregate."""

from typing import ClassVar, TypeVar

from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.codes import checked_code
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.plan.domain.events import (
    PlanArchived,
    PlanCreated,
    PlanFeatureRemoved,
    PlanFeatureSet,
    PlanTaxCategorySet,
    PlanUpdated,
)
from subgraphs.plan.domain.values import FeatureMeter, State, checked_description, checked_name

__all__ = ["Plan"]

Value = TypeVar("Value")

FEATURES = 200
LARGEST_LIMIT = 2**31 - 1


class Plan(Aggregate):
    """A way to buy a product: the features it includes; its prices are aggregates of their own."""

    kind: ClassVar[str] = "Plan"
    codec: ClassVar[EventCodec] = EventCodec(
        PlanCreated, PlanUpdated, PlanFeatureSet, PlanFeatureRemoved, PlanTaxCategorySet, PlanArchived
    )

    created: PlanCreated
    name: str
    description: str | None
    state: State
    features: dict[str, int | None]
    metered: dict[str, FeatureMeter]
    tax_category: str | None

    @classmethod
    def create(
        cls,
        id: str,
        product_id: str,
        code: str,
        name: str,
        description: str | None,
        context: CommandContext,
        *,
        tax_category: str | None = None,
    ) -> "Plan":
        """Return a new plan.

        Raises:
            InvalidInput: the code, name, description or tax category is malformed.
        """
        plan = cls(id, context.tenant)
        plan.record(
            PlanCreated(
                product_id=product_id,
                code=checked_code(code),
                name=checked_name(name),
                description=checked_description(description),
                created_at=context.at,
            )
        )
        plan.set_tax_category(tax_category)
        return plan

    def update(self, name: str, description: str | None) -> None:
        """Call it something else, archived or not; nothing happens when it is called so already.

        Raises:
            InvalidInput: the name or the description is malformed.
        """
        if (checked_name(name), checked_description(description)) != (self.name, self.description):
            self.record(PlanUpdated(name=name, description=description))

    def set_feature(self, feature_id: str, limit: int | None, metered: FeatureMeter | None = None) -> None:
        """Include a feature up to `limit` (None: without limit); nothing happens when it is so already.

        With `metered` the limit is of what is used in a billing period.

        Raises:
            InvalidInput: the limit is out of range.
            InvalidState: the plan is archived or includes too many features.
        """
        self.require_active()
        if limit is not None and not 0 <= limit <= LARGEST_LIMIT:
            raise InvalidInput(f"a limit is 0 to {LARGEST_LIMIT}, or null for none", field=("limit",))
        known = self.features.get(feature_id), self.metered.get(feature_id)
        if feature_id in self.features and known == (limit, metered):
            return
        if feature_id not in self.features and len(self.features) >= FEATURES:
            raise InvalidState(f"a plan includes at most {FEATURES} features; remove one first")
        self.record(PlanFeatureSet(feature_id=feature_id, limit=limit, metered=metered))

    def remove_feature(self, feature_id: str) -> None:
        """Include the feature no longer; nothing happens when it was not included."""
        self.require_active()
        if feature_id in self.features:
            self.record(PlanFeatureRemoved(feature_id=feature_id))

    def set_tax_category(self, tax_category: str | None) -> None:
        """Have what it sells taxed by the rates of a category, None: by those without one; nothing happens when it is so.

        An archived plan can be changed as well: who has it is still billed.

        Raises:
            InvalidInput: the category is not written as a code.
        """
        if tax_category is not None:
            checked_code(tax_category, ("taxCategory",))
        if tax_category != self.tax_category:
            self.record(PlanTaxCategorySet(tax_category=tax_category))

    def archive(self, context: CommandContext) -> None:
        """Sell the plan no longer; who has it keeps it. Archiving again changes nothing."""
        if self.state is State.ACTIVE:
            self.record(PlanArchived(archived_at=context.at))

    def require_active(self) -> None:
        """Raise InvalidState when the plan is archived."""
        if self.state is not State.ACTIVE:
            raise InvalidState(f"plan {self.id!r} is archived and cannot be changed")

    def apply(self, event: Event) -> None:
        match event:
            case PlanCreated():
                self.created, self.state, self.features = event, State.ACTIVE, {}
                self.metered, self.tax_category = {}, None
                self.name, self.description = event.name, event.description
            case PlanUpdated():
                self.name, self.description = event.name, event.description
            case PlanFeatureSet():
                self.features = {**self.features, event.feature_id: event.limit}
                self.metered = _without(self.metered, event.feature_id)
                if event.metered is not None:
                    self.metered[event.feature_id] = event.metered
            case PlanFeatureRemoved():
                self.features = _without(self.features, event.feature_id)
                self.metered = _without(self.metered, event.feature_id)
            case PlanTaxCategorySet():
                self.tax_category = event.tax_category
            case PlanArchived():
                self.state = State.ARCHIVED
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a plan")


def _without(values: dict[str, Value], key: str) -> dict[str, Value]:
    return {id: value for id, value in values.items() if id != key}
