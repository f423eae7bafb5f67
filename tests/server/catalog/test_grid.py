"""How variants are laid out: sizes as people expect them, each article in one place, odd options in a list."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.catalog.grid import Laid, grid_of
from server.wire.catalog import Grid


def grid(*options: dict[str, str]) -> Grid:
    """Of variants with these options, whose SKUs are their places: `0`, `1`."""
    return grid_of([Laid(str(n), values) for n, values in enumerate(options)])


@pytest.mark.parametrize(
    "sizes",
    [
        ("XXS", "XS", "S", "M", "L", "XL", "XXL", "3XL"),
        ("2XS", "XS", "M", "XL", "2XL", "4XL"),
        ("36", "36.5", "37", "40"),
        ("36", "36 1/2", "37 1/3", "37½"),
        ("28/30", "28/32", "30/30", "32/34"),
        ("W28 L30", "W28 L32", "W32 L30"),
        ("EU 38", "EU 38,5", "EU 40"),
        ("XS/S", "S/M", "L/XL"),
        ("Extra Small", "Small", "Medium", "Large", "X-Large"),
        ("Pequeña", "Mediana", "Grande"),
        ("6-9 months", "18-24 months", "3-4 years", "5-6 years"),
        ("Única", "S", "M"),
        ("S", "M", "38", "40"),
        ("250 ml", "500 ml", "1000 ml"),
        ("S", "M", "L", "Tall"),
    ],
)
def test_sizes_stand_in_the_order_that_people_expect(sizes: tuple[str, ...]) -> None:
    """Letters, numbers, halves, width and length, months before years; one size first, what is none last."""
    laid = grid(*({"talla": size} for size in reversed(sizes)))
    assert laid.columns == sizes
    assert laid.across == "talla"


@pytest.mark.parametrize("values", [("Short", "Regular", "Long"), ("Negro", "Azul"), ("100% cotton", "Linen")])
def test_what_is_no_size_stands_as_the_catalogue_has_it(values: tuple[str, ...]) -> None:
    """Nobody sorts lengths and colours by letters."""
    assert grid(*({"option": value} for value in values)).columns == values


@pytest.mark.parametrize(
    ("options", "across", "down", "columns", "rows"),
    [
        pytest.param(
            [{"color": c, "size": s} for c in ("Red", "Blue") for s in ("M", "S")],
            *("size", "color", ("S", "M"), [("Red", ("1", "0")), ("Blue", ("3", "2"))]),
            id="colour first",
        ),
        pytest.param(
            [{"Size": s, "Color": c} for s, c in (("S", "Red"), ("M", "Blue"))],
            *("Size", "Color", ("S", "M"), [("Red", ("0", None)), ("Blue", (None, "1"))]),
            id="not each in each",
        ),
        pytest.param(
            [{"size": "S", "color": "Red"}, {"size": "M", "color": "Red"}],
            *("size", "", ("S", "M"), [("", ("0", "1"))]),
            id="what all have tells nothing",
        ),
        pytest.param(
            [{"fit": "Slim", "size": s, "color": c} for s in ("S", "M") for c in ("Red", "Blue")],
            *("size", "color", ("S", "M"), [("Red", ("0", "2")), ("Blue", ("1", "3"))]),
            id="three, one of which tells nothing",
        ),
        pytest.param(
            [{"fit": f, "size": s, "color": "Red" if s == "S" else "Blue"} for f in ("Slim", "Wide") for s in "SM"],
            *("size", "fit · color", ("S", "M")),
            [
                *(("Slim · Red", ("0", None)), ("Slim · Blue", (None, "1"))),
                *(("Wide · Red", ("2", None)), ("Wide · Blue", (None, "3"))),
            ],
            id="three",
        ),
        pytest.param(
            [{"a": "40", "b": "Red"}, {"a": "38", "b": "Blue"}],
            *("a", "b", ("38", "40"), [("Red", (None, "0")), ("Blue", ("1", None))]),
            id="the size by its values",
        ),
        pytest.param(
            [{"paper": p, "cover": c} for p in ("Lined", "Plain", "Dots") for c in ("Hard", "Soft")],
            *("cover", "paper", ("Hard", "Soft")),
            [("Lined", ("0", "1")), ("Plain", ("2", "3")), ("Dots", ("4", "5"))],
            id="no size",
        ),
        pytest.param(
            [{"size": "S", "color": "Red"}, {"color": "Red"}, {"size": "M"}],
            *("size", "color", ("S", "M", ""), [("Red", ("0", None, "1")), ("", (None, "2", None))]),
            id="not said",
        ),
        pytest.param([{}], "", "", (), [("", ("0",))], id="one article"),
        pytest.param([{"size": "S"}], "", "", (), [("", ("0",))], id="one article with a size"),
        pytest.param([{"size": "S"}] * 2, "", "", (), [("", ("0",)), ("", ("1",))], id="not told apart"),
        pytest.param(
            [{"size": "M"}, {"size": "S", "color": "Red"}, {"size": "S", "color": "Red"}],
            *("", "", (), [("S · Red", ("1",)), ("S · Red", ("2",)), ("M", ("0",))]),
            id="two in one place",
        ),
        pytest.param(
            [{"model": f"m{n}", "colour": f"c{n}"} for n in range(8)],
            *("", "", (), [(f"m{n} · c{n}", (f"{n}",)) for n in range(8)]),
            id="mostly holes",
        ),
        pytest.param([], "", "", (), [], id="nothing"),
    ],
)
def test_variants_are_laid_out(
    options: list[dict[str, str]],
    across: str,
    down: str,
    columns: tuple[str, ...],
    rows: list[tuple[str, tuple[str | None, ...]]],
) -> None:
    """Sizes across, what else tells articles apart down; where that says little, a list in the same order."""
    laid = grid(*options)
    assert (laid.across, laid.down, laid.columns) == (across, down, columns)
    assert [(row.value, row.skus) for row in laid.rows] == rows


def test_what_is_gone_takes_nobodys_place() -> None:
    """What no feed has any more is left out, unless nothing else is there."""
    red, blue = Laid("red", {"color": "Red"}), Laid("blue", {"color": "Blue"})
    gone = [one._replace(gone=True) for one in (red, blue)]
    assert grid_of([red, blue._replace(gone=True), Laid("green", {"color": "Green"})]).columns == ("Red", "Green")
    assert grid_of(gone).columns == ("Red", "Blue")


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["size", "color", "fit"]), st.sampled_from(["S", "M", "40", "Red", "28/32", ""]), max_size=3
        ),
        max_size=12,
    )
)
def test_every_article_has_one_place(options: list[dict[str, str]]) -> None:
    """However odd its options are; and every row has as many places as there are columns, or is a list's."""
    laid = grid(*options)
    skus = [sku for row in laid.rows for sku in row.skus if sku is not None]
    assert sorted(skus) == sorted(str(n) for n in range(len(options)))
    assert {len(row.skus) for row in laid.rows} <= {len(laid.columns) or 1}


def test_a_whole_grid_is_found_in_any_order() -> None:
    """The order in which a feed lists articles changes no place, but for colours, which keep theirs."""
    pairs = list(product(("Red", "Blue"), ("XL", "S", "M")))
    one = grid_of([Laid(f"{color}-{size}", {"color": color, "size": size}) for color, size in pairs])
    other = grid_of([Laid(f"{color}-{size}", {"size": size, "color": color}) for color, size in reversed(pairs)])
    assert one.columns == other.columns == ("S", "M", "XL")
    assert {row.value: row.skus for row in one.rows} == {row.value: row.skus for row in other.rows}
