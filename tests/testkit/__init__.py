"""What tests share: real stores, in-process subgraphs, running systems."""
