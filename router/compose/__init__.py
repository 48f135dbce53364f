"""Composition: subgraph schemas in, one supergraph schema out (join v0.5, link v1.0). Pure: no I/O."""
