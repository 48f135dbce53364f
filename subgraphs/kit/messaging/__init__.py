"""Events leaving and entering a subgraph: relay, consumers, live feed; Redis streams and pub/sub."""
