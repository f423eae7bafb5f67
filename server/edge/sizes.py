"""How long a request's head may be. Bodies are the doors' own matter: see LARGEST_BODY in server/app.py."""

from server.edge.asked import Asked
from server.wire.problems import ProblemError

LARGEST_HEAD = 16 * 1024
"""Bytes of address and headers; ours have less than 1,000."""
MOST_HEADERS = 64
LONGEST_PATH = 1024
"""Characters, unquoted."""
LONGEST_QUERY = 2048
"""Bytes."""


def check_sizes(asked: Asked) -> ProblemError | None:
    """Refuse what no door of ours can need."""
    if asked.query > LONGEST_QUERY or len(asked.path) > LONGEST_PATH:
        return _ADDRESS_TOO_LONG
    if asked.size > LARGEST_HEAD or asked.headers > MOST_HEADERS:
        return HEAD_TOO_LARGE
    return None


_ADDRESS_TOO_LONG = ProblemError(
    "address_too_long",
    f"An address has at most {LONGEST_PATH:,} characters, and {LONGEST_QUERY:,} more after its question mark.",
)
HEAD_TOO_LARGE = ProblemError(
    "head_too_large", f"Send at most {MOST_HEADERS} headers, of {LARGEST_HEAD:,} bytes together with the address."
)
