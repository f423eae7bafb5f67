"""The `mostrador-tablet` command."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from kiosk.theme import THEMES
from kiosk.words import Words, languages

app = typer.Typer(add_completion=True, pretty_exceptions_enable=False)


@app.command()
def tablet(
    server: Annotated[str, typer.Option(help="Address of the Mostrador server.")] = "http://127.0.0.1:8600",
    store: Annotated[str | None, typer.Option(help="Code of the store the tablet stands in.")] = None,
    language: Annotated[str, typer.Option(help=f"One of {', '.join(languages())}.")] = "es",
    theme: Annotated[str, typer.Option(help=f"One of {', '.join(THEMES)}.")] = "light",
    size: Annotated[str, typer.Option(help="Window size in pixels, WIDTHxHEIGHT.")] = "1280x800",
    gallery: Annotated[bool, typer.Option("--gallery", help="Show every widget in every state instead.")] = False,
) -> None:
    """The associate's tablet: find a customer, or scan a card, and see who it is."""
    width, _, height = size.partition("x")
    if theme not in THEMES or not (width.isdigit() and height.isdigit()):
        raise typer.BadParameter("--theme must be light or dark, and --size like 1280x800")
    home = prepare_kivy(int(width), int(height))
    from kiosk.app import run_gallery, run_tablet
    from kiosk.scan.wedge import Wedge

    if gallery:
        asyncio.run(run_gallery(Words(language), THEMES[theme]))
        return
    asyncio.run(run_tablet(server, store, Words(language), THEMES[theme], home / "pictures", Wedge()))


def prepare_kivy(width: int, height: int) -> Path:
    """Set what Kivy reads when it is first imported; returns the folder that is the client's own."""
    home = Path(os.environ.get("MOSTRADOR_TABLET_HOME") or Path.home() / ".local" / "share" / "mostrador-tablet")
    home.mkdir(parents=True, exist_ok=True)
    os.environ.update(KIVY_NO_ARGS="1", KIVY_NO_FILELOG="1", KIVY_HOME=str(home))
    os.environ.setdefault("KIVY_LOG_MODE", "KIVY")
    from kivy.config import Config

    Config.set("graphics", "width", str(width))
    Config.set("graphics", "height", str(height))
    Config.set("kivy", "exit_on_escape", "0")
    # A touch is a touch: no red dots for a second finger of the mouse.
    Config.set("input", "mouse", "mouse,disable_multitouch")
    return home


def main() -> None:
    """Run the tablet's command line."""
    app()
