"""Reactions to other subgraphs' events, and to time."""
