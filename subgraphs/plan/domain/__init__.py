"""Pure rules of the catalogue."""
