"""What is still to be found of a catalogue's rows is what a dict would say."""

from hypothesis import given
from hypothesis import strategies as st

from server.catalog.left import Left

HASHES = st.one_of(st.integers(-3, 3), st.integers(-(2**63), 2**63 - 1))


@given(
    rows=st.lists(st.tuples(HASHES, st.integers(1, 2**63 - 1)), max_size=60),
    found=st.lists(HASHES, max_size=30),
    amended=st.lists(HASHES, max_size=30),
    in_order=st.booleans(),
)
def test_what_is_left_is_what_a_dict_would_say(
    rows: list[tuple[int, int]], found: list[int], amended: list[int], in_order: bool
) -> None:
    """Each row is found once, whatever the order; what is amended stays, and what is neither names its product."""
    left, known, shared = Left(), dict[int, int](), set[int]()
    for row_hash, product_id in rows:
        left.add(row_hash, product_id)
        if row_hash in known:
            shared.add(row_hash)
        known.setdefault(row_hash, product_id)
    left.added()
    assert left.shared == shared
    for row_hash in [*(row[0] for row in rows[: len(rows) * in_order // 2]), *found]:
        assert left.found(row_hash) == (known.pop(row_hash, None) is not None)
    said = set()
    for row_hash in amended:
        left.amended(row_hash)
        said.add(row_hash)
    for row_hash in {*found, *amended, *(row[0] for row in rows)}:
        assert (row_hash in left) == (row_hash in known)
    assert sorted(left.products()) == sorted(product for row_hash, product in known.items() if row_hash not in said)


def test_nothing_is_found_where_nothing_was() -> None:
    """A first feed finds nothing, whatever its hashes."""
    left = Left()
    assert not left.found(0)
    left.added()
    assert not left.found(0)
    assert 0 not in left
    assert list(left.products()) == []
