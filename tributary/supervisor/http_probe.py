"""Whether a service is ready."""

import aiohttp

__all__ = ["READY_PATH", "is_ready"]

READY_PATH = "/readyz"
PROBE_SECONDS = 2.0


async def is_ready(url: str) -> bool:
    """Tell whether the service at this base URL says that it is; never an exception."""
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PROBE_SECONDS)) as session,
            session.get(f"{url}{READY_PATH}") as response,
        ):
            return response.status == 200
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False
