"""Which addresses pictures are fetched from: whatever way one is written, it is told by where it leads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.catalog.pictures.addresses import may_be_asked, network_of

EVERYBODYS = [
    "8.8.8.8",
    "151.101.1.55",
    "172.15.255.255",
    "172.32.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "169.253.255.255",
    "192.0.1.1",
    "198.20.0.1",
    "223.255.255.255",
    "2606:4700::6810:85e5",
    "2a00:1450:4003:80f::200e",
    "64:ff9b::808:808",
    "::ffff:8.8.8.8",
    "2002:808:808::1",
]
INSIDE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::10.0.0.1",
    "::ffff:0.0.0.0",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2001::7f00:1",
    "2001:db8::1",
    "2002:a00:1::",
    "2002:7f00:1::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "100::1",
]


@pytest.mark.parametrize("address", EVERYBODYS)
def test_addresses_of_everybody_are_asked(address: str) -> None:
    """Those of the internet, also as they are written within an address of the other kind."""
    assert may_be_asked(address, ())


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_are_not(address: str) -> None:
    """This machine, its links, private networks, a cloud's own, and what is nobody's; unless they are allowed."""
    assert not may_be_asked(address, ())
    assert may_be_asked(address, (network_of("0.0.0.0/0"), network_of("::/0")))


@pytest.mark.parametrize(
    ("allowed", "address", "may"),
    [
        ("10.1.0.0/16", "10.1.2.3", True),
        ("10.1.0.0/16", "10.2.2.3", False),
        ("10.1.0.0/16", "::ffff:10.1.2.3", True),
        ("10.1.0.0/16", "2002:a01:203::", True),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3", "10.1.2.4", False),
        ("fd00::/8", "fd12::1", True),
        ("fd00::/8", "10.1.2.3", False),
    ],
)
def test_what_is_allowed_is_no_more_than_that(allowed: str, address: str, may: bool) -> None:
    """A network or an address of ours that an operator named, and no other."""
    assert may_be_asked(address, (network_of(allowed),)) is may


@given(st.ip_addresses(v=4))
def test_one_within_another_leads_where_it_leads_alone(address: object) -> None:
    """Mapped, translated or tunnelled, an address is judged as it is by itself."""
    plain = may_be_asked(f"{address}", ())
    high, low = divmod(int(address), 65536)  # type: ignore[call-overload]
    assert may_be_asked(f"::ffff:{address}", ()) is plain
    assert may_be_asked(f"64:ff9b::{address}", ()) is plain
    assert may_be_asked(f"2002:{high:x}:{low:x}::1", ()) is plain
