"""The installation's secret: made once, kept to its owner, and a key for each purpose."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.keys import Keys, keys_of, read_keys
from server.settings import Settings, SettingsError


def test_the_secret_is_made_once(tmp_path: Path) -> None:
    """However many programs start at once, all have one secret, which only its owner can read."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'shop.db'}")
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: read_keys(settings), range(16)))
    assert len(found) == 1
    (file,) = tmp_path.iterdir()
    assert (file.name, oct(file.stat().st_mode & 0o777), len(file.read_bytes())) == ("mostrador.secret", "0o600", 32)


def test_each_purpose_has_its_own_key() -> None:
    """None tells another, and the environment's secret goes before a file."""
    keys = keys_of(bytes(32))
    values = {getattr(keys, name) for name in Keys.__annotations__}
    assert len(values) == len(Keys.__annotations__)
    assert {len(value) for value in values} == {32}
    assert read_keys(Settings(secret="00" * 32, secret_file="/nowhere")) == keys


@pytest.mark.parametrize("secret", ["short", "0" * 63, "g" * 64])
def test_what_is_no_secret_is_refused(secret: str, tmp_path: Path) -> None:
    """A short one, or one of other signs, in the environment or a file; the message does not show it."""
    with pytest.raises(SettingsError, match="MOSTRADOR_SECRET") as told:
        read_keys(Settings(secret=secret))
    assert secret not in str(told.value)
    (tmp_path / "secret").write_bytes(b"short")
    with pytest.raises(SettingsError, match="MOSTRADOR_SECRET_FILE"):
        read_keys(Settings(secret_file=str(tmp_path / "secret")))
