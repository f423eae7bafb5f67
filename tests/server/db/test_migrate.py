"""Bringing a database to the schema this program knows."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from server.db import migrate
from server.db.engine import DatabaseUnavailableError
from server.db.sqlite import SqliteDatabase, connect

TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
NEWEST = max(migrate.migrations("sqlite"))


def _tables(path: Path) -> list[str]:
    with closing(connect(path)) as raw:
        return [name for (name,) in raw.execute(TABLES)]


def _numbers(path: Path) -> list[int]:
    with closing(connect(path)) as raw:
        return [n for (n,) in raw.execute("SELECT number FROM schema_migrations ORDER BY number")]


def test_a_new_database_has_every_table(tmp_path: Path) -> None:
    """A fresh file gets the whole schema, and a record of each step."""
    SqliteDatabase(tmp_path / "shop.db").close()
    assert {"customers", "identities", "orders", "order_ids", "carts", "cart_lines", "wishlists", "wishlist_items",
            "products", "variants", "stores", "stock", "events"} <= set(_tables(tmp_path / "shop.db"))  # fmt: skip
    assert _numbers(tmp_path / "shop.db") == sorted(migrate.migrations("sqlite"))


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    """A database that is up to date is opened as it is, also while it is open."""
    path = tmp_path / "shop.db"
    first = SqliteDatabase(path)
    second = SqliteDatabase(path)
    second.close()
    first.close()
    with closing(connect(path)) as raw:
        migrate.up("sqlite", raw)
        assert raw.total_changes() == 0
    assert _numbers(path) == sorted(migrate.migrations("sqlite"))


@pytest.mark.parametrize("attempt", range(5))
def test_several_programs_may_migrate_at_once(tmp_path: Path, attempt: int) -> None:
    """One of them brings it up to date, the others find it done."""
    path = tmp_path / "shop.db"
    with closing(connect(path)) as raw:
        raw.execute("PRAGMA journal_mode=WAL")
    with ThreadPoolExecutor(4) as pool:
        for opened in pool.map(lambda _: SqliteDatabase(path), range(4)):
            opened.close()
    assert _numbers(path) == sorted(migrate.migrations("sqlite"))


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    """A database that a newer program wrote is not touched, and the message says what to install."""
    path = tmp_path / "shop.db"
    SqliteDatabase(path).close()
    with closing(connect(path)) as raw:
        raw.execute("INSERT INTO schema_migrations VALUES (?, 'from the future', '')", (NEWEST + 1,))
    with pytest.raises(DatabaseUnavailableError, match="install the newer Mostrador"):
        SqliteDatabase(path)
    assert _numbers(path)[-1] == NEWEST + 1


def test_a_step_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    """All steps or none: a table that stands in the way stops the migration without a trace."""
    path = tmp_path / "shop.db"
    with closing(connect(path)) as raw:
        raw.execute("CREATE TABLE orders (id INTEGER)")
    with pytest.raises(DatabaseUnavailableError, match="orders"):
        SqliteDatabase(path)
    assert _tables(path) == ["orders"]


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        pytest.param("SELECT 1;\nSELECT 2;\n", 2, id="two"),
        pytest.param("-- why; and how\nSELECT 1; -- because\n", 1, id="semicolons in comments"),
        pytest.param("INSERT INTO t VALUES ('a;\nb');\n", 1, id="semicolon in a text"),
        pytest.param("CREATE TRIGGER t AFTER INSERT ON a BEGIN\n  SELECT 1;\n  SELECT 2;\nEND;\n", 1, id="trigger"),
        pytest.param("SELECT 1;\n-- the end\n", 1, id="comment at the end"),
        pytest.param("", 0, id="nothing"),
    ],
)
def test_a_migration_is_cut_where_statements_end(text: str, statements: int) -> None:
    """Statements are told apart as SQLite does it, so that each runs in the one transaction."""
    assert len(migrate._statements(text)) == statements


@pytest.mark.parametrize("text", ["CREATE TABLE a (id", "SELECT 1;\nDROP TABLE a", "INSERT INTO t VALUES ('a;\n"])
def test_a_truncated_migration_is_refused(text: str) -> None:
    """A file that ends in the middle of a statement is a mistake of ours and never half a schema."""
    with pytest.raises(ValueError, match="in the middle of a statement"):
        migrate._statements(text)


def test_migrations_are_numbered_without_a_gap() -> None:
    """Each step has a number and a name, from one on."""
    steps = migrate.migrations("sqlite")
    assert sorted(steps) == list(range(1, len(steps) + 1))
    assert all(name and text.strip() for name, text in steps.values())
