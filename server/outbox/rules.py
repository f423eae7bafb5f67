"""What messages to shops are called, and when a shop that did not take one is asked again."""

from datetime import timedelta

LEASE = timedelta(seconds=60)
"""A server that said nothing for so long sends no more: another takes over."""
_AGAIN_AFTER = tuple(timedelta(seconds=n) for n in (1, 5, 30, 60, 300))


def name_of(source: str, number: int, at: str) -> str:
    """What a message is called, each time it is told.

    Args:
        source: whose shop is told.
        number: of what happened; a restored copy of the database gives it again.
        at: when that happened.
    """
    return f"{source}.{number}.{at}"


def next_try(tries: int) -> timedelta:
    """How long to wait after so many tries. There is no last one: what a customer changed is not dropped."""
    return _AGAIN_AFTER[min(tries, len(_AGAIN_AFTER)) - 1]


def is_told(tries: int) -> bool:
    """Whether an operator is told of so many tries: of the first, and then once an hour."""
    return tries == 1 or (tries >= len(_AGAIN_AFTER) and (tries - len(_AGAIN_AFTER)) % 12 == 0)


def was_taken(answer: int | str) -> bool:
    """Whether a shop took what it was told, by the status of its answer or by why there was none."""
    return isinstance(answer, int) and 200 <= answer < 300
