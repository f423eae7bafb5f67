"""What can be seen on a display, moment by moment: the X server's own memory, which it keeps in a file."""

import mmap
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PIXEL = 4
"""Bytes of one."""
APART = 12
"""Every twelfth line is looked at: what flickers is larger than that."""
PAUSE = 0.002
"""Seconds between two looks."""
Lines = tuple[bytes, ...]
"""Some lines of a frame, from the top."""


class Frames:
    """Looks at a display that keeps its frames in a folder.

    Args:
        folder: the display's.
    """

    def __init__(self, folder: Path) -> None:
        with (folder / "Xvfb_screen0").open("rb") as file:
            self._memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        head = struct.unpack(">25I", self._memory[:100])
        self._start = head[0] + 12 * head[19]
        self.width, self.height, self._line = head[4], head[5], head[12]

    def now(self) -> Lines:
        """What can be seen now; while it is being painted, some of what was and some of what will be."""
        starts = range(self._start, self._start + self.height * self._line, APART * self._line)
        return tuple(self._memory[start : start + self.width * PIXEL] for start in starts)

    @contextmanager
    def kept(self) -> Iterator[list[Lines]]:
        """All that can be seen until the block ends, each time that it changes."""
        seen: list[Lines] = [self.now()]
        enough = threading.Event()

        def look() -> None:
            while not enough.wait(PAUSE):
                lines = self.now()
                if lines != seen[-1]:
                    seen.append(lines)

        looking = threading.Thread(target=look, name="looking")
        looking.start()
        try:
            yield seen
        finally:
            enough.set()
            looking.join()


def strange_pixels(lines: Lines, *known: Lines) -> int:
    """How many pixels of a frame are as in none of some others."""
    count = 0
    for number, line in enumerate(lines):
        others = [frame[number] for frame in known]
        if line not in others:
            for at in range(0, len(line), PIXEL):
                pixel = line[at : at + PIXEL]
                count += all(pixel != other[at : at + PIXEL] for other in others)
    return count
