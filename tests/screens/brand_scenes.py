"""The kiosk as a retailer's own: its colour, its logo and its picture."""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from kiosk.calls.state import CallState
from tests.screens.display import PATIENCE
from tests.screens.retailer import COLOUR, NAME, logo, name_of, picture

Put = Callable[[], None]
SHOWN = (
    "welcome",
    "ways",
    "phone, typed",
    "trouble, network",
    "still there",
    "call, called",
    "cart, cheaper",
    "handoff, till",
)


def scenes(app: Any, home: Path, others: Mapping[str, Put]) -> Iterator[tuple[str, Put]]:
    """Some of the others, in a retailer's looks, which stay on from then on."""
    shelf = home / "pictures"
    shelf.mkdir(exist_ok=True)
    kept = {name_of(content): content for content in (logo(), picture())}
    for name, content in kept.items():
        (shelf / name).write_bytes(content)

    def dressed(put: Put) -> Put:
        def do() -> None:
            _load([shelf / name for name in kept])
            dress(app, COLOUR, *kept)
            app.stage.call = CallState()
            put()

        return do

    for name in SHOWN:
        yield f"branded, {name}", dressed(others[name])


def dress(app: Any, colour: str | None, logo: str, picture: str) -> None:
    """Put a retailer's looks on, as the kiosk does when it is told of them."""
    from kiosk.theme import kiosk_themes

    app.looks = kiosk_themes(colour)
    app.theme = app.looks[app.theme.name]
    welcome = app.screen("welcome")
    app.stage.brand = welcome.brand = NAME
    app.stage.logo = welcome.logo = logo
    welcome.picture = picture


def _load(paths: list[Path]) -> None:
    """Have pictures decoded: a thread does it."""
    from kivy.base import EventLoop
    from kivy.loader import Loader

    proxies = [Loader.image(str(path)) for path in paths]
    deadline = time.monotonic() + PATIENCE
    while not all(proxy.loaded for proxy in proxies):
        assert time.monotonic() < deadline, "a picture was never decoded"
        EventLoop.idle()
