"""`make bench`: how fast the real server is over a database as large and as skewed as a chain's."""
