"""Takes the pictures in `docs/images` again: `python3 tools/pictures.py`. It needs `chromium` on the path."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

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
        browser.close()


if __name__ == "__main__":
    main()
