"""What can be asked of tenants and OAuth clients: one use case per file."""
