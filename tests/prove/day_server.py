"""`mostrador serve`, for a day that is shorter: the clock can be put forward. Run as a process of its own."""

import argparse
import os
from pathlib import Path

import msgspec

from server.audit.heads import second_place
from server.audit.ledger import Ledger
from server.commands.shell import database_of
from server.keys import read_keys
from server.serve import serve_forever
from server.settings import read_settings
from tests.screens.hours import Hours


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    asked = parser.parse_args()
    settings = msgspec.structs.replace(read_settings(os.environ), port=asked.port)
    clock = Hours(asked.hours).now
    with database_of(settings) as opened:
        keys = read_keys(settings)
        serve_forever(settings, opened, clock, keys, Ledger(opened, keys.audit, second_place(settings), clock))


if __name__ == "__main__":
    main()
