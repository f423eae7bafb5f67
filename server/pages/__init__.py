"""Pages for browsers: the till's."""
