"""Pictures, fetched once and kept on disk."""

import asyncio
import re
from hashlib import sha256
from pathlib import Path

from kiosk.link.port import LinkError, PicturePort
from server.wire.catalog import PictureSize

_NAME = re.compile(r"[0-9a-f]{64}")


class PictureShelf:
    """Keeps pictures in a folder under the SHA-256 of the large one's content, so that none is ever out of date.

    The small one of each stands beside it.

    Args:
        port: where pictures come from.
        folder: where they are kept; made when the first one is.
    """

    def __init__(self, port: PicturePort, folder: Path) -> None:
        self._port = port
        self._folder = folder
        self._under_way: dict[tuple[str, PictureSize], asyncio.Task[Path | None]] = {}

    def kept(self, name: str, size: PictureSize = "large") -> Path | None:
        """A picture that is on disk already; a large one is as good as a small one."""
        if not _NAME.fullmatch(name):
            return None
        paths = (self._path(name, each) for each in ((size, "large") if size == "small" else (size,)))
        return next((path for path in paths if path.is_file()), None)

    async def get(self, name: str, size: PictureSize = "large") -> Path | None:
        """A picture's file, the small one where no other is to be had.

        None where there is no such picture, nobody answers, or the disk is full.
        """
        if not _NAME.fullmatch(name):
            return None
        if (path := self.kept(name, size)) is not None:
            return path
        key = name, size
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(self._fetch(name, size))
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        return await asyncio.shield(task) or self.kept(name, "small")

    def forget(self) -> None:
        """Leave none on disk."""
        for path in self._folder.glob("*"):
            path.unlink(missing_ok=True)

    def _path(self, name: str, size: PictureSize) -> Path:
        return self._folder / (name if size == "large" else f"{name}.{size}")

    async def _fetch(self, name: str, size: PictureSize) -> Path | None:
        try:
            content = await self._port.picture(name, size)
        except LinkError:
            return None
        # The page that a store's network shows instead of an answer must not be kept as a picture for ever; of a small
        # one the port has seen to it.
        if size == "large" and sha256(content).hexdigest() != name:
            return None
        path = self._path(name, size)
        try:
            await asyncio.to_thread(self._keep, path, content)
        except OSError:
            return None
        return path

    def _keep(self, path: Path, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.name}.part")
        try:
            unfinished.write_bytes(content)
            unfinished.replace(path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
