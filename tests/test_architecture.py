"""The house's order, as far as a program can see it: arrows, names of files, SQL, messages, and tests themselves."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

import server
from server.db import sql

ROOT = Path(__file__).parents[1]
SERVER = ROOT / "server"

NO_SLICES = {
    "wire": "the words that everybody exchanges",
    "db": "the engine",
    "edge": "what every request passes before its door",
    "terminal": "what people at a terminal see",
    "commands": "what people at a terminal ask for",
}

FILES_OF_A_SLICE = {
    "__init__.py",
    "rules.py",
    "queries.sql",
    "queries.sqlite.sql",
    "queries.postgres.sql",
    "queries.py",
    "actions.py",
    "routes.py",
}

MORE_FILES = {
    "access/admission.py": "every read and write goes through it, of whichever slice",
    "access/callers.py": "who asks, as all slices know them",
    "access/doors.py": "the one list of who may what",
    "access/pins.py": "argon2id takes its time, so it is neither a rule nor part of a transaction",
    "access/signin.py": "a PIN is checked between two transactions, so it is no action",
    "audit/check.py": "a check reads both places, so it is no query",
    "audit/heads.py": "the second place is no database",
    "audit/ledger.py": "a queue outlives a request",
    "catalog/account.py": "what a run says of itself outlives its transactions",
    "catalog/amending.py": "rules and rows at once, as a million rows pass through it",
    "catalog/alarms.py": "who is told may be away, which takes longer than a transaction",
    "catalog/aside.py": "a program of its own outlives a request",
    "catalog/compare.py": "rules and rows at once, as a million rows pass through it",
    "catalog/feeds/__init__.py": "the folder of translators of feeds",
    "catalog/feeds/formats.py": "which translator reads a feed",
    "catalog/feeds/google.py": "a translator of one format of feeds",
    "catalog/feeds/google_xml.py": "a translator of one format of feeds",
    "catalog/feeds/records.py": "a translator of one format of feeds",
    "catalog/feeds/shape.py": "what every translator gives",
    "catalog/feeds/shopify.py": "a translator of one format of feeds",
    "catalog/fetching.py": "feeds from the network",
    "catalog/fresh.py": "rules and rows at once, as a million rows pass through it",
    "catalog/known.py": "a million hashes in memory outlive a transaction",
    "catalog/left.py": "the same hashes in a quarter of the memory, which no database is asked for",
    "catalog/pictures/__init__.py": "the folder of what is done with pictures",
    "catalog/pictures/addresses.py": "rules of the network, for pictures alone",
    "catalog/pictures/asking.py": "pictures from the network",
    "catalog/pictures/beside.py": "a process of its own takes pictures apart",
    "catalog/pictures/files.py": "pictures beside a feed's file: reads files, so it is no rule",
    "catalog/pictures/gathering.py": "pictures take many transactions, so it is no action",
    "catalog/pictures/links.py": "where pictures come from, for syncs, records and whoever follows links",
    "catalog/pictures/shape.py": "what is said of pictures, for those who need no codecs",
    "catalog/pictures/shrinking.py": "takes its time and memory, so it is no rule of a transaction",
    "catalog/pictures/sweeping.py": "goes through the whole catalogue in many transactions, so it is no action",
    "catalog/reading.py": "reads a feed, and is no part of a transaction",
    "catalog/nightly.py": "what a server does by itself outlives a request",
    "catalog/nights.py": "a night outlives its transactions",
    "catalog/runs.py": "a run outlives its transactions",
    "catalog/feeds/stock.py": "a translator of snapshots of stock",
    "catalog/staging.py": "what a run keeps aside is in no database of ours",
    "catalog/filling.py": "what a server does by itself outlives a request",
    "catalog/grid.py": "how variants are laid out: rules of their own, and long ones",
    "catalog/search.py": "the search, over a product's own words and its variants' numbers",
    "catalog/vocabulary.py": "words in memory, which outlive a request",
    "catalog/words.py": "what a product is found by, for feeds and records alike",
    "catalog/words_index.py": "words as they are kept, by feeds, records and whoever opens an older database",
    "catalog/stocktake.py": "a snapshot is many transactions, so it is no action",
    "catalog/sync.py": "a feed is many transactions, so it is no action",
    "catalog/writing.py": "a feed is many transactions, so it is no action",
    "customers/consents.py": "what was said of consents, by sources and at the counter, with its proof",
    "customers/context.py": "what is shown of a customer, over all slices below",
    "customers/erasure.py": "takes a person out, over all slices below",
    "customers/persons.py": "which customers are one person: a graph of its own",
    "customers/search.py": "the search, over all slices below",
    "customers/wishers.py": "who wishes for an article, over all slices below",
    "customers/tombstones.py": "who was erased, as one transaction asks for them",
    "customers/vocabulary.py": "words in memory, which outlive a request",
    "customers/words.py": "folding, shared by what is kept and what is typed",
    "customers/words_index.py": "what a customer is found by, kept by imports, erasures and the scrub",
    "customers/guests.py": "which carts are a guest's, for every slice above",
    "idempotency/requests.py": "a request that may be repeated, as doors take it: a header, so it is no rule",
    "ingest/intake.py": "a stream is many transactions, so it is no action",
    "ingest/ndjson.py": "bytes to records",
    "ingest/reader.py": "a process beside outlives a batch",
    "ingest/snapshots.py": "records as they are written, made by the process beside",
    "kiosks/sending.py": "a message outlives a request",
    "kiosks/words.py": "what is sent to customers, in their languages",
    "pages/files.py": "what browsers keep is read once",
    "pages/showing.py": "how a page is drawn, whole or in part, is neither a rule nor a door",
    "pages/static/htmx-2.0.10.LICENSE": "under which htmx comes",
    "pages/static/htmx-2.0.10.min.js": "htmx, as npm has it",
    "pages/static/till.css": "how the till's page looks",
    "pages/static/till.js": "what it does without the server",
    "pages/static/till.svg": "its sign",
    "pages/templates/page.html": "the till's page",
    "pages/templates/part.html": "what of it changes",
    "pages/templates/trouble.html": "what stands above it when something went wrong",
    "pages/words.py": "what people read, in their languages",
    "live/stream.py": "a stream outlives a request",
    "outbox/sending.py": "a shop may be away, which takes longer than a transaction",
    "privacy/export.py": "one document over all slices below",
    "privacy/keeper.py": "what a server does by itself outlives a request",
    "privacy/retention.py": "a run is many transactions, so it is no action",
    "catalog/branding.py": "a retailer's pictures come from files, once, and through the same hands as articles'",
    "search/vocabulary.py": "words in memory, which outlive a request",
    "privacy/scrub.py": "a scrub is many transactions, so it is no action",
}
"""Files of slices beside the usual ones, and why each is one."""


class Statement(NamedTuple):
    """A query as it stands in a file."""

    file: Path
    name: str
    head: str
    parameters: frozenset[str]
    words: str
    text: str


def slices() -> list[Path]:
    """The folders that are slices."""
    return sorted(
        path.parent
        for path in SERVER.glob("*/__init__.py")
        if path.parent.name not in NO_SLICES and any(path.parent.iterdir())
    )


def statements() -> Iterator[Statement]:
    """Every query of every slice; what does not look like one fails."""
    for file in sorted(SERVER.glob("*/queries*.sql")):
        for part in re.split(r"(?m)^(?=-- name:)", file.read_text("utf-8")):
            if not part.strip():
                continue
            found = re.match(r"(-- name: (\w+)\(([\w, ]*)\)[\^!*]{0,2}\n)((?:--.*\n)+)", part)
            assert found, f"{file}: {part.splitlines()[0]}"
            parameters = frozenset(filter(None, re.split(r", ", found[3])))
            yield Statement(file, found[2], found[1], parameters, found[4], part[found.end() :])


def test_the_arrows_hold() -> None:
    """Nobody imports what lies above them: the contracts of import-linter in pyproject.toml."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(linter), "--no-logo"], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_every_slice_is_layered() -> None:
    """A slice that the contracts do not name would be free to import anybody."""
    contracts = (ROOT / "pyproject.toml").read_text("utf-8")
    assert [path.name for path in slices() if f'"server.{path.name}' not in contracts.replace("| ", '"')] == []


@pytest.mark.parametrize("folder", slices(), ids=lambda path: path.name)
def test_a_slice_has_the_files_that_slices_have(folder: Path) -> None:
    """Few names, the same everywhere; another needs a reason here."""
    files = {
        file.relative_to(SERVER).as_posix()
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    usual = {f"{folder.name}/{name}" for name in FILES_OF_A_SLICE}
    assert files - usual - MORE_FILES.keys() == set()


def test_no_reason_is_left_for_a_file_that_is_gone() -> None:
    """The list of exceptions is no longer than it must be."""
    assert [name for name in MORE_FILES if not (SERVER / name).exists()] == []


def test_every_query_has_a_sentence_and_its_parameters() -> None:
    """A line says what a query is for; the parameters in its name are those that its text uses."""
    wrong = [
        f"{found.file.relative_to(ROOT)}: {found.name}"
        for found in statements()
        if not re.fullmatch(r"-- [A-Z].*[.?]\n", found.words)
        or frozenset(re.findall(r"(?<![:\w]):([a-z_]+)", found.text)) != found.parameters
    ]
    assert wrong == []


def test_every_query_stands_once_and_is_asked() -> None:
    """No slice has two queries of one name in one file, and none that nobody asks any more."""
    by_place = [(found.file, found.name) for found in statements()]
    assert len(set(by_place)) == len(by_place)
    code = "\n".join(path.read_text("utf-8") for path in SERVER.rglob("*.py"))
    named = set(re.findall(r"\bSQL\.(\w+)", code))
    unused = [f"{found.file.parent.name}.{found.name}" for found in statements() if found.name not in named]
    assert unused == []


def test_engines_that_differ_have_the_same_queries() -> None:
    """What one engine's file has, the other's has under the same name, with the same parameters and answer."""
    by_engine: dict[str, dict[str, dict[str, str]]] = {}
    for found in statements():
        _, *engine, _ = found.file.name.split(".")
        if engine:
            files = by_engine.setdefault(found.file.parent.name, {"sqlite": {}, "postgres": {}})
            files[engine[0]][found.name] = found.head
    assert by_engine
    for folder, files in by_engine.items():
        assert files["sqlite"] == files["postgres"], folder


def test_queries_can_be_loaded() -> None:
    """What the loader makes of the files is what stands in them, each with its sentence."""
    for folder in {found.file.parent for found in statements()}:
        loaded = sql.all_of(folder)
        assert loaded.keys() == {found.name for found in statements() if found.file.parent == folder}
        lacking = [name for name, query in loaded.items() if not (query.sqlite and query.postgresql and query.doc)]
        assert lacking == []
        assert not loaded.keys() & vars(sql.Queries).keys()


def test_queries_are_read_when_the_first_is_asked_for(tmp_path: Path) -> None:
    """What is wrong with a slice's file is told then; a name that no query has is told as one."""
    (tmp_path / "queries.sql").write_text("-- name: one()^\n-- One.\nSELECT 1;\n")
    queries = sql.load(tmp_path)
    assert (queries.one.sqlite, queries.one.postgresql) == ("SELECT 1;", "SELECT 1;")
    with pytest.raises(AttributeError, match="there is no query"):
        queries.two  # noqa: B018 - asked for, which is enough


def modules() -> list[str]:
    """Every module of the server."""
    return [
        found.name for found in pkgutil.walk_packages(server.__path__, "server.") if found.name != "server.__main__"
    ]


def structs() -> list[type[msgspec.Struct]]:
    """Every Struct of the server, once all of it is imported."""
    for name in modules():
        importlib.import_module(name)
    found = list(msgspec.Struct.__subclasses__())
    for struct in found:
        found.extend(struct.__subclasses__())
    # Litestar makes some of its own in our modules' names; ours are there under theirs.
    ours = {
        s for s in found if s.__module__.startswith("server.") and vars(sys.modules[s.__module__]).get(s.__name__) is s
    }
    return sorted(ours, key=lambda struct: struct.__qualname__)


def test_messages_are_frozen_and_told_apart() -> None:
    """Every message is immutable, takes its fields by name and skips unknown ones; no module uses a tag twice."""
    assert len(structs()) > 50
    for struct in structs():
        config = struct.__struct_config__
        assert config.frozen, struct
        # A setting that is misspelt is told; messages come from newer programs too.
        assert not config.forbid_unknown_fields or struct.__module__ == "server.settings", struct
        # What two processes of one version tell each other names no fields.
        assert not config.array_like or not struct.__module__.startswith("server.wire"), struct
        assert config.tag_field in (None, "type"), struct
    tags = [(struct.__module__, struct.__struct_config__.tag) for struct in structs() if struct.__struct_config__.tag]
    assert len(set(tags)) == len(tags)


@pytest.mark.parametrize("name", modules())
def test_a_module_says_what_it_is_for(name: str) -> None:
    """Its first line is a sentence."""
    words = importlib.import_module(name).__doc__
    assert words
    assert re.match(r"\S.*[.:?]$", words.strip().splitlines()[0]), words


def test_nothing_is_hidden_from_the_handlers() -> None:
    """Litestar reads signatures at start-up: no type of the server stands behind TYPE_CHECKING."""
    assert [path for path in SERVER.rglob("*.py") if "TYPE_CHECKING" in path.read_text("utf-8")] == []


def functions_in(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The tests of a file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node


TESTS = sorted((ROOT / "tests").rglob("test_*.py"))


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.relative_to(ROOT / "tests").as_posix())
def test_tests_say_what_they_show(path: Path) -> None:
    """Every test has a sentence on the behaviour it shows; none waits for time to pass, none replaces what it tests."""
    assert [test.name for test in functions_in(path) if not (ast.get_docstring(test) or "").endswith((".", "?"))] == []
    imported = {
        alias.name.split(".")[0] if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert {name for name in imported if "mock" in name} == set()
    sleeps = [
        node
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "sleep"
    ]
    # A sleep of nothing only gives the event loop a turn.
    assert {call for call in map(ast.unparse, sleeps) if re.match(r"(\w+\.)?sleep\((?!0\))", call)} == set()
