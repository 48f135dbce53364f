"""What is sold: products, plans, features and immutable price versions. Owns Product, Plan, Feature and Price."""
