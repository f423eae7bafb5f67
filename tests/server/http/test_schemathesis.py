"""Requests of every shape that the OpenAPI document allows, and of many that it does not; `make prove` sends more."""

from pathlib import Path

import pytest

from server.db.engine import EngineName
from tests.engines import Engines
from tests.prove.any_request import CALLERS, ask_everything
from tests.server.given import NOW
from tests.server.http.conftest import small_shop

CASES = 1_000
"""On each database engine."""


@pytest.mark.parametrize("caller", CALLERS)
def test_no_answer_surprises(engines: Engines, engine: EngineName, tmp_path: Path, caller: str) -> None:
    """No error of the server's, no status that is not documented, no answer that is not as its schema says."""
    with small_shop(engines, engine, tmp_path) as house:
        surprises = ask_everything(
            f"http://127.0.0.1:{house.port}",
            lambda: house.database.write_now(CALLERS[caller], NOW),
            CASES // len(CALLERS),
            20_261_121,
        )
    assert surprises.found == []
    assert surprises.sent >= CASES // len(CALLERS)
