"""One customer in full context."""
