"""The OAuth 2.0 authorization server: access tokens for client credentials, keys and metadata."""
