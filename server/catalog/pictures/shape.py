"""What is said of pictures between who finds them, who makes them small and who keeps them."""

from typing import NamedTuple


class NoPictureError(Exception):
    """There is no picture to be had; the message says why."""


class Made(NamedTuple):
    """A picture in one size; `digest` is the SHA-256 of its content."""

    digest: str
    media_type: str
    content: bytes


class Shrunk(NamedTuple):
    """A picture in the sizes that devices show; `small` is None where the large one is as small."""

    large: Made
    small: Made | None


def is_address(link: str) -> bool:
    """Whether a picture is fetched from the network."""
    return link[:8].lower().startswith(("http://", "https://"))


def host_of(address: str) -> str:
    """Whose pictures fail together: the server that an address names."""
    return address.split("/", 3)[2].lower()
