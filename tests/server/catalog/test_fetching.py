"""Feeds from the network, fetched from a real server on loopback."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from server import tls
from server.catalog.feeds.shape import FeedError
from server.catalog.fetching import fetch, without_secrets
from server.catalog.sync import Origin, SyncOrder, origin_of_source, sync_feed, sync_unmodified
from tests.server.given import NOW, Shop

FEED = b"id\ttitle\tprice\nA-1\tCoat\t10.00 EUR\n"
MODIFIED = "Thu, 26 Nov 2026 01:00:00 GMT"


class Answer(NamedTuple):
    """What the server says to one path."""

    status: int = 200
    body: bytes = FEED
    headers: tuple[tuple[str, str], ...] = ()
    cut: int = 0


ANSWERS = {
    "/feed.tsv": Answer(headers=(("ETag", '"one"'), ("Last-Modified", MODIFIED))),
    "/dated.tsv": Answer(headers=(("Last-Modified", MODIFIED),)),
    "/feed.tsv.gz": Answer(body=gzip.compress(FEED, mtime=0)),
    "/packed": Answer(body=gzip.compress(FEED, mtime=0), headers=(("Content-Encoding", "gzip"),)),
    "/moved": Answer(302, b"", (("Location", "/feed.tsv"),)),
    "/round": Answer(302, b"", (("Location", "/round"),)),
    "/cut": Answer(cut=10),
    "/broken": Answer(500, b"oh"),
}


class Http:
    """A server that answers from a table, and remembers what it was asked; over TLS, with a certificate's files."""

    def __init__(self, secure: tls.Tls | None = None) -> None:
        self.asked: list[tuple[str, str | None, str | None, str | None]] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                etag, since = self.headers["If-None-Match"], self.headers["If-Modified-Since"]
                asked.append((self.path, etag, since, self.headers["Authorization"]))
                answer = ANSWERS.get(path, Answer(404, b"nothing"))
                headers = dict(answer.headers)
                known = etag == headers["ETag"] if etag and "ETag" in headers else since == headers.get("Last-Modified")
                if (etag or since) and known:
                    answer = Answer(304, b"")
                self.send_response(answer.status)
                for name, value in answer.headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body[: len(answer.body) - answer.cut])

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if secure is not None:
            self._server.socket = secure.context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.port = self._server.server_port
        self.host = f"127.0.0.1:{self.port}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="module")
def serving() -> Iterator[Http]:
    """The server of the other side."""
    with closing(Http()) as http:
        yield http


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a server that calls itself localhost, and of nothing else."""
    folder = tmp_path_factory.mktemp("tls")
    tls.make(["localhost"], folder / "feeds.pem", folder / "feeds.key", datetime.now(UTC))
    return folder / "feeds.pem"


@pytest.fixture(scope="module")
def https(certificate: Path) -> Iterator[Http]:
    """A server of the other side that speaks TLS."""
    with closing(Http(tls.load(certificate, certificate.with_suffix(".key")))) as http:
        yield http


@pytest.fixture
def http(serving: Http) -> Http:
    """It, asked nothing yet."""
    serving.asked.clear()
    return serving


def nobody(_here: int, _all: int | None) -> None:
    """Is told nothing."""


def taken(shop: Shop, address: str) -> str:
    """Fetch a feed and take it, as the command does; the run's state and detail."""
    order = SyncOrder("erp", without_secrets(address))
    fetched = fetch(address, shop.database.read_now(origin_of_source, "erp"), nobody)
    if fetched is None:
        run = sync_unmodified(shop.database, order, lambda: NOW)
    else:
        with fetched[0] as file:
            run = sync_feed(shop.database, file, order._replace(origin=fetched[1]), lambda: NOW)
    return f"{run.state} {run.variants} {run.detail}"


@pytest.mark.parametrize("path", ["/feed.tsv", "/dated.tsv", "/moved"])
def test_a_feed_that_its_server_says_is_the_same_is_not_sent_again(shop: Shop, http: Http, path: str) -> None:
    """ETag and Last-Modified are asked with the next time; the run is on record; another address is asked without."""
    address = f"http://{http.host}{path}"
    assert taken(shop, address) == "done 1 None"
    assert taken(shop, address) == "done 0 its server says that it has not changed"
    assert {(etag is None, since is None) for _, etag, since, _ in http.asked[: len(http.asked) // 2]} == {(True, True)}
    assert http.asked[-1][2] == MODIFIED
    assert shop.value("SELECT count(*) FROM variants") == 1
    http.asked.clear()
    assert taken(shop, f"http://{http.host}/feed.tsv.gz") == "done 1 None"
    assert http.asked == [("/feed.tsv.gz", None, None, None)]


@pytest.mark.parametrize("path", ["/feed.tsv", "/feed.tsv.gz", "/packed", "/moved"])
def test_a_feed_comes_as_it_is(shop: Shop, http: Http, path: str) -> None:
    """Plain, as a gzip file, packed for the way, or from where the address leads to."""
    assert taken(shop, f"http://{http.host}{path}") == "done 1 None"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        pytest.param("/nothing", "answered 404 Not Found", id="not there"),
        pytest.param("/broken", "answered 500 Internal Server Error", id="out of order"),
        pytest.param("/cut", "cannot be fetched: peer closed connection", id="cut off"),
        pytest.param("/round", "cannot be fetched: Exceeded maximum allowed redirects", id="in a circle"),
    ],
)
def test_a_feed_that_does_not_come_whole_is_told_in_a_sentence(http: Http, path: str, reason: str) -> None:
    """Who is asked is named, without a password or what else may be a key."""
    with pytest.raises(FeedError, match=reason) as told:
        fetch(f"http://hq:s3cret@{http.host}{path}?token=t0ken", Origin(), nobody)
    assert f"http://{http.host}{path} " in str(told.value)
    assert "s3cret" not in f"{told.value!r}"
    assert "t0ken" not in f"{told.value!r}"


def test_a_feed_comes_over_tls_from_whom_the_system_trusts(
    shop: Shop, https: Http, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chain's own authority is named to it by SSL_CERT_FILE, as to other programs."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert taken(shop, f"https://localhost:{https.port}/feed.tsv") == "done 1 None"
    with pytest.raises(FeedError, match="certificate verify failed: IP address mismatch"):
        fetch(f"https://{https.host}/feed.tsv", Origin(), nobody)


def test_a_feed_is_not_taken_from_whom_nobody_trusts(https: Http) -> None:
    """Whoever sits between shows a certificate too."""
    with pytest.raises(FeedError, match=r"cannot be fetched: .*certificate verify failed: self-signed"):
        fetch(f"https://localhost:{https.port}/feed.tsv", Origin(), nobody)


def test_a_feed_that_was_asked_for_over_tls_comes_over_tls(
    http: Http, https: Http, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the address sends on to plain HTTP, anybody in between could write the catalogue."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setitem(ANSWERS, "/down", Answer(302, b"", (("Location", f"http://{http.host}/feed.tsv"),)))
    with pytest.raises(FeedError, match="sends on to plain HTTP"):
        fetch(f"https://localhost:{https.port}/down", Origin(), nobody)
    assert http.asked == []


def test_nobody_listens() -> None:
    """A server that is not there is told as well."""
    with pytest.raises(FeedError, match=r"^http://127\.0\.0\.1:1/ cannot be fetched"):
        fetch("http://127.0.0.1:1/", Origin(), nobody)


def test_a_password_and_a_query_are_sent_and_never_shown(shop: Shop, http: Http) -> None:
    """The server gets them; runs and the source's record have the address without."""
    assert taken(shop, f"http://hq:s3cret@{http.host}/feed.tsv?token=t0ken") == "done 1 None"
    (path, _, _, authorization), *_ = http.asked
    assert path == "/feed.tsv?token=t0ken"
    assert (authorization or "").startswith("Basic ")
    kept = shop.rows("SELECT address FROM catalog_sources UNION ALL SELECT feed FROM catalog_runs")
    assert kept == [(f"http://{http.host}/feed.tsv",)] * 2
    reports = "".join(report for (report,) in shop.rows("SELECT report FROM catalog_runs"))
    assert "s3cret" not in reports
    assert "t0ken" not in reports
