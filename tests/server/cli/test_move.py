"""`mostrador move`: a database in another place, and words on what became of it."""

import pytest

from server.db.engine import EngineName
from tests.engines import Engines
from tests.server.cli.conftest import Run
from tests.server.small_shop import LUCIA_CARD, ndjson


@pytest.fixture
def target(engines: Engines, engine: EngineName, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where a new database of the other engine may be."""
    return engines.cluster.new() if engine == "sqlite" else f"sqlite:///{tmp_path_factory.mktemp('new') / 'new.db'}"


def test_a_shop_that_moves_serves_on(run: Run, target: str) -> None:
    """What was at one address answers from the other; a table tells of each table's rows and checksum."""
    assert run("import", "-", stdin=ndjson()).status == 0
    source = run("settings", "--json").json["database"]
    ended = run("move", source, target)
    assert (ended.status, ended.err) == (0, "")
    assert any(line.split()[:2] == ["customers", "6"] for line in ended.out.splitlines()), ended.out
    here, there = (run("scan", LUCIA_CARD, "--json", **environ) for environ in ({}, {"MOSTRADOR_DATABASE": target}))
    assert here.json["context"] | {"as_of": ""} == there.json["context"] | {"as_of": ""}
    again = run("move", source, target)
    assert again.status == 1
    assert "is not empty" in again.err


def test_what_moved_as_json(run: Run, target: str) -> None:
    """For programs the same as JSON."""
    assert run("import", "-", stdin=ndjson()).status == 0
    moved = run("move", run("settings", "--json").json["database"], target, "--json").json
    assert moved["rows_copied"] == sum(table["rows"] for table in moved["tables"])
    assert {len(table["checksum"]) for table in moved["tables"]} == {32}


@pytest.mark.parametrize(
    ("source", "place", "reason"),
    [
        ("sqlite:////nowhere/at/all.db", "sqlite:///new.db", "does not exist"),
        ("mysql://here/shop", "sqlite:///new.db", "cannot be used"),
        ("postgresql://nobody:secret@127.0.0.1:9/shop", "sqlite:///new.db", "cannot be opened"),
    ],
)
def test_a_place_that_is_none(call: Run, source: str, place: str, reason: str) -> None:
    """What cannot be opened is said, without its password, and nothing is made."""
    ended = call("move", source, place)
    assert ended.status in (1, 2)
    assert reason in ended.err
    assert "secret" not in ended.err


def test_a_target_that_is_none(call: Run) -> None:
    """The same for the new place."""
    assert call("import", "-", stdin=ndjson()).status == 0
    source = call("settings", "--json").json["database"]
    ended = call("move", source, "mysql://here/shop")
    assert (ended.status, "is no database" in ended.err) == (2, True)
