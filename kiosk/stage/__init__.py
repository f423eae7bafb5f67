"""What stands around every screen of a kiosk: the shop's name above, and what everybody may need below."""
