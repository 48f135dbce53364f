"""Runs the benchmarks that are named, or all of them (BENCHMARKS). What follows a name are its options."""

from __future__ import annotations

import importlib
import sys

__all__ = ["main"]

BENCHMARKS = ("gateway", "billing", "billing-run")


def main(arguments: list[str]) -> int:
    """Return the exit code: the highest of the benchmarks'."""
    named = arguments[:1] if arguments and arguments[0] in BENCHMARKS else list(BENCHMARKS)
    if arguments and arguments[0] not in BENCHMARKS:
        print(f"usage: python -m tests.benchmarks [{' | '.join(BENCHMARKS)}] [options]", file=sys.stderr)
        return 2
    modules = [importlib.import_module(f"tests.benchmarks.{name.replace('-', '_')}") for name in named]
    return max(int(module.main(arguments[1:])) for module in modules)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
