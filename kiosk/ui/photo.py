"""What comes when it comes: the part of a widget that has a photo fetched and decoded, and cut for its frame."""

import asyncio
from typing import Any

from kivy.loader import Loader
from kivy.properties import NumericProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from server.wire.catalog import PictureSize

SMALL = (240, 300)
"""Pixels across and down that the small picture of the server fills."""


class Photo(Widget):
    """Has the picture that `name` names on `shelf`; decoding happens on a thread, never between two frames.

    Attributes:
        name: a content hash; empty, or one that is nowhere, leaves `photo` None.
        shelf: a `kiosk.link.pictures.PictureShelf`.
        photo: the decoded picture, None until it is there.
        beyond: how far it reaches over the frame's edges, in pixels.
        part: what of it fills the frame.
    """

    name = StringProperty("")
    shelf: Any = ObjectProperty(None, allownone=True)
    photo: Any = ObjectProperty(None, allownone=True)
    beyond = NumericProperty(0)
    part: Any = ObjectProperty(None, allownone=True)

    _asked: tuple[str, PictureSize] = ("", "small")

    def on_name(self, *_: object) -> None:
        """Another picture is wanted; until it is there the frame is empty, and never shows the one before."""
        self.photo = self.part = None
        self._ask()

    on_shelf = on_name

    async def decoded(self) -> None:
        """Wait until it is there, where one is wanted."""
        if self.name and self.photo is None:
            there: asyncio.Future[None] = asyncio.get_running_loop().create_future()

            def came(*_: object) -> None:
                if not there.done():
                    there.set_result(None)

            here = self.fbind("photo", came)
            try:
                await there
            finally:
                self.unbind_uid("photo", here)

    def on_size(self, *_: object) -> None:
        """Cut it anew for another frame; one that has grown wants the large one, and shows the small one till then."""
        self._cut()
        if self._asked != (self.name, self._size_wanted()):
            self._ask()

    def _size_wanted(self) -> PictureSize:
        fits = self.width <= SMALL[0] and self.height <= SMALL[1]
        return "small" if fits else "large"

    def _ask(self) -> None:
        wanted = self._size_wanted()
        self._asked = self.name, wanted
        if self.name and self.shelf is not None:
            kept = self.shelf.kept(self.name, wanted)
            if kept is not None:
                self._load(self.name, str(kept))
            else:
                self._fetching = asyncio.ensure_future(self._fetch(self.name, wanted))

    async def _fetch(self, name: str, wanted: PictureSize) -> None:
        path = await self.shelf.get(name, wanted)
        if path is not None and (name, wanted) == self._asked:
            self._load(name, str(path))

    def _load(self, name: str, path: str) -> None:
        self._proxy = proxy = Loader.image(path)
        if proxy.loaded:
            self._show(name, proxy)
        else:
            proxy.bind(on_load=lambda *_: self._show(name, proxy))

    def _show(self, name: str, proxy: Any) -> None:
        # The small one may come after the large one that a frame wanted meanwhile.
        if name == self.name and proxy is self._proxy:
            self.photo = proxy.image.texture
            self._cut()

    def _cut(self) -> None:
        if self.photo is None or not all(self.size):
            return
        wide, high = (side + 2 * self.beyond for side in self.size)
        scale = max(wide / self.photo.width, high / self.photo.height)
        across, down = wide / scale, high / scale
        # A part of its own, and no coordinates beside it: Kivy sets those anew with each texture.
        self.part = self.photo.get_region((self.photo.width - across) / 2, (self.photo.height - down) / 2, across, down)
