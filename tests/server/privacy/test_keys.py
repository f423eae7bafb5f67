"""The secret of the installation: where it lies, who may read it, and that all keys come from it."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.keys import keys_of, read_keys, secret_path
from server.settings import Settings, SettingsError
from tests.server.cli.conftest import Run


def settings(folder: Path, **more: str) -> Settings:
    """Settings of a database in a folder."""
    return Settings(database=f"sqlite:///{folder / 'shop.db'}", **more)


def test_it_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    """Beside the database, 0600, the same for every program however many begin at once; nothing else is left."""
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: read_keys(settings(tmp_path)), range(16)))
    assert len(found) == 1
    path = tmp_path / "mostrador.secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["mostrador.secret"]
    assert read_keys(settings(tmp_path)) == keys_of(bytes.fromhex(path.read_text().strip())) == found.pop()


def test_every_purpose_has_a_key_of_its_own() -> None:
    """Of one secret no two keys are the same, and none is the secret; another secret gives others."""
    one, other = (keys_of(bytes([n]) * 32) for n in (1, 2))
    keys = [getattr(k, name) for k in (one, other) for name in one.__dataclass_fields__]
    assert len({*keys, bytes([1]) * 32}) == len(keys) + 1
    assert {len(key) for key in keys} == {32}


@pytest.mark.parametrize("secret", ["short", "0" * 63, "g" * 64, "0" * 65])
def test_what_is_no_secret_is_refused(tmp_path: Path, secret: str) -> None:
    """In the environment as in the file, with what to do."""
    with pytest.raises(SettingsError, match="hexadecimal"):
        read_keys(settings(tmp_path, secret=secret))
    (tmp_path / "mostrador.secret").write_text(secret)
    with pytest.raises(SettingsError, match="hexadecimal"):
        read_keys(settings(tmp_path))


def test_settings_say_where_it_lies_and_never_what_it_is(run: Run, tmp_path: Path) -> None:
    """A file elsewhere, the working directory beside PostgreSQL, or the environment, which no command shows."""
    assert secret_path(settings(tmp_path, secret_file="/x/y")) == Path("/x/y")
    assert secret_path(Settings(database="postgresql://host/name")) == Path("mostrador.secret")
    secret = "0123456789abcdef" * 4
    assert read_keys(settings(tmp_path, secret=secret)) == keys_of(bytes.fromhex(secret))
    assert not any(tmp_path.iterdir())
    for arguments in (("settings",), ("settings", "--json")):
        ended = run(*arguments, MOSTRADOR_SECRET=secret)
        assert (ended.status, secret in ended.out + ended.err) == (0, False)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A folder in its place is none."""
    (tmp_path / "mostrador.secret").mkdir()
    with pytest.raises(SettingsError, match="cannot be read"):
        read_keys(settings(tmp_path))
