"""An online shop as a model: a cart that a customer changes at home, and that is told what the counter changed."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec import UNSET, UnsetType

from server.carts.rules import LARGEST, merged
from server.wire.records import CartLineRecord


class Told(NamedTuple):
    """What the shop is told of a change at the counter."""

    version: int
    sku: str
    base: int
    quantity: int


Merging = Callable[[int, int, int], int]
"""What a shop makes of what it has when somebody who saw a base wants a quantity."""


def three_way(base: int, current: int, wanted: int) -> int:
    """As we do."""
    return merged(base, current, wanted)


def added_up(base: int, current: int, wanted: int) -> int:
    """Every change counts, the same one twice too."""
    return max(current + wanted - base, 0)


def last_word(base: int, current: int, wanted: int) -> int:
    """Whoever comes last is right."""
    return wanted


def sold_out(base: int, current: int, wanted: int) -> int:
    """The shop takes nothing from the counter."""
    return current


class Snapshot(NamedTuple):
    """A cart as the shop shows it, with when it did."""

    at: int
    seen_version: int | UnsetType
    lines: tuple[CartLineRecord, ...]


@dataclass
class OnlineShop:
    """One cart of a shop, `says` whether its snapshots tell which changes of the counter are in them.

    `renames`: lines have another id each time they are shown, as shops without lasting ones do.
    """

    merging: Merging = three_way
    says: bool = True
    renames: bool = False
    quantities: dict[str, int] = field(default_factory=dict)
    seen_version: int = 0
    at: int = 0
    _heard: set[tuple[int, str]] = field(default_factory=set)

    def at_home(self, sku: str, quantity: int) -> None:
        """The customer sets how many of an article are in the cart."""
        self._set(sku, quantity)

    def hear(self, told: Told) -> None:
        """Be told of a change; what comes again was heard."""
        if (told.version, told.sku) not in self._heard:
            self._heard.add((told.version, told.sku))
            self._set(told.sku, self.merging(told.base, self.quantities.get(told.sku, 0), told.quantity))
        self.seen_version = max(self.seen_version, told.version)

    def show(self) -> Snapshot:
        """The cart as it is now."""
        self.at += 1
        lines = tuple(
            CartLineRecord(
                sku=sku,
                title=sku,
                quantity=quantity,
                unit_price=100,
                line_id=f"{self.at}-{sku}" if self.renames else sku,
            )
            for sku, quantity in self.quantities.items()
        )
        return Snapshot(self.at, self.seen_version if self.says else UNSET, lines)

    def _set(self, sku: str, quantity: int) -> None:
        if quantity:
            self.quantities[sku] = min(quantity, LARGEST)
        else:
            self.quantities.pop(sku, None)


def pieces(lines: Iterable[tuple[str, int]]) -> Counter[str]:
    """How many of each article there are."""
    found: Counter[str] = Counter()
    for sku, quantity in lines:
        found[sku] += quantity
    return +found
