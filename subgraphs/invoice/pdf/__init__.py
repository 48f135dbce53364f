"""Invoices as PDF, in the customer's language: what is printed (paper.py), its words (texts.py), and how (render.py)."""
