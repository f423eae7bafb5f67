"""Who enrols tablets, hires people and takes tablets out of use, over HTTP; and the people who are hired."""

from itertools import count
from typing import Any

import httpx
import msgspec

from server.wire.access import (
    Device,
    DeviceKind,
    DeviceToken,
    Enrolment,
    EnrolmentCode,
    NewEnrolment,
    NewStaff,
    StaffMember,
)
from server.wire.customers import SearchAnswer, SearchRequest
from server.wire.privacy import EraseCustomer
from tests.screens.display import PATIENCE
from tests.server.people import KNOWN, PIN, bearer

ANA, BEA = "Ana Pereira", "Beatriz Soler"
BADGE = "B-0001-2233"
"""Bea's."""
_TABLET = "Tablet "
NAMES = (ANA, BEA, "Íñigo Ruiz de Larramendi", "Jon Otxoa", "Marta Torres Vidal", "Óscar Prieto")


class Manager:
    """Somebody of HQ, by the token of `people.KNOWN`.

    Args:
        server: the address at which tablets reach the server.
    """

    def __init__(self, server: str) -> None:
        self._server = server
        self._names = (f"{_TABLET}{number}" for number in count(1))
        self._staff: dict[str, int] = {}

    def hire(self) -> None:
        """Let everybody of `NAMES` work in the store, with the PIN of `people`."""
        for name in NAMES:
            wanted = NewStaff(
                name=name, role="associate", stores=("GV",), pin=PIN, badge=BADGE if name == BEA else None
            )
            member = msgspec.json.decode(self._ask("POST", "/v1/staff", wanted), type=StaffMember)
            self._staff[name] = member.id

    def invite(self, kind: DeviceKind = "tablet", name: str = "") -> Enrolment:
        """Make a code for a device of the store."""
        name = name or (next(self._names) if kind == "tablet" else f"A {kind}")
        wanted = NewEnrolment(kind=kind, name=name, store="GV")
        return msgspec.json.decode(self._ask("POST", "/v1/devices/enrolments", wanted), type=Enrolment)

    def enrol(self, kind: DeviceKind, name: str = "") -> str:
        """The token of a device of the store."""
        code = EnrolmentCode(code=self.invite(kind, name).code, kind=kind)
        return msgspec.json.decode(self._ask("POST", "/v1/devices", code), type=DeviceToken).token

    def revoke(self) -> None:
        """Take the tablet out of use that was enrolled last."""
        devices = msgspec.json.decode(self._ask("GET", "/v1/devices"), type=list[Device])
        enrolled = [device.id for device in devices if device.name.startswith(_TABLET)]
        self._ask("DELETE", f"/v1/devices/{max(enrolled)}")

    def erase(self, name: str) -> None:
        """Do as somebody asked who wants to be forgotten."""
        found = msgspec.json.decode(
            self._ask("POST", "/v1/customers/search", SearchRequest(text=name)), type=SearchAnswer
        )
        self._ask("POST", f"/v1/customers/{found.hits[0].customer_id}/erasure", EraseCustomer(confirm=True))

    def end_waits(self, name: str) -> None:
        """Let somebody who mistyped their PIN try again."""
        self._ask("DELETE", f"/v1/staff/{self._staff[name]}/waits")

    def _ask(self, method: str, door: str, body: msgspec.Struct | None = None) -> bytes:
        content: dict[str, Any] = {} if body is None else {"content": msgspec.json.encode(body)}
        headers = bearer(KNOWN.hq) | {"Content-Type": "application/json"}
        answer = httpx.request(method, self._server + door, headers=headers, timeout=PATIENCE, **content)
        answer.raise_for_status()
        return answer.content
