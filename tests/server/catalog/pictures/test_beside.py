"""Processes that take pictures apart: what a picture does to one of them it does to nobody else."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

import pytest
from PIL import Image

from server.catalog.pictures.beside import Shrinker
from server.catalog.pictures.shape import NoPictureError
from server.catalog.pictures.shrinking import shrink
from tests.server.catalog.pictures.drawn import bomb, photo, saved

pytestmark = pytest.mark.programs

PATIENCE = 60.0


def with_shrinker(scene: Callable[[Shrinker], Awaitable[None]], processes: int = 1, patience: float = 20.0) -> None:
    """A scene with processes that end with it."""

    async def play() -> None:
        shrinker = Shrinker(processes, patience)
        try:
            async with asyncio.timeout(PATIENCE):
                await scene(shrinker)
        finally:
            await shrinker.close()

    asyncio.run(play())


def test_it_gives_what_it_would_give_here() -> None:
    """One process after the other and several at once; what is none is told, and the next one is not kept from it."""
    contents = [saved(photo(300 + 10 * n, 200)) for n in range(6)]

    async def scene(shrinker: Shrinker) -> None:
        for content in (b"no picture", bomb()):
            with pytest.raises(NoPictureError):
                await shrinker.shrink(content)
        came = await asyncio.gather(*(shrinker.shrink(content) for content in contents))
        assert came == [shrink(content) for content in contents]

    with_shrinker(scene, 2)


def test_a_picture_that_kills_its_process_costs_only_itself() -> None:
    """The next one is given to a new process."""

    async def scene(shrinker: Shrinker) -> None:
        first = await shrinker.shrink(saved(photo(300, 200)))
        (process,) = shrinker._all
        asking = asyncio.create_task(shrinker.shrink(saved(photo(6000, 5000), quality=95)))
        await asyncio.sleep(0)
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(NoPictureError, match="it cannot be unpacked"):
            await asking
        assert await shrinker.shrink(saved(photo(300, 200))) == first
        assert len(shrinker._all) == 2

    with_shrinker(scene)


def test_a_picture_that_takes_too_long_is_given_up() -> None:
    """Its process is ended, and whoever comes next gets their own picture and not that one."""

    async def scene(shrinker: Shrinker) -> None:
        first = await shrinker.shrink(saved(photo(300, 200)))
        (process,) = shrinker._all
        os.kill(process.pid, signal.SIGSTOP)
        shrinker._patience = 0.2
        with pytest.raises(NoPictureError, match=r"it takes longer than 0.2 seconds to unpack"):
            await shrinker.shrink(saved(photo(600, 400)))
        shrinker._patience = 20.0
        assert await shrinker.shrink(saved(photo(300, 200))) == first

    with_shrinker(scene)


def test_who_stops_waiting_takes_nothing_from_others() -> None:
    """An answer that nobody waits for any more is nobody else's."""

    async def scene(shrinker: Shrinker) -> None:
        await shrinker.shrink(saved(photo(300, 200)))
        asking = asyncio.create_task(shrinker.shrink(saved(photo(600, 400))))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        content = saved(photo(300, 200))
        assert await shrinker.shrink(content) == shrink(content)

    with_shrinker(scene)


@pytest.mark.parametrize("kind", [("JPEG", {"progressive": True}), ("PNG", {}), ("WEBP", {"method": 0})])
def test_the_largest_that_is_taken_fits_into_what_a_process_may_take(kind: tuple[str, dict[str, object]]) -> None:
    """25 million pixels, unpacked in one piece where their kind has it so; 50 million of a camera's."""
    format_, how = kind
    large = Image.new("RGB", (8000, 6250), (9, 9, 9)) if format_ == "JPEG" else Image.new("RGBA", (5000, 5000))
    content = saved(large, format_, **how)

    async def scene(shrinker: Shrinker) -> None:
        assert (await shrinker.shrink(content)).small is not None

    with_shrinker(scene)
