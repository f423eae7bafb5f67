"""Telling what happens while it happens: server-sent events, read from the table of events and from nothing else."""
