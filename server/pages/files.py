"""The files of pages: each has its content's hash in its name, so that browsers keep it for good."""

import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig

_FOLDER = files("server.pages") / "static"
_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


def templates() -> TemplateConfig[JinjaTemplateEngine]:
    """Where pages come from: whatever is filled in is escaped, and what is missing is a mistake of ours."""
    environment = Environment(
        loader=PackageLoader("server.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment))


class PageFile(NamedTuple):
    """A file as it is served."""

    content: bytes
    media_type: str


def page_files() -> tuple[Mapping[str, PageFile], Mapping[str, str]]:
    """Files by the names under which they are served, and those names by the plain ones."""
    served: dict[str, PageFile] = {}
    names: dict[str, str] = {}
    for file in _FOLDER.iterdir():
        stem, _, ending = file.name.rpartition(".")
        if ending in _TYPES:
            content = file.read_bytes()
            name = f"{stem}.{hashlib.sha256(content).hexdigest()[:16]}.{ending}"
            served[name] = PageFile(content, _TYPES[ending])
            names[file.name] = name
    return served, names
