"""Every error becomes an RFC 9457 problem: a stable code for programs, words for people, nothing of the inside."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    InternalServerException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.openapi.datastructures import ResponseSpec
from msgspec.structs import replace

from server.db.engine import DatabaseBusyError, DatabaseError
from server.logs import REQUEST_ID
from server.wire.base import in_words
from server.wire.problems import PROBLEMS, Problem, ProblemError

MEDIA_TYPE = "application/problem+json"

_log = structlog.get_logger()

_BY_STATUS = {
    400: "invalid_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
}


PARAMETERS = ("invalid_field",)
BODY = ("invalid_request", "invalid_field", "too_large", "too_slow")
READS = ("database_unavailable",)
LOOKS = (*READS, "audit_unavailable")
"""Doors that show people."""
WRITES = ("database_busy", "database_unavailable")
REPEATABLE = ("invalid_field", *WRITES, "idempotency_key_reused")
"""Writes that take an Idempotency-Key."""
DEVICES = ("no_token", "unknown_token", "device_revoked", "wrong_caller", "session_ended", "session_locked")
"""Doors that open to devices; a signed-in tablet is one of them."""
PERSONS = (*DEVICES, "not_signed_in")
"""Doors that open to people."""
ANYWHERE = (
    "wrong_host",
    "wrong_origin",
    "plain_http",
    "address_too_long",
    "head_too_large",
    "too_many_requests",
    "too_many_connections",
    "internal_error",
)


def documented(*codes: str) -> dict[int, ResponseSpec]:
    """The problems a door may answer with, for its entry in the OpenAPI document; what any may is added."""
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys((*ANYWHERE, *codes)):
        by_status.setdefault(PROBLEMS[code][0], []).append(code)
    return {
        status: ResponseSpec(
            Problem, generate_examples=False, media_type=MEDIA_TYPE, description=f"problem: {', '.join(names)}"
        )
        for status, names in by_status.items()
    }


def as_problem(error: Exception) -> Problem:
    """What an error is to whoever sent the request."""
    match error:
        case ProblemError():
            return error.problem
        case DatabaseBusyError():
            return ProblemError("database_busy", "The database is busy just now. Try again in a few seconds.").problem
        case DatabaseError():
            return ProblemError(
                "database_unavailable", "The database cannot be reached just now. Try again soon."
            ).problem
        case ValidationException():
            path, reason = _first_reason(error)
            return ProblemError("invalid_field", reason, path=path).problem
        case RecursionError():
            return ProblemError("invalid_request", "The JSON is nested deeper than anything here is.").problem
        case HTTPException() if error.status_code < 500:
            code = _BY_STATUS.get(error.status_code, "invalid_request")
            return ProblemError(code, _WORDS.get(code, error.detail)).problem
        case _:
            pass
    return ProblemError(
        "internal_error", "This was not your mistake. Try again; if it stays, tell the operator."
    ).problem


def answer(_request: Request[Any, Any, Any] | None, error: Exception) -> Response[Problem]:
    """Answer a request with the problem that an error is; what nobody expected goes to the log."""
    problem = replace(as_problem(error), request_id=REQUEST_ID.get())
    # Ours are answers, not faults. Litestar's own: the caller hung up in the middle, and nobody reads the answer.
    if problem.status >= 500 and not isinstance(error, ProblemError | InternalServerException):
        _log.error(problem.code, exc_info=error)
    headers = {}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="mostrador"'
    if isinstance(error, MethodNotAllowedException):
        headers.update(error.headers or {})
    return Response(problem, status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


async def instead_of_page(response: Response[Any]) -> Response[Any]:
    """Litestar shows people a page where there is no form of the OpenAPI document; programs ask for it too."""
    return answer(None, NotFoundException()) if response.status_code == 404 else response


HANDLERS: Mapping[int | type[Exception], Callable[[Request[Any, Any, Any], Any], Response[Any]]] = {
    HTTPException: answer,
    Exception: answer,
}

_WORDS = {
    "not_found": "Nothing is served at this address. The doors are listed at /schema/openapi.json.",
    "method_not_allowed": "This address takes another method. The doors are listed at /schema/openapi.json.",
    "too_large": "The body is larger than this door takes. Send it in parts.",
}


_MISSING = re.compile(r"Missing required query parameter '(\w+)'")
"""How Litestar says it, without saying anything in parts."""


def _first_reason(error: ValidationException) -> tuple[str | None, str]:
    """Which part of a request cannot be taken, and why: `$.…` in the body, else a parameter's name."""
    extra = error.extra
    if not (isinstance(extra, list) and extra and isinstance(extra[0], dict)):
        missing = _MISSING.match(error.detail)
        return (None, error.detail) if missing is None else (missing[1], "This is missing. Give it in the address.")
    key, message, where = (extra[0].get(name, "") for name in ("key", "message", "source"))
    message = in_words(message)
    if key == "data":
        return "$", "A JSON object is expected as the body." if message == "'data'" else message
    if where == "header":
        return key.replace("_", "-").title(), message
    return (f"$.{key}" if where == "body" else key), message
