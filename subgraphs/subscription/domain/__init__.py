"""Pure rules of plan subscriptions."""
