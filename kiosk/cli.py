"""The `mostrador-tablet` command."""

import asyncio
import logging
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
    scan: Annotated[
        str | None, typer.Option(help="Scan this by itself, as a scanner's keys, once it is set up.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="With --scan: keep a picture (PNG) of what is shown then, and end.")
    ] = None,
    gallery: Annotated[bool, typer.Option("--gallery", help="Show every widget in every state instead.")] = False,
) -> None:
    """The associate's tablet: find a customer, or scan a card, and see who it is."""
    width, _, height = size.partition("x")
    if theme not in THEMES or not (width.isdigit() and height.isdigit()):
        raise typer.BadParameter("--theme must be light or dark, and --size like 1280x800")
    if picture is not None and not scan:
        raise typer.BadParameter("--picture needs --scan")
    home = prepare_kivy(int(width), int(height))
    from kiosk.app import run_gallery, run_tablet
    from kiosk.rehearsal import RehearsalError
    from kiosk.scan.wedge import Wedge

    if gallery:
        asyncio.run(run_gallery(Words(language), THEMES[theme]))
        return
    try:
        asyncio.run(
            run_tablet(server, store, Words(language), THEMES[theme], home / "pictures", Wedge(), scan, picture)
        )
    except RehearsalError as error:
        typer.echo(f"mostrador-tablet: {error}", err=True)
        raise typer.Exit(1) from None


def prepare_kivy(width: int, height: int) -> Path:
    """Set what Kivy reads when it is first imported; returns the folder that is the client's own."""
    home = Path(os.environ.get("MOSTRADOR_TABLET_HOME") or Path.home() / ".local" / "share" / "mostrador-tablet")
    home.mkdir(parents=True, exist_ok=True)
    os.environ.update(KIVY_NO_ARGS="1", KIVY_NO_FILELOG="1", KIVY_HOME=str(home))
    os.environ.setdefault("KIVY_LOG_MODE", "KIVY")
    from kivy.config import Config

    # Kivy's log takes everybody's; whom the tablet asks about is none of its business.
    for chatty in ("httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    Config.set("graphics", "width", str(width))
    Config.set("graphics", "height", str(height))
    # Smoother corners that nobody sees cost half of a frame where there is no strong graphics card.
    Config.set("graphics", "multisamples", "0")
    Config.set("kivy", "exit_on_escape", "0")
    # A touch is a touch: no red dots for a second finger of the mouse.
    Config.set("input", "mouse", "mouse,disable_multitouch")
    return home


def main() -> None:
    """Run the tablet's command line."""
    app()
