"""`POST /scan`."""

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from server.lookup.queries import scan
from server.lookup.rules import people_in
from server.problems import BODY, LOOKS, documented
from server.shop import Shop
from server.wire.codes import read_code
from server.wire.lookup import ScanAnswer, ScanRequest


def routes(shop: Shop) -> list[HTTPRouteHandler]:
    """The door for codes."""

    @post("/scan", status_code=200, responses=documented(*BODY, *LOOKS, "bank_card", "mistyped_card"))
    async def scan_code(data: JSONBody[ScanRequest]) -> ScanAnswer:
        """Tell what a code is: a customer with all we know of them, an article, an order, or nothing we know."""
        code = read_code(data.code, shop.settings.card_patterns)
        answer = await shop.database.read(scan, code, data.store, shop.clock())
        shop.looked("scan", people_in(answer))
        return answer

    return [scan_code]
