"""A small registry of counters, gauges and histograms, printed in the Prometheus text format 0.0.4.

Label values come from a fixed vocabulary (status, kind, cache name, subgraph name), never from a client,
so the number of series is bounded.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from itertools import accumulate

__all__ = ["Counter", "Gauge", "Histogram", "Metrics"]

Labels = tuple[str, ...]

# Seconds; from a cached light query to the longest request that the timeouts allow.
LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The metrics of one router. Every name is declared here, so that this class is their list."""

    def __init__(self) -> None:
        self.requests = Counter("router_requests_total", "HTTP GraphQL requests.", ("method", "status"))
        self.request_seconds = Histogram("router_request_seconds", "Time to answer an HTTP GraphQL request.")
        self.operations = Counter("router_operations_total", "Operations executed.", ("type", "outcome"))
        self.cache = Counter("router_cache_lookups_total", "Cache lookups.", ("cache", "result"))
        self.prepare_seconds = Histogram("router_prepare_seconds", "Time to parse, validate and plan a document.")
        self.subgraph_fetches = Counter("router_subgraph_fetches_total", "Calls to subgraphs.", ("subgraph", "outcome"))
        self.subgraph_seconds = Histogram("router_subgraph_seconds", "Time of a subgraph call.", ("subgraph",))
        self.rejections = Counter("router_rejections_total", "Requests refused before execution.", ("code",))
        self.reloads = Counter("router_supergraph_reloads_total", "Supergraph loads.", ("outcome",))
        self.connections = Gauge("router_websocket_connections", "Open WebSocket connections.")
        self.subscriptions = Gauge("router_subscriptions", "Running client subscriptions.")
        self.upstreams = Gauge("router_upstream_subscriptions", "Subscriptions held at subgraphs.")
        self.subscription_events = Counter("router_subscription_events_total", "Events delivered.", ("outcome",))

    def render(self) -> bytes:
        """Return all series in the Prometheus text exposition format."""
        lines: list[str] = []
        for metric in vars(self).values():
            lines.extend(metric.lines())
        return ("\n".join(lines) + "\n").encode()


class Counter:
    """A monotonic count per combination of label values."""

    def __init__(self, name: str, text: str, labels: Labels = ()) -> None:
        self.name, self.text, self.labels = name, text, labels
        self._values: dict[Labels, float] = {}

    def inc(self, *values: str, by: float = 1.0) -> None:
        """Add `by` to the series of these label values."""
        self._values[values] = self._values.get(values, 0.0) + by

    def value(self, *values: str) -> float:
        """Return the current count of one series."""
        return self._values.get(values, 0.0)

    def lines(self) -> list[str]:
        """Return the exposition lines."""
        head = [f"# HELP {self.name} {self.text}", f"# TYPE {self.name} counter"]
        return head + [f"{self.name}{_labels(self.labels, v)} {n:g}" for v, n in sorted(self._values.items())]


class Gauge:
    """A value that is read when the metrics are printed, or moved by `inc`."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text
        self._value = 0.0
        self.read: Callable[[], float] | None = None

    def inc(self, by: float = 1.0) -> None:
        """Move the gauge; a negative `by` lowers it."""
        self._value += by

    def value(self) -> float:
        """Return the current value."""
        return self.read() if self.read else self._value

    def lines(self) -> list[str]:
        """Return the exposition lines."""
        return [
            f"# HELP {self.name} {self.text}",
            f"# TYPE {self.name} gauge",
            f"{self.name} {self.value():g}",
        ]


class Histogram:
    """Observations in cumulative buckets."""

    def __init__(self, name: str, text: str, labels: Labels = ()) -> None:
        self.name, self.text, self.labels = name, text, labels
        self._buckets: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = {}

    def observe(self, seconds: float, *values: str) -> None:
        """Count one observation."""
        buckets = self._buckets.get(values)
        if buckets is None:
            buckets = self._buckets[values] = [0] * (len(LATENCY_BUCKETS) + 1)
            self._sums[values] = 0.0
        buckets[bisect_left(LATENCY_BUCKETS, seconds)] += 1
        self._sums[values] += seconds

    def lines(self) -> list[str]:
        """Return the exposition lines."""
        lines = [f"# HELP {self.name} {self.text}", f"# TYPE {self.name} histogram"]
        bounds = [f"{bound:g}" for bound in LATENCY_BUCKETS] + ["+Inf"]
        for values, buckets in sorted(self._buckets.items()):
            counts = list(accumulate(buckets))
            for bound, count in zip(bounds, counts, strict=True):
                lines.append(f"{self.name}_bucket{_labels((*self.labels, 'le'), (*values, bound))} {count}")
            labels = _labels(self.labels, values)
            lines += [f"{self.name}_sum{labels} {self._sums[values]:g}", f"{self.name}_count{labels} {counts[-1]}"]
        return lines


def _labels(names: Labels, values: Labels) -> str:
    if not names:
        return ""
    pairs = (f'{name}="{_escape(value)}"' for name, value in zip(names, values, strict=True))
    return "{" + ",".join(pairs) + "}"


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
