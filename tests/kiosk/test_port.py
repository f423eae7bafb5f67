"""Whatever stands for the server can be put in the place of any other that does."""

import inspect

import pytest

from kiosk.link.http import HttpPort
from kiosk.link.port import Port
from kiosk.link.watched import WatchedPort
from tests.fakes import FakePort


@pytest.mark.parametrize("port", [FakePort, HttpPort, WatchedPort])
def test_every_port_has_the_same_verbs(port: type) -> None:
    """Each has every verb of the port, with the same parameters and the same kind of answer."""
    verbs = [(name, verb) for name, verb in inspect.getmembers(Port, inspect.isfunction) if not name.startswith("_")]
    assert len(verbs) > 10
    for name, verb in verbs:
        assert inspect.iscoroutinefunction(getattr(port, name)) == inspect.iscoroutinefunction(verb), name
        assert inspect.signature(getattr(port, name)) == inspect.signature(verb), name
