"""Exports over the public API, page by page: `tributary export`."""
