"""Benchmarks: `python -m tests.benchmarks [gateway | billing] [options]`. They print figures; they are no tests."""
