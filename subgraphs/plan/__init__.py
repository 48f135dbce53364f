"""What is sold: products, plans, features, immutable price versions, meters, coupons and promotion codes.

Owns Product, Plan, Feature, Price, Meter, Coupon and PromotionCode."""
