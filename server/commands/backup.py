"""`mostrador backup`: a copy of the database while it is in use."""

import os
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import DownloadColumn
from rich.text import Text

from server.commands.shell import AsJson, interrupted_by_sigterm, print_json, progress, stdout, told
from server.db.address import AddressError, file_of, place_of, require_file
from server.db.backup import back_up
from server.settings import Settings, read_settings
from server.wire.base import Wire


class _BackedUp(Wire, frozen=True, kw_only=True):
    """What was copied where; `size` is in bytes."""

    database: str
    file: str
    size: int
    seconds: float


@told
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The copy: a file that is not there yet.")],
    as_json: AsJson = False,
) -> None:
    """Copy the database while servers and imports use it: all that was written before, and nothing by half.

    Nobody but you may read the copy. It is as the database is: nothing is brought up to date.
    """
    settings = read_settings(os.environ)
    source = _file_of(settings, file)
    begun = time.monotonic()
    with progress(DownloadColumn()) as bar:
        task = bar.add_task(str(file), total=source.stat().st_size)
        with interrupted_by_sigterm():
            size = back_up(source, file, lambda done, all_: bar.update(task, completed=done, total=all_))
    made = _BackedUp(
        database=place_of(settings.database), file=str(file), size=size, seconds=round(time.monotonic() - begun, 3)
    )
    if as_json:
        print_json(made)
        return
    stdout().print(
        Text(
            f"{made.file} is a copy of {made.database}: {made.size:,} bytes. "
            "Keep the file of MOSTRADOR_AUDIT_HEADS with it, and the secret somewhere else."
        ),
        soft_wrap=True,
    )


def _file_of(settings: Settings, copy: Path) -> Path:
    """The file to copy.

    Raises:
        AddressError: the database is PostgreSQL's, or not there.
    """
    source = file_of(settings.database)
    if source is None:
        raise AddressError(
            f"{place_of(settings.database)} is PostgreSQL's, which has its own tool for this: pg_dump --format=custom "
            f"--file={copy} --dbname=ADDRESS, and back from there pg_restore --dbname=ADDRESS {copy}. Leave the "
            "password to ~/.pgpass."
        )
    require_file(source)
    return source
