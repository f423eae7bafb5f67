"""What customers looked at online."""
