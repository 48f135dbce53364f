"""Run `python -m subgraphs.auth rotate-key`: make the next signing key now instead of when the calendar says so."""

import asyncio
import sys

from subgraphs.auth.bootstrap import open_services
from subgraphs.auth.settings import AuthSettings

__all__ = ["rotate_key"]


async def rotate_key(settings: AuthSettings) -> str:
    """Make the next key, unless one is waiting, and return a line that says when it starts to sign."""
    async with open_services(settings) as services:
        key = await services.signing_keys.rotate()
    return f"key {key.id} is published and signs from {key.activates_at:%Y-%m-%d %H:%M:%S} UTC"


if __name__ == "__main__":
    if sys.argv[1:] != ["rotate-key"]:
        sys.exit(__doc__)
    sys.stdout.write(asyncio.run(rotate_key(AuthSettings())) + "\n")
