"""What `tributary up` shows: a progress bar on a terminal, plain lines elsewhere."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from tributary.demo_clients import DemoClient
from tributary.services import HTTP_SERVICES, ROUTER

__all__ = ["TerminalDisplay"]

PENDING_SHOWN = 5


class TerminalDisplay:
    """Shows a system's life on the terminal."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True)
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._pending: list[str] = []

    def starting(self, title: str, names: Sequence[str]) -> None:
        """Begin a bar of as many steps as there are names."""
        self.pause()
        self._pending = list(names)
        if not self.console.is_terminal:
            self.report(f"starting {', '.join(names)}")
            return
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[pending]}", style="dim"),
            console=self.console,
        )
        self._task = self._progress.add_task(f"starting {title}", total=len(names), pending=self._shown_pending())
        self._progress.start()

    def ready(self, name: str) -> None:
        """Advance the bar."""
        self._pending.remove(name)
        if self._progress is None or self._task is None:
            self.report(f"{name} is ready")
            return
        self._progress.update(self._task, advance=1, pending=self._shown_pending())
        if not self._pending:
            self.pause()

    def pause(self) -> None:
        """End the bar, so that others may write."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def report(self, line: str) -> None:
        """Print a line with the time of day."""
        self.console.print(f"{datetime.now().astimezone():%H:%M:%S} {line}", markup=False)

    def running(self, data: Path, client: DemoClient, port_offset: int) -> None:
        """Print where everything is, and two commands that work when pasted."""
        option = "" if data == Path(".data").resolve() else f" --data-dir {data}"
        graphql = f"{ROUTER.url(port_offset)}/graphql"
        self.console.print(Panel.fit("Tributary runs. Ctrl-C stops it.", border_style="green"))
        for service in HTTP_SERVICES:
            path = "" if service.name == "auth" else "/graphql"
            self.console.print(f"  {service.name:<14}{service.url(port_offset)}{path}", markup=False)
        self.console.print(f"  {'tenant':<14}{client.tenant}", markup=False)
        self.console.print(f"  {'client id':<14}{client.client_id}", markup=False)
        self.console.print(f"  {'client secret':<14}{client.client_secret}", markup=False)
        self.console.print(f"  {'logs':<14}{data / 'logs'}", markup=False)
        self.console.print("\nA token, and a first question:\n", markup=False)
        self.console.print(f"TOKEN=$(.venv/bin/tributary token{option})", markup=False)
        self.console.print(
            f'curl -s {graphql} -H "authorization: Bearer $TOKEN" -H "content-type: application/json" \\\n'
            """  -d '{"query":"{ customers(first: 3) { nodes { id name } } }"}'\n""",
            markup=False,
        )

    def _shown_pending(self) -> str:
        more = len(self._pending) - PENDING_SHOWN
        return " ".join(self._pending[:PENDING_SHOWN]) + (f" and {more} more" if more > 0 else "")
