"""The table that every change is written to, in the change's own transaction."""
