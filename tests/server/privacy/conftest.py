"""What tests of a person's rights share."""

from tests.server.cli.conftest import Run, call
from tests.server.http.conftest import empty_house

__all__ = ["Run", "call", "empty_house"]
