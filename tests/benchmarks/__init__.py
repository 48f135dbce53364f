"""Benchmarks: `python -m tests.benchmarks [gateway | billing | billing-run] [options]`. They print figures; they are no tests."""
