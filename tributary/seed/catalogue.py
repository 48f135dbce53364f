"""What the demo tenants sell: shaped on price pages of software companies, names and amounts made up."""

from dataclasses import dataclass
from decimal import Decimal

__all__ = ["TENANTS", "DemoFeature", "DemoPlan", "DemoPrice", "DemoProduct", "DemoTenant"]


@dataclass(frozen=True, slots=True)
class DemoFeature:
    """Something plans include."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class DemoPrice:
    """A price per interval: flat in minor units, or per unit in major units."""

    unit: str
    flat_minor: int | None = None
    unit_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """A plan; `limits` maps a feature's code to its limit, None where there is none. `seats` is the range customers buy."""

    code: str
    name: str
    prices: tuple[DemoPrice, ...]
    limits: dict[str, int | None]
    seats: tuple[int, int] = (1, 1)
    popularity: int = 1


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """A product with its plans."""

    name: str
    description: str
    plans: tuple[DemoPlan, ...]


@dataclass(frozen=True, slots=True)
class DemoTenant:
    """A company that bills with Tributary. `locales` are Faker's, for its customers."""

    name: str
    currency: str
    time_zone: str
    locales: tuple[str, ...]
    customers: int
    features: tuple[DemoFeature, ...]
    products: tuple[DemoProduct, ...]

    @property
    def slug(self) -> str:
        """The name as it is typed on a command line: `northlight-analytics`."""
        return self.name.lower().replace(" ", "-")


def _flat(month: int, year: int) -> tuple[DemoPrice, ...]:
    return DemoPrice("MONTH", flat_minor=month), DemoPrice("YEAR", flat_minor=year)


def _seat(month: str, year: str) -> tuple[DemoPrice, ...]:
    return DemoPrice("MONTH", unit_amount=Decimal(month)), DemoPrice("YEAR", unit_amount=Decimal(year))


TENANTS = (
    DemoTenant(
        name="Northlight Analytics",
        currency="EUR",
        time_zone="Europe/Berlin",
        locales=("de_DE", "fr_FR", "nl_NL", "it_IT"),
        customers=500,
        features=(
            DemoFeature("dashboards", "Dashboards"),
            DemoFeature("history-days", "Days of history"),
            DemoFeature("sso", "Single sign-on"),
            DemoFeature("priority-support", "Priority support"),
        ),
        products=(
            DemoProduct(
                "Analytics",
                "Dashboards over product events.",
                (
                    DemoPlan("starter", "Starter", _flat(1900, 19000), {"dashboards": 5, "history-days": 30}, popularity=5),
                    DemoPlan("team", "Team", _seat("12.00", "120.00"), {"dashboards": 50, "history-days": 365}, (3, 25), 4),
                    DemoPlan(
                        "business",
                        "Business",
                        _seat("29.00", "290.00"),
                        {"dashboards": None, "history-days": 1095, "sso": None, "priority-support": None},
                        (10, 120),
                        2,
                    ),
                ),
            ),
            DemoProduct(
                "Warehouse sync",
                "Copies events to a data warehouse every hour.",
                (DemoPlan("sync", "Sync", _flat(9900, 99000), {}, popularity=1),),
            ),
        ),
    ),
    DemoTenant(
        name="Pigeon Mail",
        currency="USD",
        time_zone="America/New_York",
        locales=("en_US", "en_CA"),
        customers=350,
        features=(
            DemoFeature("messages", "Messages a month"),
            DemoFeature("dedicated-ips", "Dedicated IP addresses"),
            DemoFeature("log-days", "Days of delivery logs"),
        ),
        products=(
            DemoProduct(
                "Mail API",
                "Transactional e-mail over HTTP and SMTP.",
                (
                    DemoPlan("basic", "Basic", _flat(1500, 16200), {"messages": 10_000, "log-days": 5}, popularity=5),
                    DemoPlan(
                        "growth",
                        "Growth",
                        _flat(8995, 97150),
                        {"messages": 100_000, "log-days": 30, "dedicated-ips": 1},
                        (1, 1),
                        3,
                    ),
                    DemoPlan(
                        "scale",
                        "Scale",
                        _flat(44900, 484900),
                        {"messages": 700_000, "log-days": 60, "dedicated-ips": 3},
                        (1, 1),
                        1,
                    ),
                ),
            ),
        ),
    ),
    DemoTenant(
        name="Kite Builds",
        currency="GBP",
        time_zone="Europe/London",
        locales=("en_GB", "en_IE"),
        customers=150,
        features=(
            DemoFeature("concurrency", "Concurrent jobs"),
            DemoFeature("build-minutes", "Build minutes a month"),
            DemoFeature("self-hosted", "Self-hosted runners"),
        ),
        products=(
            DemoProduct(
                "Continuous integration",
                "Builds and tests every push.",
                (
                    DemoPlan("solo", "Solo", _flat(1300, 13000), {"concurrency": 2, "build-minutes": 2_000}, popularity=3),
                    DemoPlan("crew", "Crew", _seat("14.50", "145.00"), {"concurrency": 10, "build-minutes": 20_000}, (2, 30), 4),
                    DemoPlan(
                        "fleet",
                        "Fleet",
                        _seat("31.25", "312.50"),
                        {"concurrency": 50, "build-minutes": None, "self-hosted": None},
                        (8, 80),
                        1,
                    ),
                ),
            ),
        ),
    ),
)
