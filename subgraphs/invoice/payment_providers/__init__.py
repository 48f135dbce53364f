"""Adapters to those who move the money, one per provider."""
