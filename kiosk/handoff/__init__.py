"""A cart leaves the kiosk: for a till, the phone or the door."""
