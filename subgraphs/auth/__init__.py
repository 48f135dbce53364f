"""Identity: tenants, OAuth clients, access tokens and their signing keys, and the audit log of every subgraph.

Entities: `OAuthClient` (key `id`). The audit log follows every commit of all subgraphs; nothing else is reacted to.
Events: tenant-created.v1, oauth-client-created.v1, oauth-client-scopes-changed.v1, oauth-client-secret-rotated.v1,
oauth-client-revoked.v1. None of them carries a secret or its hash.
"""
