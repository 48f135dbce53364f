"""What can be asked of customers: one use case per file."""
