"""What every screen is: a state that its kv rule draws, and words."""

from typing import Any

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout


class BoundScreen(BoxLayout):
    """Touch -> kv -> `app.verbs.verb()` -> presenter -> new state -> `state` here -> every `root.state.x` in the kv.

    Attributes:
        state: a frozen Struct; assigned whole, drawn by the kv rule, never written from a widget.
        t: words in the language of whoever looks.
    """

    # Without rebind a rule that reads `root.state.x` would follow the first state only.
    state: Any = ObjectProperty(None, rebind=True)
    t: Any = ObjectProperty(None, rebind=True)
