"""Errors as answers: RFC 9457 problems with a stable code that programs decide by and words that people act on."""

from server.wire.base import Wire

RETRY_AFTER = 2
"""Seconds after which another try is worth it where we cannot serve just now."""


class Problem(Wire):
    """An RFC 9457 problem document, `application/problem+json`.

    `request_id` is what the log calls the request; `retry_after` are seconds, as in the header.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    path: str | None = None
    request_id: str | None = None
    retry_after: int | None = None


PROBLEMS: dict[str, tuple[int, str]] = {
    "invalid_request": (400, "The request could not be understood"),
    "wrong_host": (400, "This server does not answer to that host name"),
    "no_token": (401, "There is no token"),
    "unknown_token": (401, "Nobody has this token"),
    "device_revoked": (401, "This device was taken out of use"),
    "not_signed_in": (401, "Nobody is signed in"),
    "session_ended": (401, "Nobody is signed in any more"),
    "session_locked": (401, "The session is locked"),
    "wrong_caller": (403, "This door is not for you"),
    "wrong_pin": (403, "That is not the PIN"),
    "wrong_code": (403, "That is no enrolment code"),
    "wrong_proof": (403, "That does not show who you are"),
    "way_closed": (403, "Nobody proves in this way here who they are"),
    "wrong_origin": (403, "This server does not answer to web pages of other addresses"),
    "plain_http": (403, "This server is reached over TLS"),
    "not_found": (404, "There is no such door"),
    "unknown_customer": (404, "There is no such customer"),
    "unknown_cart": (404, "There is no such cart"),
    "unknown_line": (404, "There is no such line in the cart"),
    "unknown_product": (404, "There is no such product"),
    "unknown_run": (404, "There is no such run"),
    "unknown_picture": (404, "There is no such picture"),
    "unknown_store": (404, "There is no such store"),
    "unknown_device": (404, "There is no such device"),
    "unknown_staff": (404, "There is nobody of that number"),
    "unknown_challenge": (404, "Nobody waits there"),
    "unknown_call": (404, "Nobody calls for help there"),
    "unknown_handoff": (404, "There is no such handoff"),
    "method_not_allowed": (405, "This door does not open that way"),
    "idempotency_key_reused": (409, "This Idempotency-Key was used for another request"),
    "answer_expired": (409, "The answer to this Idempotency-Key is told no more"),
    "wrong_kind": (409, "The code is for a device of another kind"),
    "sync_under_way": (409, "Another catalogue is being taken"),
    "snapshot_held": (409, "The snapshot would empty a store"),
    "cart_closed": (409, "The cart is closed"),
    "other_currency": (409, "The cart is in another currency"),
    "other_product": (409, "This is no variant of the same product"),
    "proof_waits": (409, "Nobody confirmed it yet"),
    "proof_used": (409, "This code was used"),
    "empty_cart": (409, "There is nothing in the cart"),
    "handoff_taken": (409, "A till has this cart"),
    "badge_taken": (409, "Somebody has this badge"),
    "last_manager": (409, "There is no other manager"),
    "too_slow": (408, "The request came too slowly"),
    "proof_over": (410, "This can be used no more"),
    "handoff_over": (410, "This handoff is over"),
    "too_large": (413, "The request is too large"),
    "address_too_long": (414, "The address is too long"),
    "invalid_field": (422, "A field has a value that cannot be taken"),
    "bank_card": (422, "That was a bank card"),
    "mistyped_card": (422, "The card's number has a mistake in it"),
    "search_too_short": (422, "Type a little more"),
    "too_many_tries": (429, "There were too many wrong tries"),
    "too_many_requests": (429, "Too many requests"),
    "head_too_large": (431, "The request's headers are too large"),
    "internal_error": (500, "Something went wrong on the server"),
    "wrong_secret": (503, "The secret of this installation is another one"),
    "stopping": (503, "The server is about to stop"),
    "too_many_connections": (503, "Too many connections are open"),
    "audit_unavailable": (503, "Looks cannot be put on record"),
    "database_busy": (503, "The database is busy"),
    "database_unavailable": (503, "The database cannot be reached"),
}
"""Every code the server may answer with: its HTTP status and its title."""


class ProblemError(Exception):
    """A request or a rule came to an end that its sender must know of; `code` is one of `PROBLEMS`.

    `retry_after` are seconds after which it is worth another try, where that is known.
    """

    def __init__(self, code: str, detail: str, *, path: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.path = path
        self.retry_after = retry_after

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
            retry_after=RETRY_AFTER if self.retry_after is None and status == 503 else self.retry_after,
        )
