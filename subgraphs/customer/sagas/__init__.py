"""What customers' credit does about other subgraphs' events, and when time has come."""
