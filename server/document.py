"""The OpenAPI document: what Litestar makes of our doors, and what it cannot know or does not get right."""

from typing import Any

import msgspec
from litestar import Request
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin

from server.wire.records import Record

NDJSON = "application/x-ndjson"
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
    """The document with the records that `POST /v1/records` takes, and schemas that say what is meant."""
    document = _mended(document)
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
