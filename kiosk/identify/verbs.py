"""What touches may ask for while a customer proves who they are; each returns at once."""

from kiosk.identify.presenter import IdentifyPresenter
from kiosk.identify.state import Step
from kiosk.tasks import Tasks


class IdentifyVerbs:
    """For the kv: `app.identify.verb()`."""

    def __init__(self, presenter: IdentifyPresenter, tasks: Tasks) -> None:
        self._presenter = presenter
        self._tasks = tasks

    def take(self, step: Step) -> None:
        """Take another way."""
        self._presenter.take(step)

    def vouch(self) -> None:
        """Ask an associate."""
        self._tasks.start(self._presenter.vouch())

    def key(self, key: str) -> None:
        """A key of a pad was touched; `<` takes the last sign back."""
        if key == "<":
            self._presenter.erase()
        else:
            self._presenter.type(key)

    def confirm(self) -> None:
        """Send what is typed."""
        self._tasks.start(self._presenter.confirm())

    def scan(self, code: str) -> None:
        """Something was held to the reader."""
        self._tasks.start(self._presenter.scan(code))
