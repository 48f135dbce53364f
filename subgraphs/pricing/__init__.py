"""How prices become amounts: price models and proration. Pure; the vocabulary that plan, subscription and invoice share.

The catalogue checks prices by it, subscriptions preview changes by it, invoices rate lines by it: one arithmetic, so that what
was shown is what is billed.
"""
