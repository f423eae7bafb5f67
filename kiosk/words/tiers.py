"""What a loyalty programme's tiers are called."""

from kiosk.words import Words


def tier_words(tier: str | None, t: Words) -> str:
    """A tier in the viewer's language; one that only this retailer has, as the retailer calls it."""
    if not tier:
        return ""
    return {
        "basic": t("Basic"),
        "bronze": t("Bronze"),
        "silver": t("Silver"),
        "gold": t("Gold"),
        "platinum": t("Platinum"),
        "diamond": t("Diamond"),
    }.get(tier.strip().lower(), tier)
