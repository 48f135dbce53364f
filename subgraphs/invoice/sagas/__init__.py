"""What follows from events, here and elsewhere: handlers that issue commands."""
