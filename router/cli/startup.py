"""What `python -m router serve` looks at before it serves: the supergraph file, refused in one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

__all__ = ["supergraph_problem"]


def supergraph_problem(path: Path, parse: Callable[[str], object]) -> str | None:
    """Return why `parse` cannot serve this file, and which command makes one that can be served; None when it can."""
    configuration, output = ("supergraph.yaml", str(path))
    if path.suffix in {".yaml", ".yml"}:
        configuration, output = (str(path), str(path.with_suffix(".graphql")))
    remedy = f"`python -m router compose {configuration} -o {output}` makes one"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return f"{path}: no such file; {remedy}"
    except OSError as error:
        return f"{path}: {error.strerror}"
    except UnicodeDecodeError as error:
        return f"{path}: is not UTF-8: {error.reason} at byte {error.start}; {remedy}"
    try:
        parse(text)
    except Exception as error:
        reason = " ".join(str(error).split())
        # A setting that does not fit the supergraph is named by its message; composing again would not help.
        return reason if reason.startswith("ROUTER_") else f"{path}: {reason}; {remedy}"
    return None
