"""SQL from files: every query has a name, a line that says what it is for, and its parameters.

`queries.sql` holds what both engines accept; `queries.sqlite.sql` and `queries.postgres.sql` hold what differs, with
the same names and parameters.
"""

from pathlib import Path
from threading import Lock
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


class Queries:
    """A slice's queries, each an attribute by its name. They are read when the first of them is asked for.

    Raises:
        ValueError: when that is: a query is named twice, or a file is not readable as queries.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reading = Lock()

    def __getattr__(self, name: str) -> Any:
        # Asked only for what is not there yet: afterwards a query is an attribute like any other.
        if name.startswith("__"):
            raise AttributeError(name)
        self.read()
        try:
            return self.__dict__[name]
        except KeyError:
            raise AttributeError(f"there is no query {self._folder.name}.{name}") from None

    def read(self) -> None:
        """Read them now."""
        with self._reading:
            if not self.__dict__.keys() - {"_folder", "_reading"}:
                self.__dict__.update(all_of(self._folder))


_slices: list[Queries] = []


def load(folder: Path) -> Any:
    """A slice's queries: most programs need those of few slices, and reading all of them takes a fifth of a second."""
    _slices.append(Queries(folder))
    return _slices[-1]


def read_all() -> None:
    """Read now what every slice has: a server does so before it serves.

    Raises:
        ValueError: see `all_of`.
    """
    for queries in _slices:
        queries.read()


def all_of(folder: Path) -> dict[str, Query]:
    """Every query of a slice by its name.

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
    return queries
