"""The `mostrador-tablet` command."""

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from kiosk import display, made
from kiosk.enrol.invitation import is_address
from kiosk.scan.wedge import Wedge
from kiosk.theme import THEMES
from kiosk.words import UNTIL_TOLD, Words, languages

app = typer.Typer(add_completion=True, pretty_exceptions_enable=False)

SMALLEST = 600
"""Pixels of a window's side, below which not all that can be touched has room."""


@app.command()
def tablet(
    server: Annotated[str, typer.Option(help="Address of the Mostrador server.")] = "http://127.0.0.1:8600",
    store: Annotated[str | None, typer.Option(help="Code of the store the tablet stands in.")] = None,
    language: Annotated[
        str | None,
        typer.Option(help=f"One of {', '.join(languages())}; else the first of the shop's.", show_default=False),
    ] = None,
    theme: Annotated[str, typer.Option(help=f"One of {', '.join(THEMES)}.")] = "light",
    reduce_motion: Annotated[bool, typer.Option("--reduce-motion", help="Let nothing move by itself.")] = False,
    size: Annotated[str, typer.Option(help="Window size in pixels, WIDTHxHEIGHT.")] = "1280x800",
    prefix: Annotated[str, typer.Option(help="What the scanner is set to type before a code.")] = "",
    suffix: Annotated[str, typer.Option(help="What it is set to type after one, before Enter or Tab.")] = "",
    scan: Annotated[
        str | None, typer.Option(help="Scan this by itself, as a scanner's keys, once it is set up.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="With --scan: keep a picture (PNG) of what is shown then, and end.")
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(envvar="MOSTRADOR_TABLET_TOKEN", help="Token of an enrolled device; it is not kept. For shows."),
    ] = None,
    session: Annotated[
        str | None,
        typer.Option(envvar="MOSTRADOR_TABLET_SESSION", help="Token of somebody who is signed in. For shows, too."),
    ] = None,
    gallery: Annotated[bool, typer.Option("--gallery", help="Show every widget in every state instead.")] = False,
) -> None:
    """The associate's tablet: find a customer, or scan a card, and see who it is."""
    width, height = sides(size)
    if theme not in THEMES:
        raise typer.BadParameter(f"--theme must be one of {', '.join(THEMES)}")
    if language not in {None, *languages()}:
        raise typer.BadParameter(f"--language must be one of {', '.join(languages())}")
    if not is_address(server):
        raise typer.BadParameter("--server must be an address like http://127.0.0.1:8600 or https://mostrador.example")
    if picture is not None and not scan:
        raise typer.BadParameter("--picture needs --scan")
    require_display("mostrador-tablet")
    look = THEMES[theme]._replace(motion=0) if reduce_motion else THEMES[theme]
    home = prepare_kivy(width, height)
    from kiosk.app import run_gallery, run_tablet
    from kiosk.rehearsal import RehearsalError

    words, follows = Words(language or UNTIL_TOLD), language is None
    if gallery:
        asyncio.run(run_gallery(words, look))
        return
    wedge = Wedge(prefix, suffix)
    try:
        asyncio.run(run_tablet(server, store, token, session, words, look, home, wedge, scan, picture, follows))
    except RehearsalError as error:
        complain(f"mostrador-tablet: {error}")
        raise typer.Exit(1) from None


def sides(size: str) -> tuple[int, int]:
    """The width and height that an option asks for."""
    width, _, height = size.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise typer.BadParameter("--size must be like 1280x800")
    if min(int(width), int(height)) < SMALLEST:
        raise typer.BadParameter(f"--size must be {SMALLEST}x{SMALLEST} or more")
    return int(width), int(height)


def prepare_kivy(
    width: int,
    height: int,
    program: Literal["tablet", "kiosk"] = "tablet",
    *,
    hidden: bool = False,
    fullscreen: bool = False,
) -> Path:
    """Set what Kivy reads when it is first imported; returns the folder that is the client's own.

    What is made from then on is to stay, until `made.done` says that all is there.

    Args:
        width: of the window, in pixels.
        height: of the window, in pixels.
        program: which client it is.
        hidden: nobody sees the window until it is shown.
        fullscreen: it takes the whole screen, without a frame and a pointer.
    """
    own = os.environ.get(f"MOSTRADOR_{program.upper()}_HOME")
    home = Path(own or Path.home() / ".local" / "share" / f"mostrador-{program}")
    home.mkdir(parents=True, exist_ok=True)
    made.begin()
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
    Config.set("graphics", "window_state", "hidden" if hidden else "visible")
    if fullscreen:
        Config.set("graphics", "fullscreen", "auto")
        Config.set("graphics", "show_cursor", "0")
    # A touch is a touch: no red dots for a second finger of the mouse.
    Config.set("input", "mouse", "mouse,disable_multitouch")
    return home


def require_display(program: str) -> None:
    """End with a sentence where there is no display: the toolkit would fail in many, or draw where nobody looks."""
    if display.is_none(os.environ, sys.platform, display.CARDS):
        complain(
            f"{program}: there is no display to open a window on: log in at the device itself, "
            f"or run it as xvfb-run {program} …"
        )
        raise typer.Exit(1)


def complain(message: str) -> None:
    """Say what went wrong where people look, though Kivy has put its log in the place of standard error."""
    typer.echo(message, file=sys.__stderr__)


def main() -> None:
    """Run the tablet's command line."""
    app()
