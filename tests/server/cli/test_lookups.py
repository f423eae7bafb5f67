"""What everybody asks at a terminal: scan and search, in words and in JSON."""

import io
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from babel import Locale
from rich.console import Console

from server.db.address import open_database
from server.settings import Settings
from server.terminal.tables import Tables
from server.wire.audit import LookShown
from server.wire.lookup import ScanAnswer
from tests.server.cli.conftest import Run
from tests.server.given import customer
from tests.server.http.conftest import running
from tests.server.small_shop import (
    BANK_CARD,
    DALTON_CARD,
    EMAIL,
    GTIN,
    LONG_AGO,
    LUCIA_CARD,
    MISTYPED_CARD,
    PHONE,
    SHARED_CARD,
    UNUSED_CARD,
    ndjson,
)


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        (LUCIA_CARD, 0, ("Lucia Garcia", "Madrid", "gold · 1,250 points", "l•••••••••••@example.com", "+34•••••••23")),
        (LUCIA_CARD, 0, ("Cart · €149.70", "3", "Linen shirt, S", "Summer · 1 wished", "latest 10 of 12", "#1012")),
        (f"]E0{LUCIA_CARD}", 0, ("Lucia Garcia",)),
        (DALTON_CARD, 0, ("Dalton Pérez", "Sevilla")),
        (SHARED_CARD, 0, ("Several people carry this card. Ask who it is:", "Ana Roca", "Berta Roca")),
        (GTIN, 0, ("Linen shirt", "Acme", "SHIRT-S", "€49.90", "€39.90", "7 in Serrano, 2 in Gran Vía")),
        ("SHIRT-M", 0, ("SHIRT-M",)),
        ("#1001", 0, ("#1001", "GV", "delivered", "1 × Linen shirt, S", "€49.90")),
        (UNUSED_CARD, 1, ("No customer has this card.",)),
        ("40170725", 1, ("The catalogue has no article with this number.",)),
        ("no code of ours", 1, ("This is no card, article or order that is known here.", "mostrador search TEXT")),
        ("", 1, ("Nothing was read. Scan again.",)),
        ("x" * 10_000, 1, ("This is no card, article or order that is known here.",)),
        ("\udcff\udcfe", 1, ("This is no card, article or order that is known here.",)),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_scan_shows_what_a_code_is(shop: Run, code: str, status: int, words: tuple[str, ...]) -> None:
    """A table a person reads; status 0 where something is known, 1 where nothing is."""
    ended = shop("scan", "--", code)
    assert (ended.status, ended.err) == (status, "")
    assert [word for word in words if word not in ended.out] == []


@pytest.mark.parametrize(
    ("code", "problem", "sentence"),
    [
        (BANK_CARD, "bank_card", "That was a bank card. Nothing of it was kept."),
        (f"%B{BANK_CARD}^DOE/JANE^2812", "bank_card", "That was a bank card."),
        (MISTYPED_CARD, "mistyped_card", "The last digit of this card does not fit the others."),
    ],
)
def test_scan_refuses_what_may_not_be_looked_up(shop: Run, code: str, problem: str, sentence: str) -> None:
    """Status 1 and a sentence on standard error; in JSON the same problem as over HTTP."""
    ended = shop("scan", code)
    assert (ended.status, ended.out) == (1, "")
    assert sentence in ended.err
    assert BANK_CARD not in ended.err
    as_json = shop("scan", code, "--json")
    assert (as_json.status, as_json.json["code"], as_json.err) == (1, problem, "")


def test_scan_in_a_store_says_what_is_there(shop: Run) -> None:
    """`--store` turns stock into here and elsewhere."""
    assert "2 here, 7 in Serrano" in shop("scan", GTIN, "--store", "GV").out
    assert "7 here, 2 in Gran Vía" in shop("scan", GTIN, "-s", "SE").out


@pytest.mark.parametrize("asked", [("scan", GTIN), ("scan", LUCIA_CARD, "--json"), ("search", "garcia")], ids=" ".join)
@pytest.mark.parametrize("store", ["XX", "\udcff"], ids=ascii)
def test_a_store_that_is_not_known_is_told(shop: Run, asked: tuple[str, ...], store: str) -> None:
    """As if all was well nobody would see that it is mistyped: a wrong call, with the stores that there are."""
    ended = shop(*asked, "--store", store)
    assert (ended.status, ended.out) == (2, "")
    assert "There is no store" in ended.err
    assert "known: GV, SE" in ended.err


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        (("garcia",), 0, ("Lucia Garcia", "Madrid", "gold", "+34•••••••23", "3")),
        (("garcía", "mad"), 0, ("Lucia Garcia", "city Madrid")),
        (("perez dalt",), 0, ("Dalton Pérez",)),
        (("dálton", "peres"), 0, ("Nobody is called peres. Shown instead: perez", "Dalton Pérez", "corrected")),
        ((EMAIL,), 0, ("Lucia Garcia", "email l•••••••••••@example.com")),
        (("600", "123", "123"), 0, ("phone +34•••••••23",)),
        ((LUCIA_CARD,), 0, ("card 29•••••••0018",)),
        (("1001",), 0, ("order #1001",)),
        (("roca", "--limit", "1"), 0, ("Berta Roca", "Showing 1 of many: add a letter or the town.")),
        (("nobody",), 1, ("Nobody was found. Try fewer letters",)),
        (("--", "-x", "--nobody"), 1, ("Nobody was found.",)),
        (('" OR *',), 1, ("Nobody was found.",)),
        (("' OR 1=1 --",), 1, ("Nobody was found.",)),
        (("garcia'); DROP TABLE customers; --",), 1, ("Nobody was found.",)),
        (('"garcia" NEAR(x) ^y* -z given_name:lucia',), 1, ("Nobody was found.",)),
        (("xyzzy & !garcia | <-> :* \\ ( %s $1 :1",), 1, ("Nobody was found.",)),
        (("garcia:*",), 0, ("Lucia Garcia",)),
        (("!garcia | (lucia)",), 0, ("Lucia Garcia",)),
        (("garcia\udcff 1\udcff1",), 1, ("Nobody was found.",)),
    ],
    ids=ascii,
)
def test_search_shows_who_was_found(shop: Run, typed: tuple[str, ...], status: int, words: tuple[str, ...]) -> None:
    """A line a person, with what they were found by, masked; status 1 where nobody was found."""
    ended = shop("search", *typed)
    assert (ended.status, ended.err) == (status, "")
    assert [word for word in words if word not in ended.out] == []


@pytest.mark.parametrize(
    ("typed", "code", "sentence"),
    [
        ("g", "search_too_short", "Type at least two letters"),
        ("", "search_too_short", "Type at least two letters"),
        ("x" * 201, "invalid_field", "A search has at most 200 characters, this has 201."),
        ("x" * 10_000, "invalid_field", "A search has at most 200 characters, this has 10,000."),
    ],
)
def test_search_refuses_too_little_and_too_much(shop: Run, typed: str, code: str, sentence: str) -> None:
    """Status 1 and a sentence that says what to type; in JSON a problem with the code that HTTP has."""
    ended = shop("search", typed)
    assert (ended.status, ended.out, sentence in ended.err) == (1, "", True)
    assert shop("search", typed, "--json").json["code"] == code


def test_json_is_what_http_answers(shop: Run, shop_address: str) -> None:
    """`scan --json` and `search --json` say the same as the doors, but for the moment when they were asked."""
    database = open_database(shop_address)
    codes = (LUCIA_CARD, DALTON_CARD, SHARED_CARD, GTIN, "#1001", UNUSED_CARD, "", "nothing")
    texts = ("garcia", "dálton peres", "600123123", "nobody")
    try:
        with running(database, Settings()) as house:
            for code in codes:
                answer = house.client.post("/v1/scan", json={"code": code, "store": "GV"}).json()
                said = shop("scan", "--json", "--store", "GV", "--", code).json
                msgspec.convert(said, ScanAnswer)
                for one in (answer, said):
                    if "context" in one:
                        assert one["context"].pop("as_of")
                assert said == answer
            for text in texts:
                body = {"text": text, "store": "SE", "limit": 5}
                answer = house.client.post("/v1/customers/search", json=body).json()
                assert shop("search", text, "-s", "SE", "--limit", "5", "--json").json == answer
            for code in (BANK_CARD, MISTYPED_CARD):
                answer = house.client.post("/v1/scan", json={"code": code}).json()
                assert answer["request_id"]
                assert shop("scan", code, "--json").json == answer | {"request_id": None}
    finally:
        database.close()


@pytest.mark.parametrize("command", [("scan", "x"), ("search", "garcia"), ("refused",)], ids=lambda c: c[0])
def test_looking_makes_no_database(call: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    """Where the database's path is mistyped, who only looks is told so, and nothing is made: status 2."""
    ended = call(*command)
    assert (ended.status, ended.out) == (2, "")
    assert f"There is no database at {tmp_path / 'shop.db'}. Make one with `mostrador init`" in ended.err
    assert not list(tmp_path.iterdir())
    assert call("init").status == 0
    assert call(*command).status != 2


def test_nothing_shows_a_contact_whole(shop: Run) -> None:
    """Whatever is asked, and however, the person's e-mail, phone and card stay masked."""
    asked = (
        *(("scan", code) for code in (LUCIA_CARD, DALTON_CARD, SHARED_CARD, "#1001")),
        *(("search", text) for text in ("garcia", "dalton", "roca", EMAIL, EMAIL[:-1], PHONE, LUCIA_CARD, "1001")),
        ("refused",),
        ("settings",),
    )
    for arguments in asked:
        for form in ((), ("--json",)):
            ended = shop(*arguments, *form)
            assert ended.out
            for whole in (EMAIL, PHONE, PHONE[3:], LUCIA_CARD, DALTON_CARD, SHARED_CARD):
                assert whole not in ended.out + ended.err, arguments


@pytest.mark.parametrize("columns", ["40", "80", "100"])
@pytest.mark.parametrize("name", ["Bartholomew" * 9, "Maria de la Encarnacion " * 5], ids=["a word", "many"])
def test_a_long_name_takes_no_other_columns_place(run: Run, columns: str, name: str) -> None:
    """The number is needed for a person's rights: it stands there whole, and so does who else was found."""
    records = [customer("1", LONG_AGO, given_name=name, family_name="Ortega", city="Madrid", phones=(PHONE,))]
    records.append(customer("2", LONG_AGO, given_name="Eva", family_name="Ortega", city="Sevilla"))
    assert run("import", "-", stdin=ndjson(records)).status == 0
    numbers = [str(hit["customer_id"]) for hit in run("search", "ortega", "--json").json["hits"]]
    shown = run("search", "ortega", COLUMNS=columns).out
    assert len(numbers) == 2
    assert max(map(len, shown.splitlines())) <= int(columns)
    begun = [line.split()[0] for line in shown.splitlines() if line.strip()]
    assert [number for number in numbers if number not in begun] == []
    if columns != "40":
        assert [word for word in ("No.", "Eva", "Madrid", "Sevilla", "+34•••••••23") if word not in shown] == []


def test_who_saw_whom_fits_a_terminal() -> None:
    """At 80 columns no number, reason or kind of device is cut, however many people were seen."""
    told = io.StringIO()
    people = tuple(range(1_000_000, 1_000_040))
    look = LookShown("2026-11-21T12:00:00.000000Z", "terminal", 1234, 5678, "continued", people, None, "terminal", 1)
    Tables(Console(file=told, width=80), Locale("en"), datetime.now(UTC)).looks([look])
    shown = told.getvalue()
    wanted = ("Customers", "2026-11-21T12:00:00", "terminal", "1234", "5678", "continued", *map(str, people))
    assert [word for word in wanted if word not in shown] == []


def test_where_no_store_is_known_any_may_be_named(run: Run) -> None:
    """A chain that told of no store so far is not kept from looking up."""
    assert run("init").status == 0
    ended = run("scan", GTIN, "--store", "XX")
    assert (ended.status, "There is no store" in ended.err) == (1, False)
