"""Records in any order, carts in any hands: the property tests of the unit tests, with many more examples."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence

from tests.prove.findings import Assignment, Findings
from tests.prove.programs import CHECKOUT

ORDERS = ("tests/server/ingest/test_any_order.py",)
CARTS = ("tests/server/carts", "tests/kiosk/test_both_hands.py")
KIOSK = ("tests/kiosk/test_cart_edits.py",)
EXAMPLES, INTERLEAVINGS = 5_000, 10_000
SECONDS_OF_EXAMPLE = 0.5
"""More than this is a hang: all properties together take a fifth of it on a busy machine."""


def prove_any_order(asked: Assignment, examples: int = EXAMPLES) -> Findings:
    """Deliver records in any order, repeated, in any batches."""
    return _prove("orders", ORDERS, asked, examples)


def prove_any_hands(asked: Assignment, examples: int = INTERLEAVINGS) -> Findings:
    """Change carts at home, at a kiosk and at a tablet, with messages lost, late and repeated; on one engine."""
    tests = "postgresql" if asked.engine == "postgresql" else "not postgresql"
    findings = _prove("carts", (*CARTS, "-k", tests), asked, examples)
    findings.engine = asked.engine
    return findings


def prove_a_kiosk(asked: Assignment, examples: int = INTERLEAVINGS) -> Findings:
    """Change one cart at a kiosk and elsewhere, with questions and answers lost and sent again."""
    return _prove("kiosk", KIOSK, asked, examples)


def _prove(campaign: str, tests: Sequence[str], asked: Assignment, examples: int) -> Findings:
    """Run tests in a process of its own."""
    findings = Findings(campaign, times=examples)
    patience = 120 + examples * SECONDS_OF_EXAMPLE
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "--timeout=0"]
    command += [f"--hypothesis-seed={asked.seed}", *tests]
    started = time.perf_counter()
    try:
        done = subprocess.run(
            command,
            cwd=CHECKOUT,
            env={**os.environ, "MOSTRADOR_EXAMPLES": str(examples)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=patience,
            check=False,
        )
    except subprocess.TimeoutExpired:
        findings.wrong.append(f"no end within {patience:,.0f} seconds")
    else:
        if done.returncode != 0:
            findings.wrong.append(f"pytest ended with exit status {done.returncode}:\n{done.stdout[-6000:]}")
        findings.remarks.append(done.stdout.strip().rpartition("\n")[2])
    findings.seconds = time.perf_counter() - started
    asked.advance()
    return findings
