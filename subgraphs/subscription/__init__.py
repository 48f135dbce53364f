"""Who subscribes to what, and each billing period of it. Owns PlanSubscription; opens the periods that invoices bill."""
