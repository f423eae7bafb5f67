"""The `mostrador-kiosk` command."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from kiosk.cli import complain, prepare_kivy, require_display, sides
from kiosk.enrol.invitation import is_address
from kiosk.scan.wedge import Wedge
from kiosk.theme import KIOSK_THEMES
from kiosk.words import UNTIL_TOLD, Words, languages

READERS = ("below", "left", "right")

app = typer.Typer(add_completion=True, pretty_exceptions_enable=False)


@app.command()
def kiosk(
    server: Annotated[str, typer.Option(help="Address of the Mostrador server.")] = "http://127.0.0.1:8600",
    language: Annotated[
        str | None,
        typer.Option(
            help=f"Spoken first, one of {', '.join(languages())}; else the first of the shop's.", show_default=False
        ),
    ] = None,
    theme: Annotated[str, typer.Option(help=f"Looks at first, one of {', '.join(KIOSK_THEMES)}.")] = "normal",
    size: Annotated[str, typer.Option(help="Window size in pixels, WIDTHxHEIGHT.")] = "1080x1920",
    fullscreen: Annotated[
        bool, typer.Option("--fullscreen/--window", help="Take the whole screen and let nobody out of it, or a window.")
    ] = True,
    reader: Annotated[
        str, typer.Option(help=f"Where the reader is, seen from before the screen: {', '.join(READERS)}.")
    ] = "below",
    reduce_motion: Annotated[bool, typer.Option("--reduce-motion", help="Move nothing.")] = False,
    prefix: Annotated[str, typer.Option(help="What the scanner is set to type before a code.")] = "",
    suffix: Annotated[str, typer.Option(help="What it is set to type after one, before Enter or Tab.")] = "",
    scan: Annotated[str | None, typer.Option(help="With --picture: scan this before it is taken.")] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Keep a picture (PNG) of what is shown, and end. For shows.")
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(envvar="MOSTRADOR_KIOSK_TOKEN", help="Token of an enrolled kiosk; it is not kept. For shows."),
    ] = None,
    seat: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """The customer's kiosk: go on with an online cart in the store.

    It runs two programs, one in front and one that stands by: when a customer has left, the one that held their cart
    ends and the other takes its place.
    """
    width, height = sides(size)
    if theme not in KIOSK_THEMES:
        raise typer.BadParameter(f"--theme must be one of {', '.join(KIOSK_THEMES)}")
    if language not in {None, *languages()}:
        raise typer.BadParameter(f"--language must be one of {', '.join(languages())}")
    if reader not in READERS:
        raise typer.BadParameter(f"--reader must be one of {', '.join(READERS)}")
    if not is_address(server):
        raise typer.BadParameter("--server must be an address like http://127.0.0.1:8600 or https://mostrador.example")
    if scan and picture is None:
        raise typer.BadParameter("--scan needs --picture")
    require_display("mostrador-kiosk")
    if seat is None and picture is None:
        from kiosk.standby.supervisor import supervise

        supervise(sys.argv[1:])
        return
    home = prepare_kivy(width, height, "kiosk", hidden=seat is not None, fullscreen=fullscreen and picture is None)
    from kiosk.rehearsal import RehearsalError
    from kiosk.self_service import Options, run_kiosk

    options = Options(
        server=server,
        token=token,
        words=Words(language or UNTIL_TOLD),
        follows=language is None,
        theme=KIOSK_THEMES[theme],
        home=home,
        wedge=Wedge(prefix, suffix),
        reader=reader,
        moves=not reduce_motion and picture is None,
        guarded=fullscreen and picture is None,
        seat=seat,
        scan=scan,
        picture=picture,
    )
    try:
        asyncio.run(run_kiosk(options))
    except RehearsalError as error:
        complain(f"mostrador-kiosk: {error}")
        raise typer.Exit(1) from None


def main() -> None:
    """Run the kiosk's command line."""
    app()


if __name__ == "__main__":
    main()
