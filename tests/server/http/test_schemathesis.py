"""Requests of every shape that the OpenAPI document allows, and of many that it does not; `make prove` sends more."""

import pytest

from tests.prove.any_request import CALLERS, ask_everything
from tests.server.http.conftest import Running

CASES = 1_000
"""On each database engine."""


@pytest.mark.parametrize("caller", CALLERS)
def test_no_answer_surprises(house: Running, caller: str) -> None:
    """No error of the server's, no status that is not documented, no answer that is not as its schema says."""
    surprises = ask_everything(f"http://127.0.0.1:{house.port}", CALLERS[caller], CASES // len(CALLERS), 20_261_121)
    assert surprises.found == []
    assert surprises.sent >= CASES // len(CALLERS) // 2
