"""Invoices and credit notes as PDF, in the customer's language: what is printed (paper), its words (texts), how (render)."""
