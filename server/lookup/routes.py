"""`POST /scan`."""

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from server.handoffs.rules import code_in
from server.lookup.queries import scan_for
from server.lookup.rules import people_in
from server.problems import BODY, LOOKS, PERSONS, documented
from server.shop import AnyRequest, Shop
from server.wire.codes import read_code
from server.wire.lookup import ScanAnswer, ScanRequest


def routes(shop: Shop) -> list[HTTPRouteHandler]:
    """The door for codes."""

    @post("/scan", status_code=200, responses=documented(*PERSONS, *BODY, *LOOKS, "bank_card", "mistyped_card"))
    async def scan_code(request: AnyRequest, data: JSONBody[ScanRequest]) -> ScanAnswer:
        """Tell what a code is: a customer with all we know of them, an article, an order, a handoff, or nothing."""
        code = read_code(data.code, shop.settings.card_patterns)
        answer = await shop.read(request, scan_for, code, data.store, shop.clock(), code_in(data.code))
        shop.looked(request, "scan", people_in(answer))
        return answer

    return [scan_code]
