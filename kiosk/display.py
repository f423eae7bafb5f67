"""Whether there is anything to open a window on, as far as that can be told before the toolkit tries."""

import os
from collections.abc import Mapping
from pathlib import Path

CARDS = Path("/dev/dri")
"""Where Linux has the graphics cards that are drawn on without a session."""
NAMED_BY = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "KIVY_WINDOW")


def is_none(environ: Mapping[str, str], platform: str, cards: Path) -> bool:
    """Whether there is surely no display; where that cannot be told, the toolkit tries."""
    if platform != "linux" or any(environ.get(name) for name in NAMED_BY):
        return False
    runtime = environ.get("XDG_RUNTIME_DIR")
    if any(name.startswith("KIVY_BCM") for name in environ) or (runtime and (Path(runtime) / "wayland-0").exists()):
        return False
    return not any(os.access(card, os.R_OK | os.W_OK) for card in cards.glob("card*"))
