"""Orders of all channels, as their shops show them."""
