"""What tests of a person's rights share."""

from tests.server.cli.conftest import Run, run
from tests.server.http.conftest import empty_house

__all__ = ["Run", "empty_house", "run"]
