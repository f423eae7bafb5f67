"""Online carts, as their shops show them."""
