"""Calling somebody who works here to the kiosk."""
