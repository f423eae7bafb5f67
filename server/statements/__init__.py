"""Which statement counts when sources speak late, twice and out of order: the newest, whole or field by field."""
