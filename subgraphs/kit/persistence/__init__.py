"""Event store, outbox, claims and leases, on MongoDB and in memory."""
