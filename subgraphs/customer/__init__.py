"""Customers: who is billed, where, in which currency, and how they pay.

Entities: `Customer` (key `id`). Reacts to no other subgraph.
Events: customer-created.v1, customer-updated.v1, customer-archived.v1, payment-method-attached.v1,
default-payment-method-changed.v1, payment-method-detached.v1.
"""
