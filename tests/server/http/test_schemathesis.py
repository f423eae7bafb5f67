"""Requests of every shape that the OpenAPI document allows, and of many that it does not; `make prove` sends more."""

from contextlib import ExitStack
from pathlib import Path

from tests.engines import ENGINES, Engines
from tests.prove.any_request import CALLERS, ask_everything, askers
from tests.server.given import NOW
from tests.server.http.conftest import small_shop

CASES = 333
"""For each kind of caller, on each database engine."""


def test_no_answer_surprises(engines: Engines, tmp_path: Path) -> None:
    """No error of the server's, no status that is not documented, no answer that is not as its schema says."""
    with ExitStack() as open_:
        asking = []
        for engine in ENGINES:
            folder = tmp_path / engine
            folder.mkdir()
            house = open_.enter_context(small_shop(engines, engine, folder))
            asking += askers(f"on {engine}", f"http://127.0.0.1:{house.port}", house.database, lambda: NOW)
        surprises = ask_everything(asking, CASES, 20_261_121)
    assert surprises.found == []
    assert surprises.sent >= CASES * len(CALLERS) * len(ENGINES)
