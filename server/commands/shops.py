"""`mostrador shops`: what shops were told of their carts."""

import os
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from server.commands.shell import AsJson, database_of, print_json, stdout, tables, told
from server.db.engine import Connection
from server.outbox import actions, queries
from server.settings import Settings, read_settings
from server.terminal.words import harmless_text
from server.webhooks import place_in_network
from server.wire.base import Source
from server.wire.outbox import ShopState

WAITING_COUNTED = 1_000

shops = typer.Typer(help="Shops that are told what happened here to their carts.", no_args_is_help=True)


@shops.command("list")
@told
def shops_list(as_json: AsJson = False) -> None:
    """Show which shops are told what happened to their carts, and what waits because they do not take it."""
    settings = read_settings(os.environ)
    with database_of(settings, make=False) as database:
        states = database.read_now(_states, settings)
    if as_json:
        print_json(states)
    else:
        tables(stdout()).shops(states)


@shops.command("skip")
@told
def shops_skip(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Whose shop, see mostrador shops list.")],
    as_json: AsJson = False,
) -> None:
    """Do not tell a shop what waits first, and show what that was: for what it can never take."""
    settings = read_settings(os.environ)
    with database_of(settings, make=False) as database:
        skipped = database.write_now(actions.skip, msgspec.convert(source, Source))
    if as_json:
        print_json(skipped.message)
    else:
        shown = msgspec.json.encode(skipped.message).decode()
        stdout().print(Text(harmless_text(f"{source} is not told: {shown}")), soft_wrap=True)


def _states(conn: Connection, settings: Settings) -> list[ShopState]:
    places = queries.places(conn)
    states = []
    for source in sorted(places.keys() | settings.shop_webhooks.keys()):
        webhook, place = settings.shop_webhooks.get(source), places.get(source)
        states.append(
            ShopState(
                source=source,
                place=None if webhook is None else place_in_network(webhook.address),
                waiting=0 if place is None else queries.waiting(conn, source, place.position, WAITING_COUNTED),
                tries=0 if place is None else place.tries,
                since=None if place is None else place.since,
                trouble=None if place is None else place.trouble,
            )
        )
    return states
