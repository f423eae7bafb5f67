"""A customer shows a card or types a phone, and the code that is sent to them; a stranger learns and gets nothing."""

import queue
import statistics
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import httpx
import msgspec
import pytest

from server.db.engine import Database
from server.settings import Gateway
from tests.server.http.floor import FLOOR, Floor, floor
from tests.server.http.post_office import Mails, code_in, gateway, smtp
from tests.server.http.test_doors import require_problem
from tests.server.small_shop import DALTON_CARD, EMAIL, LUCIA_CARD, PHONE, SHARED_CARD, UNUSED_CARD

UNKNOWN_PHONE = "+34699000111"


@pytest.fixture
def mails() -> Iterator[tuple[str, Mails]]:
    """A mail server."""
    with smtp("shop", "s3cret/word") as opened:
        yield opened


@pytest.fixture
def mailing(database: Database, mails: tuple[str, Mails]) -> Iterator[Floor]:
    """The floor, where codes go by e-mail."""
    address = mails[0].replace("s3cret/word", "s3cret%2Fword")
    with floor(database, msgspec.structs.replace(FLOOR, mail=address, mail_from="Acme <shop@acme.example>")) as opened:
        yield opened


def ask(kiosk: httpx.Client, contact: str, language: str | None = None) -> httpx.Response:
    """Scan a card or type a contact at a kiosk."""
    return kiosk.post("/v1/kiosk/challenges", json={"type": "send_code", "contact": contact, "language": language})


def number_of(answer: httpx.Response) -> int:
    """The challenge that was begun."""
    assert answer.status_code == 201, answer.text
    number: int = answer.json()["challenge_id"]
    return number


def tell(kiosk: httpx.Client, challenge: int, code: str) -> httpx.Response:
    """Type the code."""
    return kiosk.post("/v1/kiosk/session", json={"type": "code", "challenge_id": challenge, "code": code})


def another(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 10**6:06d}"


@pytest.mark.parametrize("contact", [LUCIA_CARD, EMAIL.upper(), PHONE, "600 123 123"])
def test_a_code_comes_by_mail(mailing: Floor, mails: tuple[str, Mails], contact: str) -> None:
    """By card, e-mail or phone: the mail goes to the e-mail on file, in the language of the screen."""
    challenge = number_of(ask(mailing.kiosk, contact, "en"))
    mail = mails[1].next()
    assert (mail["To"], mail["From"], mail["Subject"]) == (EMAIL, "Acme <shop@acme.example>", "Your code for Mostrador")
    answer = tell(mailing.kiosk, challenge, f" {code_in(mail.get_content())} ")
    assert answer.status_code == 201, answer.text
    customer = mailing.client(answer.json()["token"])
    assert customer.get("/v1/kiosk/cart").json()["carts"][0]["external_id"] == "cart-1"
    mailing.until_on_record(("kiosk", "code", (mailing.house.customer("lucia"),)), 1)
    require_problem(tell(mailing.kiosk, challenge, code_in(mail.get_content())), 410, "proof_over")


def test_words_are_in_the_customers_language(mailing: Floor, mails: tuple[str, Mails]) -> None:
    """Where the screen says nothing, the customer's own language counts."""
    number_of(ask(mailing.kiosk, LUCIA_CARD))
    assert "es tu código" in mails[1].next().get_content()


def test_a_stolen_card_without_the_phone_opens_nothing(mailing: Floor, mails: tuple[str, Mails]) -> None:
    """Three guesses, then the code is over, though it is the right one; soon nobody may ask for this contact at all."""
    challenge = number_of(ask(mailing.kiosk, LUCIA_CARD))
    code = code_in(mails[1].next().get_content())
    for _ in range(3):
        require_problem(tell(mailing.kiosk, challenge, another(code)), 403, "wrong_proof", "$.code")
    require_problem(tell(mailing.kiosk, challenge, code), 410, "proof_over")
    # On another kiosk it goes on where it stopped: it is the contact's tries that count.
    again = number_of(ask(mailing.other_kiosk, LUCIA_CARD))
    code = code_in(mails[1].next().get_content())
    wrong = tell(mailing.other_kiosk, again, another(code))
    require_problem(wrong, 403, "wrong_proof", "$.code")
    assert wrong.headers["retry-after"] == "30"
    require_problem(tell(mailing.other_kiosk, again, code), 429, "too_many_tries")
    require_problem(ask(mailing.kiosk, LUCIA_CARD), 429, "too_many_tries")
    mailing.hands.on(seconds=30)
    assert tell(mailing.other_kiosk, again, code).status_code == 201


def test_a_manager_ends_the_wait_of_a_kiosk_and_not_that_of_a_contact(mailing: Floor) -> None:
    """Too many wrong codes for whichever contact end with a manager, as the answer says; those for one alone do not."""
    for n in range(4):
        challenge = number_of(ask(mailing.kiosk, f"+3469900014{n}"))
        for _ in range(3 if n < 3 else 1):
            require_problem(tell(mailing.kiosk, challenge, "not the code"), 403, "wrong_proof", "$.code")
    waits = ask(mailing.kiosk, UNKNOWN_PHONE)
    require_problem(waits, 429, "too_many_tries")
    assert (waits.json()["retry_after"], "a manager can end the wait" in waits.json()["detail"]) == (15, True)
    mailing.end_waits(mailing.kiosk)
    challenge = number_of(ask(mailing.kiosk, "+34699000140"))
    require_problem(tell(mailing.kiosk, challenge, "not the code"), 403, "wrong_proof", "$.code")
    mailing.end_waits(mailing.kiosk)
    waits = tell(mailing.kiosk, challenge, "not the code")
    require_problem(waits, 429, "too_many_tries")
    assert (waits.json()["retry_after"], "manager" in waits.json()["detail"]) == (30, False)


def test_a_code_is_for_the_kiosk_that_asked(mailing: Floor, mails: tuple[str, Mails]) -> None:
    """Another kiosk, and the same one once it asked for something else or ten minutes went by, gets nothing by it."""
    challenge = number_of(ask(mailing.kiosk, LUCIA_CARD))
    code = code_in(mails[1].next().get_content())
    require_problem(tell(mailing.other_kiosk, challenge, code), 410, "proof_over")
    later = number_of(ask(mailing.kiosk, LUCIA_CARD))
    require_problem(tell(mailing.kiosk, challenge, code), 410, "proof_over")
    code = code_in(mails[1].next().get_content())
    mailing.hands.on(minutes=10)
    require_problem(tell(mailing.kiosk, later, code), 410, "proof_over")


def test_answers_do_not_tell_who_is_known(mailing: Floor, mails: tuple[str, Mails]) -> None:
    """Known, unknown, shared, without an e-mail: the same words, for a wrong code too, but for the number."""
    answers, wrong = set(), set()
    for kiosk, contacts in (
        (mailing.kiosk, (LUCIA_CARD, UNUSED_CARD, SHARED_CARD)),
        (mailing.other_kiosk, (DALTON_CARD, PHONE, UNKNOWN_PHONE)),
    ):
        for contact in contacts:
            answer = ask(kiosk, contact)
            challenge = number_of(answer)
            answers.add(answer.text.replace(f'"challenge_id":{challenge},', ""))
            told = msgspec.json.decode(tell(kiosk, challenge, "not the code").content)
            wrong.add(msgspec.json.encode(told | {"request_id": None}))
    assert len(answers) == 1
    assert len(wrong) == 1
    assert {mails[1].next()["To"] for _ in range(2)} == {EMAIL}
    with pytest.raises(queue.Empty):
        mails[1].came.get_nowait()


def test_time_does_not_tell_who_is_known(database: Database, mails: tuple[str, Mails]) -> None:
    """Of many requests the middle ones for a known and an unknown contact take about as long."""
    settings = msgspec.structs.replace(
        FLOOR, mail=mails[0].replace("s3cret/word", "s3cret%2Fword"), mail_from="s@a.example", kiosk_codes=10_000
    )
    with floor(database, settings) as opened:
        times: dict[str, list[float]] = {PHONE: [], UNKNOWN_PHONE: []}
        for turn in range(24):
            for contact, took in sorted(times.items(), reverse=turn % 2 == 0):
                begun = perf_counter()
                assert ask(opened.kiosk, contact).status_code == 201
                took.append(perf_counter() - begun)
            opened.hands.on(hours=3)
        known, unknown = (statistics.median(took) for took in times.values())
    assert known < 2 * unknown
    assert unknown < 2 * known


def test_nobody_asks_too_often(mailing: Floor) -> None:
    """Three codes for a contact in a quarter of an hour, ten at a kiosk in ten minutes; whoever's the contact is."""
    for _ in range(3):
        assert ask(mailing.kiosk, UNUSED_CARD).status_code == 201
    refused = ask(mailing.other_kiosk, UNUSED_CARD)
    require_problem(refused, 429, "too_many_tries")
    assert int(refused.headers["retry-after"]) in (900, 901)
    for last in range(7):
        assert ask(mailing.kiosk, f"+3469900012{last}").status_code == 201
    require_problem(ask(mailing.kiosk, "+34699000999"), 429, "too_many_tries")
    assert ask(mailing.other_kiosk, "+34699000999").status_code == 201
    mailing.hands.on(minutes=15)
    assert ask(mailing.kiosk, UNUSED_CARD).status_code == 201


def test_a_chain_sends_so_many_codes_a_minute(database: Database) -> None:
    """Numbers that are tried one after the other, over all kiosks, come to an end."""
    with floor(database, msgspec.structs.replace(FLOOR, kiosk_codes=4)) as opened:
        for n in range(4):
            assert ask((opened.kiosk, opened.far_kiosk)[n % 2], f"+3469900013{n}").status_code == 201
        require_problem(ask(opened.other_kiosk, "+34699000139"), 429, "too_many_tries")
        opened.hands.on(seconds=60)
        assert ask(opened.other_kiosk, "+34699000139").status_code == 201


def test_a_code_comes_by_short_message(database: Database) -> None:
    """The gateway gets one POST with its key and what its settings say; who typed a phone is written to there."""
    with gateway() as (url, came):
        body: dict[str, Any] = {"messages": [{"to": "{phone}", "text": "{text}", "sender": "ACME"}]}
        gate = Gateway(url=url, headers={"Authorization": "Bearer of-the-gateway"}, body=body)
        with floor(database, msgspec.structs.replace(FLOOR, gateway=gate)) as opened:
            challenge = number_of(ask(opened.kiosk, PHONE, "es"))
            posted = came.get(timeout=20)
            (message,) = posted.body["messages"]
            assert (posted.key, message["to"], message["sender"]) == ("Bearer of-the-gateway", PHONE, "ACME")
            assert tell(opened.kiosk, challenge, code_in(message["text"])).status_code == 201


def test_a_mail_server_that_is_away_is_told_to_the_operator_alone(database: Database, log: Any) -> None:
    """The answer is the same; the log has no address and no code."""
    with smtp() as (address, _):
        pass
    settings = msgspec.structs.replace(FLOOR, mail=address, mail_from="s@acme.example")
    with floor(database, settings) as opened:
        assert ask(opened.kiosk, LUCIA_CARD).status_code == 201
        log.line("code_was_not_sent")
    assert EMAIL not in log.text
