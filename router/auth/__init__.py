"""Who is asking, and what of an operation they may see: JWKS, tokens, scopes, operation filtering."""
