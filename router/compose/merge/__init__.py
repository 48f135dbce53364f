"""Merging: one file per kind of element."""
