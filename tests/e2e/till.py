"""The till's page in Debian's Chromium."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect, sync_playwright

PICTURES = os.environ.get("MOSTRADOR_PICTURES")
"""Folder that gets a picture of each state; none are kept where it is not named."""
expect.set_options(timeout=20_000)
TABLET, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}

_WATCH = """words => {
    window.painted = new Promise(done => {
        const look = () => document.body.innerText.includes(words)
            ? requestAnimationFrame(() => requestAnimationFrame(done)) : requestAnimationFrame(look);
        look();
    });
}"""
"""Two frames after some words are there the one that shows them first is on the screen."""


@contextmanager
def browser() -> Iterator[Browser]:
    """The browser."""
    program = shutil.which("chromium")
    assert program, "the Debian package chromium is missing: see .ci/debian-packages"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


class Till:
    """A browser of its own at a till, with what it complained about."""

    def __init__(self, chromium: Browser, port: int, size: dict[str, int], language: str) -> None:
        self.complaints: list[str] = []
        context = chromium.new_context(viewport=size, locale=language)  # type: ignore[arg-type]
        self.page: Page = context.new_page()
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(f"http://127.0.0.1:{port}/till")

    def _said(self, message: ConsoleMessage) -> None:
        # That a code was refused is an answer; the browser tells it as an error all the same.
        if message.type in {"error", "warning"} and "status of 4" not in message.text:
            self.complaints.append(message.text)

    def scan(self, text: str) -> float:
        """A scanner types a code, wherever the focus is, and ends it with Enter; when (`time.monotonic`) that began."""
        self.page.evaluate("document.activeElement.blur()")
        self.page.keyboard.type(text)
        ended = time.monotonic()
        self.page.keyboard.press("Enter")
        return ended

    def reads(self, text: str) -> None:
        """Wait until people can read something on the page."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def picture(self, name: str) -> None:
        """Keep how it looks, where somebody wants that; in any case nothing is wider than the screen."""
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        if PICTURES:
            self.page.screenshot(path=Path(PICTURES) / f"till-{name}.png", full_page=True, caret="initial")

    def press(self, button: Locator) -> float:
        """Press a button at once, where it is; the time (`time.monotonic`) at which that began."""
        box = button.bounding_box()
        assert box is not None, button
        started = time.monotonic()
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        return started

    def watch(self, text: str) -> None:
        """Have it watched out for some words that are not there so far; `painted` tells when they were."""
        assert not self.page.evaluate("words => document.body.innerText.includes(words)", text), text
        self.page.evaluate(_WATCH, text)

    def painted(self) -> float:
        """When what was watched out for was on the screen (`time.monotonic`), once it is."""
        self.page.evaluate("() => window.painted")
        return time.monotonic()
