"""Operation and supergraph to query plan. Pure."""
