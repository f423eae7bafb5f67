"""The first screen of a kiosk, while nobody is there."""
