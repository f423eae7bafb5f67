"""The customer's cart at a kiosk, as they left it: seen, changed, and sent on its way."""
