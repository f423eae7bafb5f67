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


def page_files(brand_style: str = "") -> tuple[Mapping[str, PageFile], Mapping[str, str]]:
    """Files by the names under which they are served, and those names by the plain ones.

    Args:
        brand_style: the retailer's own, which is `brand.css`.
    """
    contents = {file.name: file.read_bytes() for file in _FOLDER.iterdir()}
    if brand_style:
        contents["brand.css"] = brand_style.encode()
    served: dict[str, PageFile] = {}
    names: dict[str, str] = {}
    for plain, content in contents.items():
        stem, _, ending = plain.rpartition(".")
        if ending in _TYPES:
            name = f"{stem}.{hashlib.sha256(content).hexdigest()[:16]}.{ending}"
            served[name] = PageFile(content, _TYPES[ending])
            names[plain] = name
    return served, names
