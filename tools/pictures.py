"""Takes the pictures in `docs/images` again: `python3 tools/pictures.py`. It needs `chromium` on the path."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from environment import ROOT, python

PICTURES = {
    "huabei-redesigned": (["pack:huabei/redesigned"], 1500, {"days_overdue": "61", "unreachable": "3"}),
    "huabei-before": (["pack:huabei/before"], 760, {}),
    "huabei-suspended": (["pack:huabei/suspended"], 760, {}),
    "huabei-change": (["pack:huabei/before", "pack:huabei/redesigned"], 1330, {}),
    "bank-card-centres": (["pack:industry/bank_card_centres"], 760, {}),
    "jd-baitiao": (["pack:industry/jd_baitiao"], 700, {}),
    "us-card-issuer": (["pack:examples/us_card_issuer"], 1560, {}),
}
"""Of which policies, how much of the page, and the facts that are filled in."""
CARD_ISSUER = ROOT / "rules" / "examples" / "us_card_issuer.forbear"
HOUSE = """\
policy house "How far we go with a borrower who is late"
  currency USD

rule remind_by_message:
  from day 9 then allow sms, email
  because "a reminder, before anybody calls"

rule call_in_person:
  after 13 days then allow phone_call

rule ask_related_person:
  after 60 days and unreachable >= 3 then allow contact_related
  because "only if the borrower repeatedly cannot be reached"

rule hardship_hold:
  forbid phone_call when hardship is plan_active

rule keep_purchases_private:
  never disclose_item_details

example "34 days late: nobody else is asked":
  given days_overdue 34, unreachable 5
  expect contact_related not allowed, disclose_item_details forbidden
"""


def main() -> None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sys.exit(subprocess.run([python("[dev]"), __file__]).returncode)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        flags = ["--headless", "--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        for name, (policies, height, facts) in PICTURES.items():
            file = Path(folder) / f"{name}.html"
            subprocess.run([sys.executable, "-m", "forbear", "report", *policies, "-o", str(file)], check=True)
            page = browser.new_page(viewport={"width": 1180, "height": height}, color_scheme="light")
            page.goto(file.as_uri())
            for fact, value in facts.items():
                page.locator(f"#fact-{fact}").fill(value)
            page.evaluate("document.activeElement.blur(), scrollTo(0, 0)")
            page.screenshot(path=ROOT / "docs" / "images" / f"{name}.png")
        house, card_issuer = Path(folder) / "house.forbear", Path(folder) / CARD_ISSUER.name
        house.write_text(HOUSE, encoding="utf-8")
        shutil.copyfile(CARD_ISSUER, card_issuer)
        _studio(browser, house, "studio")
        _studio(browser, card_issuer, "studio-change", "after 30 days and", "after 20 days and")
        browser.close()


def _studio(browser: Any, file: Path, name: str, before: str = "", after: str = "") -> None:
    """Takes a picture of the studio with a file, and with what replacing some words in it changes."""
    command = [sys.executable, "-m", "forbear", "studio", "--no-browser", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = re.search(r"http\S+", process.stdout.readline())
        assert address
        page = browser.new_page(viewport={"width": 1280, "height": 760}, color_scheme="light")
        page.goto(address[0])
        page.wait_for_selector("body[data-settled]")
        if before:
            page.locator(".cm-content").focus()
            page.keyboard.press("Control+f")
            page.keyboard.type(before)
            page.keyboard.press("Enter")
            page.keyboard.press("Escape")
            page.keyboard.insert_text(after)
            page.wait_for_timeout(500)
            page.keyboard.press("Escape")  # the words that could follow
            page.locator("#tab-change").click()
            page.wait_for_timeout(1_000)
            page.wait_for_selector("body[data-settled]")
            page.wait_for_selector("#panel-change iframe:not(.coming)")
            page.wait_for_timeout(1_000)
        page.screenshot(path=ROOT / "docs" / "images" / f"{name}.png")
        process.terminate()


if __name__ == "__main__":
    main()
