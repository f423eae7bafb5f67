"""The words a product is found by. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from server.search.rules import LONGEST_WORD, words_in


class ProductWords(NamedTuple):
    """All words of a product, and those that people say, which misspelt words are corrected to."""

    all: str
    spoken: tuple[str, ...]


def words_of(texts: Iterable[str | None], options: Iterable[Mapping[str, str]], skus: Sequence[str]) -> ProductWords:
    """What a product is found by, each word once.

    Args:
        texts: its title, brand and category.
        options: of each of its variants.
        skus: of each of its variants. What they have in common is a word, the model's number mostly; what tells them
            apart is found by its beginning, and would be as many words as there are variants.
    """
    spoken = dict.fromkeys(word for text in texts if text for word in _words(text))
    spoken.update(dict.fromkeys(word for values in options for value in values.values() for word in _words(value)))
    common = dict.fromkeys(words_in(skus[0])) if skus else {}
    for sku in skus[1:]:
        if not common:
            break
        others = frozenset(words_in(sku))
        common = {word: None for word in common if word in others}
    return ProductWords(" ".join(spoken | common), tuple(spoken))


@lru_cache(16_384)
def _words(text: str) -> tuple[str, ...]:
    """Brands, categories and options come again and again."""
    return tuple(word[:LONGEST_WORD] for word in words_in(text))
