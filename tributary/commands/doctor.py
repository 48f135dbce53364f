"""`tributary doctor`: whether this machine and its system are well."""

import asyncio
from pathlib import Path

import typer

from tributary.options import DataFolder, PortOffset

__all__ = ["EXIT_CODES", "doctor"]

EXIT_CODES = "Exit codes: 0 all is well · 1 something is not."


def doctor(data_dir: DataFolder = Path(".data"), port_offset: PortOffset = 0) -> None:
    """Check Python, packages, programs, data folder, ports, stores and services, and print what to do about each finding.

    Examples:

      tributary doctor

      tributary doctor --data-dir /tmp/second --port-offset 100
    """
    from rich.console import Console
    from rich.table import Table

    from tributary.diagnosis import diagnose

    findings = asyncio.run(diagnose(data_dir, port_offset))
    table = Table("", "what", "found", "what to do", box=None)
    for finding in findings:
        table.add_row("[green]ok[/]" if finding.well else "[red]!![/]", finding.what, finding.found, finding.remedy)
    Console(highlight=False).print(table)
    raise typer.Exit(0 if all(finding.well for finding in findings) else 1)
