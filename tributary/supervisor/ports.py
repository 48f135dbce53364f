"""Ports of the loopback interface."""

import socket
from collections.abc import Iterable

__all__ = ["busy_ports", "free_port"]


def busy_ports(ports: Iterable[int]) -> list[int]:
    """Return those that cannot be listened on."""
    return [port for port in ports if not _is_free(port)]


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _is_free(port: int) -> bool:
    try:
        # create_server sets SO_REUSEADDR: a connection that lingers in TIME_WAIT does not make its port busy.
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False
