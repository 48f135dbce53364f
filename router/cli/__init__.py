"""The commands behind `python -m router`: compose, plan, serve."""
