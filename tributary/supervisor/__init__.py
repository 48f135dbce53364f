"""Runs the whole system as child processes: starts them, watches them, starts crashed ones anew, stops them in order."""
