"""SQL from files: every query has a name, a line that says what it is for, and its parameters.

`queries.sql` holds what both engines accept; `queries.sqlite.sql` and `queries.postgres.sql` hold what differs, with
the same names and parameters.
"""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, LiteralString

import aiosql

_DRIVERS = {"sqlite": ("sqlite3", "queries.sqlite.sql"), "postgresql": ("psycopg", "queries.postgres.sql")}


class Query:
    """One named query in the words of each engine that has it."""

    __slots__ = ("doc", "name", "postgresql", "sqlite")

    def __init__(self, name: str, doc: str) -> None:
        self.name = name
        self.doc = doc
        self.sqlite = ""
        self.postgresql: LiteralString = ""

    def __repr__(self) -> str:
        return f"<Query {self.name}>"


def load(folder: Path) -> Any:
    """Read a slice's queries; each is an attribute of what is returned.

    Raises:
        ValueError: a query is named twice, or a file is not readable as queries.
    """
    queries: dict[str, Query] = {}
    for engine, (driver, own_file) in _DRIVERS.items():
        text = "\n".join(
            (folder / name).read_text("utf-8") for name in ("queries.sql", own_file) if (folder / name).exists()
        )
        loaded = aiosql.from_str(text, driver)
        for name in loaded.available_queries:
            if name.endswith("_cursor"):
                continue
            function = getattr(loaded, name)
            query = queries.setdefault(name, Query(f"{folder.name}.{name}", (function.__doc__ or "").strip()))
            setattr(query, engine, function.sql)
    return SimpleNamespace(**queries)
