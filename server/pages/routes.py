"""`/till`: a page that stands in for a till. It asks what the doors for tills ask, by a token in a cookie."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import Cookie
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.middleware.csrf import CSRFMiddleware
from litestar.params import FromPath, URLEncodedBody
from litestar.plugins.htmx import HTMXRequest
from litestar.response import Template

from server import problems
from server.access import actions as access
from server.access.rules import hash_of
from server.edge.edge import AUTHORIZATION
from server.edge.rates import network_of
from server.handoffs import actions, queries
from server.handoffs.routes import HandoffId
from server.handoffs.rules import code_in
from server.idempotency.actions import once
from server.idempotency.requests import SECRETS_TOLD, Repeatable
from server.pages import rules
from server.pages.files import PageFile, page_files
from server.pages.rules import COOKIE, PLACE, Seen
from server.pages.showing import TillPage, shows_token
from server.shop import Shop
from server.wire.access import DeviceToken, EnrolmentCode
from server.wire.base import Wire
from server.wire.handoffs import HandoffCode, HandoffEnd
from server.wire.problems import ProblemError

Form = dict[str, str]
Refuser = Callable[[Request[Any, Any, Any], Exception], Response[Any]]


def router(shop: Shop) -> Router:
    """The till's page, with what keeps it to itself."""
    served, names = page_files(rules.brand_style(shop.settings.brand_color))
    secure = shop.settings.tls_certificate is not None or shop.settings.plain_http == "behind-a-proxy"

    page = TillPage(shop, names)

    # A function: Litestar copies handlers with all that they are made of.
    def answer_to(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        return page.answer_to(request, error)

    def kept(token: str) -> Cookie:
        return Cookie(
            key=COOKIE,
            value=token,
            path=PLACE,
            max_age=rules.KEPT,
            secure=secure,
            httponly=True,
            samesite="strict",
        )

    @get("/")
    async def till(request: HTMXRequest) -> Template:
        """The page: how this till is set up, or whose cart is next, or the cart that it has."""
        if not shows_token(request):
            return page.shown(request, Seen(is_enrolled=False))
        _as_till(request)
        answer = await page.look(request)
        # Told anew: else tills that were set up on one day would all drop out on another.
        answer.set_cookie(kept(request.cookies[COOKIE]))
        return answer

    @post("/enrolment", status_code=200)
    async def enrol(request: HTMXRequest, data: URLEncodedBody[Form]) -> Template:
        """Trade a manager's code for a token, which the browser keeps and no script sees."""
        request.scope["state"][AUTHORIZATION] = None
        client = request.scope["client"]
        peer = "" if client is None else network_of(client[0])
        typed = EnrolmentCode(code=data.get("code", "")[:100], kind="till")
        # Who it is that sends it again, and what, only the code tells.
        asked = msgspec.structs.replace(
            _repeatable(shop, "POST /v1/devices", data), asker=access.asker_of(typed.code, shop.keys)
        )
        outcome: DeviceToken | ProblemError = await shop.write(
            request, once, asked, DeviceToken, shop.clock(), access.enrol, typed, peer, shop.keys
        )
        if isinstance(outcome, ProblemError):
            raise outcome
        answer = page.shown(request, Seen(is_enrolled=True, said="said_enrolled"))
        answer.set_cookie(kept(outcome.token))
        return answer

    @post("/handoffs", status_code=200)
    async def take(request: HTMXRequest, data: URLEncodedBody[Form]) -> Template:
        """Take a cart by its code, as `POST /v1/handoffs/redemption` does."""
        _as_till(request)
        code = code_in(data.get("code", ""))
        if code is None:
            return page.shown(request, Seen(is_enrolled=True, trouble="no_code"))
        shown = HandoffCode(code=code)
        asked = _repeatable(shop, "POST /v1/handoffs/redemption", data, shown)
        try:
            outcome, _ = await shop.write(request, actions.redeem_once, asked, shown, shop.keys, shop.clock())
        except ProblemError as error:
            if error.code != "handoff_taken":
                raise
            # It may be this till that has it: then it is shown.
            return await page.look(request, problem=error.problem)
        if isinstance(outcome, ProblemError):
            shop.guessed(request)
            raise outcome
        return await page.look(request)

    @post("/handoffs/{handoff_id:int}/sold", status_code=200)
    async def sold(request: HTMXRequest, handoff_id: HandoffId, data: URLEncodedBody[Form]) -> Template:
        """Say that it was sold, as `POST /v1/handoffs/{handoff_id}/completion` does."""
        _as_till(request)
        asked = _repeatable(shop, f"POST /v1/handoffs/{handoff_id}/completion", data)
        await shop.write(request, once, asked, HandoffEnd, shop.clock(), actions.complete, handoff_id)
        at_kiosk = await shop.read(request, queries.came_from_kiosk, handoff_id)
        return await page.look(request, "said_sold_kiosk" if at_kiosk else "said_sold")

    @post("/handoffs/{handoff_id:int}/back", status_code=200)
    async def back(request: HTMXRequest, handoff_id: HandoffId, data: URLEncodedBody[Form]) -> Template:
        """Give a cart back, as `POST /v1/handoffs/{handoff_id}/release` does."""
        _as_till(request)
        asked = _repeatable(shop, f"POST /v1/handoffs/{handoff_id}/release", data)
        await shop.write(request, once, asked, HandoffEnd, shop.clock(), actions.release, handoff_id)
        return await page.look(request, "said_back")

    return Router(
        path=PLACE,
        route_handlers=[till, enrol, take, sold, back, _files(served)],
        middleware=[DefineMiddleware(CSRFMiddleware, config=_guard(shop, secure))],
        exception_handlers={Exception: answer_to},
        request_class=HTMXRequest,
        response_class=Response,
        include_in_schema=False,
    )


def refuser(pages: Router) -> Refuser:
    """What answers a request that a guard refused before it came to a handler, nor so to a page's own answers.

    At a page's address the page does; anywhere else it is a problem like any other.
    """

    def refuse(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        place = request.scope["path"]
        at_page = place == PLACE or place.startswith(f"{PLACE}/")
        answer: Refuser = pages.exception_handlers[Exception] if at_page else problems.answer
        return answer(request, error)

    return refuse


def _files(served: Mapping[str, PageFile]) -> HTTPRouteHandler:
    @get("/files/{name:str}")
    async def file(name: FromPath[str]) -> Response[bytes]:
        """A file of the page's."""
        if name not in served:
            raise NotFoundException
        content, media_type = served[name]
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        return Response(content, media_type=media_type, headers=headers)

    return file


def _guard(shop: Shop, secure: bool) -> CSRFConfig:
    """What makes sure that a form was on our page."""
    return CSRFConfig(
        secret=hash_of(shop.keys.tokens, "pages").hex(),
        cookie_name=rules.CSRF_COOKIE,
        cookie_path=PLACE,
        cookie_secure=secure,
        cookie_httponly=True,
        cookie_samesite="strict",
    )


def _as_till(request: Request[Any, Any, Any]) -> None:
    """A page is asked by whoever the cookie says, whatever else a request shows."""
    token = request.cookies.get(COOKIE)
    request.scope["state"][AUTHORIZATION] = None if token is None else b"Bearer " + token.encode("latin-1", "replace")


def _repeatable(shop: Shop, door: str, form: Form, body: Wire | None = None) -> Repeatable:
    """A request under the key that its form brought: pressed again after a lost answer it is done once."""
    return Repeatable(
        # A page of ours has none with a NUL in it, which no database keeps.
        key=form.get("key", "").replace("\0", "")[:200] or None,
        door=door,
        body=b"" if body is None else msgspec.json.encode(body),
        seal=shop.keys.answers,
        told_for=SECRETS_TOLD,
    )
