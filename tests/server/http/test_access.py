"""Devices and people as they live: enrolled, signed in, locked, signed out, revoked, at a clock that tests set."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from server.access.queries import all_staff, tries
from server.db.engine import Connection, Database
from tests.server.given import NOW, cart, customer, deletion, order, rows, stock, who
from tests.server.http.conftest import UNHURRIED, Running, client_of, running
from tests.server.http.test_doors import require_problem
from tests.server.http.test_live import Message, bring, messages
from tests.server.people import BADGE, PIN, WRONG_PIN, bearer, enrolled, hired, signed_in
from tests.server.small_shop import GTIN, LONG_AGO, LUCIA_CARD, UNUSED_CARD, ndjson
from tests.waiting import until


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    """The clock of a test's house."""
    return Clock()


@pytest.fixture
def timed(database: Database, clock: Clock) -> Iterator[Running]:
    """A server of its own, at a clock that the test sets."""
    with running(database, UNHURRIED, clock=clock) as house:
        yield house


def ask(house: Running, token: str | None, door: str, **request: Any) -> httpx.Response:
    """Ask a door with a token."""
    method, path = door.split(" ")
    with client_of(house.port, token) as client:
        return client.request(method, path, **request)


def sign_in(house: Running, tablet: str, pin: str = PIN, **claim: Any) -> httpx.Response:
    """Sign in on a tablet, as Ana if nobody else is named."""
    return ask(house, tablet, "POST /v1/sessions", json={"pin": pin, **(claim or {"badge": BADGE})})


def enrol(house: Running, store: str = "GV") -> str:
    """A new tablet, from the manager's code to its token."""
    made = ask(house, house.tokens.manager, "POST /v1/devices/enrolments", json=tablet_in(store)).json()
    return str(ask(house, None, "POST /v1/devices", json={"code": made["code"]}).json()["token"])


def tablet_in(store: str) -> dict[str, str]:
    """What a manager says of a new tablet."""
    return {"kind": "tablet", "name": "New", "store": store}


def test_a_tablet_from_its_code_to_a_session(timed: Running, clock: Clock) -> None:
    """A manager's code becomes a token, once; names to pick are shown; a PIN makes a session of one shift."""
    made = ask(timed, timed.tokens.manager, "POST /v1/devices/enrolments", json=tablet_in("GV")).json()
    code = made["code"].replace("-", "")
    assert made["qr"] == f"mostrador:enrol?server=http%3A%2F%2F127.0.0.1%3A{timed.port}&code={code}"
    typed = f" {made['code'].lower()} "
    device = ask(timed, None, "POST /v1/devices", json={"code": typed}).json()
    assert (device["kind"], device["store"], device["name"]) == ("tablet", "GV", "New")
    require_problem(ask(timed, None, "POST /v1/devices", json={"code": typed}), 403, "wrong_code")
    names = ask(timed, device["token"], "GET /v1/staff").json()
    assert [one["name"] for one in names] == ["Ana", "Hugo", "Marta", "Zoe"]
    started = sign_in(timed, device["token"], staff_id=names[0]["id"]).json()
    assert (started["name"], started["role"], started["stores"]) == ("Ana", "associate", ["GV"])
    require_problem(
        ask(timed, device["token"], "POST /v1/customers/search", json={"text": "ana"}), 401, "not_signed_in"
    )
    assert ask(timed, started["token"], "POST /v1/customers/search", json={"text": "ana"}).is_success
    clock.go_on(hours=12, seconds=-1)
    require_problem(ask(timed, started["token"], "GET /v1/stores"), 401, "session_locked")
    assert ask(timed, started["token"], "POST /v1/sessions/current/unlock", json={"pin": PIN}).is_success
    assert ask(timed, started["token"], "GET /v1/stores").is_success
    clock.go_on(seconds=1)
    require_problem(ask(timed, started["token"], "GET /v1/stores"), 401, "session_ended")


def test_a_code_is_good_for_a_quarter_of_an_hour(timed: Running, clock: Clock) -> None:
    """After that it enrols nothing."""
    made = [
        ask(timed, timed.tokens.manager, "POST /v1/devices/enrolments", json=tablet_in("GV")).json() for _ in range(2)
    ]
    clock.go_on(minutes=15)
    assert ask(timed, None, "POST /v1/devices", json={"code": made[0]["code"]}).status_code == 201
    clock.go_on(seconds=1)
    require_problem(ask(timed, None, "POST /v1/devices", json={"code": made[1]["code"]}), 403, "wrong_code")


@pytest.mark.parametrize("kind", ["kiosk", "till", "sync"])
def test_a_code_for_another_kind_is_not_spent(timed: Running, kind: str) -> None:
    """A tablet that tries a kiosk's code is told so, as often as it tries; the kiosk enrols with it all the same."""
    wanted = {"kind": kind, "name": "New", "store": "GV"}
    code = ask(timed, timed.tokens.manager, "POST /v1/devices/enrolments", json=wanted).json()["code"]
    for _ in range(12):
        answer = ask(timed, None, "POST /v1/devices", json={"code": code, "kind": "tablet"})
        require_problem(answer, 409, "wrong_kind")
        assert kind in answer.json()["detail"]
    enrolled_ = ask(timed, None, "POST /v1/devices", json={"code": code, "kind": kind})
    assert (enrolled_.status_code, enrolled_.json()["kind"]) == (201, kind)
    require_problem(ask(timed, None, "POST /v1/devices", json={"code": code, "kind": kind}), 403, "wrong_code")


def test_names_stand_where_people_look_for_them(timed: Running) -> None:
    """Capitals and accents do not matter, on a tablet and for managers alike."""
    for name in ("Íñigo", "óscar", "Núria", "nora", "Ñandú", "Jon"):
        timed.database.write_now(hired, name=name)
    expected = ["Ana", "Hugo", "Íñigo", "Jon", "Marta", "Ñandú", "nora", "Núria", "óscar", "Zoe"]
    assert [one["name"] for one in ask(timed, timed.tokens.tablet, "GET /v1/staff").json()] == expected
    assert [one.name for one in timed.database.read_now(all_staff)] == expected


def test_wrong_codes_wait(timed: Running, clock: Clock) -> None:
    """Of 200 codes that one address guesses in ten minutes few are looked at, and a right one waits no longer."""
    made = ask(timed, timed.tokens.manager, "POST /v1/devices/enrolments", json=tablet_in("GV")).json()
    looked_at, waits = 0, []
    for _ in range(200):
        answer = ask(timed, None, "POST /v1/devices", json={"code": "ABCDE-FGHJK"})
        looked_at += answer.status_code == 403
        if answer.status_code == 429:
            require_problem(answer, 429, "too_many_tries")
            waits.append(int(answer.headers["retry-after"]))
        clock.go_on(seconds=3)
    assert looked_at <= 14
    assert max(waits) <= 600
    clock.go_on(seconds=waits[-1])
    assert ask(timed, None, "POST /v1/devices", json={"code": made["code"]}).status_code == 201


def test_tokens_roll(timed: Running) -> None:
    """The old token lives until the new one is first used, then it is nobody's; a second new one replaces the first."""
    old = enrol(timed)
    lost, new = (str(ask(timed, old, "POST /v1/devices/current/token").json()["token"]) for _ in range(2))
    assert ask(timed, old, "GET /v1/stores").is_success
    require_problem(ask(timed, lost, "GET /v1/stores"), 401, "unknown_token")
    assert ask(timed, new, "GET /v1/stores").is_success
    require_problem(ask(timed, old, "GET /v1/stores"), 401, "unknown_token")
    assert ask(timed, new, "GET /v1/stores").is_success


def test_a_session_goes_on_while_its_tablets_token_rolls(timed: Running) -> None:
    """Who is signed in notices nothing; the new token is the tablet's."""
    tablet = enrol(timed)
    session = sign_in(timed, tablet).json()["token"]
    new = ask(timed, session, "POST /v1/devices/current/token").json()["token"]
    assert ask(timed, new, "GET /v1/staff").is_success
    assert ask(timed, session, "GET /v1/staff").is_success


def test_a_session_is_locked_when_it_is_left_alone(timed: Running, clock: Clock) -> None:
    """What is done keeps it open; after a pause only the PIN does, and a wrong one does not."""
    session = sign_in(timed, timed.tokens.tablet).json()["token"]
    for _ in range(5):
        clock.go_on(minutes=2)
        assert ask(timed, session, "GET /v1/stores").is_success
        seen_at(timed, session, clock.now)
    clock.go_on(minutes=5, seconds=1)
    for door in ("GET /v1/stores", "GET /v1/live", "GET /v1/staff"):
        require_problem(ask(timed, session, door), 401, "session_locked")
    unlock = "POST /v1/sessions/current/unlock"
    require_problem(ask(timed, session, unlock, json={"pin": WRONG_PIN}), 403, "wrong_pin", "$.pin")
    require_problem(ask(timed, session, "GET /v1/stores"), 401, "session_locked")
    assert ask(timed, session, unlock, json={"pin": PIN}).is_success
    assert ask(timed, session, "GET /v1/stores").is_success


def seen_at(house: Running, session: str, now: datetime) -> None:
    """Wait until it is written down that a session was seen, which is done aside."""
    number = int(session.split("_")[1])
    asked = "SELECT seen_at FROM sessions WHERE id = :number"

    def is_written() -> bool:
        if datetime.fromisoformat(house.database.read_now(rows, asked, number=number)[0][0]) >= now:
            return True
        # Of what is asked while the last time is still being written nothing is written.
        assert ask(house, session, "GET /v1/stores").is_success
        return False

    until(is_written)


def test_being_seen_is_not_written_each_time(timed: Running, clock: Clock) -> None:
    """A hundred requests in a minute write nothing; the first one after it writes once."""
    session = sign_in(timed, timed.tokens.tablet).json()["token"]
    number = int(session.split("_")[1])

    def written() -> Any:
        return timed.database.read_now(rows, "SELECT seen_at FROM sessions WHERE id = :number", number=number)[0][0]

    before = written()
    clock.go_on(seconds=59)
    for _ in range(20):
        assert ask(timed, session, "GET /v1/stores").is_success
    assert written() == before
    clock.go_on(seconds=2)
    assert ask(timed, session, "GET /v1/stores").is_success
    seen_at(timed, session, clock.now)


def test_signing_out(timed: Running) -> None:
    """Ends a session on its device; everywhere, if that is asked for, on all others of the same person."""
    here, there, other = (enrol(timed) for _ in range(3))
    mine, elsewhere = (sign_in(timed, tablet).json()["token"] for tablet in (here, there))
    zoe = next(one["id"] for one in ask(timed, other, "GET /v1/staff").json() if one["name"] == "Zoe")
    hers = sign_in(timed, other, staff_id=zoe).json()["token"]
    assert ask(timed, mine, "DELETE /v1/sessions/current").status_code == 204
    require_problem(ask(timed, mine, "GET /v1/stores"), 401, "session_ended")
    assert ask(timed, elsewhere, "GET /v1/stores").is_success
    again = sign_in(timed, here).json()["token"]
    assert ask(timed, again, "DELETE /v1/sessions/current", params={"everywhere": True}).status_code == 204
    for ended in (again, elsewhere):
        require_problem(ask(timed, ended, "GET /v1/stores"), 401, "session_ended")
    assert ask(timed, hers, "GET /v1/stores").is_success


def test_one_person_at_a_time_on_a_tablet(timed: Running) -> None:
    """Whoever signs in takes the place of whoever was signed in before."""
    first, second = (sign_in(timed, timed.tokens.tablet).json()["token"] for _ in range(2))
    require_problem(ask(timed, first, "GET /v1/stores"), 401, "session_ended")
    assert ask(timed, second, "GET /v1/stores").is_success


def test_who_is_removed_or_gets_another_pin_is_signed_out(timed: Running) -> None:
    """At once, and the old PIN is worth nothing."""
    session = sign_in(timed, timed.tokens.tablet).json()
    door = f"PUT /v1/staff/{session['staff_id']}/pin"
    assert ask(timed, timed.tokens.manager, door, json={"pin": "73519"}).status_code == 204
    require_problem(ask(timed, session["token"], "GET /v1/stores"), 401, "session_ended")
    require_problem(sign_in(timed, timed.tokens.tablet), 403, "wrong_pin", "$.pin")
    session = sign_in(timed, timed.tokens.tablet, "73519").json()
    assert ask(timed, timed.tokens.manager, f"DELETE /v1/staff/{session['staff_id']}").status_code == 204
    require_problem(ask(timed, session["token"], "GET /v1/stores"), 401, "session_ended")
    require_problem(sign_in(timed, timed.tokens.tablet, "73519"), 404, "unknown_staff")


def test_who_works_elsewhere_cannot_sign_in_here(timed: Running) -> None:
    """Neither are they shown, nor is their PIN looked at."""
    other = timed.database.write_now(hired, "associate", "SE", name="Berta", badge="BERTA")
    assert "Berta" not in ask(timed, timed.tokens.tablet, "GET /v1/staff").text
    for claim in ({"badge": "BERTA"}, {"staff_id": other.id}):
        require_problem(sign_in(timed, timed.tokens.tablet, **claim), 404, "unknown_staff")


GUESSES = 1_000
DEVICES = 10
LOOKED_AT = 11
"""Of a person's PINs in an hour: three at once, then after waits of 30 s, 1, 2, 4, 8, 16 and 32 minutes."""


def test_a_pin_is_not_guessed(timed: Running, clock: Clock) -> None:
    """Of 1,000 guesses from ten devices in an hour eleven are looked at, and the rightful person signs in meanwhile."""
    own = timed.tokens.tablet
    assert sign_in(timed, own).is_success
    thieves = [token.token for token in timed.database.write_now(many_tablets)]
    looked_at = refused = 0
    with client_of(timed.port, None) as client:
        for number in range(GUESSES):
            answer = client.post(
                "/v1/sessions",
                json={"badge": BADGE, "pin": f"{number + 5000}"},
                headers=bearer(thieves[number % DEVICES]),
            )
            looked_at += answer.status_code == 403
            refused += answer.status_code == 429
            clock.go_on(seconds=3600 / GUESSES)
            if number in (1, 500, 999):
                assert sign_in(timed, own).is_success
    assert looked_at + refused == GUESSES
    assert looked_at <= LOOKED_AT


def many_tablets(conn: Connection) -> list[Any]:
    """Tablets on which nobody was ever signed in."""
    return [enrolled(conn) for _ in range(DEVICES)]


def test_waits_outlive_a_restart_and_end_with_a_manager(database: Database, clock: Clock) -> None:
    """Whoever guessed too often waits at a server that was started anew too, until the manager says otherwise."""
    with running(database, UNHURRIED, clock=clock) as house:
        for _ in range(4):
            require_problem(sign_in(house, house.tokens.tablet, WRONG_PIN), 403, "wrong_pin", "$.pin")
        tablet, manager = house.tokens.tablet, house.tokens.manager
        number = ask(house, tablet, "GET /v1/staff").json()[0]["id"]
    with running(database, UNHURRIED, clock=clock, hire=False) as house:
        answer = sign_in(house, tablet, staff_id=number)
        require_problem(answer, 429, "too_many_tries")
        assert answer.json()["retry_after"] == int(answer.headers["retry-after"]) == 30
        assert ask(house, manager, f"DELETE /v1/staff/{number}/waits").status_code == 204
        assert sign_in(house, tablet, staff_id=number).is_success


def test_a_device_waits_whoever_is_tried(timed: Running, clock: Clock) -> None:
    """Trying one PIN with every name at one tablet comes to an end, until the manager lets the tablet go on."""
    names = timed.database.write_now(lambda conn: [hired(conn, name=f"N{n}").id for n in range(12)])
    answers = [sign_in(timed, timed.tokens.tablet, WRONG_PIN, staff_id=number) for number in names]
    assert [answer.status_code for answer in answers] == [403] * 11 + [429]
    device = timed.tokens.tablet.split("_")[1]
    assert timed.database.read_now(tries, f"device:{device}") is not None
    assert ask(timed, timed.tokens.manager, f"DELETE /v1/devices/{device}/waits").status_code == 204
    assert sign_in(timed, timed.tokens.tablet, staff_id=names[-1]).is_success


def test_tries_at_once_count_each(timed: Running) -> None:
    """Of guesses that come at the same moment no more are looked at than of those that come in turn."""

    async def guess() -> list[int]:
        async with httpx.AsyncClient(base_url=timed.client.base_url, headers=bearer(timed.tokens.tablet)) as client:
            guesses = [client.post("/v1/sessions", json={"badge": BADGE, "pin": WRONG_PIN}) for _ in range(20)]
            return [answer.status_code for answer in await asyncio.gather(*guesses)]

    answered = asyncio.run(guess())
    assert (answered.count(403), answered.count(429)) == (4, 16)


def test_the_last_manager_stays(timed: Running) -> None:
    """Whoever would leave nobody who may add people is refused, also where they go themselves; and stays signed in."""
    staff = {one.name: one.id for one in timed.database.read_now(all_staff)}
    assert ask(timed, timed.tokens.hq, f"DELETE /v1/staff/{staff['Marta']}").status_code == 204
    for _ in range(2):
        require_problem(ask(timed, timed.tokens.hq, f"DELETE /v1/staff/{staff['Hugo']}"), 409, "last_manager")
    assert ask(timed, timed.tokens.hq, f"DELETE /v1/staff/{staff['Zoe']}").status_code == 204
    wanted = {"name": "Eva", "role": "hq", "pin": PIN}
    assert ask(timed, timed.tokens.hq, "POST /v1/staff", json=wanted).status_code == 201
    assert ask(timed, timed.tokens.hq, f"DELETE /v1/staff/{staff['Hugo']}").status_code == 204


@contextmanager
def listening_as(port: int, token: str) -> Iterator[Iterator[Message]]:
    """A stream that is open to whoever shows a token."""
    with client_of(port, token) as client, client.stream("GET", "/v1/live") as answer:
        assert answer.status_code == 200
        yield messages(answer.iter_lines())


@pytest.mark.parametrize("how", ["revoked", "signed out", "removed"])
def test_streams_end_at_once_on_every_server(database: Database, second: Database, how: str) -> None:
    """A device that is revoked, or a person who is signed out, hears nothing more on either server, and is told why."""
    with running(database, UNHURRIED) as one:
        tablet = database.write_now(enrolled)
        member = database.write_now(hired, name="Eva")
        session = database.write_now(signed_in, tablet, member).token
        with serving_too(second) as other:
            with listening_as(one.port, session) as here, listening_as(other, session) as there:
                assert [next(stream).event for stream in (here, there)] == ["opened"] * 2
                door = {
                    "revoked": f"DELETE /v1/devices/{tablet.device_id}",
                    "signed out": "DELETE /v1/sessions/current",
                    "removed": f"DELETE /v1/staff/{member.id}",
                }[how]
                token = session if how == "signed out" else one.tokens.manager
                assert ask(one, token, door).status_code == 204
                told = [[message.data for message in stream] for stream in (here, there)]
            code = "device_revoked" if how == "revoked" else "session_ended"
            assert told == [[{"type": "ended", "code": code}]] * 2
            with client_of(other, session) as client:
                require_problem(client.get("/v1/stores"), 401, code)


@contextmanager
def serving_too(database: Database) -> Iterator[int]:
    """A second server on the same database; its port."""
    with running(database, UNHURRIED, hire=False) as house:
        yield house.port


def test_a_stream_without_a_person_tells_of_nobody(empty_house: Running) -> None:
    """A kiosk, a till and a tablet where nobody is signed in hear of stock, of no customer by number, of no cart."""
    tokens = (empty_house.tokens.kiosk, empty_house.tokens.till, empty_house.tokens.tablet)
    for n, token in enumerate(tokens):
        with listening_as(empty_house.port, token) as stream:
            next(stream)
            bring(empty_house, customer(f"{n}", LONG_AGO), order(f"{n}", LONG_AGO, who(f"{n}")))
            bring(empty_house, cart(f"{n}", LONG_AGO), deletion("cart", f"{n}", LONG_AGO + 1))
            bring(empty_house, stock(n, LONG_AGO, sku=f"A{n}"))
            told = next(stream)
            assert (told.event, told.data["customer_id"]) == ("stock_changed", None)
        require_problem(ask(empty_house, token, "GET /v1/live", params={"customer": 1}), 403, "wrong_caller")


@pytest.mark.parametrize(
    ("kind", "code", "answer"),
    [
        ("kiosk", LUCIA_CARD, {"type": "card_known"}),
        ("kiosk", UNUSED_CARD, {"type": "card_known"}),
        ("till", LUCIA_CARD, {"type": "unknown", "looks_like": "card"}),
        ("kiosk", "#1001", {"type": "unknown", "looks_like": "other"}),
        ("till", "#1001", {"type": "unknown", "looks_like": "other"}),
    ],
)
def test_devices_learn_nothing_of_people(house: Running, kind: str, code: str, answer: object) -> None:
    """Of a card a kiosk learns that it is one, whether anybody has it or not, and a till nothing; neither of orders."""
    assert ask(house, getattr(house.tokens, kind), "POST /v1/scan", json={"code": code}).json() == answer
    assert ask(house, getattr(house.tokens, kind), "POST /v1/scan", json={"code": GTIN}).json()["type"] == "product"


def test_notes_of_other_stores_are_for_managers(timed: Running) -> None:
    """An associate sees the notes of their own stores; managers and HQ see all, whoever wrote them where."""
    timed.sync.post("/v1/records", content=ndjson())
    lucia = timed.customer("lucia")
    away = timed.database.write_now(lambda c: signed_in(c, enrolled(c, store="SE"), hired(c, "associate", "SE"))).token
    for token, text in ((away, "Written in SE"), (timed.tokens.associate, "Written in GV")):
        assert ask(timed, token, f"POST /v1/customers/{lucia}/notes", json={"text": text}).status_code == 201

    def seen(token: str) -> list[list[str]]:
        context = ask(timed, token, f"GET /v1/customers/{lucia}/context").json()
        scanned = ask(timed, token, "POST /v1/scan", json={"code": LUCIA_CARD}).json()["context"]
        return [[note["text"] for note in answer["notes"]] for answer in (context, scanned)]

    both = ["Written in GV", "Written in SE"]
    assert seen(away) == [both[1:]] * 2
    assert seen(timed.tokens.associate) == [both[:1]] * 2
    assert [sorted(notes) for notes in seen(timed.tokens.manager)] == [both] * 2
    assert [sorted(notes) for notes in seen(timed.tokens.hq)] == [both] * 2
