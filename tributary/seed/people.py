"""The demo customers: companies with addresses, their choice of plan and how they pay, the same at every run."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from faker import Faker

from tributary.seed.catalogue import DemoPlan, DemoPrice, DemoTenant

__all__ = ["DemoCustomer", "DemoSubscription", "demo_customers"]

SEED = 20_260_101
# How far back the first customers came.
HISTORY_DAYS = 120
COUNTRIES = {
    "de_DE": "DE",
    "fr_FR": "FR",
    "nl_NL": "NL",
    "it_IT": "IT",
    "en_US": "US",
    "en_CA": "CA",
    "en_GB": "GB",
    "en_IE": "IE",
}
CARDS = ("Visa •••• {}", "Mastercard •••• {}", "American Express •••• {}")


@dataclass(frozen=True, slots=True)
class DemoSubscription:
    """What a customer subscribes to, from when, and for how long: None while it stays."""

    plan: DemoPlan
    price: DemoPrice
    quantity: int
    starts_at: datetime
    cancels_at: datetime | None


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    """One customer. `external_id` is unique in the tenant, so a second run finds it."""

    external_id: str
    name: str
    email: str
    line1: str
    city: str
    postal_code: str
    country: str
    language: str
    created_at: datetime
    payment_token: str | None
    payment_label: str
    subscription: DemoSubscription | None
    archived: bool


def demo_customers(tenant: DemoTenant, now: datetime) -> Iterator[DemoCustomer]:
    """Yield the tenant's customers, oldest first. Everything but the distance to `now` is fixed by the seed."""
    chance = random.Random(f"{SEED}:{tenant.name}")
    fakers = {locale: Faker(locale) for locale in tenant.locales}
    for faker in fakers.values():
        faker.seed_instance(SEED)
    today = datetime(now.year, now.month, now.day, tzinfo=UTC)
    plans = [plan for product in tenant.products for plan in product.plans]
    ages = sorted((chance.random() ** 0.7 * HISTORY_DAYS for _ in range(tenant.customers)), reverse=True)
    for number, age in enumerate(ages, start=1):
        locale = chance.choice(tenant.locales)
        faker = fakers[locale]
        name = faker.company()
        created_at = today - timedelta(days=int(age), seconds=chance.randrange(1, 60_000))
        paying = chance.random()
        yield DemoCustomer(
            external_id=f"demo-{number:04}",
            name=name,
            email=f"billing@{faker.domain_name()}",
            line1=faker.street_address().replace("\n", ", "),
            city=faker.city(),
            postal_code=faker.postcode(),
            country=locale[-2:],
            language=locale.replace("_", "-"),
            created_at=created_at,
            payment_token=_token(paying),
            payment_label=chance.choice(CARDS).format(f"{chance.randrange(10_000):04}"),
            subscription=_subscription(chance, plans, created_at, now) if paying < 0.92 else None,
            archived=paying >= 0.985,
        )


def _token(paying: float) -> str | None:
    """Nine in ten pay; a few are declined, a few must confirm, and the rest have not said how they pay."""
    if paying < 0.86:
        return "sandbox_success"
    if paying < 0.89:
        return "sandbox_declined"
    return "sandbox_requires_action" if paying < 0.92 else None


def _subscription(chance: random.Random, plans: list[DemoPlan], created_at: datetime, now: datetime) -> DemoSubscription:
    plan = chance.choices(plans, [one.popularity for one in plans])[0]
    price = chance.choices(plan.prices, [4, 1])[0]
    starts_at = created_at + timedelta(minutes=chance.randrange(2, 600))
    cancels_at = starts_at + timedelta(days=chance.randrange(10, 90)) if chance.random() < 0.1 else None
    return DemoSubscription(
        plan=plan,
        price=price,
        quantity=chance.randint(*plan.seats),
        starts_at=min(starts_at, now),
        cancels_at=cancels_at if cancels_at is not None and cancels_at < now else None,
    )
