"""Runs query plans: fetches from subgraphs, merges entities, projects the client's answer."""
