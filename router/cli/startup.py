"""What `python -m router serve` looks at before it serves: the supergraph file and the port, each refused in one line."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Callable
from pathlib import Path

__all__ = ["port_problem", "supergraph_problem"]


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


def port_problem(host: str, port: int) -> str | None:
    """Return why nothing can listen there; None when it can."""
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in addresses:
            with contextlib.closing(socket.socket(family, kind, protocol)) as probe:
                # As the server does: connections that are closing do not keep a port.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return f"port {port} of {host} is in use; choose another with --port or ROUTER_PORT"
        return f"port {port} of {host}: {error.strerror}; choose others with --host, --port, ROUTER_HOST or ROUTER_PORT"
    return None
