"""What is still to be found of a catalogue's rows, by their hashes: 25 bytes a row, where a dict takes a hundred.

Most feeds are in the order of the night before: then each row stands behind the one that was found before it, and is
looked for nowhere else.
"""

from array import array
from collections.abc import Iterator


class Left:
    """Rows of a catalogue, each with its product, a number from 1 on; they are added first, and found after that.

    Attributes:
        shared: hashes that several rows have.
    """

    def __init__(self) -> None:
        self.shared: set[int] = set()
        # The first is nobody: a place that is empty names it.
        self._hashes, self._products = array("q", [0]), array("q", [0])
        self._places = array("I", [0])
        self._next = 0

    def add(self, row_hash: int, product_id: int) -> None:
        """Know a row."""
        self._hashes.append(row_hash)
        self._products.append(product_id)

    def added(self) -> None:
        """Know that these were all."""
        hashes, size = self._hashes, 1
        while size < len(hashes) * 3 // 2:
            size *= 2
        self._places = places = array("I", [0]) * size
        for number in range(1, len(hashes)):
            row_hash = hashes[number]
            place = row_hash & (size - 1)
            while (before := places[place]) and hashes[before] != row_hash:
                place = (place + 1) & (size - 1)
            if before:
                self.shared.add(row_hash)
                self._products[number] = 0
            else:
                places[place] = number
        # There always is one that follows.
        self.add(0, 0)

    def found(self, row_hash: int) -> bool:
        """Know that a row stands in the feed as it was; False where there is none, or it was found before."""
        number, products = self._next, self._products
        if self._hashes[number] != row_hash or not products[number]:
            number = self._number(row_hash)
            if not products[number]:
                return False
        products[number] = 0
        self._next = number + 1
        return True

    def amended(self, row_hash: int) -> None:
        """Know that a row stands in the feed, and says something else of its article."""
        number = self._number(row_hash)
        self._products[number] = -abs(self._products[number])

    def __contains__(self, row_hash: int) -> bool:
        """Whether a row was not found as it was."""
        return self._products[self._number(row_hash)] != 0

    def products(self) -> Iterator[int]:
        """The product of each row that was neither found nor amended."""
        return (product_id for product_id in self._products if product_id > 0)

    def _number(self, row_hash: int) -> int:
        hashes, places = self._hashes, self._places
        mask = len(places) - 1
        place = row_hash & mask
        while (number := places[place]) and hashes[number] != row_hash:
            place = (place + 1) & mask
        return number
