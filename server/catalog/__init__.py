"""Products, their variants, and where they are in stock."""
