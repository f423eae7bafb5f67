"""The commands on a PostgreSQL database: the same words, and nowhere its password."""

from collections.abc import Iterator

import pytest

from tests.cluster import Cluster
from tests.server.cli.conftest import Run
from tests.server.small_shop import LUCIA_CARD, ndjson

SECRET = "hush-hush"


@pytest.fixture
def guarded(cluster: Cluster) -> Iterator[str]:
    """A database without tables, and an address that says more than its server asks for."""
    made = cluster.address(cluster.empty(), user=f"mostrador:{SECRET}")
    yield made
    cluster.drop(made)


def test_no_command_shows_the_password_of_postgresql(call: Run, guarded: str) -> None:
    """Make, fill, look up and search; what is said names the database without its password."""
    made = call("init", MOSTRADOR_DATABASE=guarded)
    assert (made.status, made.err) == (0, "")
    assert "The database is postgresql://mostrador:***@/" in made.out
    filled = call("import", "-", "--json", stdin=ndjson(), MOSTRADOR_DATABASE=guarded)
    assert (filled.status, filled.json[0]["refused"]) == (0, 0)
    scanned = call("scan", LUCIA_CARD, "--json", MOSTRADOR_DATABASE=guarded)
    assert (scanned.status, scanned.json["type"]) == (0, "customer")
    found = call("search", "garcia", "--json", MOSTRADOR_DATABASE=guarded)
    assert (found.status, found.json["hits"][0]["name"]) == (0, "Lucia Garcia")
    assert call("refused", MOSTRADOR_DATABASE=guarded).status == 0
    for arguments in (("settings",), ("settings", "--json")):
        shown = call(*arguments, MOSTRADOR_DATABASE=guarded)
        assert (shown.status, SECRET in shown.out, "mostrador:***@" in shown.out) == (0, False, True)


@pytest.mark.parametrize("command", [("init",), ("scan", "x"), ("import", "-"), ("serve", "--port", "0")])
def test_a_server_that_is_not_there_is_told_in_one_line(call: Run, command: tuple[str, ...]) -> None:
    """One line on standard error without the password, and status 1: nothing was wrong with the call."""
    ended = call(*command, stdin=b"", MOSTRADOR_DATABASE=f"postgresql://me:{SECRET}@127.0.0.1:1/shop")
    assert (ended.status, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert "postgresql://me:***@127.0.0.1:1/shop cannot be opened" in ended.err


def test_serve_takes_a_database_of_its_own(call: Run) -> None:
    """What is said at the call counts, not what the environment says."""
    ended = call("serve", "--port", "0", "--database", "mysql://host/shop")
    assert (ended.status, ended.out) == (2, "")
    assert "MOSTRADOR_DATABASE=mysql://host/shop cannot be used" in ended.err


def test_a_password_is_not_taken_from_the_command_line(call: Run) -> None:
    """Every user of the machine sees the command line; the refusal does not repeat the password."""
    ended = call("serve", "--port", "0", "--database", f"postgresql://me:{SECRET}@127.0.0.1:1/shop")
    assert (ended.status, ended.out) == (2, "")
    assert "set MOSTRADOR_DATABASE instead" in ended.err
    assert SECRET not in ended.err
