"""Feeds from the network: fetched once into a file that nobody else sees, and only where they changed."""

import tempfile
from collections.abc import Callable
from typing import BinaryIO

import httpx

from server.catalog.feeds.shape import FeedError
from server.catalog.sync import Origin
from server.webhooks import place_in_network

PATIENCE = httpx.Timeout(30.0, connect=10.0)
"""Seconds between two pieces of an answer."""


def is_address(feed: str) -> bool:
    """Whether a feed's name is an address to fetch it from."""
    return feed.startswith(("http://", "https://"))


def without_secrets(address: str) -> str:
    """An address as it may be shown and kept: what follows `?` and a user's password are often keys."""
    url = httpx.URL(address)
    return str(url.copy_with(query=None, fragment=None, username=None, password=None))


def fetch(address: str, known: Origin, tell: Callable[[int, int | None], None]) -> tuple[BinaryIO, Origin] | None:
    """A feed and what its server calls it; None where it is the one that is known.

    Args:
        address: `https://…` or `http://…`.
        known: where the newest feed came from.
        tell: told how many bytes of how many are here.

    Raises:
        FeedError: it cannot be fetched whole.
    """
    shown = without_secrets(address)
    asked = {}
    if known.address == shown:
        asked = {"If-None-Match": known.etag or "", "If-Modified-Since": known.last_modified or ""}
    headers = {name: value for name, value in asked.items() if value}
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked closes it
    try:
        with (
            httpx.Client(
                timeout=PATIENCE, follow_redirects=True, event_hooks={"request": [_stays_secure(address)]}
            ) as client,
            client.stream("GET", address, headers=headers) as answer,
        ):
            if answer.status_code == httpx.codes.NOT_MODIFIED:
                file.close()
                return None
            _require_ok(answer, shown)
            length = answer.headers.get("Content-Length", "")
            expected = int(length) if length.isdigit() else None
            # As it was sent: a feed may be gzip itself, and what is packed for the way is recognised as well.
            for chunk in answer.iter_raw():
                file.write(chunk)
                tell(file.tell(), expected)
            etag, modified = answer.headers.get("ETag"), answer.headers.get("Last-Modified")
    except httpx.HTTPError as error:
        file.close()
        raise FeedError(f"{shown} cannot be fetched: {error or type(error).__name__}") from error
    except BaseException:
        file.close()
        raise
    return file, Origin(shown, etag, modified)


def _stays_secure(address: str) -> Callable[[httpx.Request], None]:
    """Follow nobody from TLS to where anybody in between could write the catalogue."""

    def look(asked: httpx.Request) -> None:
        if address.startswith("https:") and asked.url.scheme != "https":
            raise FeedError(
                f"{without_secrets(address)} sends on to plain HTTP, to {place_in_network(str(asked.url))}: "
                "name an address that stays with https."
            )

    return look


def _require_ok(answer: httpx.Response, shown: str) -> None:
    if answer.status_code != httpx.codes.OK:
        raise FeedError(f"{shown} answered {answer.status_code} {answer.reason_phrase}".strip())
