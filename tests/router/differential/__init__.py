"""Random operations, answered through the router and by one merged schema over the same data."""
