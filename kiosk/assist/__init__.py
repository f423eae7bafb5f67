"""Kiosks of this store at which somebody is wanted."""
