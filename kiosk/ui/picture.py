"""A picture that comes when it comes, in a frame that is there from the start."""

from kivy.uix.label import Label

from kiosk.ui.kv import load_twin
from kiosk.ui.photo import Photo


class Picture(Photo, Label):
    """A photo that fills its frame, cut at the longer sides, with the frame's soft corners; else an icon in it."""


load_twin(__file__)
