"""The same editing of 1,000 rules in the studio's session: natively, and under the page's own Python in Node, whose
engine is that of Chromium. It needs `studio/dist`, which `python3 tools/studio.py` builds. It counts processor time.
"""

from __future__ import annotations

import gc
import importlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from keystrokes import RULES, of, typed
from measure import verdict
from workload import many_rules

from forbear.editors.studio.session import Session

ROOT = Path(__file__).parent.parent
GOALS = {"first": 0.5, "names": 0.1, "findings": 0.5, "completion": 0.05, "hover": 0.05}
IN_THE_PAGE = 3
"""It may take so many times as long."""


def under_pyodide(text: str) -> dict[str, list[float]]:
    """The same under Pyodide; besides, how long Python takes to `start`."""
    sys.path.insert(0, str(ROOT / "tools"))
    node = importlib.import_module("studio").node
    with tempfile.TemporaryDirectory() as folder:
        policy = Path(folder) / "many.forbear"
        policy.write_text(text, encoding="utf-8")
        here = Path(__file__).parent
        command = [node(), here / "editing_page.mjs", ROOT / "studio" / "dist", here / "keystrokes.py", policy]
        found: dict[str, list[float]] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def main() -> None:
    text = many_rules(RULES)
    gc.freeze()
    gc.set_threshold(5_000, 50, 1_000)  # as `forbear lsp` does
    with tempfile.TemporaryDirectory() as folder:
        native = typed(Session(Path(folder)), text, time.process_time)
    held = []
    for where, waits, times in (("natively", native, 1), ("in the page", under_pyodide(text), IN_THE_PAGE)):
        for what, its in waits.items():
            said = ", ".join(f"{1e3 * one:.0f} ms" for one in of(its))
            print(f"{what} {where}: {said} (p50, p95, worst of {len(its)})")
        held += [verdict(f"{what} {where}, p95, in seconds", of(waits[what])[1], times * GOALS[what]) for what in GOALS]
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
