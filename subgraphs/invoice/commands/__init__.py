"""What can be asked of invoices and payments: one use case per file."""
