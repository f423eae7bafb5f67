"""How a customer proves at a kiosk who they are, without a password."""
