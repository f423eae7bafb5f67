"""Misspelt words: whatever is found by parts of a word is what a look at every word would find."""

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from server.customers.vocabulary import Vocabulary
from server.search.vocabulary import ALTERNATIVES

letters = st.text("abc", min_size=1, max_size=10)


def nearest(word: str, known: set[str]) -> dict[str, int]:
    """What corrections are, by looking at each word there is."""
    mistakes = 2 if len(word) >= 5 else 1
    found = sorted((OSA.distance(word, one), one) for one in known if one != word)
    return {one: distance for distance, one in found if distance <= mistakes and len(word) >= 3}


def corrected(word: str, known: set[str]) -> dict[str, int]:
    """What a vocabulary of these words says."""
    vocabulary = Vocabulary()
    vocabulary.learn(known)
    return vocabulary.corrections(word)


@given(letters, st.sets(letters, max_size=40))
def test_no_near_word_is_missed(word: str, known: set[str]) -> None:
    """The nearest words come first, as many as are shown, and none that is nearer is left out."""
    assert list(corrected(word, known).items()) == list(nearest(word, known).items())[:ALTERNATIVES]


@given(st.data(), st.text("abcdefgh", min_size=6, max_size=12))
def test_each_way_to_make_two_mistakes_is_found(data: st.DataObject, known: str) -> None:
    """Whatever two mistakes somebody makes in a word, also at the borders of its parts, the word is found."""
    word = known
    for _ in range(2):
        place = data.draw(st.integers(0, len(word) - 2))
        letter = data.draw(st.sampled_from("abcdefgh"))
        how = data.draw(st.sampled_from(["added", "left out", "another", "swapped"]))
        rest = {
            "added": letter + word[place:],
            "left out": word[place + 1 :],
            "another": letter + word[place + 1 :],
            "swapped": word[place + 1] + word[place] + word[place + 2 :],
        }[how]
        word = word[:place] + rest
    assert corrected(word, {known}) == nearest(word, {known})
