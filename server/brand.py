"""How a retailer looks, as it is told and served: read once, when the server starts."""

from typing import NamedTuple


class BrandPicture(NamedTuple):
    """A picture as screens show it; `digest` is the SHA-256 of its content."""

    digest: str
    media_type: str
    content: bytes


class BrandLook(NamedTuple):
    """What is the retailer's own; where there is nothing, screens look as they do by themselves."""

    logo: BrandPicture | None = None
    welcome: BrandPicture | None = None

    def picture(self, digest: str) -> BrandPicture | None:
        """One of them by what is in it."""
        return next((one for one in (self.logo, self.welcome) if one is not None and one.digest == digest), None)


OURS = BrandLook()
