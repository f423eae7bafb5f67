"""What touches may ask for where a cart leaves the kiosk; each starts a verb of the presenter and returns at once."""

from collections.abc import Callable

from kiosk.handoff.presenter import HandoffPresenter
from kiosk.tasks import Tasks
from server.wire.carts import Cart
from server.wire.handoffs import HandoffWay


class HandoffVerbs:
    """The verbs of a handoff, for kv rules.

    Args:
        presenter: who does it.
        tasks: runs what takes its time, until the customer leaves.
        cart: the cart that is shown, with all the customer wishes of it; None where there is none.
    """

    def __init__(self, presenter: HandoffPresenter, tasks: Tasks, cart: Callable[[], Cart | None]) -> None:
        self._presenter = presenter
        self._tasks = tasks
        self._cart = cart

    def send(self, way: HandoffWay) -> None:
        """Send the cart that is shown to a till, to the phone, to the door, or keep it here."""
        cart = self._cart()
        if cart is not None and cart.lines:
            self._tasks.start(self._presenter.send(way, cart))

    def ask_where(self) -> None:
        """Have the customer say where it is to be delivered."""
        cart = self._cart()
        if cart is not None and cart.lines:
            self._presenter.ask_where(cart)

    def again(self) -> None:
        """Ask once more."""
        self._tasks.start(self._presenter.again())

    def look(self) -> None:
        """Ask what became of it."""
        self._tasks.start(self._presenter.look())

    def tick(self) -> None:
        """A second passed."""
        self._tasks.start(self._presenter.tick())

    def back(self) -> None:
        """Back to the cart."""
        self._presenter.back()

    def finish(self) -> None:
        """The customer has what they came for."""
        self._presenter.finish()
