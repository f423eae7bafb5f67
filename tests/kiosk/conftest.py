"""The real server for the client to speak to: the small shop, served."""

from tests.server.http.conftest import house

__all__ = ["house"]
