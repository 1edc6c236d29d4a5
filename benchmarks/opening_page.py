"""A fresh browser tab on 1,000 rules, served by `forbear studio`: how long until the first diagnostics are there. It
needs Chromium, and `studio/dist`, which `python3 tools/studio.py` builds. Run it on an idle machine.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from keystrokes import RULES
from measure import verdict
from workload import many_rules

ROOT = Path(__file__).parent.parent
TABS = 7
GOAL = 4.0


def main() -> None:
    sys.path[:0] = [str(ROOT / "tests" / folder) for folder in ("support", "studio")]
    browser, browsing = importlib.import_module("browser"), importlib.import_module("browsing")
    waits = []
    with tempfile.TemporaryDirectory() as folder:
        policy = Path(folder) / "many.forbear"
        policy.write_text(many_rules(RULES), encoding="utf-8")
        with browser.chromium() as chromium, browsing.running("studio", str(policy), "--no-browser") as line:
            for _ in range(TABS):
                context = chromium.new_context()  # nothing is cached
                page = context.new_page()
                start = time.perf_counter()
                page.goto(line[line.index("http://") :].strip())
                page.wait_for_selector(".finding, .clear", timeout=60_000)
                waits.append(time.perf_counter() - start)
                context.close()
    print(", ".join(f"{wait:.2f} s" for wait in sorted(waits)))
    sys.exit(0 if verdict("first diagnostics in a fresh tab, the median in seconds", median(waits), GOAL) else 1)


if __name__ == "__main__":
    main()
