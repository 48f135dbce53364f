"""Invoices: what a customer owes and how it was paid.

Entities: `Invoice`, `Payment`, `Dispute` and `CreditNote` (key `id`); extends `Customer` and `PlanSubscription` with their
invoices.
Reacts to: customer events (a replica of names, countries, tax statuses and payment methods), billing-period-opened.v1 and
adjustments-billed.v1 (drafts with taxes, finalises), invoice-credit-applied.v1 (charges what is left),
plan-subscription-canceled.v1 (voids what was never paid for).
Events: invoice-drafted.v1, invoice-finalized.v1, invoice-credit-requested.v1, invoice-amount-due-changed.v1, invoice-paid.v1,
invoice-marked-uncollectible.v1, invoice-voided.v1, invoice-revised.v1, invoice-deleted.v1, payment-succeeded.v1,
payment-failed.v1, payment-action-required.v1,
payment-refunded.v1, dispute-opened.v1, dispute-evidence-submitted.v1, dispute-won.v1, dispute-lost.v1, credit-note-issued.v1,
invoice-retry-scheduled.v1, dunning-exhausted.v1, tax-rate-added.v1, tax-rate-removed.v1.
"""
