"""How a tablet comes to belong to a store: a QR or a typed code, what may go wrong, and how it ends."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.enrol.invitation import LETTERS, Invitation, letters_of, read_invitation, written
from kiosk.enrol.presenter import ROLL_AFTER, EnrolPresenter
from kiosk.enrol.rows import code_words, revoked_words, trouble_words
from kiosk.enrol.state import EnrolState, anew, enrolled, erased, failed, moved, revoked, trading, typed
from kiosk.link.keyring import FILE, Keyring
from kiosk.link.port import Place, UntrustedError
from kiosk.words import Words
from server.wire.access import DeviceToken
from tests.fakes import FakePort, played
from tests.kiosk.given import NOW, at, but

SERVER = "https://shop.example:8600"
PRINT = "a1" * 32
QR = f"mostrador:enrol?server={quote(SERVER, safe='')}&code=7KQ2M-9XBCD&fp={PRINT}"
ENROLLED = DeviceToken(device_id=12, kind="tablet", store="GV", name="Tablet 3", token="dev_12_secret")
PLACE = Place(server=SERVER, fingerprint=PRINT, token="dev_12_secret", store="GV", name="Tablet 3", since=at(0))
TYPED = EnrolState(server=SERVER, code="7KQ2M9XBCD")
ENGLISH = Words("en")


@pytest.mark.parametrize(
    ("text", "invitation"),
    [
        (QR, Invitation("7KQ2M-9XBCD", SERVER, PRINT)),
        (QR.replace(PRINT, PRINT.upper()), Invitation("7KQ2M-9XBCD", SERVER, PRINT)),
        (
            "mostrador:enrol?server=http://10.0.0.5:8600&code=7KQ2M-9XBCD",
            Invitation("7KQ2M-9XBCD", "http://10.0.0.5:8600"),
        ),
        ("7KQ2M-9XBCD", Invitation("7KQ2M-9XBCD")),
        (" 7kq2m9xbcd\n", Invitation("7KQ2M-9XBCD")),
        ("mostrador:enrol?code=7KQ2M-9XBCD", None),
        ("mostrador:enrol?server=https://shop.example", None),
        ("mostrador:enrol?server=ftp://shop.example&code=7KQ2M-9XBCD", None),
        ("mostrador:revoke?server=https://shop.example&code=7KQ2M-9XBCD", None),
        ("mostrador:enrol?server=https://shop.example&code=7KQ2M-9XBCD&fp=a1", None),
        (f"mostrador:enrol?server=http://shop.example&code=7KQ2M-9XBCD&fp={PRINT}", None),
        ("mostrador:enrol?server=https://[::1&code=7KQ2M-9XBCD", None),
        ("2900000200012", None),
        ("https://shop.example/", None),
        ("", None),
    ],
)
def test_what_a_scan_invites_to(text: str, invitation: Invitation | None) -> None:
    """A QR says where, with which code, and which certificate is there; whatever is not whole is no invitation."""
    assert read_invitation(text) == invitation


@given(st.text(max_size=60))
def test_no_scan_is_too_odd_to_be_read(text: str) -> None:
    """Whatever a scanner reads is an invitation or none."""
    for code in (text, f"mostrador:enrol?{text}"):
        invitation = read_invitation(code)
        assert invitation is None or invitation.code


@given(st.text(alphabet=LETTERS, min_size=10, max_size=10))
def test_a_code_is_read_as_it_is_written(letters: str) -> None:
    """Written in two halves, in small letters or with blanks, it is the same code."""
    assert letters_of(written(letters)) == letters
    assert letters_of(written(letters).lower()) == letters
    assert letters_of(" ".join(letters)) == letters


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        (EnrolState(server=SERVER), lambda s: typed(s, "7kq2-"), EnrolState(server=SERVER, code="7KQ2")),
        (TYPED, lambda s: typed(s, "A"), TYPED),
        (failed(TYPED, "unreachable"), lambda s: typed(s, ""), TYPED),
        (TYPED, erased, but(TYPED, code="7KQ2M9XBC")),
        (EnrolState(), erased, EnrolState()),
        (TYPED, lambda s: moved(s, "http://b"), but(TYPED, server="http://b")),
        (TYPED, trading, but(TYPED, phase="trading")),
        (trading(TYPED), lambda s: typed(s, "A"), trading(TYPED)),
        (trading(TYPED), erased, trading(TYPED)),
        (trading(TYPED), lambda s: failed(s, "unreachable"), but(TYPED, trouble="unreachable")),
        (trading(TYPED), lambda s: failed(s, "wrong_code"), but(TYPED, code="", trouble="wrong_code")),
        (trading(TYPED), enrolled, EnrolState(phase="enrolled", server=SERVER)),
        (enrolled(TYPED), revoked, EnrolState(phase="revoked", server=SERVER)),
        (revoked(TYPED), lambda s: typed(s, "A"), revoked(TYPED)),
        (revoked(TYPED), anew, EnrolState(server=SERVER)),
    ],
)
def test_what_each_happening_changes(
    before: EnrolState, change: Callable[[EnrolState], EnrolState], after: EnrolState
) -> None:
    """A code grows, is traded, and stays only where it may still be good."""
    assert change(before) == after


class Tablet:
    """A tablet that asks a fake server, with a keyring in a real folder."""

    def __init__(self, folder: Path, hours: float = 0) -> None:
        self.port = FakePort()
        self.keyring = Keyring(folder)
        self.shown: list[EnrolState] = []
        self.presenter = EnrolPresenter(
            self.port, self.keyring, self.shown.append, lambda: NOW + timedelta(hours=hours), SERVER
        )


def test_a_qr_enrols_the_tablet(tmp_path: Path) -> None:
    """The QR's server is asked, with the QR's certificate; the token is kept and used, and the code is not."""

    async def scene() -> None:
        tablet = Tablet(tmp_path)
        question = await tablet.port.question(tablet.presenter.scan(QR))
        assert tablet.presenter.state.phase == "trading"
        await question.answer(ENROLLED)
        assert tablet.port.asked == [
            ("use", Place(server=SERVER, fingerprint=PRINT)),
            ("enrol", "7KQ2M-9XBCD"),
            ("use", PLACE),
        ]
        assert tablet.presenter.state == EnrolState(phase="enrolled", server=SERVER)
        assert tablet.keyring.read() == PLACE

    played(scene())


def test_a_typed_code_is_traded_where_the_tablet_was_told(tmp_path: Path) -> None:
    """Eight letters and no fewer are traded, at the address that stands there."""

    async def scene() -> None:
        tablet = Tablet(tmp_path)
        tablet.presenter.type("7KQ2M9XBC")
        assert await tablet.port.begin(tablet.presenter.trade()) is None
        tablet.presenter.move(" http://10.0.0.5:8600 ")
        tablet.presenter.type("D")
        question = await tablet.port.question(tablet.presenter.trade())
        await question.answer(ENROLLED)
        assert tablet.port.asked[:2] == [("use", Place(server="http://10.0.0.5:8600")), ("enrol", "7KQ2M-9XBCD")]
        assert tablet.presenter.state.phase == "enrolled"

    played(scene())


@pytest.mark.parametrize(
    ("code", "trouble", "words"),
    [
        ("wrong_code", "wrong_code", "Ask for a new one"),
        ("answer_expired", "wrong_code", "Ask for a new one"),
        ("wrong_kind", "wrong_kind", "Ask for the code of a tablet"),
        ("too_many_tries", "wait", "Wait a minute"),
        ("invalid_field", "refused", "No."),
    ],
)
def test_a_code_that_is_refused(tmp_path: Path, code: str, trouble: str, words: str) -> None:
    """It is said why, nothing is kept, and another code can be typed."""

    async def scene() -> None:
        tablet = Tablet(tmp_path)
        tablet.presenter.type("7KQ2M9XBCD")
        await (await tablet.port.question(tablet.presenter.trade())).refuse(code)
        assert (tablet.presenter.state.phase, tablet.presenter.state.trouble) == ("asking", trouble)
        assert words in trouble_words(tablet.presenter.state, ENGLISH)
        assert tablet.keyring.read() is None
        tablet.presenter.erase()
        tablet.presenter.type("2")
        assert trouble_words(tablet.presenter.state, ENGLISH) == ""

    played(scene())


@pytest.mark.parametrize("kind", ["kiosk", "till", "sync"])
def test_a_token_of_another_kind_is_not_kept(tmp_path: Path, kind: str) -> None:
    """Where the server did not ask what this is, the tablet is no kiosk all the same: it says so, and keeps nothing."""

    async def scene() -> None:
        tablet = Tablet(tmp_path)
        await (await tablet.port.question(tablet.presenter.scan(QR))).answer(but(ENROLLED, kind=kind))
        assert (tablet.presenter.state.phase, tablet.presenter.state.trouble) == ("asking", "wrong_kind")
        assert (tablet.presenter.place, tablet.keyring.read()) == (None, None)
        assert "otro tipo de aparato" in trouble_words(tablet.presenter.state, Words("es"))

    played(scene())


def test_nobody_or_somebody_else_answers(tmp_path: Path) -> None:
    """Silence and a wrong certificate are told apart; the code stays for another try."""

    async def scene() -> None:
        tablet = Tablet(tmp_path)
        tablet.presenter.type("7KQ2M9XBCD")
        await (await tablet.port.question(tablet.presenter.trade())).lose()
        assert (tablet.presenter.state.trouble, tablet.presenter.state.code) == ("unreachable", "7KQ2M9XBCD")
        assert SERVER in trouble_words(tablet.presenter.state, ENGLISH)
        await (await tablet.port.question(tablet.presenter.trade())).lose(UntrustedError)
        assert tablet.presenter.state.trouble == "untrusted"
        assert "Scan the manager’s QR" in trouble_words(tablet.presenter.state, ENGLISH)
        tablet.presenter.move("shop")
        assert await tablet.port.begin(tablet.presenter.trade()) is None
        assert tablet.presenter.state.trouble == "unreachable"

    played(scene())


def test_a_scan_that_is_no_invitation_asks_nobody(tmp_path: Path) -> None:
    """A customer's card says that it is not the code of a tablet."""

    async def scene() -> None:
        tablet = Tablet(tmp_path)
        assert await tablet.port.begin(tablet.presenter.scan("2900000200012")) is None
        assert tablet.presenter.state.trouble == "no_code"
        assert "not the code of a tablet" in trouble_words(tablet.presenter.state, ENGLISH)

    played(scene())


def test_a_code_is_not_spent_where_its_token_cannot_be_kept(tmp_path: Path) -> None:
    """A tablet that cannot write says so before it asks the server."""

    async def scene() -> None:
        (tmp_path / "home").write_text("no folder")
        tablet = Tablet(tmp_path / "home")
        assert await tablet.port.begin(tablet.presenter.scan(QR)) is None
        assert (tablet.presenter.state.trouble, tablet.port.asked) == ("no_room", [])
        assert "storage" in trouble_words(tablet.presenter.state, ENGLISH)

    played(scene())


def test_a_tablet_remembers_where_it_belongs(tmp_path: Path) -> None:
    """After a restart it is the same device, without asking anybody; a new one is nobody's."""
    tablet = Tablet(tmp_path)
    tablet.presenter.recall()
    assert (tablet.presenter.state.phase, tablet.port.asked) == ("asking", [])
    tablet.keyring.keep(PLACE)
    tablet.presenter.recall()
    assert (tablet.presenter.state.phase, tablet.port.asked) == ("enrolled", [("use", PLACE)])


def test_a_revoked_tablet_keeps_nothing(tmp_path: Path) -> None:
    """Its token is gone from disk and from the connection; then it can be enrolled anew."""

    async def scene() -> None:
        tablet = Tablet(tmp_path)
        tablet.keyring.keep(PLACE)
        tablet.presenter.recall()
        tablet.presenter.revoke()
        tablet.presenter.revoke()
        assert not tablet.keyring.read()
        assert tablet.port.asked[-1] == ("use", Place(server=SERVER))
        assert tablet.presenter.place is None
        assert [state.phase for state in tablet.shown] == ["enrolled", "revoked"]
        assert "out of service" in revoked_words(tablet.presenter.state, ENGLISH)[0]
        assert await tablet.port.begin(tablet.presenter.scan(QR)) is None
        tablet.presenter.anew()
        await (await tablet.port.question(tablet.presenter.scan(QR))).answer(ENROLLED)
        assert tablet.presenter.state.phase == "enrolled"
        tablet.presenter.revoke()

    played(scene())
    assert list(tmp_path.iterdir()) == []


def test_a_token_that_another_program_rolled_is_taken(tmp_path: Path) -> None:
    """Of two programs of a kiosk one rolls; the other one's token is unknown then, and the kept one is good."""

    async def scene() -> None:
        front, behind = Tablet(tmp_path, hours=24 * 40), Tablet(tmp_path, hours=24 * 40)
        front.keyring.keep(PLACE)
        front.presenter.recall()
        behind.presenter.recall()
        assert not behind.presenter.renewed()
        await (await front.port.question(front.presenter.roll())).answer(but(ENROLLED, token="dev_12_next"))
        assert behind.presenter.renewed()
        assert behind.presenter.place == front.presenter.place
        assert behind.port.asked[-1] == ("use", front.presenter.place)
        assert (behind.keyring.read(), behind.presenter.state.phase) == (front.presenter.place, "enrolled")
        assert not behind.presenter.renewed()

    played(scene())


def test_a_tablet_that_stands_nowhere_has_no_newer_token(tmp_path: Path) -> None:
    """One that was given its token, or was revoked, takes none that lies there; nor is there one where none is kept."""
    tablet = Tablet(tmp_path)
    tablet.keyring.keep(PLACE)
    tablet.presenter.given()
    assert not tablet.presenter.renewed()
    tablet.presenter.recall()
    tablet.keyring.forget()
    assert not tablet.presenter.renewed()
    tablet.presenter.revoke()
    tablet.keyring.keep(PLACE)
    assert (tablet.presenter.renewed(), tablet.presenter.state.phase) == (False, "revoked")


def test_a_tablet_that_the_server_does_not_know_says_so() -> None:
    """That is something else than being revoked, and is said differently."""
    assert "does not know this tablet" in revoked_words(revoked(EnrolState(), unknown=True), ENGLISH)[0]


@pytest.mark.parametrize(("days", "asks"), [(0, False), (29, False), (30, True), (400, True)])
def test_a_token_that_served_its_time_is_rolled(tmp_path: Path, days: int, asks: bool) -> None:
    """The next token is kept before it is used; a young one stays."""

    async def scene() -> None:
        tablet = Tablet(tmp_path, hours=24 * days)
        tablet.keyring.keep(PLACE)
        tablet.presenter.recall()
        question = await tablet.port.begin(tablet.presenter.roll())
        assert (question is not None) == asks
        if question is not None:
            await question.answer(but(ENROLLED, token="dev_12_next"))
            kept = but(PLACE, token="dev_12_next", since=at(24 * days))
            assert (tablet.keyring.read(), tablet.port.asked[-1]) == (kept, ("use", kept))

    assert timedelta(days=30) == ROLL_AFTER
    played(scene())


def test_a_token_that_cannot_be_rolled_stays(tmp_path: Path) -> None:
    """Neither silence nor a no, nor a tablet that was revoked meanwhile, changes what is kept."""

    async def scene() -> None:
        tablet = Tablet(tmp_path, hours=24 * 40)
        assert await tablet.port.begin(tablet.presenter.roll()) is None
        tablet.keyring.keep(PLACE)
        tablet.presenter.recall()
        await (await tablet.port.question(tablet.presenter.roll())).lose()
        await (await tablet.port.question(tablet.presenter.roll())).refuse("internal_error")
        assert tablet.keyring.read() == PLACE
        late = await tablet.port.question(tablet.presenter.roll())
        tablet.presenter.revoke()
        await late.answer(but(ENROLLED, token="dev_12_next"))
        assert (tablet.keyring.read(), tablet.presenter.state.phase) == (None, "revoked")

    played(scene())


def test_only_its_owner_may_read_the_keyring(tmp_path: Path) -> None:
    """The file that holds the token is 0600 from its first byte, also over one that was open to all."""
    (tmp_path / FILE).write_text("{}")
    (tmp_path / FILE).chmod(0o644)
    keyring = Keyring(tmp_path)
    keyring.prepare()
    (part,) = tmp_path.glob("*.part")
    assert part.stat().st_mode & 0o777 == 0o600
    keyring.keep(PLACE)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert keyring.read() == PLACE


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"server": 1}', b'{"server": "http://a"}', b"\xff\xfe"])
def test_a_keyring_that_cannot_be_understood_is_none(tmp_path: Path, content: bytes) -> None:
    """A broken file means a tablet that is enrolled anew, not one that does not start."""
    (tmp_path / FILE).write_bytes(content)
    assert Keyring(tmp_path).read() is None


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("", "· · · · ·  · · · · ·"),
        ("7KQ", "7 K Q · ·  · · · · ·"),
        ("7KQ2M9XBCD", "7 K Q 2 M  9 X B C D"),
    ],
)
def test_a_code_stands_in_two_halves(code: str, words: str) -> None:
    """Each letter that is missing has its place."""
    assert code_words(code) == words
