"""Requests of every shape that the OpenAPI document allows, and of many that it does not: no answer surprises."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, NamedTuple

import httpx
import msgspec
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from server.db.address import open_database
from server.db.engine import Connection, Database
from tests.prove.findings import Assignment, Findings
from tests.prove.programs import PATIENCE, serving
from tests.server.people import KNOWN, bearer, enrolled, hired, signed_in
from tests.server.small_shop import ndjson

CASES = 50_000
Headers = dict[str, str]
CUSTOMERS = 12
"""Numbers of customers that are drawn from, so that some are there."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
STREAM = "text/event-stream"


def _nobody(_conn: Connection, _now: datetime) -> Headers:
    return {}


def _associate(conn: Connection, now: datetime) -> Headers:
    member = hired(conn, "associate", "GV", now=now)
    return bearer(signed_in(conn, enrolled(conn, "tablet", "GV", now=now), member, now=now).token)


def _sync(conn: Connection, now: datetime) -> Headers:
    return bearer(enrolled(conn, "sync", None, now=now).token)


CALLERS: dict[str, Callable[[Connection, datetime], Headers]] = {
    "nobody": _nobody,
    "associate": _associate,
    "sync": _sync,
}
"""Who asks: each lets somebody new in, as requests sign people out too, and gives the headers that they send."""


class Asker(NamedTuple):
    """Somebody who asks a server.

    Attributes:
        name: in what is told.
        address: of the server.
        let_in: gives the headers that go with each request; asked once a door.
    """

    name: str
    address: str
    let_in: Callable[[], Headers]


class Surprises(NamedTuple):
    """How many requests were sent, and each sort of answer that should not have been, once."""

    sent: int
    found: list[str]


def askers(place: str, address: str, database: Database, clock: Callable[[], datetime]) -> list[Asker]:
    """Each kind of caller, at a server."""

    def letting_in(caller: Callable[[Connection, datetime], Headers]) -> Callable[[], Headers]:
        return lambda: database.write_now(caller, clock())

    return [Asker(f"{name} {place}".strip(), address, letting_in(caller)) for name, caller in CALLERS.items()]


@schemathesis.serializer("application/x-ndjson")
def as_ndjson(_context: schemathesis.SerializationContext, value: Any) -> bytes:
    """A record as a line."""
    return msgspec.json.encode(value, enc_hook=str) + b"\n"


def ask_everything(asking: Sequence[Asker], cases: int, number: int) -> Surprises:
    """Send so many requests to every door of a server, in equal parts what the document allows and what it does not.

    What is drawn is sent by everybody who asks, as drawing takes far longer than asking. Some doors have few shapes of
    requests; what is left of theirs goes to the others, drawn anew.

    Args:
        asking: who sends each of them; their servers have one document.
        cases: how many each of them sends, at least.
        number: the seed of what is random.
    """
    document = httpx.get(f"{asking[0].address}/schema/openapi.json", timeout=PATIENCE, trust_env=False).json()
    schema = schemathesis.openapi.from_dict(_near(document))
    operations = [found.ok() for found in schema.get_all_operations()]
    found: dict[tuple[str, str, str], str] = {}
    drawn = sent = 0
    with requests.Session() as session:
        session.trust_env = False
        headers: list[Headers] = []

        def ask(case: Case) -> None:
            nonlocal drawn, sent
            drawn += 1
            for asker, shown in zip(asking, headers, strict=True):
                sent += 1
                answer = _send(case, asker.address, session, shown)
                try:
                    case.validate_response(answer, checks=CHECKS)
                except FailureGroup as failures:
                    for failure in failures.exceptions:
                        key = (asker.name, case.operation.label, f"{failure.title} {answer.status_code}")
                        found.setdefault(key, f"{' '.join(key)}: {failure.message}\n{case.as_curl_command()}")

        while drawn < cases:
            each, before = -(-(cases - drawn) // (2 * len(operations))), drawn
            for operation in operations:
                headers[:] = [asker.let_in() for asker in asking]
                for mode in GenerationMode:
                    _try(ask, operation, mode, each, number)
            if drawn == before:
                break
            number += 1
    return Surprises(sent, list(found.values()))


def _try(ask: Any, operation: Any, mode: GenerationMode, cases: int, number: int) -> None:
    """Draw requests of a sort; a door that takes anything has no wrong ones."""
    tried = given(case=operation.as_strategy(generation_mode=mode))(ask)
    tried = settings(
        max_examples=cases,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )(tried)
    try:
        seed(number)(tried)()
    except Unsatisfiable:
        assert mode == GenerationMode.NEGATIVE, operation.label


def _send(case: Case, address: str, session: requests.Session, headers: Headers) -> requests.Response:
    """Send a request; of a stream, which does not end, only the first event is read."""
    sent = case.as_transport_kwargs(base_url=address, headers=headers)
    answer = session.request(**sent, timeout=PATIENCE, stream=True)
    if answer.headers.get("content-type", "").startswith(STREAM):
        answer._content = next(answer.iter_content(65536))
        answer._content_consumed = True  # type: ignore[attr-defined]
        answer.close()
    assert answer.content is not None
    return answer


def _near(document: Any) -> Any:
    """The document with numbers of customers that are likely to be there."""
    if isinstance(document, list):
        return [_near(part) for part in document]
    if not isinstance(document, dict):
        return document
    part = {name: _near(value) for name, value in document.items()}
    if part.get("name") == "customer_id" and part.get("in") == "path":
        part["schema"] = {**part["schema"], "maximum": CUSTOMERS}
    return part


def prove_any_request(asked: Assignment, cases: int) -> Findings:
    """Send requests of every shape to a server on the small shop, as every kind of caller."""
    started = time.perf_counter()
    findings = Findings("schema")
    path = asked.folder / "schema.db"
    with serving(path) as server, closing(open_database(f"sqlite:///{path.absolute()}")) as database:
        with server.client() as client:
            client.post("/v1/records", content=ndjson(), headers=bearer(KNOWN.sync)).raise_for_status()
        asking = askers("", server.address, database, lambda: datetime.now(UTC))
        surprises = ask_everything(asking, cases // len(asking), asked.seed)
        findings.times += surprises.sent
        findings.wrong += surprises.found
        server.end()
    asked.advance()
    findings.seconds = time.perf_counter() - started
    return findings
