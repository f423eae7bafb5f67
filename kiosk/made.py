"""What a program is made of stays: it is not looked through for garbage while somebody waits.

Half a million things are made for the screens before the first is shown, and looking through them all took four tenths
of a second, in which nothing moved, after some ten customers each time.
"""

import gc

DRAWN = 1.0
"""Seconds after which all of a first screen has been drawn."""


def begin() -> None:
    """From now on all that is made is to stay."""
    gc.disable()


def done() -> None:
    """What is made from now on may go again."""
    gc.freeze()
    gc.enable()
