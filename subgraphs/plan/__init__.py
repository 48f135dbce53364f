"""What is sold: products, plans, features, immutable price versions, coupons and promotion codes.

Owns Product, Plan, Feature, Price, Coupon and PromotionCode."""
