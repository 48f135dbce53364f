"""GraphQL subscriptions: from the subgraph that holds them, over shared upstreams, to clients in three protocols."""
