"""Handoffs: a cart goes to a till, once, to the phone, or to the door."""
