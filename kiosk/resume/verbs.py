"""What touches on the cart's screen may ask for; each starts a verb of the presenter and returns at once."""

from kiosk.resume.presenter import ResumePresenter
from kiosk.tasks import Tasks


class CartVerbs:
    """The verbs of the cart, for kv rules.

    Args:
        presenter: who does it.
        tasks: runs what takes its time, until the customer leaves.
    """

    def __init__(self, presenter: ResumePresenter, tasks: Tasks) -> None:
        self._presenter = presenter
        self._tasks = tasks

    def open(self) -> None:
        """Show the carts of whoever is in."""
        self._tasks.start(self._presenter.open())

    def renew(self) -> None:
        """Show what may have changed."""
        self._tasks.start(self._presenter.renew())

    def want(self, line: int, quantity: int) -> None:
        """Another quantity of a line."""
        self._tasks.start(self._presenter.want(line, quantity))

    def undo(self, sku: str) -> None:
        """Put back what was taken out."""
        self._tasks.start(self._presenter.undo(sku))

    def scan(self, code: str) -> None:
        """Put in what a label names."""
        self._tasks.start(self._presenter.scan(code))

    def variants(self, line: int) -> None:
        """Show the sizes and colours of a line's article."""
        self._tasks.start(self._presenter.open_variants(line))

    def pick(self, name: str, value: str) -> None:
        """Touch one of them."""
        self._presenter.pick(name, value)

    def take(self) -> None:
        """Have the line be that."""
        self._tasks.start(self._presenter.take_variant())

    def wishes(self) -> None:
        """Show what is wished for."""
        self._presenter.open_sheet("wishes")

    def add_wish(self, sku: str) -> None:
        """Put in what is wished for."""
        self._tasks.start(self._presenter.add_wish(sku))

    def close(self) -> None:
        """Take the sheet away."""
        self._presenter.close_sheet()

    def choose(self, cart: int) -> None:
        """Go on with a cart."""
        self._presenter.choose(cart)

    def all_carts(self) -> None:
        """Look at all of them."""
        self._presenter.choose(None)

    def join_all(self) -> None:
        """Have everything in one cart, the current one."""
        self._tasks.start(self._presenter.join_all())
