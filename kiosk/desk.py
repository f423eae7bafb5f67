"""The cart and its ways out, put on the stage of a kiosk: who hears of what, and which screen is shown when."""

from typing import Any

from kivy.clock import Clock

from kiosk.handoff.presenter import HandoffPresenter
from kiosk.handoff.screen import HandoffScreen
from kiosk.handoff.state import HandoffState, is_shown
from kiosk.handoff.verbs import HandoffVerbs
from kiosk.resume.presenter import ResumePresenter
from kiosk.resume.screen import CartScreen
from kiosk.resume.state import ResumeState, current
from kiosk.resume.verbs import CartVerbs
from server.wire.codes import CardPattern
from server.wire.live import LiveEvent


class Desk:
    """Both features of a customer who is in.

    Args:
        app: the kiosk.
        moves: whether anything may move.

    Attributes:
        cart: what touches on the cart may ask for.
        handoff: what touches may ask for where it leaves.
    """

    def __init__(self, app: Any, *, moves: bool) -> None:
        self._app = app
        self._cart = ResumePresenter(app.port, self._show_cart, lambda: app.rise("item", lambda: None))
        self._handoff = HandoffPresenter(app.port, self._show_handoff, app.now, app.leave)
        self.cart = CartVerbs(self._cart, app.tasks)
        self.handoff = HandoffVerbs(self._handoff, app.tasks, lambda: current(self._cart.state))
        self._cart_screen = CartScreen(state=self._cart.state, shelf=app.shelf, moves=moves)
        self._handoff_screen = HandoffScreen(state=self._handoff.state)
        app.plug("cart", self._cart_screen, self.cart.scan)
        app.plug("handoff", self._handoff_screen)
        app.entered.append(self.cart.open)
        app.happened.append(self._happened)
        app.missed.append(self._missed)
        app.left.append(self.forget)
        app.renew = self.cart.renew
        Clock.schedule_interval(lambda _dt: self._tick(), 1)

    @property
    def card_patterns(self) -> tuple[CardPattern, ...]:
        """How loyalty cards look."""
        return self._cart.card_patterns

    @card_patterns.setter
    def card_patterns(self, patterns: tuple[CardPattern, ...]) -> None:
        self._cart.card_patterns = patterns

    def forget(self) -> None:
        """Leave nothing of whoever was here."""
        self._cart.forget()
        self._handoff.forget()

    def _happened(self, told: LiveEvent) -> None:
        self._app.tasks.start(self._cart.heard(told))
        self._handoff.heard(told)

    def _missed(self) -> None:
        self.cart.renew()
        self.handoff.look()

    def _tick(self) -> None:
        if self._handoff.state.phase:
            self.handoff.tick()

    def _show_cart(self, state: ResumeState) -> None:
        self._cart_screen.state = state

    def _show_handoff(self, state: HandoffState) -> None:
        before, self._handoff_screen.state = self._handoff_screen.state, state
        if is_shown(state):
            # A second that passes brings nothing in front of what may stand there.
            if (before.phase, before.aside) != (state.phase, state.aside):
                self._app.show("handoff")
        elif is_shown(before) and self._app.session is not None:
            self._app.show("cart")
        if state.ended and not before.ended:
            self._cart.say(state.ended)
