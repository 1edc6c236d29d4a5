"""A browser that opens pages from files: Debian's Chromium, driven by Playwright. What it fetches or logs is kept."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from attrs import define, field
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
Scheme = Literal["light", "dark"]
Reported = Callable[..., Path]
"""Writes the report of a policy, or of a change of two, and gives its file. A policy is a text, a file or a pack."""
SCREEN: ViewportSize = {"width": 1240, "height": 900}


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser. Its program must be there: a test that could not look has not passed."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program is not None, "no `chromium` on the path: .ci/run installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*FLAGS])
        yield browser
        browser.close()


@define
class Opened:
    """A page that was opened, with all that it asked for and all that it had to say."""

    page: Page
    fetched: list[str] = field(factory=list)
    said: list[str] = field(factory=list)

    def is_quiet(self, file: Path) -> None:
        """Nothing but the file itself was fetched, and nothing was logged."""
        assert self.fetched == [file.as_uri()]
        assert self.said == []

    def verdict(self, action: str, side: int = 0) -> str:
        """What the table says of an action."""
        row = self.page.locator(f'#verdicts tr[data-action="{action}"]')
        return row.locator("td").nth(2 * side).inner_text()

    def faults_of_access(self) -> str:
        """What axe-core has to say against the page; empty where that is nothing."""
        found = Axe().run(self.page)
        return found.generate_report() if found.violations_count else ""


@define
class Reader:
    """A reader, who opens file after file in the one page of a browser: a page of its own for each would take longer
    than most of what is looked at. Nothing is left of the file before but what the browser keeps for all files."""

    browser: Browser
    _page: Page | None = None
    _opened: Opened | None = None

    def open(self, file: Path, scheme: Scheme = "light") -> Opened:
        """A file as it is first seen, on a screen as usual. What was opened before is gone."""
        page = self._page
        if page is None:
            page = self._page = self.browser.new_page()
            page.set_default_timeout(20_000)
            page.on("request", lambda request: self._now().fetched.append(request.url))
            page.on("console", lambda message: self._now().said.append(message.text))
            page.on("pageerror", lambda error: self._now().said.append(str(error)))
        page.set_viewport_size(SCREEN)
        page.emulate_media(media="null", color_scheme=scheme)
        page.goto("about:blank")
        self._opened = Opened(page)
        page.goto(file.as_uri())
        return self._opened

    def open_without_scripts(self, file: Path) -> Page:
        """A file where scripts do not run."""
        page = self.browser.new_page(viewport=SCREEN, java_script_enabled=False)
        page.goto(file.as_uri())
        return page

    def _now(self) -> Opened:
        assert self._opened is not None
        return self._opened
