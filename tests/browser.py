"""A browser that opens pages from files: Debian's Chromium, driven by Playwright. What it fetches or logs is kept."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from attrs import define, field
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

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


def open_file(browser: Browser, file: Path, scheme: Scheme = "light", **options: bool) -> Opened:
    page = browser.new_context(
        color_scheme=scheme, viewport={"width": 1240, "height": 900}, java_script_enabled=options.get("scripts", True)
    ).new_page()
    page.set_default_timeout(20_000)
    opened = Opened(page)
    page.on("request", lambda request: opened.fetched.append(request.url))
    page.on("console", lambda message: opened.said.append(message.text))
    page.on("pageerror", lambda error: opened.said.append(str(error)))
    page.goto(file.as_uri())
    return opened
