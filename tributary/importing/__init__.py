"""Moving in: customers, prices and subscriptions of another billing system, through the public API."""
