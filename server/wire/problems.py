"""Errors as answers: RFC 9457 problems with a stable code that programs decide by and words that people act on."""

from server.wire.base import Wire


class Problem(Wire):
    """An RFC 9457 problem document, `application/problem+json`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    path: str | None = None


PROBLEMS: dict[str, tuple[int, str]] = {
    "invalid_request": (400, "The request could not be understood"),
    "wrong_host": (400, "This server does not answer to that host name"),
    "wrong_origin": (403, "This server does not answer to web pages of other addresses"),
    "not_found": (404, "There is no such door"),
    "unknown_customer": (404, "There is no such customer"),
    "unknown_product": (404, "There is no such product"),
    "unknown_picture": (404, "There is no such picture"),
    "unknown_store": (404, "There is no such store"),
    "method_not_allowed": (405, "This door does not open that way"),
    "idempotency_key_reused": (409, "This Idempotency-Key was used for another request"),
    "too_large": (413, "The request is too large"),
    "invalid_field": (422, "A field has a value that cannot be taken"),
    "bank_card": (422, "That was a bank card"),
    "mistyped_card": (422, "The card's number has a mistake in it"),
    "search_too_short": (422, "Type a little more"),
    "internal_error": (500, "Something went wrong on the server"),
    "stopping": (503, "The server is about to stop"),
    "audit_unavailable": (503, "Looks cannot be put on record"),
    "database_busy": (503, "The database is busy"),
    "database_unavailable": (503, "The database cannot be reached"),
}
"""Every code the server may answer with: its HTTP status and its title."""


class ProblemError(Exception):
    """A request or a rule came to an end that its sender must know of; `code` is one of `PROBLEMS`."""

    def __init__(self, code: str, detail: str, *, path: str | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.path = path

    @property
    def problem(self) -> Problem:
        """The error as it is answered."""
        status, title = PROBLEMS[self.code]
        return Problem(
            type=f"urn:mostrador:problem:{self.code}",
            title=title,
            status=status,
            detail=self.detail,
            code=self.code,
            path=self.path,
        )
