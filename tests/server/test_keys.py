"""The secret of the installation: where it lies, who may read it, and that all keys come from it."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.keys import SecretError, keys_of, make_secret, read_keys, secret_file
from server.settings import Settings
from tests.server.cli.conftest import run_in
from tests.server.given import KEYS, SECRET


def settings(folder: Path) -> Settings:
    """Settings of a database in a folder."""
    return Settings(database=f"sqlite:///{folder / 'shop.db'}")


def test_it_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    """Beside the database, 0600, by one of however many programs begin at once; nothing else is left."""
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: make_secret(settings(tmp_path)), range(16)))
    assert made.count(True) == 1
    (path,) = tmp_path.iterdir()
    assert (path.name, stat.S_IMODE(path.stat().st_mode)) == ("mostrador.secret", 0o600)
    assert read_keys(settings(tmp_path)) == keys_of(bytes.fromhex(path.read_text("ascii").strip()))


def test_every_purpose_has_a_key_of_its_own() -> None:
    """Of one secret no two keys are the same, none is the secret, none is shown; another secret gives others."""
    one, other = (keys_of(bytes([n]) * 32) for n in (1, 2))
    keys = [getattr(k, name) for k in (one, other) for name in one.__dataclass_fields__]
    assert len({*keys, bytes([1]) * 32}) == len(keys) + 1
    assert {len(key) for key in keys} == {32}
    assert repr(one) == "Keys()"


@pytest.mark.parametrize("content", [b"", b"short", b"0" * 62, b"0" * 65, b"g" * 64, b"\xff" * 32])
def test_what_is_no_secret_is_refused(tmp_path: Path, content: bytes) -> None:
    """With where it lies, and nothing of what is there."""
    (tmp_path / "mostrador.secret").write_bytes(content)
    with pytest.raises(SecretError, match=r"mostrador\.secret") as told:
        read_keys(settings(tmp_path))
    assert not content or content.decode("latin-1") not in str(told.value)


def test_settings_say_where_it_lies(tmp_path: Path) -> None:
    """A file elsewhere, the working directory beside PostgreSQL, or the environment, which needs no file."""
    assert secret_file(Settings(secret_file="/x/y")) == Path("/x/y")
    assert secret_file(Settings(database="postgresql://host/name")) == Path("mostrador.secret")
    assert read_keys(Settings(secret=SECRET, secret_file="/nowhere")) == KEYS
    assert not make_secret(Settings(secret=SECRET, secret_file=str(tmp_path / "none")))
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("secret", ["short", "0" * 63, "g" * 64, "0" * 65])
def test_the_environment_holds_a_secret_or_none(tmp_path: Path, secret: str) -> None:
    """What is none is told by its setting, and no command shows one that is."""
    ended = run_in(tmp_path, "settings", MOSTRADOR_SECRET=secret)
    assert (ended.status, "MOSTRADOR_SECRET cannot be taken" in ended.err) == (2, True)
    for arguments in (("settings",), ("settings", "--json")):
        ended = run_in(tmp_path, *arguments)
        assert (ended.status, SECRET in ended.out + ended.err) == (0, False)


def test_only_init_makes_it_and_never_anew(tmp_path: Path) -> None:
    """Other commands ask for it; where looks or erasures stand, another would not do, so it is not made."""
    own = {"MOSTRADOR_SECRET_FILE": str(tmp_path / "kept")}
    (tmp_path / "in.ndjson").write_bytes(
        b'{"type": "customer", "source": "web", "external_id": "1", "updated_at": "2026-01-01T00:00:00Z",'
        b' "given_name": "Ana"}\n'
    )

    def run(*arguments: str) -> tuple[int, str]:
        ended = run_in(tmp_path, *arguments, MOSTRADOR_SECRET=None, **own)  # type: ignore[arg-type]
        return ended.status, ended.out + ended.err

    status, said = run("import", str(tmp_path / "in.ndjson"))
    assert (status, "mostrador init" in said) == (2, True)
    assert not (tmp_path / "kept").exists()
    status, said = run("init")
    assert (status, f"The secret is {tmp_path / 'kept'}" in said) == (0, True)
    assert run("import", str(tmp_path / "in.ndjson"))[0] == 0
    (tmp_path / "kept").unlink()
    assert run("init")[0] == 0, "nothing depends on it yet"
    assert run("search", "ana")[0] == 0
    (tmp_path / "kept").rename(tmp_path / "elsewhere")
    for command in (("init",), ("search", "ana"), ("serve", "--port", "0")):
        status, said = run(*command)
        assert (status, "bring its own back" in said) == (2, True), said
    assert not (tmp_path / "kept").exists()
