"""Finding a customer from what somebody typed so far: who is found, in which order, and what is shown of them."""

import sys
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from server.customers import search as searching
from server.customers.rules import masked
from server.customers.search import search
from server.customers.vocabulary import Vocabulary
from server.db.engine import Connection
from server.search.rules import fold, words_in
from server.wire.customers import CustomerHit, SearchAnswer, SearchRequest
from server.wire.problems import ProblemError
from server.wire.records import Contact, Loyalty, OrderRecord, Record
from tests.conftest import Fresh
from tests.server.given import cart, customer, deletion, memory, order, redaction, rows, take, who

DALTON_CARD = "2900000110915"
CONTACTS = {
    "lucia": ("lucia.garcia@example.com", "lg@work.example", "+34600123123"),
    "luciana": ("lucia@other.example", "+34911223344"),
    "dalton": ("dalton.perez@example.com", "+34600000001", DALTON_CARD),
    "jo": ("j@doe.example",),
}


def bought(external_id: str, number: str, at: int, customer_id: Any = None, store: str | None = None) -> OrderRecord:
    """An order with a number of its own, that somebody placed then."""
    named = who(customer_id) if isinstance(customer_id, str) else customer_id
    return replace(order(external_id, at, named, placed=at, store=store), number=number)


CHAIN: tuple[Record, ...] = (
    customer("ana-1", given_name="Ana", family_name="García", city="Barcelona", loyalty=Loyalty(tier="gold")),
    customer("ana-2", given_name="Ana", family_name="García", city="Valencia"),
    customer("anabel", given_name="Anabel", family_name="Garcés", city="Soria"),
    customer(
        "dalton",
        given_name="Dalton",
        family_name="Pérez",
        city="Sevilla",
        emails=("dalton.perez@example.com",),
        phones=("+34600000001",),
        cards=(DALTON_CARD,),
    ),
    customer("jo", given_name="Jo", family_name="Doe", emails=("j@doe.example",)),
    customer(
        "lucia",
        given_name="Lucía",
        family_name="García Peña",
        city="Madrid",
        emails=("lucia.garcia@example.com", "lg@work.example"),
        phones=("+34600123123",),
    ),
    customer(
        "luciana",
        given_name="Luciana",
        family_name="Garcia",
        city="Madrid",
        emails=("lucia@other.example",),
        phones=("+34911223344",),
    ),
    customer("lee", given_name="小龍", family_name="李"),
    customer("muhammad", given_name="مُحَمَّد", family_name="العربي"),
    customer("zoe", given_name="Zoë", family_name="O'Brien"),
    bought("o1", "SO45080", 5, "lucia", "GV"),
    bought("o2", "#1001", 6, "luciana", "SE"),
    bought("o3", "1002", 3, "ana-1", "GV"),
    # Guests: orders that name nobody but a contact, of somebody known and of somebody not
    bought("o4", "#1003", 4, who(email="dalton.perez@example.com")),
    bought("o5", "2026-0042", 4, who(phone="+34699999999")),
    customer("zeros", given_name="Nil", cards=("0012345678",)),
    cart("c1", 0, who("ana-1"), quantity=3),
)


@pytest.fixture(scope="module")
def chain(fresh: Fresh) -> Iterator[Connection]:
    """A chain with the people of `CHAIN`; nobody may change it."""
    with fresh() as conn:
        assert set(take(conn, *CHAIN)) == {"new"}
        yield conn


def found(conn: Connection, text: str, store: str | None = None, limit: int = 20) -> SearchAnswer:
    """The answer to what somebody typed."""
    return search(conn, SearchRequest(text=text, store=store, limit=limit), Vocabulary())


def found_or_refused(conn: Connection, text: str, store: str | None = None, limit: int = 20) -> SearchAnswer | str:
    """The answer, or the code of the problem that it is."""
    try:
        return found(conn, text, store, limit)
    except ProblemError as problem:
        return problem.code


def who_is(conn: Connection, hits: tuple[CustomerHit, ...]) -> list[str]:
    """The people of hits, by the id that their source gave them."""
    by_id = dict(rows(conn, "SELECT id, external_id FROM customers"))
    return [by_id[hit.customer_id] for hit in hits]


@pytest.mark.parametrize(
    ("text", "store", "people", "how"),
    [
        # Exact before begun; seen lately before long ago before never
        ("garcia", None, ["luciana", "lucia", "ana-1", "ana-2"], "exact"),
        ("garc", None, ["luciana", "lucia", "ana-1", "anabel", "ana-2"], "prefix"),
        ("garci", None, ["luciana", "lucia", "ana-1", "ana-2"], "prefix"),
        ("ana", None, ["ana-1", "ana-2", "anabel"], "exact"),
        ("an gar", None, ["ana-1", "anabel", "ana-2"], "prefix"),
        # This store first
        ("garcia", "GV", ["lucia", "ana-1", "luciana", "ana-2"], "exact"),
        ("garcia", "SE", ["luciana", "lucia", "ana-1", "ana-2"], "exact"),
        ("garcia", "nowhere", ["luciana", "lucia", "ana-1", "ana-2"], "exact"),
        # Accents, capitals, compositions and scripts
        ("Pérez", None, ["dalton"], "exact"),
        ("PEREZ", None, ["dalton"], "exact"),
        ("pe\u0301rez", None, ["dalton"], "exact"),
        ("zoe", None, ["zoe"], "exact"),
        ("o'brien", None, ["zoe"], "exact"),
        ("小龍 李", None, ["lee"], "exact"),
        ("محمد", None, ["muhammad"], "exact"),
        ("مُحَمَّد", None, ["muhammad"], "exact"),
        # Any order of names, the town as a further word
        ("garcia pena", None, ["lucia"], "exact"),
        ("peña garcía", None, ["lucia"], "exact"),
        ("pe gar lu", None, ["lucia"], "prefix"),
        ("perez dalt", None, ["dalton"], "prefix"),
        ("garcia madrid", None, ["luciana", "lucia"], "exact"),
        ("garcia barc", None, ["ana-1"], "prefix"),
        ("sevilla", None, ["dalton"], "exact"),
        ("ana sevilla", None, [], None),
        # A phone in every spelling
        ("+34 600 12 31 23", None, ["lucia"], "exact"),
        ("+34600123123", None, ["lucia"], "exact"),
        ("34600123123", None, ["lucia"], "exact"),
        ("0034600123123", None, ["lucia"], "exact"),
        ("0034 600 123 123", None, ["lucia"], "exact"),
        ("600123123", None, ["lucia"], "exact"),
        ("600 12 31 23", None, ["lucia"], "exact"),
        ("600-123-123", None, ["lucia"], "exact"),
        ("(+34) 600.123.123", None, ["lucia"], "exact"),
        ("600 12", None, ["lucia"], "prefix"),
        ("garcia 600123123", None, ["lucia"], "exact"),
        ("123123", None, [], None),
        # E-mails, whole and as far as they are typed
        ("lucia.garcia@example.com", None, ["lucia"], "exact"),
        ("LUCIA.GARCIA@EXAMPLE.COM", None, ["lucia"], "exact"),
        ("lucia.garcia@", None, ["lucia"], "exact"),
        ("lucia.garcia@ex", None, ["lucia"], "exact"),
        ("lucia.garcia@other", None, [], None),
        ("lg@work.example", None, ["lucia"], "exact"),
        ("lucia@", None, ["luciana"], "exact"),
        ("luciagarcia", None, ["lucia"], "exact"),
        ("j@doe.example", None, ["jo"], "exact"),
        ("j@", None, ["jo"], "exact"),
        ("madrid lg@work.example", None, ["lucia"], "exact"),
        ("sevilla lg@work.example", None, [], None),
        ("@example.com", None, [], None),
        ("example", None, [], None),
        # Cards
        (DALTON_CARD, None, ["dalton"], "exact"),
        ("2900000 1109", None, ["dalton"], "prefix"),
        ("0915", None, [], None),
        ("0012345678", None, ["zeros"], "exact"),
        ("00123", None, ["zeros"], "prefix"),
        # Orders
        ("SO45080", None, ["lucia"], "exact"),
        ("so45080", None, ["lucia"], "exact"),
        ("so45", None, ["lucia"], "prefix"),
        ("#1001", None, ["luciana"], "exact"),
        ("1001", None, ["luciana"], "exact"),
        ("1002", None, ["ana-1"], "exact"),
        ("2026-0042", None, ["+34699999999"], "exact"),
        ("garcia so45080", None, ["lucia"], "exact"),
        ("gar so45080", None, ["lucia"], "prefix"),
        ("perez so45080", None, [], None),
        # Somebody known is found as themselves by an order they placed as a guest
        ("#1003", None, ["dalton"], "exact"),
        ("1003", None, ["dalton"], "exact"),
        # Slips are put right where nobody has what was typed
        ("dálton peres", None, ["dalton"], "corrected"),
        ("dlaton", None, ["dalton"], "corrected"),
        ("daltn", None, ["dalton"], "corrected"),
        ("garzia", None, ["luciana", "lucia", "ana-1", "ana-2"], "corrected"),
        ("garzia pena", None, ["lucia"], "corrected"),
        ("garcia madird", None, ["luciana", "lucia"], "corrected"),
        ("obrien", None, ["zoe"], "corrected"),
        ("grces", None, ["anabel"], "corrected"),
        # … and only there: these are what somebody has
        ("garces", None, ["anabel"], "exact"),
        ("garce", None, ["anabel"], "prefix"),
        # Numbers are never corrected to somebody else's, short words to anything
        ("600123124", None, [], None),
        (DALTON_CARD[:-1] + "6", None, [], None),
        ("zo", None, ["zoe"], "prefix"),
        ("zx", None, [], None),
        ("xyzzyxyzzy", None, [], None),
    ],
)
def test_people_are_found_and_the_likeliest_comes_first(
    chain: Connection, text: str, store: str | None, people: list[str], how: str | None
) -> None:
    """Who has everything that was typed, and by which kind of match the first of them was found."""
    answer = found(chain, text, store)
    assert (who_is(chain, answer.hits), answer.hits[0].how if answer.hits else None) == (people, how)
    assert not answer.capped


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("garcia pena", [("name", "Lucía García Peña", "García", "Peña")]),
        ("gar", [("name", "Luciana Garcia", "Gar")]),
        ("o'brien", [("name", "Zoë O'Brien", "O", "Brien")]),
        ("محمد", [("name", "مُحَمَّد العربي", "مُحَمَّد")]),
        ("ana barc", [("name", "Ana García", "Ana"), ("city", "Barcelona", "Barc")]),
        ("lucia.garcia@ex", [("email", "l•••••••••••@example.com", "l•••••••••••@ex")]),
        ("luciagarcia", [("email", "l•••••••••••@example.com", "l•••••••••••")]),
        ("j@doe", [("email", "•@doe.example", "•@doe")]),
        ("600 12", [("phone", "+34•••••••23", "•••••")]),
        ("+34 600123123", [("phone", "+34•••••••23", "34•••••••23")]),
        ("29000001109", [("card", "29•••••••0915", "29•••••••09")]),
        ("1001", [("order", "#1001", "1001")]),
        ("so450", [("order", "SO45080", "SO450")]),
        ("2026-0042", [("order", "2026-0042", "2026-0042")]),
        ("garcia so45080", [("name", "Lucía García Peña", "García"), ("order", "SO45080", "SO45080")]),
        ("dálton peres", [("name", "Dalton Pérez", "Dalton", "Pérez")]),
        ("garcia gar garc", [("name", "Luciana Garcia", "Garcia")]),
    ],
)
def test_what_was_typed_is_highlighted_where_it_was_found(
    chain: Connection, text: str, shown: list[tuple[str, ...]]
) -> None:
    """A hit names the fields that matched, masked as they may be shown, with exactly the matched letters marked."""
    matches = found(chain, text).hits[0].matches
    assert [(m.field, m.text, *(m.text[start:end] for start, end in m.ranges)) for m in matches] == shown


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        ("dálton peres", {"peres": ("perez",)}),
        ("garzia pena", {"garzia": ("garcia",)}),
        ("dalton", {}),
        ("xyzzyxyzzy", {}),
    ],
)
def test_an_answer_says_what_it_put_right(chain: Connection, text: str, corrected: dict[str, tuple[str, ...]]) -> None:
    """A word that was corrected stands in the answer with what was looked for instead, nothing else does."""
    assert found(chain, text).corrected == corrected


def test_a_hit_shows_the_person(chain: Connection) -> None:
    """Name, town, tier, masked phone, when and where they were seen last, and how many pieces wait in their cart."""
    hits = found(chain, "garcia")
    lucia, ana = hits.hits[1], hits.hits[2]
    assert (lucia.name, lucia.city, lucia.phone, lucia.last_store) == (
        "Lucía García Peña",
        "Madrid",
        "+34•••••••23",
        "GV",
    )
    assert lucia.last_seen_at == "2026-10-22T17:00:00.000000Z"
    assert (ana.tier, ana.cart_quantity, ana.phone) == ("gold", 3, None)


def test_masks_reveal_nothing_more_than_their_rule(chain: Connection) -> None:
    """Whatever was typed, no answer holds a contact whole; each that it holds is as `masked` makes it."""
    whole = [value for values in CONTACTS.values() for value in values]
    masks = {masked("email" if "@" in v else "phone" if v.startswith("+") else "card", v) for v in whole}
    for text in (*whole, "garcia", "lucia@", "600", "29", "dalton", "j@", "1003", "+34699999999"):
        answer = found(chain, text)
        written = msgspec.json.encode(answer).decode()
        assert not [value for value in (*whole, "+34699999999") if value in written], text
        contacts = {m.text for hit in answer.hits for m in hit.matches if m.field in ("email", "phone", "card")}
        assert contacts <= masks | {masked("phone", "+34699999999")}


def test_one_person_of_two_records_is_found_once(conn: Connection) -> None:
    """Records that share a verified card are one hit, with the newest name and everybody's contacts and orders."""
    take(
        conn,
        customer(
            "web", 1, given_name="Lucía", family_name="García", city="Madrid", cards=("C1",), phones=("600123123",)
        ),
        customer("till", 2, source="till", given_name="Lucia", family_name="Garcia Pena", cards=("C1",)),
        bought("o1", "1001", 5, "web", "GV"),
        cart("c1", 0, who("web"), quantity=2),
    )
    for text in ("lucia", "garcia", "C1", "c1", "lucia madrid", "pena", "1001", "600123123"):
        hits = found(conn, text).hits
        assert [(hit.name, hit.city, hit.last_store, hit.cart_quantity) for hit in hits] == [
            ("Lucia Garcia Pena", "Madrid", "GV", 2)
        ], text


def test_a_card_that_nobody_proved_finds_everybody_who_carries_it(conn: Connection) -> None:
    """People who share a contact without proof stay apart, each a hit of their own."""
    card = Contact(value="C1", verified=False)
    take(conn, *(customer(name, given_name=name, cards=(card,)) for name in ("ada", "bea")))
    assert {hit.name for hit in found(conn, "c1").hits} == {"ada", "bea"}


def test_an_answer_says_that_there_are_more(conn: Connection) -> None:
    """`capped` is told exactly where more people have it than are shown."""
    take(conn, *(customer(str(n), given_name="Ana", family_name=f"N{n}") for n in range(6)))
    assert [(len(a.hits), a.capped) for n in (1, 5, 6, 7) if (a := found(conn, "ana", limit=n))] == [
        (1, True),
        (5, True),
        (6, False),
        (6, False),
    ]


def test_a_filtered_answer_does_not_claim_that_there_are_more(conn: Connection) -> None:
    """Who is left out because their e-mail is another counts as nobody."""
    take(conn, *(customer(str(n), given_name=f"N{n}", emails=(f"ana@shop{n}.example",)) for n in range(6)))
    answer = found(conn, "ana@shop3", limit=2)
    assert ([hit.name for hit in answer.hits], answer.capped) == (["N3"], False)


MANY = searching.CANDIDATES + 20


@pytest.fixture(scope="module")
def crowd(fresh: Fresh) -> Iterator[Connection]:
    """More people of one name and of one `info@` than the index gives at once; the first of them shops in GV."""
    with fresh() as conn:
        take(
            conn,
            *(
                customer(str(n), given_name="Ana", family_name=f"García N{n}", emails=(f"info@shop{n}.example",))
                for n in range(MANY)
            ),
            bought("o1", "1001", 5, "0", "GV"),
        )
        yield conn


@pytest.mark.parametrize(
    ("text", "store", "first"),
    [
        # Whoever was in this store lately is found among more than the index gives
        ("ana", "GV", "0"),
        ("garcia", "GV", "0"),
        ("gar", "GV", "0"),
        # A further word, an e-mail's host or an order finds anybody among them
        ("ana n0", None, "0"),
        ("info@shop0.example", None, "0"),
        (f"info@shop{MANY - 1}.", None, str(MANY - 1)),
        ("1001", None, "0"),
        ("ana 1001", None, "0"),
    ],
)
def test_a_name_that_too_many_have_still_finds_the_likeliest(
    crowd: Connection, text: str, store: str | None, first: str
) -> None:
    """The index gives only so many; whoever is likeliest here is the first nevertheless."""
    assert who_is(crowd, found(crowd, text, store).hits)[0] == first


def test_too_many_are_told(crowd: Connection) -> None:
    """What more people have than the index gives is capped, whatever the limit."""
    answer = found(crowd, "ana", limit=50)
    assert (len(answer.hits), answer.capped) == (50, True)


def test_who_is_gone_is_found_no_more(conn: Connection) -> None:
    """Deleted and redacted customers are found by nothing, and nobody's slip is corrected to their names."""
    take(
        conn,
        customer("gone", given_name="Wilhelmina", family_name="Okonkwo", emails=("w@example.com",)),
        customer("forgotten", given_name="Bartholomew", phones=("600123123",)),
    )
    vocabulary = Vocabulary()
    for text in ("wilhelmine", "bartholomev"):
        assert search(conn, SearchRequest(text=text), vocabulary).hits
    take(conn, deletion("customer", "gone", 5), redaction("forgotten", 5))
    for text in ("wilhelmina", "wilhelmine", "okonkwo", "w@example.com", "bartholomew", "bartholomev", "600123123"):
        answer = search(conn, SearchRequest(text=text), vocabulary)
        assert (answer.hits, answer.corrected) == ((), {}), text


def test_the_longest_word_there_is_finds_whoever_has_it(conn: Connection) -> None:
    """Some signs are four letters when they are taken apart: no index takes so long a word whole, and none has to."""
    take(conn, customer("1", given_name="\u3300" * 255), customer("2", given_name="\u3300"))
    assert who_is(conn, found(conn, "\u3300" * 200).hits) == ["1"]
    assert who_is(conn, found(conn, "\u3300").hits) == ["2", "1"]


def test_new_words_are_corrected_to_at_once(conn: Connection) -> None:
    """The words that slips are put right to follow what comes in and what changes."""
    vocabulary = Vocabulary()
    take(conn, customer("1", 0, given_name="Wilhelmina"))
    assert search(conn, SearchRequest(text="wilhelmine"), vocabulary).corrected == {"wilhelmine": ("wilhelmina",)}
    take(conn, customer("1", 1, given_name="Bartholomew"), customer("2", 0, given_name="Dagny"))
    assert search(conn, SearchRequest(text="bartholomev"), vocabulary).corrected == {"bartholomev": ("bartholomew",)}
    assert search(conn, SearchRequest(text="wilhelmine"), vocabulary).corrected == {}
    assert search(conn, SearchRequest(text="dagni"), vocabulary).corrected == {"dagni": ("dagny",)}


@pytest.mark.parametrize(
    "text",
    [
        '" OR *',
        '"',
        "garcia*",
        'garcia" OR "a',
        "NEAR(garcia pena)",
        "NEAR(",
        "a AND NOT b",
        "garcia NOT pena",
        "words:garcia",
        "col:",
        "^garcia",
        "{words}:garcia",
        "-garcia",
        "'; DROP TABLE customers; --",
        "garcia' OR '1'='1",
        "%garcia%",
        "garcia\x00",
        "\x00",
        "a" * 200,
        "a " * 100,
        "👩🏽‍💻 garcia",
        "\u202egarcia",
        "العربي",
        "ᦰᦱ ᦲᦳ",
        "aᦰb",
        "½ ⅓",
        "garcia\ud800",
        "SO%",
        "#_001",
        "00",
        "00000",
        "0" * 200,
        "9" * 200,
        "@@@@ garcia",
        "a@b@c.d",
        "x@\U0010ffff",
        "+" * 200 + "1",
    ],
    ids=ascii,
)
def test_hostile_input_is_only_text(chain: Connection, text: str) -> None:
    """No sign of any query language means anything: it finds somebody, nobody, or is too little."""
    answer = found_or_refused(chain, text)
    assert answer == "search_too_short" or len(answer.hits) <= 20


@pytest.mark.parametrize(
    "text", ["", " ", "a", "é", "!", '"*"', "\u0301\u0301\u0301", "👩🏽‍💻", "()+-./", "…", "@", "#"]
)
def test_too_little_is_told(chain: Connection, text: str) -> None:
    """One letter, and anything without letters and digits, is answered with what is missing."""
    with pytest.raises(ProblemError, match="Type at least two letters") as raised:
        found(chain, text)
    assert raised.value.code == "search_too_short"


def test_a_search_has_at_most_200_characters() -> None:
    """What is longer is refused before it is looked at."""
    for length, taken in ((200, True), (201, False)):
        body = msgspec.json.encode({"text": "a" * length})
        if taken:
            msgspec.json.decode(body, type=SearchRequest)
        else:
            with pytest.raises(msgspec.ValidationError, match=r"\$\.text"):
                msgspec.json.decode(body, type=SearchRequest)


TYPED = st.text(max_size=200) | st.lists(
    st.sampled_from(
        ["garcia", "lu", "ana", "pere", "600", "12", "+34", "so45", "#1001", "lucia@", "@", "o'b", "madrid"]
    )
    | st.text(max_size=6),
    max_size=6,
).map(" ".join)


@given(text=TYPED, store=st.sampled_from([None, "GV"]), limit=st.integers(1, 3))
@example(text="ǆ ǅ Ǆ", store=None, limit=1)
def test_any_text_is_answered(chain: Connection, text: str, store: str | None, limit: int) -> None:
    """Whatever is typed, the answer is people or the one problem; ranges lie in their texts, in order, apart."""
    answer = found_or_refused(chain, text, store, limit)
    if isinstance(answer, str):
        assert answer == "search_too_short"
        return
    assert len(answer.hits) <= limit
    assert len({hit.customer_id for hit in answer.hits}) == len(answer.hits)
    for hit in answer.hits:
        for match in hit.matches:
            ends = [place for range_ in match.ranges for place in range_]
            assert ends == sorted(ends)
            assert ends[0] >= 0
            assert ends[-1] <= len(match.text)
            assert all(start < end for start, end in match.ranges)


@given(
    name=st.text(
        alphabet=st.characters(categories=["Lu", "Ll", "Lo", "Mn", "Nd", "Pd", "Zs"]), min_size=2, max_size=20
    ),
    data=st.data(),
)
@example(name="Straßen ﬁn", data=None)
def test_what_is_highlighted_is_what_was_typed(fresh: Fresh, name: str, data: st.DataObject | None) -> None:
    """For any name and any beginning of one of its words: the person is found, and the marked letters fold to it."""
    words = words_in(name)
    typed = [words[0][:2], words[-1][:4]] if data is None and words else []
    if data is not None and words:
        word = data.draw(st.sampled_from(words))
        typed = [word[: data.draw(st.integers(1, len(word)))]]
    typed = [word for word in typed if len(word) > 1 and not word.isdigit()]
    with fresh() as conn:
        verdict = take(conn, customer("1", given_name=name))
        if not typed or verdict != ["new"]:
            return
        (hit,) = found(conn, " ".join(typed)).hits
        (match,) = hit.matches
        assert match.field == "name"
        for start, end in match.ranges:
            marked = fold(match.text[start:end])
            # One sign may be two letters (ß) and have marks: the last one marked holds the last letter typed.
            last = next(n for n in range(end - 1, start - 1, -1) if fold(match.text[n]))
            assert any(word in marked and word not in fold(match.text[start:last]) for word in typed)


def test_every_word_is_one_word_to_the_index_too() -> None:
    """What Python takes for a letter and the index for a blank would be a phrase, which the index cannot look up."""
    conn = memory()
    letters = [
        c for c in filter(str.isalnum, map(chr, range(sys.maxunicode + 1))) if words_in(f"a{c}b") == [f"a{fold(c)}b"]
    ]
    conn.raw.execute("CREATE VIRTUAL TABLE looked USING fts5 (words, tokenize='unicode61 remove_diacritics 0')")
    conn.raw.execute("CREATE VIRTUAL TABLE terms USING fts5vocab (looked, row)")
    conn.raw.execute("INSERT INTO looked VALUES (?)", (" ".join(f"a{fold(c)}b" for c in letters),))
    (broken,) = conn.raw.execute("SELECT count(*) FROM terms WHERE term NOT LIKE 'a%b'").fetchone()
    conn.raw.close()
    assert len(letters) > 100_000
    assert broken == 0
