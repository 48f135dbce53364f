"""The rules of tenants and OAuth clients. Pure."""
