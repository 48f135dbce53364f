"""Serving a subgraph's GraphQL: schema, scopes, scalars, paging, errors, the HTTP and WebSocket view."""
