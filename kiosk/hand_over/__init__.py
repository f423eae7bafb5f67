"""A cart on its way from the tablet to a till."""
