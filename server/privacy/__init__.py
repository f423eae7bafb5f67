"""A person's rights: to have what is held of them, to be erased, and that nothing is kept longer than needed."""
