"""What is known of pictures' links: which are named, which are to be fetched when, and what came of them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from server.catalog.pictures.shape import Made, Shrunk, is_address
from server.catalog.queries import SQL
from server.db.engine import Connection
from server.wire.base import timestamp
from server.wire.catalog import PictureSize

BESIDE = "beside:"
"""Begins the link of a picture that lies beside the feed of a source."""
TAKEN_FOR = timedelta(minutes=15)
"""For so long nobody else fetches what one program has begun to."""
LOOK_AGAIN = timedelta(days=30)
"""After so long a server that knows what it sent is asked whether that is another by now."""
TRY_AGAIN = timedelta(hours=20)
"""Until a link that failed is tried again, the next night; after each further failure twice as long."""
LONGEST_PAUSE = timedelta(days=30)


class Link(NamedTuple):
    """A link, the picture that it led to, and the row of a feed that named it last, where one did."""

    link: str
    hash: str | None
    etag: str | None
    last_modified: str | None
    tries: int
    run_id: int | None
    line: int | None


class Kept(NamedTuple):
    """What a link led to; no picture where it is the one that we have."""

    link: Link
    picture: Shrunk | None
    etag: str | None
    last_modified: str | None


class Failed(NamedTuple):
    """A link that led to nothing; `left` where it was not even tried."""

    link: Link
    rule: str
    left: bool = False


def name_of(link: str, source: str, *, beside: bool) -> tuple[str | None, str]:
    """The name by which a feed's link is known, or why it is none.

    Args:
        link: as the feed has it.
        source: whose feed it is.
        beside: whether pictures may lie beside the feed.
    """
    if is_address(link):
        return link, ""
    if "://" in link or link.startswith(("//", "data:")):
        return None, "no address that begins with https:// or http://"
    if not beside:
        return None, "no address; a relative link is for feeds that are files"
    return in_folder(source, link), ""


def in_folder(source: str, link: str) -> str:
    """The name of a picture beside a source's feed: whatever folder that lies in today."""
    return f"{BESIDE}{source}/{link}"


def path_of(link: str) -> str:
    """Where a picture lies beside its feed."""
    return link.partition("/")[2]


def want(conn: Connection, named: Iterable[tuple[str, int]], run_id: int, now: datetime) -> None:
    """Know that a feed names links, each in a line; those that are new are fetched."""
    conn.run_many(SQL.want_picture, [wanted(link, now, run_id, line) for link, line in named])


def wanted(link: str, now: datetime, run_id: int | None = None, line: int | None = None) -> dict[str, object]:
    """The row of a link that is named."""
    at = timestamp(now)
    due_at = None if link.startswith(BESIDE) else at
    return {"link": link, "due_at": due_at, "wanted_at": at, "run_id": run_id, "line": line}


def due(conn: Connection, now: datetime, limit: int) -> list[Link]:
    """Links whose time has come."""
    return [Link(*row) for row in conn.all(SQL.due_pictures, now=timestamp(now), limit=limit)]


def take(conn: Connection, found: Iterable[Link], now: datetime) -> list[Link]:
    """Those of some links whose time has come that nobody else has taken; for a while nobody else is given them."""
    at, until = timestamp(now), timestamp(now + TAKEN_FOR)
    return [link for link in found if conn.run(SQL.take_picture, link=link.link, now=at, due_at=until)]


def count_due(conn: Connection, now: datetime) -> int:
    """How many there are."""
    row = conn.one(SQL.count_due_pictures, now=timestamp(now))
    assert row is not None
    number: int = row[0]
    return number


def put_off(conn: Connection, links: Iterable[str], until: datetime) -> None:
    """Fetch links later, or now."""
    conn.run_many(SQL.put_off_picture, [{"link": link, "due_at": timestamp(until)} for link in links])


def of_feed(conn: Connection, source: str, after: str, limit: int) -> list[Link]:
    """Pictures beside a source's feed, from one on."""
    first = in_folder(source, "")
    # The sign after the slash: what follows all of the source's.
    last = first[:-1] + chr(ord("/") + 1)
    return [Link(*row) for row in conn.all(SQL.pictures_beside, first=max(first, after), last=last, limit=limit)]


def keep(conn: Connection, kept: Sequence[Kept], failed: Sequence[Failed], now: datetime) -> None:
    """Keep what links led to, and when to follow them again."""
    conn.run_many(SQL.keep_picture, [row for one in kept if one.picture is not None for row in _rows(one.picture)])
    conn.run_many(
        SQL.set_link,
        [
            {
                "link": one.link.link,
                "hash": one.link.hash if one.picture is None else one.picture.large.digest,
                "etag": one.etag,
                "last_modified": one.last_modified,
                "due_at": _next_look(one, now),
            }
            for one in kept
        ],
    )
    conn.run_many(
        SQL.fail_link,
        [
            {"link": one.link.link, "due_at": _next_try(one, now), "tries": one.link.tries + (not one.left)}
            for one in failed
        ],
    )


def _rows(picture: Shrunk) -> Iterator[dict[str, object]]:
    sizes: dict[PictureSize, Made | None] = {"large": picture.large, "small": picture.small}
    for size, made in sizes.items():
        if made is not None:
            yield {"hash": picture.large.digest, "size": size, **made._asdict()}


def _next_look(one: Kept, now: datetime) -> str | None:
    if one.link.link.startswith(BESIDE) or not (one.etag or one.last_modified):
        return None
    return timestamp(now + LOOK_AGAIN)


def _next_try(one: Failed, now: datetime) -> str | None:
    if one.link.link.startswith(BESIDE):
        return None
    return timestamp(now + min(TRY_AGAIN * 2 ** min(one.link.tries, 10), LONGEST_PAUSE))
