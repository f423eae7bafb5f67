"""How a product's variants are laid out: sizes across in the order people expect, what else tells them apart down.

Pure. Nobody says which option is the size: its name tells, in a dozen languages, or else its values.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from server.search.rules import fold
from server.wire.catalog import Grid, GridRow

SPARSEST = 1 / 3
"""A grid of which less is filled says less than a list."""
SMALL = 12
"""Places of a grid that may be as sparse as it likes."""

SIZE_NAMES = frozenset({
    *("size", "sizes", "talla", "tallas", "tamano", "tamanho", "taille", "grosse", "groesse", "maat", "taglia"),
    *("misura", "numero", "storlek", "rozmiar"),
})  # fmt: skip
"""Folded words that an option's name may have."""
_WORDS = {
    **dict.fromkeys(("small", "pequena", "pequeno", "klein", "petit"), "s"),
    **dict.fromkeys(("medium", "mediana", "mediano", "mittel", "moyen"), "m"),
    **dict.fromkeys(("large", "grande", "gross", "grand"), "l"),
}
_ONE_SIZE = frozenset({
    *("one size", "onesize", "os", "u", "tu", "uni", "unica", "talla unica", "unico", "taille unique"),
    "einheitsgrosse",
})  # fmt: skip
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_HALVES = {"½": ".5", "¼": ".25", "¾": ".75", "⅓": ".33", "⅔": ".67"} | {
    f" {n}/{of}": f"{n / of:.2f}"[1:] for n, of in ((1, 2), (1, 4), (3, 4), (1, 3), (2, 3))
}
_MONTHS = re.compile(r"\d\s?(?:m|mo|mos|months?|mes|meses|mois|monate?)\b")

Rank = tuple[float, ...]


class Laid(NamedTuple):
    """A variant as far as its place in the grid goes; `gone` variants stand in it where nothing else does."""

    sku: str
    options: Mapping[str, str]
    gone: bool = False


def grid_of(variants: Sequence[Laid]) -> Grid:
    """Where each variant stands. Each that is not gone has a place of its own."""
    live = [variant for variant in variants if not variant.gone] or list(variants)
    telling = _telling(live)
    if not telling:
        return Grid(rows=tuple(GridRow(value="", skus=(variant.sku,)) for variant in live))
    across = _across(live, telling)
    others = [name for name in telling if name != across]
    columns = _ordered(variant.options.get(across, "") for variant in live)
    places: dict[tuple[str, ...], dict[str, str]] = {}
    for variant in live:
        row = places.setdefault(tuple(variant.options.get(name, "") for name in others), {})
        if row.setdefault(variant.options.get(across, ""), variant.sku) != variant.sku:
            return _list(live, telling)
    if len(live) < SPARSEST * len(places) * len(columns) and len(places) * len(columns) > SMALL:
        return _list(live, telling)
    order = [_ordered(values) for values in zip(*places, strict=True)]
    sorted_rows = sorted(places, key=lambda row: [at.index(value) for at, value in zip(order, row, strict=True)])
    return Grid(
        across=across,
        down=" · ".join(others),
        columns=tuple(columns),
        rows=tuple(
            GridRow(
                value=" · ".join(value for value in row if value),
                skus=tuple(places[row].get(column) for column in columns),
            )
            for row in sorted_rows
        ),
    )


def _list(live: Sequence[Laid], telling: Sequence[str]) -> Grid:
    """Variants one under the other, by their options in turn."""
    order = [_ordered(variant.options.get(name, "") for variant in live) for name in telling]

    def key(variant: Laid) -> list[int]:
        return [at.index(variant.options.get(name, "")) for at, name in zip(order, telling, strict=True)]

    return Grid(
        rows=tuple(
            GridRow(
                value=" · ".join(value for name in telling if (value := variant.options.get(name))), skus=(variant.sku,)
            )
            for variant in sorted(live, key=key)
        )
    )


def _telling(live: Sequence[Laid]) -> list[str]:
    """Options that differ between variants, in the order in which they are first said."""
    names = dict.fromkeys(name for variant in live for name in variant.options)
    return [name for name in names if len({variant.options.get(name, "") for variant in live}) > 1]


def _across(live: Sequence[Laid], telling: Sequence[str]) -> str:
    """The option whose values stand across: the size, else the one that has the fewest."""
    for name in telling:
        if not SIZE_NAMES.isdisjoint(re.findall(r"\w+", fold(name))):
            return name
    values = {name: dict.fromkeys(variant.options.get(name, "") for variant in live) for name in telling}
    for name in telling:
        if all(size_rank(value) is not None for value in values[name]):
            return name
    return min(telling, key=lambda name: len(values[name]))


def _ordered(values: Iterable[str]) -> list[str]:
    """Values once each: sizes by size, all others as the catalogue has them, what is not said last."""
    seen = dict.fromkeys(values)
    distinct = [value for value in seen if value]
    missing = [""] if "" in seen else []
    ranks = {value: size_rank(value) for value in distinct}
    if sum(rank is not None for rank in ranks.values()) * 2 <= len(distinct):
        return [*distinct, *missing]
    last: Rank = (float("inf"),)
    return [*sorted(distinct, key=lambda value: ranks[value] or last), *missing]


@lru_cache(4_096)
def size_rank(value: str) -> Rank | None:
    """What orders sizes: one size, then letters, then numbers, months before years; None where it is no size."""
    text = fold(value).strip()
    if text in _ONE_SIZE:
        return (0.0,)
    # `X-Large` is one size, `S-M` are two.
    parts = [text] if _letter(text) is not None else re.split(r"\s*[/–-]\s*|\s+(?:to|a)\s+", text)
    letters = [_letter(part) for part in parts]
    if all(letter is not None for letter in letters):
        return (1.0, *(letter for letter in letters if letter is not None))
    # Composed signs are halves before folding takes them apart.
    plain = value.lower()
    for sign, decimal in _HALVES.items():
        plain = plain.replace(sign, decimal)
    numbers = [float(number.replace(",", ".")) for number in _NUMBER.findall(plain)]
    if not numbers or len(re.sub(r"[\d\W_]", "", plain)) > 6:
        return None
    scale = 1 / 12 if _MONTHS.search(plain) else 1.0
    return (2.0, *(number * scale for number in numbers))


def _letter(text: str) -> float | None:
    """XXS, XS, S, M, L, XL, 2XL and 4XL as numbers, M being 0."""
    text = re.sub(r"^(?:x|extra)[- ]?(?=small|large|grande|pequen)", "x", text)
    extra = text.startswith("x") and text[1:] in _WORDS
    text = ("x" + _WORDS[text[1:]]) if extra else _WORDS.get(text, text)
    found = re.fullmatch(r"(?:(\d{1,2})x?|(x*))([sml])", text)
    if found is None or (found[3] == "m" and (found[1] or found[2])):
        return None
    extras = int(found[1]) if found[1] else len(found[2])
    if found[1] and "x" not in text:
        return None
    return {"s": -1.0 - extras, "m": 0.0, "l": 1.0 + extras}[found[3]]
