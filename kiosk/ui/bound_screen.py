"""What every screen is: a state that its kv rule draws, a presenter that its touches call, and words."""

from typing import Any

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout


class BoundScreen(BoxLayout):
    """Touch -> kv -> `presenter.verb()` -> new state -> `state` here -> every `root.state.x` in the kv.

    Attributes:
        state: a frozen Struct; assigned whole, drawn by the kv rule, never written from a widget.
        verbs: what touches may call; each starts a presenter's verb.
        t: words in the language of whoever looks.
    """

    # Without rebind a rule that reads `root.state.x` would follow the first state only.
    state: Any = ObjectProperty(None, rebind=True)
    verbs: Any = ObjectProperty(None, rebind=True)
    t: Any = ObjectProperty(None, rebind=True)
