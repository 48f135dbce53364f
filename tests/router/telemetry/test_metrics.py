"""The Prometheus text format."""

from __future__ import annotations

from router.telemetry.metrics import Counter, Histogram, Metrics


def test_counter_prints_a_line_per_series() -> None:
    counter = Counter("c_total", "Things.", ("kind",))
    counter.inc("b")
    counter.inc("a", by=2)
    counter.inc('q"\n')
    assert counter.lines() == [
        "# HELP c_total Things.",
        "# TYPE c_total counter",
        'c_total{kind="a"} 2',
        'c_total{kind="b"} 1',
        'c_total{kind="q\\"\\n"} 1',
    ]


def test_histogram_buckets_are_cumulative() -> None:
    histogram = Histogram("h_seconds", "Time.")
    for seconds in (0.0005, 0.003, 0.003, 99.0):
        histogram.observe(seconds)
    lines = histogram.lines()
    assert 'h_seconds_bucket{le="0.001"} 1' in lines
    assert 'h_seconds_bucket{le="0.005"} 3' in lines
    assert 'h_seconds_bucket{le="30"} 3' in lines
    assert 'h_seconds_bucket{le="+Inf"} 4' in lines
    assert lines[-1] == "h_seconds_count 4"


def test_all_metrics_are_printed_with_their_type() -> None:
    metrics = Metrics()
    metrics.requests.inc("POST", "200")
    text = metrics.render().decode()
    assert 'router_requests_total{method="POST",status="200"} 1\n' in text
    assert text.count("# TYPE ") == len(vars(metrics))
