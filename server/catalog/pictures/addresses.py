"""Which addresses of the network pictures are fetched from: those of everybody, and of ours those that are allowed.

A feed comes from outside, and says where we connect to: to a printer, a router, a cloud's own door for its machines,
unless somebody looks. What counts is the address that is connected to, never the name that led there.
"""

import ipaddress
from collections.abc import Iterable

from server.networks import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IANA's registries of special addresses, as of 2025, written down: what Python's `is_global` says of them differs from
# version to version.
_INSIDE_4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this machine, to some systems
        "10.0.0.0/8",
        "100.64.0.0/10",  # a provider's own network; Alibaba's metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's own, from within a machine there
        "169.254.0.0/16",  # the machine's own link; metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_EVERYBODY_6 = ipaddress.IPv6Network("2000::/3")
_INSIDE_6 = tuple(ipaddress.IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "3fff::/20"))

_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")


def network_of(text: str) -> Network:
    """A network, or one address, as an operator writes it.

    Raises:
        ValueError: it is none.
    """
    return ipaddress.ip_network(text, strict=False)


def address_of(text: str) -> Address:
    """An address, with what is written in it where it is one within another.

    Raises:
        ValueError: it is none.
    """
    address = ipaddress.ip_address(text)
    return address if isinstance(address, ipaddress.IPv4Address) else _within(address) or address


def may_be_asked(text: str, allowed: Iterable[Network]) -> bool:
    """Whether pictures are fetched from an address as the system's resolver gives it."""
    address = address_of(text)
    return _is_everybodys(address) or any(address in network for network in allowed)


def _within(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The address of the other kind that one leads to: written as it, translated to it, or tunnelled to it."""
    if any(address in network for network in (_MAPPED, _COMPATIBLE, _TRANSLATED)) and int(address) > 1:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _SIX_TO_FOUR:
        return ipaddress.IPv4Address((int(address) >> 80) & 0xFFFFFFFF)
    return None


def _is_everybodys(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _INSIDE_4)
    return address in _EVERYBODY_6 and not any(address in network for network in _INSIDE_6)
