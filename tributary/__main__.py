"""`tributary …` and `python -m tributary …`."""

from tributary.cli import cli

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    cli(prog_name="tributary")


if __name__ == "__main__":
    main()
