"""The rules of invoices and payments. Pure."""
