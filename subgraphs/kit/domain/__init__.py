"""Pure building blocks of a domain: aggregates, events, money, periods. No I/O, no clock reads."""
