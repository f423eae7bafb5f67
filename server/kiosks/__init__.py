"""Kiosks: a customer proves without a password who they are, goes on with their cart, and leaves."""
