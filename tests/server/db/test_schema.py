"""The tables of both engines: the same ones, however they came to be, and fit to be spread over machines."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from server.db import migrate
from server.db.engine import DatabaseUnavailableError, EngineName
from server.db.postgres import PostgresDatabase
from server.db.sqlite import connect
from tests.cluster import Cluster
from tests.engines import ENGINES, Engines

NEWEST = max(migrate.migrations("postgresql"))
CITUS = Path(migrate.__file__).parent / "migrations" / "citus.sql"

SQLITE = ("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name",)
POSTGRESQL = (
    (
        "SELECT table_name, ordinal_position, column_name, data_type, collation_name, is_nullable, is_identity,"
        " column_default, generation_expression FROM information_schema.columns"
        " WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
    ),
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexdef",
    "SELECT sequencename, data_type FROM pg_sequences WHERE schemaname = 'public' ORDER BY sequencename",
)
ENGINES_OWN = {
    "sqlite": {"order_ids", "sqlite_sequence"},
    "postgresql": {"events_new"},
}
"""Tables that only one engine needs; those of the index of words have names of their own."""


@pytest.fixture
def empty(cluster: Cluster) -> Iterator[str]:
    """The address of a PostgreSQL database without tables."""
    address = cluster.address(cluster.empty())
    yield address
    cluster.drop(address)


@contextmanager
def _nothing(engines: Engines, engine: EngineName) -> Iterator[Any]:
    """A connection to a database without tables."""
    if engine == "sqlite":
        with closing(connect(Path(":memory:"))) as raw:
            yield raw
    else:
        address = engines.cluster.address(engines.cluster.empty())
        with closing(psycopg.connect(address, autocommit=True)) as raw:
            yield raw
        engines.cluster.drop(address)


def _schema(engine: EngineName, raw: Any) -> list[list[tuple[Any, ...]]]:
    return [raw.execute(question).fetchall() for question in (SQLITE if engine == "sqlite" else POSTGRESQL)]


def _columns(engine: EngineName, raw: Any) -> dict[str, list[str]]:
    if engine == "sqlite":
        tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: [row[1] for row in raw.execute(f"PRAGMA table_info({name})")]
            for name in tables
            if not name.startswith(("customer_words_index", "product_words_index"))
        }
    found: dict[str, list[str]] = {}
    for table, _, column, _, _, _, _, _, made in _schema(engine, raw)[0]:
        found.setdefault(table, []).extend([] if made else [column])
    return found


def test_step_by_step_and_at_once_give_one_schema(engines: Engines, engine: EngineName) -> None:
    """Whoever came along with every version has the tables of whoever begins today."""
    with _nothing(engines, engine) as fresh, _nothing(engines, engine) as grown:
        migrate.up(engine, fresh)
        for number, (name, text) in sorted(migrate.migrations(engine).items()):
            grown.execute("BEGIN")
            for statement in migrate._WORDS[engine].statements(text):
                grown.execute(statement)
            grown.execute(
                "CREATE TABLE IF NOT EXISTS schema_migrations"
                " (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL)"
            )
            grown.execute(f"INSERT INTO schema_migrations VALUES ({number}, '{name}', '')")
            grown.execute("COMMIT")
        migrate.up(engine, grown)
        assert _schema(engine, fresh) == _schema(engine, grown)
        told = "SELECT number, name FROM schema_migrations ORDER BY number"
        assert fresh.execute(told).fetchall() == grown.execute(told).fetchall()


def test_carts_that_were_there_can_be_changed(engines: Engines, engine: EngineName) -> None:
    """Their lines get numbers in their order, and are as the shop showed them."""
    with _nothing(engines, engine) as raw:
        for _, (name, text) in sorted(migrate.migrations(engine).items()):
            if name == "carts_that_are_changed_here":
                raw.execute(
                    "INSERT INTO carts (id, customer_id, source, external_id, status, currency, updated_at) VALUES"
                    " (7, 1, 'shop', 'a', 'open', 'EUR', ''), (8, 0, 'shop', 'b', 'open', 'EUR', '')"
                )
                raw.execute(
                    "INSERT INTO cart_lines (customer_id, cart_id, position, sku, title, quantity, unit_price) VALUES"
                    " (1, 7, 0, 'A', 'A', 2, 100), (1, 7, 1, 'B', 'B', 3, 100)"
                )
            for statement in migrate._WORDS[engine].statements(text):
                raw.execute(statement)
        lines = raw.execute("SELECT sku, line, shop_quantity, edits FROM cart_lines ORDER BY position").fetchall()
        assert lines == [("A", 1, 2, None), ("B", 2, 3, None)]
        carts = raw.execute("SELECT id, version, next_line, seen_version, edited_at FROM carts ORDER BY id").fetchall()
        assert carts == [(7, 1, 3, None, None), (8, 1, 1, None, None)]


def test_both_engines_have_the_same_steps() -> None:
    """The same numbers and names: an operator who changes engines finds nothing missing."""
    one, other = ({n: name for n, (name, _) in migrate.migrations(engine).items()} for engine in ENGINES)
    assert one == other


def test_both_engines_have_the_same_tables(engines: Engines) -> None:
    """And in them the same columns in the same order, but for the few that one engine alone needs."""
    found = {}
    for engine in ENGINES:
        with _nothing(engines, engine) as raw:
            migrate.up(engine, raw)
            found[engine] = {k: v for k, v in _columns(engine, raw).items() if k not in ENGINES_OWN[engine]}
    assert found["sqlite"] == found["postgresql"]


def test_text_compares_by_bytes(engines: Engines) -> None:
    """Every text of PostgreSQL's, in whatever language its server was set up."""
    with _nothing(engines, "postgresql") as raw:
        migrate.up("postgresql", raw)
        columns = _schema("postgresql", raw)[0]
    wrong = [(table, name) for table, _, name, type_, collation, *_ in columns if type_ == "text" and collation != "C"]
    assert {table for table, _ in wrong} <= {"schema_migrations"}


@pytest.mark.parametrize("attempt", range(3))
def test_several_programs_may_migrate_at_once(empty: str, attempt: int) -> None:
    """One of them brings a PostgreSQL database up to date, the others find it done."""
    with ThreadPoolExecutor(4) as pool:
        for opened in pool.map(lambda _: PostgresDatabase(empty), range(4)):
            opened.close()
    with psycopg.connect(empty) as raw:
        assert raw.execute("SELECT number FROM schema_migrations ORDER BY number").fetchall() == [
            (number,) for number in sorted(migrate.migrations("postgresql"))
        ]


def test_a_newer_schema_is_refused(empty: str) -> None:
    """A database that a newer program wrote is not touched, and the message says what to install."""
    PostgresDatabase(empty).close()
    with psycopg.connect(empty) as raw:
        raw.execute("INSERT INTO schema_migrations VALUES (%s, 'from the future', '')", (NEWEST + 1,))
    with pytest.raises(DatabaseUnavailableError, match="install the newer Mostrador"):
        PostgresDatabase(empty)


def test_a_step_that_fails_leaves_the_database_as_it_was(empty: str) -> None:
    """All steps or none: a table that stands in the way stops the migration without a trace."""
    with psycopg.connect(empty) as raw:
        raw.execute("CREATE TABLE orders (id INTEGER)")
    with pytest.raises(DatabaseUnavailableError, match="orders"):
        PostgresDatabase(empty)
    with psycopg.connect(empty) as raw:
        assert raw.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall() == [("orders",)]


def _spread() -> list[tuple[str, str, str]]:
    """What the file for Citus says: how, which table, by which column."""
    found = re.findall(r"(?m)^SELECT (\w+)\('(\w+)'(?:, '(\w+)')?.*\);$", CITUS.read_text("utf-8"))
    assert len(found) == CITUS.read_text("utf-8").count("\nSELECT ")
    return found


def test_the_file_for_citus_names_every_table_once(engines: Engines) -> None:
    """A new table has to say where it lies; the file tells at its top that nobody ran it."""
    with _nothing(engines, "postgresql") as raw:
        migrate.up("postgresql", raw)
        tables = [name for (name,) in raw.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    assert sorted(table for _, table, _ in _spread()) == sorted(tables)
    assert {how for how, _, _ in _spread()} == {
        "create_distributed_table", "create_reference_table", "citus_add_local_table_to_metadata"
    }  # fmt: skip
    assert "NOT RUN HERE" in CITUS.read_text("utf-8").partition("\n\n")[0]


def test_every_unique_key_contains_what_its_table_is_spread_by(engines: Engines) -> None:
    """No machine could keep a key unique whose rows lie on another."""
    with _nothing(engines, "postgresql") as raw:
        migrate.up("postgresql", raw)
        keys = raw.execute(
            "SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, array_agg(a.attname::text)"
            " FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)"
            " WHERE i.indisunique GROUP BY i.indrelid, i.indexrelid"
        ).fetchall()
    by = {table: column for how, table, column in _spread() if how == "create_distributed_table"}
    assert len(by) == 17
    keys = [(table, index, columns) for table, index, columns in keys if table in by]
    assert {table for table, _, _ in keys} == by.keys()
    assert [(index, columns) for table, index, columns in keys if by[table] not in columns] == []
