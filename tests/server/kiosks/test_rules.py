"""Codes that a shop signs: the recipe of the README makes them, and whatever else comes is none."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kiosks.rules import CODE_LENGTH, code_typed, new_digits, read_continue
from server.kiosks.words import MESSAGES, message
from server.wire.problems import ProblemError
from tests.server.given import NOW
from tests.server.http.floor import OTHER_KEY, SHOP_KEY, shop_code

KEYS = {"web": SHOP_KEY, "other": OTHER_KEY}
README = Path(__file__).parents[3] / "README.md"


def test_the_recipe_works_as_it_is_printed() -> None:
    """What the README gives a shop's developer makes codes that are taken: each of one cart, and none like another."""
    (recipe,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(recipe, "README.md", "exec"), names)
    now = datetime.now(UTC)
    codes = [names["continue_code"](SHOP_KEY, "acme", "web", "cart-1") for _ in range(2)]
    first, second = (read_continue(code, KEYS, "acme", now) for code in codes)
    assert (first.source, first.external_id) == ("web", "cart-1")
    assert timedelta(minutes=9) < first.expires_at - now <= timedelta(minutes=10)
    assert first.id != second.id
    with pytest.raises(ProblemError):
        read_continue(codes[0], KEYS, "another chain", now)
    assert max(map(len, codes)) < 300


@given(st.text(min_size=1, max_size=255), st.integers(1, 600))
def test_any_cart_is_named(cart: str, seconds: int) -> None:
    """Whatever the shop calls it."""
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
