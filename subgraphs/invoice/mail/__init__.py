"""Mail to customers: what it says per language, how it is put together, and how it is handed in once."""
