"""Customers: who they are, which of them are one person, how they are found, and all we know of one."""
