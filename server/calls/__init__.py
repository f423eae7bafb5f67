"""Calls for help: whoever stands at a kiosk calls somebody who works there."""
