"""Carts as they look while changes of them are under way."""
