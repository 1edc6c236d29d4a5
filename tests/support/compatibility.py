"""Files as a version writes them, which every later version reads: `python tests/support/compatibility.py`.

The rule files of a version are written by hand, in `tests/compatibility/VERSION/`. This writes what that version makes
of them: a module, the JSON form with its vectors, and a record. Once a version is released its folder stays as it is.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from invoking import forbear

from forbear.version import __version__

HERE = Path(__file__).parents[1] / "compatibility"
RECORDED = 6
"""One of so many vectors is recorded."""


def write(folder: Path) -> None:
    policy = folder / "house.forbear"
    module = folder / "house.py"
    for made in ((module,), (folder / "house.json", "--vectors", folder / "house.vectors.json")):
        answer = forbear("compile", policy, "-o", *made)
        assert answer.code == 0, answer.err
    (folder / "house.py.gz").write_bytes(gzip.compress(module.read_bytes(), mtime=0))
    module.unlink()  # packed, so that nobody takes its copy of the kernel for ours
    vectors = json.loads((folder / "house.vectors.json").read_text("utf-8"))["vectors"]
    decided = [{**one["case"], "on": one["on"]} for one in vectors if "decisions" in one and "on" in one]
    record = folder / "record.jsonl"
    record.unlink(missing_ok=True)
    lines = "".join(f"{json.dumps(case)}\n" for case in decided[::RECORDED])
    answer = forbear("decide", policy, "--lines", "--record", record, given=lines)
    assert answer.code == 0, answer.err


if __name__ == "__main__":
    write(HERE / __version__)
