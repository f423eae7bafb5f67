"""Our own few widgets: each a class and, of the same name, its kv rule. They know theme values and nothing else."""
