"""Known words of names and towns, to which misspelt ones are corrected."""

from server.customers.queries import SQL
from server.search.vocabulary import KnownWords


class Vocabulary(KnownWords):
    """Every word that a name or town has.

    Some ten thousand words for a million customers: the words are many fewer than the people.
    """

    def __init__(self) -> None:
        super().__init__(SQL.vocabulary_size, SQL.vocabulary_after)
