"""The Mostrador server: one customer, one voice, in every channel."""
