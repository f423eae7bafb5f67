"""Settings: from the environment and a file, and what is said of wrong ones."""

import os
from pathlib import Path

import msgspec
import pytest

from server.db.sqlite import SqliteDatabase
from server.settings import Settings
from tests.server.cli.conftest import Run
from tests.server.given import rows
from tests.server.small_shop import (
    ndjson,
)


def test_init_makes_the_database_and_says_what_is_next(call: Run, tmp_path: Path) -> None:
    """The first time and every time after: status 0, where it is, and the next commands."""
    for _ in range(2):
        ended = call("init")
        assert (ended.status, ended.err) == (0, "")
        assert f"The database is {tmp_path / 'shop.db'}." in ended.out
        assert "mostrador catalog sync FEED" in ended.out
    assert (tmp_path / "shop.db").exists()


def test_only_the_owner_reads_the_database(tmp_path: Path) -> None:
    """A new database and the files beside it are nobody else's; the mode of one that is there stays."""
    before = os.umask(0o022)
    try:
        for mode in (0o600, 0o640):
            database = SqliteDatabase(tmp_path / "shop.db")
            assert database.read_now(rows, "SELECT 1") == [(1,)]
            assert {file.name: oct(file.stat().st_mode & 0o777) for file in tmp_path.iterdir()} == {
                name: oct(mode) for name in ("shop.db", "shop.db-wal", "shop.db-shm")
            }
            database.close()
            (tmp_path / "shop.db").chmod(0o640)
    finally:
        os.umask(before)


def test_settings_shows_every_setting(call: Run) -> None:
    """Each with its name in the environment and its value; in JSON all of them as they are."""
    ended = call("settings", MOSTRADOR_BRAND="Casa [bold]Roca[/]")
    assert ended.status == 0
    names = [line.partition("=")[0] for line in ended.out.splitlines()]
    assert names == [f"MOSTRADOR_{name.upper()}" for name in Settings.__struct_fields__]
    assert "MOSTRADOR_BRAND=Casa [bold]Roca[/]\n" in ended.out
    assert msgspec.convert(call("settings", "--json", MOSTRADOR_SECRET=None).json, Settings).port == Settings().port


def test_settings_shows_no_keys(call: Run) -> None:
    """Of addresses it shows where they lead, of secrets nothing."""
    environ = {
        "MOSTRADOR_CATALOG_FEED": "https://me:k3y@shop.example/feed.tsv?token=k3y",
        "MOSTRADOR_ALARM_WEBHOOK": "https://alarms.example/services/k3y",
        "MOSTRADOR_ALARM_SECRET": "whsec_" + "k3y0" * 8,
    }
    for ended in (call("settings", **environ), call("settings", "--json", **environ)):
        assert (ended.status, "k3y" in ended.out) == (0, False)
        assert all(part in ended.out for part in ("https://shop.example/feed.tsv", "https://alarms.example/***"))


def test_the_environment_goes_before_the_file(call: Run, tmp_path: Path) -> None:
    """Settings of the TOML file count where the environment says nothing; lists are JSON or words between commas."""
    config = tmp_path / "mostrador.toml"
    config.write_text('brand = "File"\nport = 9000\nlanguages = ["ca"]\n[[card_patterns]]\npattern = "^7$"\n', "utf-8")
    shown = call(
        "settings",
        "--json",
        MOSTRADOR_CONFIG=str(config),
        MOSTRADOR_BRAND="Environment",
        MOSTRADOR_ALLOWED_HOSTS="till.example, tablet.example",
    ).json
    assert (shown["brand"], shown["port"], shown["languages"]) == ("Environment", 9000, ["ca"])
    assert shown["allowed_hosts"] == ["till.example", "tablet.example"]
    assert shown["card_patterns"] == [{"pattern": "^7$", "check": "none"}]
    patterns = '[{"pattern": "^8$", "check": "luhn"}]'
    shown = call("settings", "--json", MOSTRADOR_CONFIG=str(config), MOSTRADOR_CARD_PATTERNS=patterns).json
    assert shown["card_patterns"] == [{"pattern": "^8$", "check": "luhn"}]


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"MOSTRADOR_PORT": "many"}, "MOSTRADOR_PORT cannot be taken: Expected `int`, got `str`"),
        (
            {"MOSTRADOR_TIME_ZONE": "Spain/Madrid"},
            "MOSTRADOR_TIME_ZONE cannot be taken: there is no zone 'Spain/Madrid'",
        ),
        ({"MOSTRADOR_TIME_ZONE": "../etc"}, "MOSTRADOR_TIME_ZONE cannot be taken"),
        (
            {"MOSTRADOR_CATALOG_AT": "25:00"},
            "MOSTRADOR_CATALOG_AT cannot be taken: Expected an hour and a minute: 03:30",
        ),
        ({"MOSTRADOR_CATALOG_AT": "03:30"}, "MOSTRADOR_CATALOG_AT needs MOSTRADOR_CATALOG_FEED"),
        ({"MOSTRADOR_ALARM_WEBHOOK": "hook"}, "MOSTRADOR_ALARM_WEBHOOK cannot be taken: Expected an address"),
        ({"MOSTRADOR_ALARM_SECRET": "whsec_short"}, "MOSTRADOR_ALARM_SECRET cannot be taken: Expected whsec_"),
        ({"MOSTRADOR_PORT": "70000"}, "MOSTRADOR_PORT cannot be taken: Expected `int` <= 65535"),
        ({"MOSTRADOR_PORT": ""}, "MOSTRADOR_PORT cannot be taken"),
        ({"MOSTRADOR_COUNTRY": "Spain"}, "MOSTRADOR_COUNTRY cannot be taken: Expected two capital letters"),
        ({"MOSTRADOR_CURRENCY": "eur"}, "MOSTRADOR_CURRENCY cannot be taken: Expected three capital letters: EUR"),
        ({"MOSTRADOR_CARD_PATTERNS": "[{"}, "MOSTRADOR_CARD_PATTERNS is no JSON list"),
        (
            {"MOSTRADOR_CARD_PATTERNS": "^29"},
            "MOSTRADOR_CARD_PATTERNS[0] cannot be taken: Expected `object`, got `str`",
        ),
        (
            {"MOSTRADOR_CARD_PATTERNS": '[{"pattern": "^(29$"}]'},
            "MOSTRADOR_CARD_PATTERNS[0] cannot be taken: ^(29$ is no regular expression",
        ),
        (
            {"MOSTRADOR_CARD_PATTERNS": '[{"pattern": "29"}]'},
            "MOSTRADOR_CARD_PATTERNS[0].pattern cannot be taken: Expected a regular expression that begins with ^",
        ),
        (
            {"MOSTRADOR_CARD_PATTERNS": '[{"pattern": "^29$", "check": "ean"}]'},
            "MOSTRADOR_CARD_PATTERNS[0].check cannot be taken: Invalid enum value 'ean'",
        ),
        (
            {"MOSTRADOR_LOG_LEVEL": "loud"},
            "MOSTRADOR_LOG_LEVEL cannot be taken: Invalid enum value 'loud'; there are: debug, info, warning, error",
        ),
        (
            {"MOSTRADOR_PROOFS": "code,faith"},
            "MOSTRADOR_PROOFS[1] cannot be taken: Invalid enum value 'faith'; there are: continue, code, vouch",
        ),
        ({"MOSTRADOR_LANGUAGES": ""}, "MOSTRADOR_LANGUAGES cannot be taken"),
        ({"MOSTRADOR_BRAND_COLOR": "green"}, "MOSTRADOR_BRAND_COLOR cannot be taken: Expected a colour as #0F5C56"),
        ({"MOSTRADOR_BRAND_COLOR": "#0F5"}, "MOSTRADOR_BRAND_COLOR cannot be taken: Expected a colour as #0F5C56"),
        ({"MOSTRADOR_BRAND_LOGO": ""}, "MOSTRADOR_BRAND_LOGO cannot be taken"),
        (
            {"MOSTRADOR_PRT": "1"},
            "the environment sets 'MOSTRADOR_PRT', which is no setting; there are: MOSTRADOR_ALARM_SECRET, MOSTRADOR_",
        ),
        ({"MOSTRADOR_CONFIG": "/nowhere/mostrador.toml"}, "MOSTRADOR_CONFIG=/nowhere/mostrador.toml cannot be read"),
        ({"MOSTRADOR_DATABASE": "mysql://me:secret@host/shop"}, "MOSTRADOR_DATABASE=mysql://me:***@host/shop cannot"),
        ({"MOSTRADOR_DATABASE": "shop.db"}, "write sqlite:///relative.db, sqlite:////absolute/path.db or"),
        ({"MOSTRADOR_DATABASE": "sqlite:///"}, "write sqlite:///relative.db, sqlite:////absolute/path.db or"),
        ({"MOSTRADOR_DATABASE": "sqlite:////nowhere/at/all/shop.db"}, "the folder /nowhere/at/all does not exist"),
    ],
    ids=lambda value: next(iter(f"{name}={text}" for name, text in value.items())) if isinstance(value, dict) else "",
)
def test_a_wrong_setting_is_told_by_its_name(call: Run, environ: dict[str, str], sentence: str) -> None:
    """One line on standard error that names the setting and what it must be, and status 2, whatever the command."""
    for command in (("init",), ("scan", "x"), ("import", "-")):
        ended = call(*command, stdin=b"", **environ)
        assert (ended.status, ended.out) == (2, "")
        assert sentence in ended.err
        assert ended.err.count("\n") == 1


def test_a_language_that_no_screen_speaks_is_told(call: Run, tmp_path: Path) -> None:
    """The server does not start with it, and names those there are; the file of the settings is read alike."""
    ended = call("serve", "--port", "0", MOSTRADOR_LANGUAGES="es,tlh,en,Spanish")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == "MOSTRADOR_LANGUAGES cannot be taken: no screen speaks tlh, Spanish; there are: en, es\n"
    (tmp_path / "shop.toml").write_text('languages = ["ES"]', "utf-8")
    ended = call("serve", "--port", "0", MOSTRADOR_CONFIG=str(tmp_path / "shop.toml"))
    assert (ended.status, "no screen speaks ES; there are: en, es" in ended.err) == (2, True)


def test_what_others_call_by_our_name_is_no_mistake(call: Run) -> None:
    """The tablet and the tests have names of their own in the same environment."""
    others = {"MOSTRADOR_TABLET_HOME": "x", "MOSTRADOR_TEST_DATA": "x", "MOSTRADOR_EXAMPLES": "1"}
    assert call("settings", **others).status == 0


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ('brnad = "x"', "sets 'brnad', which is no setting; there are: alarm_secret, alarm_webhook,"),
        ("port = 'x'", "MOSTRADOR_PORT cannot be taken"),
        ("port 5", "cannot be read"),
        ('[[card_patterns]]\npattern = "29"', "MOSTRADOR_CARD_PATTERNS[0].pattern cannot be taken"),
    ],
)
def test_a_wrong_settings_file_is_told(call: Run, tmp_path: Path, toml: str, sentence: str) -> None:
    """A misspelt name and a wrong value in the file are told like those of the environment."""
    config = tmp_path / "mostrador.toml"
    config.write_text(toml, "utf-8")
    ended = call("settings", MOSTRADOR_CONFIG=str(config))
    assert (ended.status, ended.out) == (2, "")
    assert sentence in ended.err


def test_a_file_that_is_no_database_is_told(call: Run, tmp_path: Path) -> None:
    """The database's file may be anything: it is not touched, and a sentence says so."""
    (tmp_path / "shop.db").write_bytes(ndjson())
    ended = call("scan", "x")
    assert (ended.status, ended.out) == (1, "")
    assert "shop.db cannot be opened: file is not a database" in ended.err
    assert (tmp_path / "shop.db").read_bytes() == ndjson()
