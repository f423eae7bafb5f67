"""Whatever stands for the server can be put in the place of any other that does."""

import inspect

import pytest

from kiosk.link.guest_http import GuestHttp
from kiosk.link.guest_port import GuestPort
from kiosk.link.http import HttpPort
from kiosk.link.port import Port
from kiosk.link.watched import WatchedPort
from tests.fakes import FakePort
from tests.guest_fakes import FakeGuest


@pytest.mark.parametrize(
    ("port", "protocol"),
    [(FakePort, Port), (HttpPort, Port), (WatchedPort, Port), (FakeGuest, GuestPort), (GuestHttp, GuestPort)],
)
def test_every_port_has_the_same_verbs(port: type, protocol: type) -> None:
    """Each has every verb of its protocol, with the same parameters and the same kind of answer."""
    verbs = [(name, verb) for name, verb in inspect.getmembers(protocol, inspect.isfunction) if name[0] != "_"]
    assert len(verbs) > 10
    for name, verb in verbs:
        assert inspect.iscoroutinefunction(getattr(port, name)) == inspect.iscoroutinefunction(verb), name
        assert inspect.signature(getattr(port, name)) == inspect.signature(verb), name
