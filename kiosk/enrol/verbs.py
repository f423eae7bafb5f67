"""What touches and scans may ask for while a kiosk is enrolled; each returns at once."""

from kiosk.enrol.presenter import EnrolPresenter
from kiosk.tasks import Tasks


class EnrolVerbs:
    """For the kv: `app.door.verb()`, as the tablet's door has them."""

    def __init__(self, presenter: EnrolPresenter, tasks: Tasks) -> None:
        self._presenter = presenter
        self._tasks = tasks

    def code(self, letters: str) -> None:
        """Add to the code."""
        self._presenter.type(letters)

    def erase_code(self) -> None:
        """Take the code's last letter back."""
        self._presenter.erase()

    def move(self, server: str) -> None:
        """Mean another server."""
        self._presenter.move(server)

    def trade(self) -> None:
        """Trade the code for a place in the store."""
        self._tasks.start(self._presenter.trade())

    def anew(self) -> None:
        """Enrol a kiosk that was out."""
        self._presenter.anew()

    def scan(self, code: str) -> None:
        """A code was scanned."""
        self._tasks.start(self._presenter.scan(code))
