"""The OpenAPI document: what Litestar makes of our doors, and what it cannot know or does not get right."""

from typing import Any

import msgspec
from litestar import Request
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin

from server.access.doors import DOORS, PUBLIC
from server.pages.rules import COOKIE, PLACE
from server.wire.records import Record

NDJSON = "application/x-ndjson"
_SHOWN = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A device's token, or that of whoever is signed in on it or proved at a kiosk who they are.",
    },
    "till": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "The token of a till's page, which `POST /till/enrolment` sets.",
    },
}
_LARGEST = 2**63 - 1
"""As a floating point number it is one more, which no database has."""


class JsonDocument(JsonRenderPlugin):
    """The document as JSON, made once: it stays as it is for as long as the server runs."""

    _made: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        if self._made is None:
            self._made = super().render(request, complete(openapi_schema))
        return self._made


class YamlDocument(YamlRenderPlugin):
    """The document as YAML, made once: that takes seconds, in which nobody else would be answered."""

    _made: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        if self._made is None:
            self._made = super().render(request, complete(openapi_schema))
        return self._made


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the records that `POST /v1/records` takes, what callers show, and schemas as they are meant."""
    document = _mended(document)
    document["components"]["securitySchemes"] = _SHOWN
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            operation["security"] = _security(f"{method.upper()} {path}")
    (record,), records = msgspec.json.schema_components([Record], ref_template="#/components/schemas/{name}")
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = {**records, **schemas}
    document["paths"]["/v1/records"]["post"]["requestBody"] = {
        "description": "One record a line, each as the schema says; plain, or packed with gzip, which is told by its "
        "first bytes.",
        "required": True,
        "content": {NDJSON: {"schema": record}},
    }
    return document


def _security(door: str) -> list[dict[str, list[str]]]:
    """What whoever comes to a door must show: one of these; nothing, where there is none or it may be empty."""
    if DOORS[door] == PUBLIC:
        return []
    if not door.partition(" ")[2].startswith(PLACE):
        return [{"bearer": []}]
    # Who comes without is told how to set the page up.
    return [{"till": []}, *([{}] if door == f"GET {PLACE}" else [])]


def _mended(part: Any) -> Any:
    """A part of the document: entries of a list have one type, and bounds of whole numbers are whole."""
    if isinstance(part, list):
        return [_mended(entry) for entry in part]
    if not isinstance(part, dict):
        return part
    mended = {name: _mended(entry) for name, entry in part.items()}
    match mended:
        case {"type": "array", "items": {"oneOf": [items, {**nothing}]}} if not nothing:
            # Litestar reads the dots of `tuple[str, ...]` as a second type.
            mended["items"] = items
        case _:
            pass
    for bound in ("minimum", "maximum"):
        if isinstance(mended.get(bound), float) and mended[bound].is_integer():
            mended[bound] = min(int(mended[bound]), _LARGEST)
    return mended
