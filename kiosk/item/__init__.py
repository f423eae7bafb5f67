"""One article: what it is, what it costs, which sizes and colours there are, and where."""
