"""`POST /records`, and what of them was refused."""

from collections.abc import Iterable
from typing import Annotated

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter

from server.access.callers import Caller
from server.audit.rules import Look
from server.customers.rules import contact_rules
from server.edge.edge import CALLER
from server.ingest import actions, queries
from server.ingest.intake import Intake
from server.ingest.ndjson import Line
from server.logs import REQUEST_ID
from server.problems import DEVICES, LOOKS, PARAMETERS, PERSONS, WRITES, documented
from server.shop import AnyRequest, Shop, nothing, same_for_all
from server.wire.records import RecordsSummary, RefusedRecord


def routes(shop: Shop) -> list[HTTPRouteHandler]:
    """The doors for records."""
    take_lines = same_for_all(actions.take_lines)

    @post(
        "/records",
        status_code=200,
        request_max_body_size=None,
        responses=documented(*DEVICES, *WRITES, "too_slow", "wrong_secret"),
        description="The body is NDJSON, one record a line, plain or gzip, of any length; it is taken as it arrives.",
    )
    async def take_records(request: AnyRequest) -> RecordsSummary:
        """Take a stream of records: the answer says what was new, changed, unchanged, and why lines were refused."""
        await shop.read(request, nothing)
        intake, rules = Intake(), contact_rules(shop.settings, shop.keys)

        async def take(batches: Iterable[list[Line]]) -> None:
            for batch in batches:
                part = await shop.write(request, take_lines, batch, "POST /records", rules, shop.clock())
                intake.count(part)

        async for chunk in request.stream():
            await take(intake.feed(chunk))
        await take(intake.end())
        return intake.summary

    @get("/records/refused", responses=documented(*PERSONS, *PARAMETERS, *LOOKS))
    async def refused_records(
        request: AnyRequest,
        before: Annotated[int | None, Parameter(ge=1, le=2**62)] = None,
        limit: Annotated[int, Parameter(ge=1, le=500)] = 50,
    ) -> tuple[RefusedRecord, ...]:
        """Lines that were refused, the latest first, as they were, but for bank card numbers."""
        lines = await shop.read_aside(request, same_for_all(queries.refused), before, limit)
        if lines:
            # Whom they name nobody knows: that somebody read them is on record without a person.
            caller: Caller = request.scope["state"][CALLER]
            shop.ledger.note(
                Look(caller.kind, caller.device_id, caller.staff_id, "refused", (), shop.clock(), REQUEST_ID.get())
            )
        return lines

    return [take_records, refused_records]
