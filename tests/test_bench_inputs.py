"""What `make bench` is fed with: its chain and its searches are what they are said to be."""

import io
import itertools
from collections import Counter

import msgspec
import pytest
import typer
from rapidfuzz.distance import OSA
from rich.console import Console
from typer.testing import CliRunner

from server.customers.search import read_typed
from server.db.engine import Database
from server.search.rules import words_in
from server.settings import Settings
from server.wire.codes import Card, is_gtin, read_code
from tests.bench import filled, load, names, people, queries
from tests.bench.__main__ import bench
from tests.bench.people import WALK_IN, Chain
from tests.engines import Engines
from tests.server.given import rows

SMALL = Chain(customers=1_000, orders=3_000)
NAMES = {
    word
    for list_ in (names.GIVEN_ES, names.GIVEN_EN, names.FAMILY_ES, names.FAMILY_EN, names.CITIES_ES, names.CITIES_EN)
    for name in list_
    for word in words_in(name)
}
"""Words of names and towns that a chain of any size has; rare ones come on top."""


@pytest.fixture(scope="module")
def known() -> set[str]:
    """Words of names and towns that a chain of 20,000 customers has."""
    records = people.customers(Chain(customers=20_000, orders=0))
    return NAMES | {word for record in records for word in words_in(record["family_name"])}


def test_the_same_seed_makes_the_same_bytes():
    """A chain is made from its seed and its size alone."""
    first, again, other = (
        list(itertools.islice(people.fill(chain), 45_000)) for chain in (SMALL, SMALL, SMALL._replace(seed=1))
    )
    assert first == again
    assert first != other


def test_every_record_is_taken(engines: Engines, database: Database):
    """The product refuses nothing of a chain, and holds as many customers and orders as were asked for."""
    lines = [
        line
        for number, line in enumerate(people.fill(SMALL))
        if not line.startswith(b'{"type":"stock"') or number % 100 == 0
    ]
    taken = filled.take(engines.latest, io.BytesIO(b"\n".join(lines)), len(lines), Console(quiet=True))
    assert taken == len(lines)
    (counts,) = database.read_now(
        rows,
        "SELECT (SELECT count(*) FROM customers WHERE stated = 1), (SELECT count(*) FROM orders),"
        " (SELECT count(*) FROM orders WHERE customer_id = (SELECT id FROM customers WHERE external_id = 'walk-in'))",
    )
    assert counts == (SMALL.customers, SMALL.orders, SMALL.walk_in_orders)


def test_new_orders_are_new():
    """The orders that the import is timed with have the customers and none of the numbers of those before."""
    before = list(people.orders(SMALL))
    after = list(people.new_orders(SMALL, 500))
    assert len(after) == 500
    assert {o["external_id"] for o in before}.isdisjoint(o["external_id"] for o in after)
    assert min(o["placed_at"] for o in after) > max(o["placed_at"] for o in before)
    known = {msgspec.json.encode(o["customer"]) for o in before}
    assert sum(msgspec.json.encode(o["customer"]) in known for o in after) > 450


def test_a_sixtieth_of_all_orders_is_the_walk_in_s():
    """The account of whoever gives no name has 50,000 of 3,000,000 orders, and its share of fewer."""
    assert Chain(1_000_000, 3_000_000).walk_in_orders == 50_000
    assert Counter(people.owners(SMALL))[WALK_IN] == SMALL.walk_in_orders == 50


def test_orders_are_spread_as_in_a_chain():
    """A third of the customers has no order, most of the others few, and some very many."""
    counts = Counter(people.owners(Chain(10_000, 30_000)))
    del counts[WALK_IN]
    assert 0.33 < 1 - len(counts) / 10_000 < 0.37
    assert sum(count <= 3 for count in counts.values()) > 0.7 * len(counts)
    assert max(counts.values()) > 200
    by_card = sum("card" in order["customer"] for order in people.orders(SMALL))
    assert 0.25 < by_card / SMALL.orders < 0.35


def test_cards_are_of_the_chain_s_pattern_and_of_one_customer_each():
    """Every card passes the settings' pattern and check digit, and no two customers have the same."""
    patterns = Settings().card_patterns
    cards = [card for index in range(5_000) if (card := people.card(SMALL, index)) is not None]
    assert len(set(cards)) == len(cards) > 0.75 * 5_000
    assert all(read_code(card, patterns) == Card(value=card) for card in cards)


def test_articles_have_valid_numbers():
    """Every variant has a GTIN with its check digit, and none looks like a card."""
    gtins = [variant["gtin"] for product in people.products() for variant in product["variants"]]
    assert len(set(gtins)) == people.VARIANTS
    assert all(is_gtin(gtin) and not gtin.startswith("29") for gtin in gtins)


def test_names_are_as_many_as_promised():
    """Some 600 given and 1,200 family names, none twice, and tens of thousands of rare ones."""
    assert len({*names.GIVEN_ES, *names.GIVEN_EN}) >= 600
    assert len({*names.FAMILY_ES, *names.FAMILY_EN}) >= 1_200
    for list_ in (names.GIVEN_ES, names.GIVEN_EN, names.FAMILY_ES, names.FAMILY_EN):
        assert len(set(list_)) == len(list_)
    assert len({people.rare_family_name(n / 100_000) for n in range(100_000)}) > 30_000


def test_loads_side_by_side_are_one():
    """Two wrk's requests are added; a percentile is that of all their times, not the mean of two."""
    quick = load.Said(
        requests=90, seconds=2.0, failed=1, p50_ms=1, p99_ms=1, max_ms=2.0, times=[(1_000, 89), (2_000, 1)]
    )
    slow = load.Said(requests=10, seconds=2.1, failed=2, p50_ms=8, p99_ms=9, max_ms=9.0, times=[(8_000, 9), (9_000, 1)])
    both = load.merged([quick, slow])
    assert (both.requests, both.seconds, both.failed) == (100, 2.1, 3)
    assert (both.p50_ms, both.p99_ms, both.max_ms) == (1.0, 8.0, 9.0)
    assert load.merged([slow]) == slow


@pytest.mark.parametrize("wrong", [("--engine", "mysql"), ("--servers", "0"), ("--servers", "3"), ("--only", "speed")])
def test_what_cannot_be_measured_is_refused(wrong: tuple[str, str]):
    """What was mistyped is said before anything is filled."""
    app = typer.Typer()
    app.command()(bench)
    said = CliRunner().invoke(app, wrong)
    assert said.exit_code == 2
    assert wrong[0] in said.stderr


def test_every_section_of_the_list_has_searches():
    """The list has every kind of search that is reported, several of each, none too short to be looked for."""
    sections = queries.by_section()
    assert tuple(sections) == queries.SECTIONS
    for name, searches in sections.items():
        assert len(searches) >= 5, name
        assert len(set(searches)) == len(searches), name
        for search in searches:
            assert sum(map(len, read_typed(search.text).words)) >= 2, search
            assert search.store is None or search.store in people.STORES, search
    assert all(search.store for search in sections["store's locals"])
    assert all(len(search.text) == 2 for search in sections["two characters"])
    assert all(len(search.text) == 3 for search in sections["three characters"])
    assert all(len(search.text) >= 6 for search in sections["six characters and more"])


def test_misspelt_names_are_nobody_s_and_near_somebody_s(known: set[str]):
    """A misspelt name begins no name of the chain and is one or two mistakes away from one."""
    for search in queries.by_section()["misspelt names"]:
        (word,) = words_in(search.text)
        assert not any(name.startswith(word) for name in known), word
        assert min(OSA.distance(word, name) for name in known) <= 2, word


def test_rare_and_common_names_are_names(known: set[str]):
    """What is searched for as a rare or a common name is one."""
    sections = queries.by_section()
    for section in ("rare names", "common names"):
        for search in sections[section]:
            assert set(words_in(search.text)) <= known, search
