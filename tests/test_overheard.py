"""The search of the log that every server under test goes through: it finds what is planted, and nothing else."""

import pytest

from tests.overheard import PLANTED, OverheardError, found_in, require_nobody
from tests.server.http.log import Log

LINE = (
    '{"at":"2026-11-26T01:00:00.004826Z","level":"info","event":"request","request_id":"4826a0f3b1c24d6e8f90a1b2c3d4e5f6"'
    ',"door":"GET /v1/customers/{customer_id}/context","status":200,"ms":4826.0,"device":4826,"staff":7,"store":"GV"}\n'
    '{"at":"2026-11-26T01:00:00.000000Z","level":"info","event":"Started server process [4826]"}\n'
    '{"level":"info","event":"Uvicorn running on http://127.0.0.1:4826 (Press CTRL+C to quit)"}\n'
)
"""What a server tells; the digits of a PIN stand in it by chance."""


def test_what_a_server_tells_is_nobody() -> None:
    """Doors, numbers, times and names of our own are nobody's, whatever digits they have."""
    assert found_in(LINE) == []
    require_nobody(LINE, "a server")


@pytest.mark.parametrize("planted", PLANTED)
@pytest.mark.parametrize("told", ["{}", "value={}", 'Key (value)=({}) already exists in "{}"'])
def test_what_is_planted_is_found(planted: str, told: str) -> None:
    """A name, a contact, a card, a token, a badge, a code or a PIN is found however it stands in a line."""
    with pytest.raises(OverheardError, match="the log of a server tells"):
        require_nobody(LINE + told.format(planted, planted), "a server")


def test_the_whole_run_is_searched() -> None:
    """What is told while no test listens counts as well; what a test planted is looked for and must be found."""
    told = Log()
    told.write(LINE.encode())
    told.require_nobody()
    told.write(b'{"level":"info","event":"planted","who":"Garc\xc3\xada"}\n')
    told.require_nobody()
    told.write('{"level":"info","event":"wrong","exception":"García"}\n'.encode())
    with pytest.raises(OverheardError, match="garcia"):
        told.require_nobody()
    blunt = Log()
    blunt.write(b'{"level":"info","event":"planted","who":"nobody"}\n')
    with pytest.raises(OverheardError, match="is not found"):
        blunt.require_nobody()
