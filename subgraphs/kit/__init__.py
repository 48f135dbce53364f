"""What every subgraph is built from: event sourcing, messaging, GraphQL serving. Knows no billing and no subgraph."""
