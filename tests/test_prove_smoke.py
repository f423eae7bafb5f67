"""One small round of each campaign of `make prove`, so that none can rot; that with screens is in `tests/screens`."""

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

from server.db.engine import EngineName
from tests.bench.filled import ROOT
from tests.prove.any_order import prove_any_hands
from tests.prove.any_request import prove_any_request
from tests.prove.catalogs import prove_catalogs
from tests.prove.day_growth import Sample, grown
from tests.prove.erasures import prove_erasures
from tests.prove.findings import Assignment
from tests.prove.imports import prove_imports
from tests.prove.postgresql import prove_postgresql
from tests.prove.writes import prove_writes

_TELLS = """
import sys
from tests.prove.stillness import Awake
with Awake(beat=0.02, still=0.3) as awake:
    for _ in sys.stdin:
        print(awake(), awake.stops, flush=True)
"""


def test_an_import_that_was_killed_is_completed_by_starting_it_again(engine: EngineName, tmp_path: Path) -> None:
    """A killed import leaves a sound database, from which the same import comes to the state of an undisturbed one."""
    findings = prove_imports(Assignment(times=1, seed=1, folder=tmp_path, engine=engine), records=1_000)
    assert findings.failures == []
    assert findings.kills == 1


def test_a_sync_that_was_killed_leaves_one_catalogue_whole(engine: EngineName, tmp_path: Path) -> None:
    """After kill -9 of a sync the old catalogue is shown or the new one, and the next sync takes the whole feed."""
    findings = prove_catalogs(Assignment(times=1, seed=1, folder=tmp_path, engine=engine), articles=800)
    assert findings.failures == []
    assert findings.kills == 1


def test_what_a_killed_server_acknowledged_is_there_once(engine: EngineName, tmp_path: Path) -> None:
    """Every acknowledged write survives kill -9, and what was under way happens exactly once when it is sent again."""
    findings = prove_writes(Assignment(times=1, seed=1, folder=tmp_path, engine=engine), load_seconds=0.3)
    assert findings.failures == []
    assert findings.kills == 1
    assert findings.acknowledged


def test_whoever_is_erased_while_the_server_dies_is_there_or_gone(engine: EngineName, tmp_path: Path) -> None:
    """Servers and commands are killed while they erase people: nobody is half gone, and in the end nothing is left."""
    findings = prove_erasures(Assignment(times=1, seed=1, folder=tmp_path, engine=engine), load_seconds=0.2)
    assert findings.failures == []
    assert findings.kills
    assert findings.acknowledged


def test_what_was_acknowledged_outlives_the_sudden_end_of_postgresql(tmp_path: Path) -> None:
    """Every acknowledged note survives kill -9 of PostgreSQL; servers and live streams go on by themselves."""
    findings = prove_postgresql(Assignment(times=1, seed=1, folder=tmp_path), load_seconds=0.3, away_seconds=(1.0, 1.0))
    assert findings.failures == []
    assert findings.kills == 1
    assert findings.acknowledged


def test_requests_of_every_shape_are_answered_as_documented(tmp_path: Path) -> None:
    """A few requests to each door of the real program, right ones and wrong ones, bring no surprise."""
    findings = prove_any_request(Assignment(times=1, seed=1, folder=tmp_path), cases=60)
    assert findings.failures == []
    assert findings.times >= 30


def test_carts_are_changed_from_all_sides(engine: EngineName, tmp_path: Path) -> None:
    """A few interleavings of what is done at home, at a kiosk and at a tablet, each of which ends with one cart."""
    findings = prove_any_hands(Assignment(times=1, seed=1, folder=tmp_path, engine=engine), examples=5)
    assert findings.failures == []
    assert "passed" in findings.remarks[0]


def test_what_grows_in_a_day_is_seen() -> None:
    """A little more of memory or files with each customer is told, and what comes and goes is not."""
    usual = Sample(70.0, 17.0, 130.0, 30, 8, 38, 2, 0)
    steady = [usual._replace(server=70.0 + number % 3, server_files=30 + number % 3) for number in range(90)]
    assert grown(steady) == []
    leak = [usual._replace(supervisor=17.0 + number / 10, server_files=30 + number // 9) for number in range(90)]
    assert [said.split()[0] for said in grown(leak)] == ["supervisor", "server_files"]


def test_what_was_stopped_is_not_slow() -> None:
    """Of the seconds for which a process was stopped hardly any count, and it knows that it was."""
    with subprocess.Popen(
        [sys.executable, "-c", _TELLS], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        asked, answers = process.stdin, process.stdout
        assert asked is not None
        assert answers is not None

        def told() -> tuple[float, int]:
            print(file=asked, flush=True)
            seconds, stops = answers.readline().split()
            return float(seconds), int(stops)

        began = time.monotonic()
        before, stops = told()
        os.kill(process.pid, signal.SIGSTOP)
        # It says nothing all the while.
        said = select.select([answers], [], [], 1.5)[0]
        os.kill(process.pid, signal.SIGCONT)
        assert said == []
        after, stopped = told()
        assert after - before < time.monotonic() - began - 1.0
        assert stopped > stops
        asked.close()
