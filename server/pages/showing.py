"""How the till's page is drawn: one template, whole or the part that changes."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import structlog
from litestar import Request, Response
from litestar.exceptions import PermissionDeniedException
from litestar.plugins.htmx import HTMXRequest
from litestar.response import Template
from msgspec.structs import replace

from server.handoffs import queries
from server.pages import rules, words
from server.pages.rules import COOKIE, NOBODYS, PLACE, Seen
from server.problems import as_problem
from server.shop import Shop
from server.wire.problems import Problem, ProblemError

_HEADERS = {"Content-Security-Policy": rules.POLICY, "Referrer-Policy": rules.REFERRER}
_log = structlog.get_logger()


def shows_token(request: Request[Any, Any, Any]) -> bool:
    """Whether a browser has a till's token, whatever it is worth."""
    return COOKIE in request.cookies


class TillPage:
    """The page of one shop.

    Args:
        shop: the shop.
        names: of the page's files, by their plain names.
    """

    def __init__(self, shop: Shop, names: Mapping[str, str]) -> None:
        self._shop = shop
        self._names = names

    def shown(self, request: HTMXRequest, seen: Seen, problem: Problem | None = None) -> Template:
        """What a till sees, whole, or the part that changes where the page itself asked for that.

        Where it cannot be told what the till has, what is shown there stays, with its buttons and their keys.
        """
        part = "trouble.html" if seen.is_unknown else "part.html"
        said = words.words_for(request.headers.get("accept-language", ""), self._shop.settings.languages)
        answer = Template(
            template_name=part if request.htmx else "page.html",
            context={
                "words": said,
                "brand": self._shop.settings.brand,
                "files": self._names,
                "place": PLACE,
                "seen": seen,
                "said": words.text(said, seen.said),
                "trouble": words.trouble(said, problem) if problem is not None else words.text(said, seen.trouble),
                "key": str(uuid4()),
                "hindrance": lambda line: words.hindrance(said, line),
                "price": lambda minor, currency: words.price(minor, currency, said, self._shop.settings.country),
            },
            status_code=200 if problem is None else problem.status,
            headers=dict(_HEADERS),
            media_type="text/html",
        )
        if seen.is_unknown:
            answer.headers["HX-Reswap"] = rules.ABOVE
        if problem is not None and problem.retry_after is not None:
            answer.headers["Retry-After"] = str(problem.retry_after)
        if problem is not None and problem.code in NOBODYS:
            answer.delete_cookie(COOKIE, path=PLACE)
        return answer

    async def look(self, request: HTMXRequest, said: str | None = None, problem: Problem | None = None) -> Template:
        """What a till sees after something was done, or was not."""
        held, whom = await self._shop.read(request, queries.held_by, self._shop.clock())
        self._shop.looked(request, "handoff", (whom,) if whom else ())
        return self.shown(request, Seen(is_enrolled=True, held=held, said=said), problem)

    def answer_to(self, request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        """The page with what went wrong, in words that say what to do."""
        page_request = HTMXRequest(request.scope, request.receive, request.send)
        if isinstance(error, PermissionDeniedException):
            error = ProblemError("wrong_origin", "Only the page itself is heard.")
        problem = as_problem(error)
        if problem.code in rules.NO_TILL:
            problem = replace(problem, code="wrong_caller")
        if problem.status >= 500 and not isinstance(error, ProblemError):
            _log.error(problem.code, exc_info=error)
        enrolled = problem.code not in NOBODYS | {"wrong_code", "wrong_kind"} and shows_token(request)
        return self.shown(page_request, Seen(is_enrolled=enrolled, is_unknown=problem.status >= 500), problem)
