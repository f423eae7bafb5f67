"""Known words of articles, to which misspelt ones are corrected."""

from server.catalog.queries import SQL
from server.search.vocabulary import KnownWords


class Vocabulary(KnownWords):
    """Every word of a title, a brand, a category or an option."""

    def __init__(self) -> None:
        super().__init__(SQL.spoken_size, SQL.spoken_after)
