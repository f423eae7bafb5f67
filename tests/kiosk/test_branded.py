"""A retailer's colour in every theme: it can be seen, written with and written on, whichever it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.theme import KIOSK_THEMES, LARGE, LIGHT, NORMAL, THEMES, Theme, branded, kiosk_themes
from server.wire.colours import BLACK, WHITE, as_hex, contrast, of_hex

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
LOOKS = st.sampled_from([*THEMES.values(), *KIOSK_THEMES.values()])


@given(theme=LOOKS, colour=COLOURS)
def test_whatever_the_colour_everybody_can_read_it(theme: Theme, colour: str) -> None:
    """What is written on it and with it has 4.5:1, what is drawn with it 3:1, and its soft ground carries all words."""
    worn = branded(theme, colour)
    assert contrast(worn.on_brand, worn.brand) >= 4.5
    assert worn.on_brand[:3] in {WHITE, BLACK}
    for ground in (worn.paper, worn.surface, worn.sunken):
        assert contrast(worn.brand, ground) >= 3
        assert contrast(worn.brand_ink, ground) >= 4.5
    assert contrast(worn.brand_ink, worn.brand_soft) >= 4.5
    assert contrast(worn.ink, worn.brand_soft) >= 7


@given(theme=LOOKS, colour=COLOURS)
def test_it_is_changed_no_more_than_it_must_be(theme: Theme, colour: str) -> None:
    """A colour that can be seen stays as it is; another goes towards black or white, and no step too far."""
    worn, asked = branded(theme, colour), of_hex(colour)
    grounds = (theme.paper, theme.surface, theme.sunken)
    seen = min(contrast(asked, ground) for ground in grounds)
    if seen >= 3:
        assert worn.brand[:3] == asked
    else:
        assert 3 <= min(contrast(worn.brand, ground) for ground in grounds) < 3.5
        darker = [after <= before for before, after in zip(asked, worn.brand[:3], strict=True)]
        assert all(darker) or not any(after < before for before, after in zip(asked, worn.brand[:3], strict=True))


@given(theme=LOOKS, colour=COLOURS)
def test_nothing_else_changes(theme: Theme, colour: str) -> None:
    """The accent alone is the retailer's; worn twice it is as worn once."""
    worn = branded(theme, colour)
    own = {"brand", "on_brand", "brand_soft", "brand_ink"}
    assert {name: value for name, value in worn._asdict().items() if name not in own} == {
        name: value for name, value in theme._asdict().items() if name not in own
    }
    assert branded(worn, as_hex(worn.brand)).brand == worn.brand


@given(colour=COLOURS)
def test_who_asked_for_contrast_keeps_it(colour: str) -> None:
    """The kiosk's large letters stay in our own colour, and where no colour is named everything does."""
    assert kiosk_themes(colour) == {NORMAL.name: branded(NORMAL, colour), LARGE.name: LARGE}
    assert kiosk_themes(None) == KIOSK_THEMES


@pytest.mark.parametrize(
    ("asked", "brand", "on"),
    [
        ("#0F5C56", "#0F5C56", WHITE),
        ("#E4572E", "#E4572E", BLACK),
        ("#C8102E", "#C8102E", WHITE),
        ("#000000", "#000000", WHITE),
    ],
)
def test_colours_of_retailers(asked: str, brand: str, on: tuple[float, ...]) -> None:
    """Green, orange, red and black as they come out on light ground."""
    worn = branded(LIGHT, asked)
    assert (as_hex(worn.brand), worn.on_brand[:3]) == (brand, on)


@pytest.mark.parametrize("asked", ["#FFFFFF", "#FFD100"])
def test_a_light_colour_is_darkened_on_light_and_kept_on_dark(asked: str) -> None:
    """White and yellow could not be seen on paper; at night they stay as they are."""
    assert as_hex(branded(LIGHT, asked).brand) != asked
    assert as_hex(branded(THEMES["dark"], asked).brand) == asked


@given(colour=COLOURS)
def test_a_colour_reads_as_it_is_written(colour: str) -> None:
    """There and back."""
    assert as_hex(of_hex(colour)) == colour.upper()
