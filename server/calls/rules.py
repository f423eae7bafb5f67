"""How long a call for help waits, and by what name whoever comes is told."""

from datetime import timedelta

WAITS = timedelta(minutes=15)
"""How long a call waits for somebody; by then whoever called has given up."""
KEPT = timedelta(days=1)
"""How long calls that are over are kept."""


def first_name(name: str) -> str:
    """What a customer is told of whoever comes."""
    return name.partition(" ")[0]
