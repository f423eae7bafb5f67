"""`mostrador backup`: a copy while the shop is open."""

import threading
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from server.db.sqlite import connect
from tests.engines import Engines
from tests.server.cli.conftest import Run, run_on
from tests.server.given import stock
from tests.server.http.conftest import PATIENCE, client_of
from tests.server.http.test_process import Process, served
from tests.server.small_shop import LONG_AGO, LUCIA_CARD, ndjson


class Writer(threading.Thread):
    """Writes one thing after the other on a server, and counts what was acknowledged."""

    def __init__(self, server: Process) -> None:
        super().__init__(daemon=True)
        self._server = server
        self._more = threading.Condition()
        self.acknowledged = 0
        self.enough = threading.Event()

    def run(self) -> None:
        with client_of(self._server.port, self._server.tokens.sync) as client:
            while not self.enough.is_set():
                one = stock(1, LONG_AGO, sku=f"A{self.acknowledged}")
                if client.post("/v1/records", content=ndjson([one])).json()["new"] != 1:
                    return
                with self._more:
                    self.acknowledged += 1
                    self._more.notify_all()

    def wait_for(self, count: int) -> None:
        """Wait until so much was acknowledged."""
        with self._more:
            assert self._more.wait_for(lambda: self.acknowledged >= count, PATIENCE)


def test_what_was_acknowledged_is_in_the_copy(tmp_path: Path) -> None:
    """While a server writes, copy after copy is whole and has every write that was acknowledged before it began."""
    (tmp_path / "copies").mkdir()
    with served(tmp_path) as server:
        writer = Writer(server)
        writer.start()
        for n in range(5):
            writer.wait_for(writer.acknowledged + 5)
            before = writer.acknowledged
            copy = tmp_path / "copies" / f"{n}.db"
            made = run_on(tmp_path, f"sqlite:///{server.database}", "backup", str(copy), "--json")
            assert (made.status, made.err) == (0, "")
            assert made.json["file"] == str(copy)
            assert made.json["size"] == copy.stat().st_size
            with closing(connect(copy, apsw.SQLITE_OPEN_READWRITE)) as raw:
                assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                found = {int(sku[1:]) for (sku,) in raw.execute("SELECT sku FROM stock").fetchall()}
            assert set(range(before)) <= found == set(range(len(found)))
        # It wrote to the end: nothing held it up for good.
        writer.wait_for(writer.acknowledged + 1)
        writer.enough.set()
        writer.join(PATIENCE)
        status, said = server.stop()
        assert (status, "Traceback" in said) == (0, False), said
    assert sorted(path.name for path in (tmp_path / "copies").iterdir()) == [f"{n}.db" for n in range(5)]


def test_a_copy_is_a_shop(call: Run, tmp_path: Path) -> None:
    """It answers as the shop did; what is kept beside it is named; a second one of that name is refused."""
    assert call("import", "-", stdin=ndjson()).status == 0
    copy = tmp_path / "copy.db"
    made = call("backup", str(copy))
    assert made.status == 0
    assert "copy.db is a copy of" in made.out
    assert "MOSTRADOR_AUDIT_HEADS" in made.out
    here, there = (
        call("scan", LUCIA_CARD, "--json", **environ) for environ in ({}, {"MOSTRADOR_DATABASE": f"sqlite:///{copy}"})
    )
    assert here.json["context"] | {"as_of": ""} == there.json["context"] | {"as_of": ""}
    again = call("backup", str(copy))
    assert (again.status, "is there already" in again.err) == (1, True)


def test_what_cannot_be_backed_up_is_told(call: Run, tmp_path: Path) -> None:
    """Where there is no database none is made, nor a copy of it."""
    none = call("backup", str(tmp_path / "copy.db"))
    assert (none.status, "There is no database" in none.err) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("address", ["postgresql://shop:geheim@127.0.0.1:9/shop", ""])
def test_postgresql_has_its_own_tool(call: Run, engines: Engines, tmp_path: Path, address: str) -> None:
    """Which is named, with the option to use and without a password; whether or not the database can be reached."""
    ended = call("backup", str(tmp_path / "copy.db"), MOSTRADOR_DATABASE=address or engines.cluster.new())
    assert ended.status == 2
    assert f"pg_dump --format=custom --file={tmp_path / 'copy.db'}" in ended.err
    assert "geheim" not in ended.err
    assert list(tmp_path.iterdir()) == []
