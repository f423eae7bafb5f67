"""The till's page: what a browser is shown and may do, as a till and as nobody, on each engine."""

import logging
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import httpx
import msgspec
import pytest
from litestar.exceptions import PermissionDeniedException
from litestar.testing import RequestFactory

from server.access import actions
from server.access.callers import TERMINAL
from server.app import create_app
from server.db.engine import Connection, Database, DatabaseBusyError
from server.handoffs import actions as handoffs
from server.pages.rules import COOKIE, CSRF_COOKIE, DARK, KEPT, LIGHT
from server.pages.words import ENGLISH, SPANISH, words_for
from server.problems import MEDIA_TYPE
from server.shop import Ending
from server.wire.access import DeviceKind, NewEnrolment
from server.wire.problems import PROBLEMS
from server.wire.records import CartLineRecord
from tests.server.given import KEYS, NOW, ledger, who
from tests.server.http.conftest import client_of
from tests.server.http.floor import BERTAS_CART, FLOOR, Floor, floor
from tests.server.http.test_permissions import kinds
from tests.server.small_shop import LUCIA_CARD, hour, ndjson

FORM = re.compile(r'<form method="post" action="([^"]+)".*?</form>', re.DOTALL)
FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@pytest.fixture(autouse=True)
def quiet_client() -> Iterator[None]:
    """The browser that is played here writes cookies into its own log, which is not the server's."""
    log = logging.getLogger("httpcore")
    before = log.level
    log.setLevel(logging.INFO)
    yield
    log.setLevel(before)


@pytest.fixture
def shop_floor(database: Database) -> Iterator[Floor]:
    """The floor."""
    with floor(database) as opened:
        yield opened


class Browser:
    """A browser at a till, in English; it sends what the forms of its page hold."""

    def __init__(self, shop_floor: Floor, language: str = "en", *, htmx: bool = True) -> None:
        self.client = shop_floor.client(None)
        self.client.headers["accept-language"] = language
        self._htmx = {"HX-Request": "true"} if htmx else {}
        self.page = self.client.get("/till")

    @property
    def text(self) -> str:
        """What people read."""
        words = re.sub(r"<(head|script)\b.*?</\1>|<p [^>]*hidden>.*?</p>", " ", self.page.text, flags=re.DOTALL)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", words)).split())

    @property
    def forms(self) -> dict[str, dict[str, str]]:
        """The fields that each form of the page brings along, by where it is sent."""
        return {found[1]: dict(FIELD.findall(found[0])) for found in FORM.finditer(self.page.text)}

    def send(self, address: str, **typed: str) -> httpx.Response:
        """Fill a form of the page in, and send it."""
        return self.sent(address, self.forms[address] | typed)

    def sent(self, address: str, fields: dict[str, str]) -> httpx.Response:
        """Send a form, whatever is in it."""
        self.page = self.client.post(address, data=fields, headers=self._htmx)
        return self.page

    def enrol(self, shop_floor: Floor, kind: DeviceKind = "till", store: str = "GV") -> httpx.Response:
        """Type a code that a manager made."""
        code = shop_floor.house.database.write_now(new_code, kind, store, shop_floor)
        return self.send("/till/enrolment", code=code.lower())

    def take(self, code: str) -> httpx.Response:
        """Type a cart's code."""
        return self.send("/till/handoffs", code=code)

    def press(self, verb: str) -> httpx.Response:
        """Press a button of the cart that is shown."""
        (address,) = (address for address in self.forms if address.endswith(verb))
        return self.send(address)


def new_code(conn: Connection, kind: DeviceKind, store: str, shop_floor: Floor) -> str:
    """A code that enrols a device."""
    wanted = NewEnrolment(kind=kind, name="Till 9", store=store)
    return actions.make_enrolment(conn, TERMINAL, wanted, KEYS, "http://localhost", shop_floor.hands.now).code


@pytest.fixture
def till(shop_floor: Floor) -> Browser:
    """A browser that was set up as a till."""
    browser = Browser(shop_floor)
    assert browser.enrol(shop_floor).status_code == 200
    return browser


def issued(shop_floor: Floor, **body: Any) -> Any:
    """A cart on its way to a till."""
    answer = shop_floor.tablet.post("/v1/handoffs", json={"way": "till", **body})
    assert answer.status_code == 201, answer.text
    return answer.json()


LUCIAS, BERTAS = ({"cart": {"source": "web", "external_id": name}} for name in ("cart-1", "cart-2"))


def state_of(shop_floor: Floor, number: int) -> str:
    """What became of a handoff, as the store's tablet sees it."""
    return str(shop_floor.tablet.get(f"/v1/handoffs/{number}").json()["state"])


def test_a_till_is_set_up_by_a_managers_code(shop_floor: Floor) -> None:
    """Typed once; from then on the browser has a token that no script and no other site gets, and no page shows."""
    browser = Browser(shop_floor)
    assert (browser.page.status_code, "new here" in browser.text) == (200, True)
    done = browser.enrol(shop_floor)
    assert done.status_code == 200
    assert "This till is set up." in browser.text
    (cookie,) = (c for c in done.headers.get_list("set-cookie") if c.startswith(f"{COOKIE}="))
    assert {part.strip().lower() for part in cookie.split(";")[1:]} >= {"httponly", "samesite=strict", "path=/till"}
    token = cookie.split(";")[0].partition("=")[2]
    assert token not in browser.client.get("/till").text
    assert "Whose cart is next?" in browser.client.get("/till").text
    with client_of(shop_floor.house.port, token) as as_device:
        assert as_device.get("/v1/setup").json()["store"]["code"] == "GV"


def test_behind_tls_cookies_are_for_tls_alone(database: Database) -> None:
    """Where a proxy speaks TLS for us, no browser sends them in the clear."""
    with floor(database, msgspec.structs.replace(FLOOR, plain_http="behind-a-proxy")) as opened:
        browser = Browser(opened)
        assert "secure" in browser.page.headers["set-cookie"].lower()
        fields = browser.forms["/till/enrolment"]
        cookie = {"Cookie": f"{CSRF_COOKIE}={fields['_csrf_token']}"}
        fields["code"] = opened.house.database.write_now(new_code, "till", "GV", opened)
        done = browser.client.post("/till/enrolment", data=fields, headers=cookie)
        assert "secure" in done.headers["set-cookie"].lower()


def test_a_wrong_code_sets_nothing_up(shop_floor: Floor) -> None:
    """One that is none, one for a tablet, and too many of them: each says what to do, and the form is there again."""
    browser = Browser(shop_floor)
    assert browser.enrol(shop_floor, "tablet").status_code == 409
    assert "another kind of device" in browser.text
    for _ in range(6):
        assert browser.send("/till/enrolment", code="22222-22222").status_code == 403
    assert "Ask the manager for a new one. Try again in 5 seconds." in browser.text
    waits = browser.enrol(shop_floor)
    assert (waits.status_code, waits.headers["retry-after"]) == (429, "5")
    assert COOKIE not in browser.client.cookies
    shop_floor.hands.on(seconds=5)
    assert browser.enrol(shop_floor).status_code == 200


def test_a_cart_is_taken_and_sold(shop_floor: Floor, till: Browser) -> None:
    """By its code as people type it; lines, what cannot be sold and why, the sum; then the kiosk hears of it."""
    code = issued(shop_floor, **BERTAS)
    typed = f" {code['code'][:3].lower()}-{code['code'][3:]}"
    assert till.take(typed).status_code == 200
    assert "Linen shirt, S" in till.text
    assert "39,90 €" in till.text
    assert "49,90 € when it was put in" in till.text
    assert "Only 1 here: 1 of 2 can be sold." in till.text
    assert "Not sold any more. Leave it out." in till.text
    assert "Total of what can be sold 79,80 €" in till.text
    assert state_of(shop_floor, code["handoff_id"]) == "redeemed"
    assert "Berta" not in till.page.text
    assert LUCIA_CARD not in till.page.text
    assert till.press("/sold").status_code == 200
    assert "Sold." in till.text
    assert "screen" not in till.text.partition("Whose cart is next?")[0]
    assert "Whose cart is next?" in till.text
    assert state_of(shop_floor, code["handoff_id"]) == "completed"
    shop_floor.until_on_record(("till", "handoff", (shop_floor.house.customer("berta"),)), 1)


def test_a_screen_says_goodbye_where_there_is_one(shop_floor: Floor, till: Browser) -> None:
    """A cart that a customer sent from a kiosk: its screen hears of it. Pressed twice it is said twice."""
    code = shop_floor.goes_on().post("/v1/handoffs", json={"way": "till"}).json()
    till.take(code["qr"])
    sold = f"/till/handoffs/{code['handoff_id']}/sold"
    fields = till.forms[sold]
    for _ in range(2):
        till.sent(sold, fields)
        assert "Sold. The customer's screen says goodbye." in till.text


def test_what_went_wrong_has_its_sign(shop_floor: Floor, till: Browser) -> None:
    """Each band of colour, those that the page keeps hidden too, has a sign: nobody need tell red from green."""
    done = till.page.text
    till.take("hello")
    for page in (till.client.get("/till").text, done, till.page.text):
        bands = re.findall(r'<p [^>]*class="band [^"]*"[^>]*>(.*?)</p>', page, re.DOTALL)
        assert len(bands) == (2 if page.startswith("<!doctype") else 1)
        assert all(band.startswith('<span class="sign" aria-hidden="true">') for band in bands)


def test_it_is_in_the_retailers_colour(database: Database) -> None:
    """Its name and its colour: a file more, as long kept as the others; white stands on a red one, and black at night.

    The grounds that it is held against are those of the page's own style sheet.
    """
    settings = msgspec.structs.replace(FLOOR, brand="Tramontela", brand_color="#a3003c")
    with floor(database, settings) as opened:
        browser = Browser(opened)
        assert browser.text.startswith("Tramontela Till")
        styles = [browser.client.get(address) for address in re.findall(r'"(/till/files/[^"]+css)"', browser.page.text)]
        (own, branded) = (answer.text for answer in styles)
        assert all(answer.headers["cache-control"].endswith("immutable") for answer in styles)
    assert "--brand: #A3003C; --on-brand: #FFFFFF; --brand-ink: #A3003C;" in branded.splitlines()[0]
    night = re.fullmatch(r"@media \(prefers-color-scheme: dark\) \{ :root \{ (.*) \} \}", branded.splitlines()[1])
    assert night is not None
    assert "#A3003C" not in night[1]
    grounds = tuple(tuple(re.findall(rf"--{name}: (#\w+)", own)) for name in ("paper", "surface", "sunken"))
    assert tuple(zip(*grounds, strict=True)) == (LIGHT, DARK)


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/till", "text/html"),
        ("/till/handoffs", "text/html"),
        ("/tills", MEDIA_TYPE),
        ("/v1/setup", MEDIA_TYPE),
        ("/v1/till", MEDIA_TYPE),
    ],
)
def test_what_a_guard_refuses_is_answered_as_all_is_there(database: Database, path: str, media_type: str) -> None:
    """By the page at the page's addresses, and as a problem for programs at every other."""
    app = create_app(FLOOR, database, lambda: NOW, Ending(), KEYS, ledger(database))
    refuse: Any = app.exception_handlers[PermissionDeniedException]
    answer = refuse(RequestFactory(app).post(path), PermissionDeniedException())
    assert answer.media_type == media_type


def test_a_cart_is_scanned_and_given_back(shop_floor: Floor, till: Browser) -> None:
    """By the text of its QR code; it stays open and goes to the next till."""
    code = issued(shop_floor, **LUCIAS)
    assert till.take(code["qr"]).status_code == 200
    assert till.press("/back").status_code == 200
    assert "Given back." in till.text
    assert state_of(shop_floor, code["handoff_id"]) == "released"
    assert till.take(code["code"]).status_code == 410
    assert "This code is over" in till.text
    assert till.take(issued(shop_floor, **LUCIAS)["code"]).status_code == 200


def test_a_second_till_is_told(shop_floor: Floor, till: Browser) -> None:
    """It is shown nothing of the cart, and cannot say that it sold it or gave it back by its number."""
    other, code = Browser(shop_floor), issued(shop_floor, **LUCIAS)
    other.enrol(shop_floor)
    till.take(code["code"])
    before = other.forms["/till/handoffs"]
    assert other.take(code["code"]).status_code == 409
    assert "A till has this cart already." in other.text
    assert "Linen shirt" not in other.page.text
    for verb in ("sold", "back"):
        assert other.sent(f"/till/handoffs/{code['handoff_id']}/{verb}", before).status_code == 404
    assert state_of(shop_floor, code["handoff_id"]) == "redeemed"
    far = Browser(shop_floor)
    far.enrol(shop_floor, store="SE")
    assert far.take(code["code"]).status_code == 404


def test_what_a_till_has_is_there_again(shop_floor: Floor, till: Browser) -> None:
    """After the browser was closed, after a lost answer, and when the code is typed once more; until it is over."""
    code = issued(shop_floor, **LUCIAS)
    first = till.forms["/till/handoffs"] | {"code": code["code"]}
    till.take(code["code"])
    shown = till.text
    till.page = till.client.get("/till")
    assert shown in till.text
    assert till.sent("/till/handoffs", first).status_code == 200
    assert till.text == shown
    again = first | {"key": "another"}
    assert till.sent("/till/handoffs", again).status_code == 409
    assert shown in till.text
    sold = till.forms[f"/till/handoffs/{code['handoff_id']}/sold"]
    for _ in range(2):
        assert till.sent(f"/till/handoffs/{code['handoff_id']}/sold", sold).status_code == 200
    assert "Linen shirt" not in till.client.get("/till").text
    late = issued(shop_floor, **BERTAS)
    till.take(late["code"])
    shop_floor.hands.on(hours=1)
    assert till.press("/sold").status_code == 410
    assert "Linen shirt" not in till.client.get("/till").text


FAULTS: tuple[tuple[Exception, int], ...] = ((DatabaseBusyError("busy"), 503), (ValueError("a fault"), 500))


@pytest.mark.parametrize(("error", "status"), FAULTS, ids=["the database is busy", "a fault of ours"])
@pytest.mark.parametrize("verb", ["sold", "back"])
def test_a_cart_stays_shown_while_the_server_is_in_trouble(
    shop_floor: Floor, till: Browser, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, verb: str
) -> None:
    """What went wrong is put above it, and its buttons stay; pressed again under the same key it is done."""
    code = issued(shop_floor, **LUCIAS)
    till.take(code["code"])
    address = f"/till/handoffs/{code['handoff_id']}/{verb}"
    fields = till.forms[address]

    def fail(*_: Any) -> None:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(handoffs, "complete" if verb == "sold" else "release", fail)
        failed = till.client.post(address, data=fields, headers={"HX-Request": "true"})
        whole = till.client.post(address, data=fields)
    assert (failed.status_code, failed.headers["hx-reswap"]) == (status, "afterbegin show:window:top")
    assert re.fullmatch(r'<p class="band bad".*That did not work just now. Try again;[^<]*</p>', failed.text.strip())
    # A browser without script shows the page anew, and the cart is a step away.
    assert (whole.status_code, "<form" in whole.text, "Begin anew" in whole.text) == (status, False, True)
    assert "Linen shirt" in till.client.get("/till").text
    assert till.sent(address, fields).status_code == 200
    assert ("Sold." if verb == "sold" else "Given back.") in till.text


def test_what_no_database_takes_is_no_fault(shop_floor: Floor, till: Browser) -> None:
    """A number that is too large is none of a cart's; a NUL in a form's key, or in a code, is passed over."""
    fields = till.forms["/till/handoffs"]
    for number in (2**63, 10**30):
        for verb in ("sold", "back"):
            answer = till.client.post(f"/till/handoffs/{number}/{verb}", data=fields)
            assert (number, verb, answer.status_code) == (number, verb, 422)
    code = issued(shop_floor, **LUCIAS)["code"]
    for key in ("a\0b", "\0"):
        assert till.sent("/till/handoffs", fields | {"code": "222222", "key": key}).status_code == 404
    assert till.sent("/till/handoffs", fields | {"code": f"{code}\0"}).status_code == 200
    assert till.sent("/till/handoffs", fields | {"code": code, "key": "a\0b"}).status_code == 200
    assert "To be sold" in till.text
    assert Browser(shop_floor).send("/till/enrolment", code="2\0", key="\0").status_code == 403


def test_a_till_is_set_up_once_by_a_lost_answer(shop_floor: Floor) -> None:
    """The same form sent again, however the code is typed, is answered as before, and no other device is made."""
    browser = Browser(shop_floor)
    fields = browser.forms["/till/enrolment"]
    fields["code"] = shop_floor.house.database.write_now(new_code, "till", "GV", shop_floor)
    assert browser.sent("/till/enrolment", fields).status_code == 200
    token = browser.client.cookies[COOKIE]
    del browser.client.cookies[COOKIE]
    assert browser.sent("/till/enrolment", fields | {"code": f" {fields['code'].lower()}"}).status_code == 200
    assert browser.client.cookies[COOKIE] == token
    assert "This till is set up." in browser.text
    with client_of(shop_floor.house.port, token) as as_device:
        assert as_device.get("/v1/setup").status_code == 200
    shop_floor.hands.on(minutes=16)
    assert browser.sent("/till/enrolment", fields).status_code == 409


def test_a_till_that_is_looked_at_stays_one(shop_floor: Floor, till: Browser) -> None:
    """Each time the page is opened the browser is told anew to keep the token as long as browsers keep anything."""
    enrolled = Browser(shop_floor).enrol(shop_floor).headers.get_list("set-cookie")
    opened = till.client.get("/till").headers.get_list("set-cookie")
    told, kept = (cookie.partition(";") for cookies in (enrolled, opened) for cookie in cookies if COOKIE in cookie)
    assert kept[0] == f"{COOKIE}={till.client.cookies[COOKIE]}"
    assert told[2] == kept[2]
    assert f"Max-Age={KEPT}" in kept[2]


def test_guesses_are_slowed_and_on_record(shop_floor: Floor, till: Browser) -> None:
    """Codes of six signs are counted, as at the door for programs; what can be no code is not even asked."""
    for text in ("hello", "", "0OI1LU", "mostrador:handoff?code=", "<script>"):
        assert till.take(text).status_code == 200
        assert "This is no cart's code" in till.text
    for _ in range(6):
        assert till.take("222222").status_code == 404
    assert "Scan it, or type it again. Try again in 5 seconds." in till.text
    assert till.take(issued(shop_floor, **LUCIAS)["code"]).status_code == 429
    shop_floor.until_on_record(("till", "guessed", ()), 6)


@pytest.mark.parametrize("address", ["/till/enrolment", "/till/handoffs", "/till/handoffs/1/sold"])
def test_only_the_page_itself_is_heard(shop_floor: Floor, till: Browser, address: str) -> None:
    """Without the page's mark, with another's, or with one made up, nothing is done; the page says to begin anew."""
    code = issued(shop_floor, **LUCIAS)
    address = address.replace("1", str(code["handoff_id"]))
    fields = {"code": code["code"], "key": "k"}
    others = Browser(shop_floor).forms["/till/enrolment"]["_csrf_token"]
    for mark in ({}, {"_csrf_token": others}, {"_csrf_token": "0" * 128}, {"_csrf_token": ""}):
        assert till.sent(address, fields | mark).status_code == 403
        assert "too old" in till.text
        assert "Begin anew" in till.text
    evil = {"Origin": "https://evil.example"}
    assert till.client.post(address, data=fields, headers=evil).json()["code"] == "wrong_origin"
    assert state_of(shop_floor, code["handoff_id"]) == "issued"


def test_only_a_tills_token_is_a_tills(shop_floor: Floor) -> None:
    """Whatever else stands in the cookie opens nothing and is taken away; a token in a header counts for nothing.

    Asked with every kind of token that there is.
    """
    for kind, token in shop_floor.house.database.write_now(kinds).items():
        browser = Browser(shop_floor)
        fields = browser.forms["/till/enrolment"] | {"code": "222222"}
        headed = browser.client.get("/till", headers={} if token is None else {"Authorization": f"Bearer {token}"})
        assert "new here" in headed.text
        if token is not None:
            browser.client.cookies.set(COOKIE, token, domain="127.0.0.1", path="/till")
        looked = browser.client.get("/till")
        taken = browser.client.post("/till/handoffs", data=fields)
        # By then what is no till's is out of the browser.
        expected = {"till": (200, 404), "none": (200, 401)}.get(kind, (403 if is_somebodys(kind) else 401, 401))
        told = re.findall(rf"{COOKIE}=.*?Max-Age=(\d+)", looked.headers.get("set-cookie", ""))
        assert told == {"till": [str(KEPT)], "none": []}.get(kind, ["0"])
        assert (kind, looked.status_code, taken.status_code) == (kind, *expected)
        assert ("Whose cart is next?" in looked.text) == (kind == "till")


def is_somebodys(kind: str) -> bool:
    """Whether a kind of token is good for other doors."""
    return kind in {"tablet", "associate", "elsewhere", "manager", "hq", "kiosk", "sync"}


def test_a_revoked_till_is_set_up_anew(shop_floor: Floor, till: Browser) -> None:
    """It says so at its next step, shows nothing, and has no token any more."""
    till.take(issued(shop_floor, **LUCIAS)["code"])
    number = till.client.cookies[COOKIE].split("_")[1]
    assert shop_floor.house.client.delete(f"/v1/devices/{number}").status_code == 204
    assert till.press("/sold").status_code == 401
    assert "taken out of use" in till.text
    assert "Linen shirt" not in till.page.text
    assert COOKIE not in till.client.cookies
    assert till.enrol(shop_floor).status_code == 200


def test_what_comes_from_outside_is_text(shop_floor: Floor, till: Browser) -> None:
    """A title that looks like markup is shown as it is written."""
    title = "<script>alert(1)</script>\"'&"
    line = CartLineRecord(sku="X<b>", title=title, quantity=1, unit_price=1)
    record = msgspec.structs.replace(BERTAS_CART, updated_at=hour(10), lines=(line,), customer=who("berta"))
    assert shop_floor.house.sync.post("/v1/records", content=ndjson([record])).json()["refused"] == 0
    till.take(issued(shop_floor, **BERTAS)["code"])
    assert "<script>alert" not in till.page.text
    assert title in till.text


def test_nothing_of_another_host_is_let_in(shop_floor: Floor, till: Browser) -> None:
    """The page's policy names our own files alone; they are kept for good, and the page never."""
    page = till.client.get("/till")
    policy = page.headers.get_list("content-security-policy")
    assert len(policy) == 1
    assert "default-src 'none'" in policy[0]
    assert "script-src 'self'" in policy[0]
    assert "unsafe" not in policy[0]
    assert page.headers["cache-control"] == "no-store"
    assert page.headers.get_list("x-frame-options") == ["DENY"]
    found = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(found) == 4
    assert all(address.startswith("/till/files/") for address in found)
    assert not re.findall(r"<style|style=| on\w+=|javascript:|https?://", page.text)
    for address in found:
        answer = till.client.get(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"].endswith("immutable")
        assert answer.headers["content-type"].partition(";")[0] in {"text/css", "text/javascript", "image/svg+xml"}
    assert till.client.get("/till/files/till.css").status_code == 404
    other = till.client.get("/v1/setup")
    assert other.headers.get_list("content-security-policy") == ["default-src 'none'; frame-ancestors 'none'"]


def test_it_works_without_script_too(shop_floor: Floor) -> None:
    """Then each answer is the whole page."""
    browser = Browser(shop_floor, htmx=False)
    browser.enrol(shop_floor)
    assert browser.page.text.startswith("<!doctype html>")
    browser.take(issued(shop_floor, **LUCIAS)["code"])
    browser.press("/sold")
    assert "Sold." in browser.text


def test_it_speaks_the_browsers_language(shop_floor: Floor) -> None:
    """Texts and money; the document says which it is."""
    browser = Browser(shop_floor, "ca;q=0.9, es-MX, en;q=0.5")
    assert '<html lang="es">' in browser.page.text
    browser.enrol(shop_floor)
    browser.take(issued(shop_floor, **LUCIAS)["code"])
    assert "Total de lo que se puede vender 79,80 €" in browser.text


@pytest.mark.parametrize(
    ("accepted", "ours", "language"),
    [
        ("es", ("en",), "es"),
        ("en-GB,en;q=0.9,es;q=0.8", ("es",), "en"),
        ("fr, de", ("es", "en"), "es"),
        ("", ("en", "es"), "en"),
        ("en;q=0, es;q=0.1", ("en",), "es"),
        ("*", ("es",), "es"),
        ("es;q=x, en", ("es",), "en"),
        (";;;,,q=", ("ca",), "en"),
    ],
)
def test_a_language_is_found(accepted: str, ours: tuple[str, ...], language: str) -> None:
    """The first that the browser wants and there is, else the shop's first, else English."""
    assert words_for(accepted, ours).language == language


def test_both_languages_say_the_same() -> None:
    """Each has every text, with the same to be filled in, and words for the same problems, which there are."""
    for one, other in zip(ENGLISH, SPANISH, strict=True):
        if isinstance(one, str):
            assert re.findall(r"{\w+}", one) == re.findall(r"{\w+}", str(other))
        else:
            assert isinstance(other, dict)
            assert one.keys() == other.keys()
    assert ENGLISH.problems.keys() <= PROBLEMS.keys()
