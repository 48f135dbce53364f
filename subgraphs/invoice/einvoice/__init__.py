"""E-invoices by EN 16931: what one says (document), from invoices and credit notes (compose), as XML (cii), as PDF (factur_x)."""
