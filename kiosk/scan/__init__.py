"""A device's input becomes one code."""
