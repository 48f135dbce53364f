"""The command line: starts, stops, seeds and inspects the whole system. It imports the other packages; none imports it."""
