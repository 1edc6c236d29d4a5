"""The studio in a browser, served from a folder by a server that knows nothing of it."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from attrs import define, field
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Frame, Page

ROOT = Path(__file__).parents[3]
PATIENCE = 120_000
"""Milliseconds: a busy machine starts Python in the browser slowly."""


def built() -> Path:
    """The folder of the page, which is built once for a run of the tests. Processes of one run share it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    build = ROOT / "studio" / "build"
    build.mkdir(exist_ok=True)
    with (build / "tests.lock").open("a+", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        if lock.read() != run:
            subprocess.run([sys.executable, ROOT / "tools" / "studio.py"], check=True)
            lock.truncate(0)
            lock.write(run)
    return ROOT / "studio" / "dist"


@contextmanager
def running(*arguments: str) -> Iterator[str]:
    """Runs `forbear` until the block ends, and gives the first line that it prints."""
    command = [sys.executable, "-m", "forbear", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline()
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
        finally:
            process.kill()


class _Plain(SimpleHTTPRequestHandler):
    extensions_map: ClassVar[dict[str, str]] = {  # type: ignore[misc]
        **SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""


@contextmanager
def plain_server(folder: Path) -> Iterator[str]:
    """Serves a folder, and gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Plain, directory=str(folder)))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    with server:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


@define
class Studio:
    """A page of the studio, with all that it asked for and all that it had to say."""

    page: Page
    fetched: list[str] = field(factory=list)
    said: list[str] = field(factory=list)

    def settled(self) -> None:
        """Waits until the text that is shown is checked, and the panel follows."""
        self.page.wait_for_selector("body[data-settled]", timeout=PATIENCE)

    def write(self, text: str) -> None:
        """Writes a text in place of all that is there."""
        self.page.locator(".cm-content").focus()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.insert_text(text)
        self.settled()

    @property
    def text(self) -> str:
        """The text that is shown; all of it, where it fits into the window."""
        bare = """lines => lines.map((line) => {
            const copy = line.cloneNode(true);
            for (const inlay of copy.querySelectorAll(".inlay")) inlay.remove();
            return copy.textContent;
        })"""
        return "\n".join(re.sub("\u200b", "", line) for line in self.page.locator(".cm-line").evaluate_all(bare))

    def codes(self) -> list[str]:
        """The codes of the findings that are shown."""
        return [str(code) for code in self.page.locator(".finding").evaluate_all("all => all.map(o => o.dataset.code)")]

    def select(self, tab: str) -> None:
        self.page.locator(f"#tab-{tab}").click()

    def frame(self, tab: str) -> Frame:
        """The report page that a panel shows."""
        handle = self.page.wait_for_selector(f"#panel-{tab}[aria-busy=false] iframe", timeout=PATIENCE)
        frame = None if handle is None else handle.content_frame()
        assert frame is not None, f"{tab} shows no page"
        return frame

    def faults_of_access(self, frame: Frame | None = None) -> str:
        """What axe-core has to say against the page, or against a frame of it; empty where that is nothing."""
        found = Axe().run(frame or self.page)
        return found.generate_report() if found.violations_count else ""


def opened(context: BrowserContext | Browser, address: str, **options: object) -> Studio:
    """Opens the studio, and waits until its text is checked."""
    page = context.new_page() if isinstance(context, BrowserContext) else context.new_page(**options)  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE)
    studio = Studio(page)
    page.on("request", lambda request: studio.fetched.append(request.url))
    page.on("console", lambda message: studio.said.append(message.text))
    page.on("pageerror", lambda error: studio.said.append(str(error)))
    page.goto(address)
    studio.settled()
    return studio
