"""Commands of ours that a server has done by programs beside it."""

import asyncio
from pathlib import Path

from structlog.testing import capture_logs

from server.catalog.aside import run_aside
from server.settings import Settings


def test_a_program_that_fails_is_told_in_the_log(tmp_path: Path) -> None:
    """Nobody sees what it complains of: so the log says which it was, how it ended, and why."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'nothing.db'}")
    with capture_logs() as told:
        assert asyncio.run(run_aside(settings, ("catalog", "pictures")))[0] == b""
    (line,) = [line for line in told if line["event"] == "program_failed"]
    assert (line["command"], line["log_level"]) == ("catalog pictures", "warning")
    assert line["status"] != 0
    assert "nothing.db" in line["why"]
