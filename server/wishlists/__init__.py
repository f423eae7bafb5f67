"""Wish lists, as their shops show them."""
