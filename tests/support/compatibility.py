"""Files as a version writes them, which every later version reads: `python tests/support/compatibility.py`.

The rule files of a version are written by hand, in `tests/compatibility/VERSION/`. This writes what that version makes
of them: modules, the JSON form with its vectors, and a record. Once a version is released its folder stays as it is.
"""

from __future__ import annotations

import json
from pathlib import Path

from invoking import forbear

from forbear.version import __version__

HERE = Path(__file__).parents[1] / "compatibility"
RECORDED = 6
"""One of so many vectors is recorded."""


def write(folder: Path) -> None:
    policy = folder / "house.forbear"
    for made in (("house.py",), ("House.java",), ("house.mjs",), ("house.json", "--vectors", "house.vectors.json")):
        answer = forbear("compile", policy, "-o", *[folder / one if "." in one else one for one in made])
        assert answer.code == 0, answer.err
    vectors = json.loads((folder / "house.vectors.json").read_text("utf-8"))["vectors"]
    decided = [{**one["case"], "on": one["on"]} for one in vectors if "decisions" in one and "on" in one]
    record = folder / "record.jsonl"
    record.unlink(missing_ok=True)
    lines = "".join(f"{json.dumps(case)}\n" for case in decided[::RECORDED])
    answer = forbear("decide", policy, "--lines", "--record", record, given=lines)
    assert answer.code == 0, answer.err


if __name__ == "__main__":
    write(HERE / __version__)
