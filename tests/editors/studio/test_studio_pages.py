"""The documentation beside the studio: its links lead somewhere, and its policies open in the studio."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import chromium
from browsing import PATIENCE, ROOT, built, plain_server

from forbear.base.resources import diagnostic_codes


def test_each_link_leads_somewhere() -> None:
    folder = built()
    pages = {path: path.read_text("utf-8") for path in (folder / "docs").rglob("*.html")}
    assert {f"{code}.html" for code in diagnostic_codes()} <= {path.name for path in pages}, "the findings lead there"
    for page in (ROOT / "docs").rglob("*.md"):
        written = page.read_text("utf-8").count("\n```forbear")
        shown = pages[folder / page.relative_to(ROOT).with_suffix(".html")]
        assert shown.count('class="open"') == written, f"each policy of {page.name} opens in the studio"
    names = {path: set(re.findall(r' id="([^"]+)"', text)) for path, text in pages.items()}
    for path, text in pages.items():
        for link in map(unescape, re.findall(r' (?:href|src)="([^"]+)"', text)):
            if link.startswith(("https:", "data:")):
                continue
            to, _, anchor = link.partition("#")
            target = (path.parent / to).resolve() if to else path
            if anchor.startswith("name="):
                assert target == folder
                assert parse_qs(anchor)["policy"]
            else:
                assert target.exists(), f"{path.name}: {link}"
                assert not anchor or anchor in names[target], f"{path.name}: {link}"


def test_a_policy_of_the_guide_opens_in_the_studio() -> None:
    with plain_server(built()) as address, chromium() as browser:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{address}docs/start/first-policy.html")
        found = Axe().run(page)
        assert not found.violations_count, found.generate_report()
        fence = page.locator("pre:has(+ p.open)").nth(1)
        written = fence.inner_text()
        with context.expect_page() as opening:
            page.locator("p.open a").nth(1).click()
        studio = opening.value
        studio.wait_for_selector("body[data-settled]", timeout=PATIENCE)
        assert studio.locator("#name").input_value() == "reminders.forbear"
        assert studio.locator(".cm-line").all_inner_texts()[0] == written.splitlines()[0]
        page.goto(f"{address}docs/guides/words.html")
        with context.expect_page() as opening:
            page.locator('p.open a[href*="others="]').click(modifiers=["ControlOrMeta"])
        several = opening.value
        several.wait_for_selector("body[data-settled]", timeout=PATIENCE)
        assert several.locator("#name").input_value() == "chat.forbear"
        assert "error" not in several.locator("#said").inner_text()
        with context.expect_page() as opening:
            studio.get_by_role("link", name="Words").click()
        assert opening.value.get_by_text("Asks a related person to pass word on").count() == 1
        assert studio.get_by_role("link", name="Guide").get_attribute("href") == "docs/index.html"


@pytest.mark.parametrize("end", ["check", "saved"])
def test_a_search_in_the_worker_ends_where_a_later_text_comes(end: str) -> None:
    text = (ROOT / "rules" / "examples" / "cn_card_strategy.forbear").read_text("utf-8")
    sent = [
        ["open", ["a.forbear", text, {}]],
        ["findings", [text.replace("lost_calls is 3", "lost_calls is 2")]],
        ["change", []],
    ]
    with plain_server(built()) as address, chromium() as browser:
        page = browser.new_page()
        page.goto(f"{address}licences.txt")
        assert page.evaluate(ASK_WORKER, [*sent, [end, [text]]]) == ["open", "findings", end, "change: superseded"]


ASK_WORKER = """sent => new Promise((resolve) => {
    const worker = new Worker("worker.js", { type: "module" }), answered = [];
    const send = (id) => worker.postMessage({ id, method: sent[id][0], args: sent[id][1] });
    worker.onmessage = ({ data }) => {
        if (data.progress !== undefined) return [0, 1].forEach(send);
        answered.push(sent[data.id][0] + (data.superseded ? ": superseded" : data.error ?? ""));
        if (data.id === 1) send(2), setTimeout(() => send(3), 200);
        if (answered.length === sent.length) resolve(answered.sort((a, b) => a.includes(":") - b.includes(":")));
    };
})"""
