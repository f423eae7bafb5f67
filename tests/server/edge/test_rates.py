"""Who is counted as whom."""

import pytest

from server.edge.asked import Asked
from server.edge.rates import CODES_AT_ONCE, RateCheck, network_of

TABLET = b"Bearer dev_1_x"


def asked(token: bytes | None = None, peer: str = "192.0.2.1", method: str = "GET", path: str = "/v1/stores") -> Asked:
    """A request of somebody."""
    return Asked(method, path, 0, peer, False, "0" * 32, b"localhost", None, token, 3, 100)


def let_in(check: RateCheck, request: Asked, times: int = 1000) -> int:
    """How many of so many requests are let in."""
    return sum(check(request) is None for _ in range(times))


@pytest.fixture
def check() -> RateCheck:
    """Ten requests at once, at a clock that stands still."""
    return RateCheck(1.0, 10, lambda: 100.0)


def test_a_known_token_counts_by_itself(check: RateCheck) -> None:
    """What others do at the same address costs a known device nothing, until nobody knows it any more."""
    check.answered(asked(TABLET), known=True)
    assert let_in(check, asked()) == 10
    assert let_in(check, asked(TABLET)) == 10
    check.answered(asked(TABLET), known=False)
    assert let_in(check, asked(TABLET, peer="192.0.2.2"), 5) == 5


def test_tokens_that_are_made_up_count_for_their_address(check: RateCheck) -> None:
    """A new token with each request gives nobody a single permit more."""
    assert sum(let_in(check, asked(b"Bearer dev_1_%d" % n), 1) for n in range(1000)) == 10


@pytest.mark.parametrize("path", ["/v1/devices", "/v1/sessions", "/v1/sessions/", "//v1//sessions"])
def test_codes_are_taken_seldom(path: str) -> None:
    """A door that takes a code or a PIN has a limit of its own, however its path is written, and spares the others."""
    check = RateCheck(1.0, 10_000, lambda: 100.0)
    assert let_in(check, asked(method="POST", path=path)) == CODES_AT_ONCE
    assert let_in(check, asked()) == 1000


def test_without_a_limit_everybody_is_let_in() -> None:
    """A rate of 0 is none."""
    assert let_in(RateCheck(0, 1, lambda: 0.0), asked(method="POST", path="/v1/sessions")) == 1000


def test_the_wait_is_told(check: RateCheck) -> None:
    """Whoever is refused is told after how many whole seconds to come again."""
    let_in(check, asked(), 10)
    refused = check(asked())
    assert refused is not None
    assert (refused.code, refused.retry_after) == ("too_many_requests", 1)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_an_address_stands_for_its_network(address: str, network: str) -> None:
    """Whoever has 2^64 addresses of IPv6 is one."""
    assert network_of(address) == network
