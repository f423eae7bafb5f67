"""Pictures on disk: fetched once, kept whole or not at all, and nowhere but in their folder."""

import asyncio
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.link.pictures import PictureShelf
from tests.fakes import FakePort, played

PNG = b"\x89PNG\r\n\x1a\n" + bytes(2000)
JPEG = b"\xff\xd8\xff\xe0" + bytes(2000)
NAME, OTHER = sha256(PNG).hexdigest(), sha256(JPEG).hexdigest()


def files(folder: Path) -> set[str]:
    """What is in a folder; nothing where there is none."""
    return {path.name for path in folder.rglob("*")}


def test_a_picture_is_fetched_once(tmp_path: Path) -> None:
    """However many ask, at once or later, the server is asked once, and the file holds what it sent."""

    async def scene() -> None:
        port, folder = FakePort(), tmp_path / "new" / "pictures"
        shelf = PictureShelf(port, folder)
        askers = [asyncio.create_task(shelf.get(NAME)) for _ in range(5)]
        question = await port.question()
        assert shelf.kept(NAME) is None
        await question.answer(PNG)
        paths = await asyncio.gather(*askers, shelf.get(NAME))
        assert set(paths) == {folder / NAME} == {shelf.kept(NAME)}
        assert port.asked == [("picture", NAME)]
        assert (folder / NAME).read_bytes() == PNG
        assert files(folder) == {NAME}

    played(scene())


def test_pictures_can_be_forgotten(tmp_path: Path) -> None:
    """A device that is out keeps none, finished or not, nor fails where there are none."""
    shelf = PictureShelf(FakePort(), tmp_path / "pictures")
    shelf.forget()
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / NAME).write_bytes(PNG)
    (tmp_path / "pictures" / f"{OTHER}.part").write_bytes(JPEG)
    (tmp_path / "other").write_bytes(PNG)
    shelf.forget()
    assert files(tmp_path) == {"pictures", "other"}


def test_pictures_outlive_the_client(tmp_path: Path) -> None:
    """What was fetched yesterday is there today, without asking."""

    async def scene() -> None:
        (tmp_path / NAME).write_bytes(PNG)
        port = FakePort()
        assert await PictureShelf(port, tmp_path).get(NAME) == tmp_path / NAME
        assert port.asked == []

    played(scene())


def test_two_pictures_are_two_questions(tmp_path: Path) -> None:
    """Each is kept under its own name, whichever comes first."""

    async def scene() -> None:
        port = FakePort()
        shelf = PictureShelf(port, tmp_path)
        askers = [asyncio.create_task(shelf.get(name)) for name in (NAME, OTHER)]
        first, second = await port.question(), await port.question()
        await second.answer(JPEG)
        await first.answer(PNG)
        assert await asyncio.gather(*askers) == [tmp_path / NAME, tmp_path / OTHER]
        assert [(tmp_path / name).read_bytes() for name in (NAME, OTHER)] == [PNG, JPEG]

    played(scene())


@pytest.mark.parametrize("end", ["lost", "unknown", "page", "cut off", "another"])
def test_what_does_not_come_is_asked_for_again(tmp_path: Path, end: str) -> None:
    """Nobody answers, there is none, or something else comes: nothing is kept, and asking later helps."""

    async def scene() -> None:
        port = FakePort()
        shelf = PictureShelf(port, tmp_path / "pictures")
        asker = asyncio.create_task(shelf.get(NAME))
        question = await port.question()
        match end:
            case "lost":
                await question.lose()
            case "unknown":
                await question.refuse("not_found")
            case "page":
                await question.answer(b"<!doctype html><title>Welcome to our Wi-Fi</title>")
            case "cut off":
                await question.answer(PNG[:-1])
            case _:
                await question.answer(JPEG)
        assert await asker is None
        assert shelf.kept(NAME) is None
        assert files(tmp_path) <= {"pictures"}
        await (await port.question(shelf.get(NAME))).answer(PNG)
        assert await shelf.get(NAME) == tmp_path / "pictures" / NAME

    played(scene())


@pytest.mark.parametrize("obstacle", ["folder", "unfinished", "finished"])
def test_a_disk_that_takes_nothing_is_no_end(tmp_path: Path, obstacle: str) -> None:
    """A picture that cannot be written is not shown, and nothing half-written stays."""

    async def scene() -> None:
        folder = tmp_path / "pictures"
        if obstacle == "folder":
            folder.write_text("in the way")
        else:
            (folder / (NAME if obstacle == "finished" else f"{NAME}.part") / "in the way").mkdir(parents=True)
        before = files(tmp_path)
        port = FakePort()
        shelf = PictureShelf(port, folder)
        asker = asyncio.create_task(shelf.get(NAME))
        await (await port.question()).answer(PNG)
        assert await asker is None
        assert files(tmp_path) == before

    played(scene())


def test_who_goes_away_takes_nothing_from_others(tmp_path: Path) -> None:
    """A row that scrolled out of sight stops waiting; the picture comes for those who still look."""

    async def scene() -> None:
        port = FakePort()
        shelf = PictureShelf(port, tmp_path)
        gone, stays = (asyncio.create_task(shelf.get(NAME)) for _ in range(2))
        question = await port.question()
        gone.cancel()
        await asyncio.wait({gone})
        await question.answer(PNG)
        assert await stays == tmp_path / NAME
        assert gone.cancelled()

    played(scene())


def test_a_line_of_a_list_is_shown_the_small_one(tmp_path: Path) -> None:
    """It is asked for and kept as such, beside the large one; where that is here already, nothing is asked for."""

    async def scene() -> None:
        port = FakePort()
        shelf = PictureShelf(port, tmp_path)
        asker = asyncio.create_task(shelf.get(NAME, "small"))
        await (await port.question()).answer(JPEG)
        assert await asker == shelf.kept(NAME, "small") == tmp_path / f"{NAME}.small"
        assert shelf.kept(NAME) is None
        asker = asyncio.create_task(shelf.get(NAME))
        await (await port.question()).answer(PNG)
        assert await asker == shelf.kept(NAME) == tmp_path / NAME
        (tmp_path / OTHER).write_bytes(JPEG)
        assert await shelf.get(OTHER, "small") == tmp_path / OTHER
        assert port.asked == [("picture", NAME, "small"), ("picture", NAME)]

    played(scene())


def test_the_small_one_is_better_than_none(tmp_path: Path) -> None:
    """Without network what was seen in a list is shown where a large one is wanted; asking later brings that."""

    async def scene() -> None:
        port = FakePort()
        shelf = PictureShelf(port, tmp_path)
        (tmp_path / f"{NAME}.small").write_bytes(JPEG)
        asker = asyncio.create_task(shelf.get(NAME))
        await (await port.question()).lose()
        assert await asker == tmp_path / f"{NAME}.small"
        assert shelf.kept(NAME) is None

    played(scene())


WAYS_OUT = [
    "",
    ".",
    "..",
    "../secret",
    "/etc/passwd",
    NAME[:-1],
    NAME + "0",
    NAME.upper(),
    NAME + "\n",
    NAME[:-1] + "/",
    "../" + NAME[3:],
    "\0" + NAME[1:],
    NAME + ".part",
    "٠" * 64,
    "https://shop.example/hoodie.png",
]


@pytest.mark.parametrize("name", WAYS_OUT)
def test_a_name_that_is_no_hash_leads_nowhere(tmp_path: Path, name: str) -> None:
    """Nobody is asked, nothing is read and nothing is written, also where there is such a file."""
    (tmp_path / "secret").write_text("x")

    async def scene() -> None:
        port = FakePort()
        shelf = PictureShelf(port, tmp_path / "pictures")
        assert shelf.kept(name) is None
        assert await shelf.get(name) is None
        assert port.asked == []

    played(scene())
    assert files(tmp_path) == {"secret"}


@given(st.text())
def test_no_text_leads_out_of_the_folder(name: str) -> None:
    """Whatever a catalogue calls a picture, only 64 hexadecimal digits are looked for."""

    async def scene() -> None:
        port = FakePort()
        assert await PictureShelf(port, Path("nowhere")).get(name) is None
        assert port.asked == []

    played(scene())
