"""A small round of `make prove`'s day of customers, so that it cannot rot: hands on screens need the machine."""

from pathlib import Path

from tests.prove.day import prove_day
from tests.prove.findings import Assignment


def test_customers_come_and_go_at_a_kiosk(tmp_path: Path) -> None:
    """A handful of a day's customers at two kiosks, each leaving in another way: it is Welcome again after each."""
    findings = prove_day(Assignment(times=1, seed=36, folder=tmp_path), customers=4, kiosks=2)
    assert findings.failures == []
    assert findings.times == 4
    assert "of 1 nothing was in memory or on disk once they were gone" in findings.remarks
