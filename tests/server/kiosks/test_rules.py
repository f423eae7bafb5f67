"""Codes that a shop signs: the recipe of the README makes them, and whatever else comes is none."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.access.rules import Patience, Tries, after_wrong, wait_left
from server.kiosks.rules import CODE_LENGTH, KIOSK, code_typed, new_digits, read_continue
from server.kiosks.words import MESSAGES, message
from server.wire.problems import ProblemError
from tests.readme import recipe
from tests.server.given import NOW
from tests.server.http.floor import OTHER_KEY, SHOP_KEY, shop_code

KEYS = {"web": SHOP_KEY, "other": OTHER_KEY}


def test_the_recipe_works_as_it_is_printed() -> None:
    """What the README gives a shop's developer makes codes that are taken: each of one cart, and none like another."""
    now, continue_code = datetime.now(UTC), recipe("continue_code")
    codes = [continue_code(SHOP_KEY, "acme", "web", "cart-1") for _ in range(2)]
    first, second = (read_continue(code, KEYS, "acme", now) for code in codes)
    assert (first.source, first.external_id) == ("web", "cart-1")
    assert timedelta(minutes=9) < first.expires_at - now <= timedelta(minutes=10)
    assert first.id != second.id
    with pytest.raises(ProblemError):
        read_continue(codes[0], KEYS, "another chain", now)
    assert max(map(len, codes)) < 300


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=255), st.integers(1, 600))
def test_any_cart_is_named(cart: str, seconds: int) -> None:
    """Whatever the shop calls it; but for a NUL, which no record of a cart may hold either."""
    said = read_continue(shop_code(cart, NOW, minutes=seconds / 60), KEYS, "acme", NOW)
    assert (said.external_id, said.expires_at) == (cart, NOW + timedelta(seconds=seconds))


@given(st.data())
def test_no_sign_can_be_changed(data: st.DataObject) -> None:
    """One that is another, more or fewer makes it none."""
    code = shop_code("cart-1", NOW)
    place = data.draw(st.integers(0, len(code) - 1))
    sign = data.draw(st.sampled_from("ABCxyz019-_.=+/ é"))
    changed = data.draw(st.sampled_from([code[:place] + code[place + 1 :], code[:place] + sign + code[place + 1 :]]))
    # Of the last sign of a part some bits say nothing.
    if changed != code and place != len(code) - 1:
        with pytest.raises(ProblemError) as refused:
            read_continue(changed, KEYS, "acme", NOW)
        assert refused.value.code == "wrong_proof"


@given(st.text(max_size=300))
def test_rubbish_is_none(text: str) -> None:
    """No text breaks the reader."""
    for code in (text, f"MC1.{text}", f"MC1.{text}.{text}"):
        with pytest.raises(ProblemError):
            read_continue(code, KEYS, "acme", NOW)


def test_a_key_is_its_sources_own() -> None:
    """Another source's key signs nothing for this one."""
    with pytest.raises(ProblemError):
        read_continue(shop_code("cart-1", NOW, key=OTHER_KEY), KEYS, "acme", NOW)
    assert read_continue(shop_code("cart-1", NOW, key=OTHER_KEY, source="other"), KEYS, "acme", NOW).source == "other"


def test_digits_are_as_many_as_they_should_be() -> None:
    """With leading zeros; and typed with blanks they are the same."""
    codes = {new_digits(CODE_LENGTH) for _ in range(500)}
    assert {len(code) for code in codes} == {CODE_LENGTH}
    assert len(codes) > 490
    assert code_typed(" 482 615 ") == "482615"


@pytest.mark.parametrize(
    ("wanted", "language"),
    [(("es-ES",), "es"), ((None, "en"), "en"), (("xx", "es"), "es"), (("xx",), "en"), ((), "en")],
)
def test_a_message_is_in_the_first_language_that_is_known(wanted: tuple[str | None, ...], language: str) -> None:
    """And says the code, the minutes, and whose shop it is."""
    words = message(wanted, "Acme {code}", "482615", 10)
    assert words.text == MESSAGES[language].text.format(code="482615", minutes=10, brand="")
    assert "Acme {code}" in words.subject


HALF_HOURS = 48


def test_who_mistypes_now_and_then_closes_no_kiosk() -> None:
    """One wrong code each half hour of a whole day: nobody there ever waits."""
    tried: Tries | None = None
    for n in range(HALF_HOURS):
        now = NOW + timedelta(minutes=30 * n)
        tried = after_wrong(tried, KIOSK, now)
        assert wait_left(tried, now) == 0


def test_what_is_counted_at_a_kiosk_grows_less_and_never_more() -> None:
    """One less for each ten minutes without a wrong code; a clock behind another server's counts nothing."""
    before = Tries(12, NOW, NOW)
    counted = {
        minutes: after_wrong(before, KIOSK, NOW + timedelta(minutes=minutes)).wrong for minutes in (-30, 9, 10, 59)
    }
    assert counted == {-30: 13, 9: 13, 10: 12, 59: 8}
    assert after_wrong(Tries(2, NOW, NOW), KIOSK, NOW + timedelta(minutes=50)).wrong == 1


STEP = 15
"""Seconds; every wait at a kiosk is so many times that."""
HOURS = 8
COUNTED = 100
"""More than are counted in so many hours."""


def most_guesses(patience: Patience) -> int:
    """Codes that are looked at in so many hours, of whoever rests before each just as long as suits best."""

    def after(wrong: int, rest: int) -> int:
        return after_wrong(Tries(wrong, NOW, NOW), patience, NOW + timedelta(seconds=rest)).wrong

    waits = [wait_left(after_wrong(Tries(wrong - 1, NOW, NOW), patience, NOW), NOW) for wrong in range(COUNTED)]
    rests = [*range(0, 3_600, patience.longest), 3_600 + STEP]
    ways = [
        [(rest, after(wrong, rest)) for rest in {max(wait, rest) for rest in rests}] for wrong, wait in enumerate(waits)
    ]
    # At each step, how many were looked at, at best, by how many are counted then.
    best = [[0] * COUNTED for _ in range(HOURS * 3_600 // STEP)]
    best[0][1] = 1
    for step, looked_at in enumerate(best):
        for wrong in range(1, COUNTED):
            for rest, counted in ways[wrong] if looked_at[wrong] else ():
                then = step + rest // STEP
                if then < len(best):
                    best[then][counted] = max(best[then][counted], looked_at[wrong] + 1)
    return max(map(max, best))


def test_nobody_guesses_faster_because_less_is_counted() -> None:
    """Who knows the rule and rests where it pays has 15 codes an hour looked at, as if a count never grew less."""
    assert most_guesses(KIOSK) == most_guesses(KIOSK._replace(eased=None)) == 15 * HOURS - 1
