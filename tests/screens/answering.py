"""Answers for the door: people, a PIN and a code that screens are walked through with."""

from kiosk.link.http import HttpPort
from kiosk.link.port import RefusedError
from server.wire.access import DeviceToken, SessionStarted, SessionUnlocked, StaffName
from server.wire.problems import Problem

CODE, PIN, WRONG = "7KQ2M-9XBCD", "2468", "1357"
ANA, BEA = "Ana Pereira", "Beatriz Soler"
BADGE, REVOKED = "B-0001-2233", "B-REVOKED"
"""Badges: of Bea, and of whoever signs in on a tablet that was revoked meanwhile."""
NAMES = (ANA, BEA, "Íñigo Ruiz de Larramendi", "Jon Otxoa", "Marta Torres Vidal", "Óscar Prieto")
WAIT, IDLE, HURRIED = 2, 300, 2
"""Seconds: after a wrong PIN; until Ana's tablet locks itself; and Bea's, who is in a hurry."""
_ENDS = "2026-11-20T22:00:00.000000Z"


class AnsweringPort(HttpPort):
    """A port whose door answers from here, where the server can be reached; all else the server answers."""

    async def enrol(self, code: str) -> DeviceToken:
        await self.stores()
        if code != CODE:
            raise refusal("wrong_code")
        return DeviceToken(device_id=1, token="dev_1", kind="tablet", name="Tablet 3", store="GV")

    async def staff(self) -> tuple[StaffName, ...]:
        await self.stores()
        return tuple(StaffName(id=number, name=name) for number, name in enumerate(NAMES, 1))

    async def sign_in(self, who: int | str, pin: str) -> SessionStarted:
        await self.stores()
        if who == REVOKED:
            raise refusal("device_revoked")
        if pin != PIN:
            raise refusal("wrong_pin", WAIT)
        number = 2 if who == BADGE else int(who)
        return SessionStarted(
            token=f"ses_{number}",
            staff_id=number,
            name=NAMES[number - 1],
            role="associate",
            stores=("GV",),
            store="GV",
            ends_at=_ENDS,
            idle=HURRIED if number == 2 else IDLE,
        )

    async def unlock(self, pin: str) -> SessionUnlocked:
        await self.stores()
        if pin != PIN:
            raise refusal("wrong_pin", WAIT)
        return SessionUnlocked(staff_id=1, ends_at=_ENDS, idle=IDLE)

    async def sign_out(self) -> None:
        await self.stores()


def refusal(code: str, wait: int | None = None) -> RefusedError:
    """A no of the door."""
    problem = Problem(type=f"urn:mostrador:problem:{code}", title="No", status=401, detail="No.", code=code)
    return RefusedError(problem, wait)
