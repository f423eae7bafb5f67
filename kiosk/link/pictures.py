"""Pictures, fetched once and kept on disk."""

import asyncio
import re
from hashlib import sha256
from pathlib import Path

from kiosk.link.port import LinkError, Port

_NAME = re.compile(r"[0-9a-f]{64}")


class PictureShelf:
    """Keeps pictures in a folder under the SHA-256 of their content, so that none is ever out of date.

    Args:
        port: where pictures come from.
        folder: where they are kept; made when the first one is.
    """

    def __init__(self, port: Port, folder: Path) -> None:
        self._port = port
        self._folder = folder
        self._under_way: dict[str, asyncio.Task[Path | None]] = {}

    def kept(self, name: str) -> Path | None:
        """A picture that is on disk already."""
        path = self._folder / name
        return path if _NAME.fullmatch(name) and path.is_file() else None

    async def get(self, name: str) -> Path | None:
        """A picture's file; None where there is no such picture, nobody answers, or the disk is full."""
        if not _NAME.fullmatch(name):
            return None
        if (path := self.kept(name)) is not None:
            return path
        task = self._under_way.get(name)
        if task is None:
            task = self._under_way[name] = asyncio.create_task(self._fetch(name))
            task.add_done_callback(lambda _: self._under_way.pop(name, None))
        return await asyncio.shield(task)

    def forget(self) -> None:
        """Leave none on disk."""
        for path in self._folder.glob("*"):
            path.unlink(missing_ok=True)

    async def _fetch(self, name: str) -> Path | None:
        try:
            content = await self._port.picture(name)
        except LinkError:
            return None
        path = self._folder / name
        try:
            kept = await asyncio.to_thread(self._keep, path, content)
        except OSError:
            return None
        return path if kept else None

    def _keep(self, path: Path, content: bytes) -> bool:
        # The page that a store's network shows instead of an answer must not be kept as a picture for ever.
        if sha256(content).hexdigest() != path.name:
            return False
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        try:
            unfinished.write_bytes(content)
            unfinished.replace(path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
        return True
