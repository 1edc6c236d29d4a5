"""The site of the documentation: each page is in its navigation, and by night it is built and opened."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from browser import Opened, chromium

ROOT = Path(__file__).parent.parent
QUESTIONS = {
    "call once a week": "guides/how-often",
    "forbidden at 21:00": "guides/quiet-hours",
    "unsaid": "guides/explain",
    "deploy": "guides/deploy",
    "pin the law": "guides/law-changes",
    "if a fact is unknown": "ideas/unknown",
    "review a change": "guides/review",
    "spark": "guides/spark",
    "exit codes": "reference/command-line",
    "add a finding": "contributing/add-a-finding",
}
"""What newcomers asked, and the page that answers it."""
FOUND = """() => {
  const found = [];
  const walk = node => {
    if (node.shadowRoot) walk(node.shadowRoot);
    if (node.tagName === 'A' && node.offsetParent && !node.closest('nav, article, header, footer')) {
      found.push(node.getAttribute('href'));
    }
    for (const child of node.children || []) walk(child);
  };
  walk(document.documentElement);
  return found;
}"""
"""The links that a search shows, in its own tree."""
LIGHTNESS = (
    "() => Math.max(...getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).slice(0, 3).map(Number))"
)


@pytest.fixture
def documentation(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(ROOT / "tools")
    return importlib.import_module("documentation")


def pages(of: Any) -> Iterator[str]:
    """The pages in a part of the navigation."""
    if isinstance(of, str):
        yield of
    else:
        for one in of.values() if isinstance(of, dict) else of:
            yield from pages(one)


def test_each_page_is_in_the_navigation_once(documentation: Any) -> None:
    assert sorted(pages(documentation.navigation())) == sorted(documentation.taken_in().values())


def test_a_staged_page_leads_to_staged_pages(documentation: Any, tmp_path: Path) -> None:
    documentation.stage(tmp_path)
    text = (tmp_path / "contributing" / "contributing.md").read_text("utf-8")
    assert "(architecture.md)" in text
    assert "```forbear\npolicy quiet" in (tmp_path / "guides" / "quiet-hours.md").read_text("utf-8")
    for page in tmp_path.rglob("*.md"):
        prose = re.sub(r"^ *(`{3,}).*?^ *\1$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
        for target in re.findall(r"\]\((?![a-z]+:|#)([^)\s#]+)", prose):
            assert (page.parent / target).exists(), f"{page.relative_to(tmp_path)}: {target}"


def test_the_site_asks_for_nothing_elsewhere_and_is_searched() -> None:
    subprocess.run([sys.executable, ROOT / "tools" / "documentation.py"], check=True)
    handler = partial(SimpleHTTPRequestHandler, directory=str(ROOT / "site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, chromium() as browser:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        page = browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for question, answer in QUESTIONS.items():
            page.goto(f"{address}index.html", wait_until="networkidle")
            page.keyboard.press("/")
            page.wait_for_timeout(500)
            page.keyboard.type(question)
            page.wait_for_function(f"({FOUND})().length")
            page.wait_for_timeout(500)
            assert f"{address}{answer}.html" in [str(link).partition("#")[0] for link in page.evaluate(FOUND)[:3]], (
                question
            )
        page.goto(f"{address}guides/quiet-hours.html")
        assert page.locator("h1").inner_text().startswith("Quiet hours")
        for shown in ("index", "guides/review", "reference/requests", "reference/packs", "contributing/attacks"):
            for width, is_dark in product((390, 1400), (False, True)):
                page.set_viewport_size({"width": width, "height": 844})
                page.emulate_media(color_scheme="dark" if is_dark else "light")
                page.goto(f"{address}{shown}.html")
                assert page.evaluate("document.documentElement.scrollWidth") <= width, shown
                assert Opened(page).faults_of_access() == "", shown
                assert (page.evaluate(f"({LIGHTNESS})()") < 128) == is_dark, shown
        server.shutdown()
    assert asked
    assert not [url for url in asked if not url.startswith((address, "blob:", "data:"))]
