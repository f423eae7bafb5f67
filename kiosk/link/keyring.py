"""What a device keeps between two starts: which server it belongs to, and its token there."""

import os
from pathlib import Path

import msgspec

from kiosk.link.port import Place

FILE = "device.json"


class Keyring:
    """One small file that nobody but its owner may read.

    Args:
        folder: the client's own; made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._part = folder / f"{FILE}.part"

    def read(self) -> Place | None:
        """Where this device is enrolled; None where it is not, or the file cannot be understood."""
        try:
            place = msgspec.json.decode(self._path.read_bytes(), type=Place)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None
        return place if place.token else None

    def prepare(self) -> None:
        """See to it that a token can be kept, before a code is spent on one.

        Raises:
            OSError: it cannot.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._part.unlink(missing_ok=True)
        os.close(os.open(self._part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))

    def keep(self, place: Place) -> None:
        """Write it down; all of it or nothing, also where the power goes meanwhile.

        Raises:
            OSError: it cannot be written.
        """
        self.prepare()
        with self._part.open("wb") as file:
            file.write(msgspec.json.encode(place))
            file.flush()
            os.fsync(file.fileno())
        self._part.replace(self._path)

    def forget(self) -> None:
        """Leave nothing of it."""
        for path in (self._path, self._part):
            path.unlink(missing_ok=True)
