"""A GraphQL federation gateway: composes, plans and executes over any federation subgraphs.

`router.supergraph`, `router.compose` and `router.plan` are pure and usable as a library; `router.execute`
talks to subgraphs; `router.auth`, `router.subscriptions` and `router.http` make it a server, which
`router.app.create_app` builds from `RouterSettings`.
"""
