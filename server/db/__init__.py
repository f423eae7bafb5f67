"""The engines: one interface, `engine.Database`, over SQLite here and PostgreSQL where a chain outgrows one machine."""
