"""The secrets of a local system: made once, kept in its data folder, readable by its owner alone."""

import base64
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from tributary.failure import Failure

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "ENCRYPTION_SECRET", "ensure_secrets", "read_secrets"]

ENCRYPTION_SECRET = "TRIBUTARY_AUTH_KEY_ENCRYPTION_SECRET"  # noqa: S105  the name of a setting
CLIENT_ID = "TRIBUTARY_BOOTSTRAP_CLIENT_ID"
CLIENT_SECRET = "TRIBUTARY_BOOTSTRAP_CLIENT_SECRET"  # noqa: S105  the name of a setting
FILE = "secrets.env"


def ensure_secrets(data: Path) -> dict[str, str]:
    """Return the secrets of a data folder by the name of their setting; what is missing is made and kept."""
    found = read_secrets(data)
    missing = {name: value for name, value in _new().items() if name not in found}
    if missing:
        _write(data / FILE, found | missing)
    return found | missing


def read_secrets(data: Path) -> dict[str, str]:
    """Return the secrets a data folder has; empty when no system ever ran there.

    Raises:
        Failure: the file is open to others.
    """
    path = data / FILE
    if not path.is_file():
        return {}
    if path.stat().st_mode & 0o077:
        raise Failure(f"others may read {path}", f"run `chmod 600 {path}`")
    return {name: value for name, value in dotenv_values(path, interpolate=False).items() if value}


def _new() -> Mapping[str, str]:
    return {
        ENCRYPTION_SECRET: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        CLIENT_ID: "operator",
        CLIENT_SECRET: secrets.token_urlsafe(32),
    }


def _write(path: Path, values: Mapping[str, str]) -> None:
    temporary = path.with_name(f"{path.name}.new")
    temporary.unlink(missing_ok=True)
    # Born private: there is no moment in which others could open it.
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
    temporary.replace(path)
