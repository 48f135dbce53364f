"""Background work for several tenants at the same time: one that takes long, or waits, does not hold up the others."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

__all__ = ["TenantTasks"]


class TenantTasks:
    """At most one task per tenant."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, tenants: Iterable[str], work: Callable[[str], Awaitable[None]]) -> None:
        """Begin the work for those tenants for whom none is under way. What it raises is raised here the next time."""
        for tenant, task in list(self._tasks.items()):
            if task.done():
                del self._tasks[tenant]
                task.result()

        async def run(tenant: str) -> None:
            await work(tenant)

        for tenant in tenants:
            if tenant not in self._tasks:
                self._tasks[tenant] = asyncio.create_task(run(tenant))

    async def finish(self) -> None:
        """Wait until all of it is done."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
