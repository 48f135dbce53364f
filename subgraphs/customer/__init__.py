"""Customers: who is billed, where, in which currency, how they are taxed, how they pay, and what credit they have.

Entities: `Customer` (key `id`).
Events: customer-created.v1, customer-updated.v1, customer-tax-status-changed.v1, customer-archived.v1,
customer-unarchived.v1, payment-method-attached.v1, default-payment-method-changed.v1, payment-method-detached.v1,
customer-balance-changed.v1, wallet-opened.v1, wallet-balance-changed.v1, invoice-credit-applied.v1,
invoice-credit-returned.v1, customer-merged.v1, customer-erased.v1.
Reacts to: subscriptions and invoices that open and close (open_items.py), invoice-credit-requested.v1, invoice-voided.v1,
credit-note-issued.v1 (sagas/invoice_credit.py), test-clock-moved.v1.
"""
