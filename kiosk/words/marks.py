"""Texts with some of their letters in bold, in the markup that labels understand. Pure."""

from collections.abc import Iterable


def marked(text: str, ranges: Iterable[tuple[int, int]]) -> str:
    """A text with ranges in bold, in Kivy's markup; what looks like markup in it stays text."""
    parts, at = [], 0
    for start, end in sorted(ranges):
        begin, stop = max(start, at), min(end, len(text))
        if begin < stop:
            parts += [escaped(text[at:begin]), "[b]", escaped(text[begin:stop]), "[/b]"]
            at = stop
    return "".join([*parts, escaped(text[at:])])


def escaped(text: str) -> str:
    """A text in which nothing is markup."""
    return text.replace("&", "&amp;").replace("[", "&bl;").replace("]", "&br;")
