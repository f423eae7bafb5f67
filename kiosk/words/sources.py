"""What the places are called that records come from: a source is a platform and an instance of it, `shopify:madrid`."""

from collections import Counter
from collections.abc import Iterable

from kiosk.words import Words

_TILLS = frozenset({"till", "pos"})
_ONLINE = frozenset({"web", "shop", "shopify", "magento", "woocommerce", "prestashop"})


def cart_words(sources: Iterable[str], t: Words) -> list[str]:
    """What each of a customer's carts is called; by its instance where two would be called the same."""
    sources = list(sources)
    plain = [_cart(source, t) for source in sources]
    often = Counter(plain)
    return [
        words if words and often[words] == 1 else t("Cart of {source}", source=source.partition(":")[2] or source)
        for source, words in zip(sources, plain, strict=True)
    ]


def _cart(source: str, t: Words) -> str:
    platform = source.partition(":")[0].lower()
    if platform in _TILLS:
        return t("Cart at the till")
    return t("Cart online") if platform in _ONLINE else ""
