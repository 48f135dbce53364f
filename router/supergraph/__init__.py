"""What composition writes and planning reads: a supergraph as a typed, immutable model. Pure."""
