"""The tablet as its users have it: a real window, real touches and scans, a real server."""
