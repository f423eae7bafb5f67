"""A kiosk that runs as a process of its own, with hands on its screen and an eye in it."""

from pathlib import Path

import msgspec

from tests.screens.display import Display
from tests.screens.sight import KioskSight, Thing
from tests.screens.tablet import EVENING, Looks, Tablet

UPRIGHT = Looks(1080, 1920, "es", "normal")


class Kiosk(Tablet):
    """A kiosk that runs while the block does, alone: when a customer has left it begins anew by itself.

    Args:
        server: the server's address.
        display: where its window is.
        folder: takes its log and what it keeps.
        token: of an enrolled kiosk; None where it is not enrolled yet.
        looks: its size, language and theme.
        now: the moment that it takes for now, in ISO 8601; empty where the machine's clock tells it.
    """

    program = "tests.screens.kiosk_eye"

    def __init__(
        self,
        server: str,
        display: Display,
        folder: Path,
        *,
        token: str | None,
        looks: Looks = UPRIGHT,
        now: str = EVENING,
    ) -> None:
        super().__init__(server, display, folder, store=None, looks=looks, door=token is None, now=now)
        self._token = token

    def own_environment(self) -> dict[str, str]:
        """What it finds in its environment beside the display."""
        return {"MOSTRADOR_KIOSK_HOME": str(self._folder / "home")} | (
            {"MOSTRADOR_KIOSK_TOKEN": self._token} if self._token else {}
        )

    def look(self) -> KioskSight:
        """What is on the screen, after the next frame."""
        return msgspec.json.decode(self._ask("look"), type=KioskSight)

    def touch_in(self, title: str, kind: str, which: int = 0) -> None:
        """Touch a thing in the card of an article, the one further to the right where there are several."""
        self.hands.touch(self.thing_in(title, kind, which).middle)

    def thing_in(self, title: str, kind: str, which: int = 0) -> Thing:
        """A thing in the card of an article, once nothing moves."""
        self.at_rest()
        left, top, right, bottom = self.thing("LineCard", title).box
        inside = [
            thing
            for thing in self.look().all(kind)
            if left <= thing.middle.x <= right and top <= thing.middle.y <= bottom
        ]
        return sorted(inside, key=lambda thing: thing.box[0])[which]

    def go_home(self) -> None:
        """The welcome screen, before which nobody stands."""
        sight = self.look()
        if sight.screen != "welcome":
            self.touch("WideButton", self._way_out(sight))
        self.until(lambda sight: (sight.screen, sight.ending) == ("welcome", False))

    def _way_out(self, sight: KioskSight) -> str:
        words = {("es", True): "Terminar", ("es", False): "Volver", ("en", True): "Finish", ("en", False): "Back"}
        return words[(sight.language, sight.guest)]
