"""Files as a version writes them, which every later version reads: `python tests/support/compatibility.py`.

The rule files of a version are written by hand, in `tests/compatibility/VERSION/`. This writes what that version makes
of them: a module, the JSON form with its vectors, a record, and in `names.jsonl` the names of its reference. Once a
version is released its folder stays as it is.
"""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

from invoking import forbear

from forbear.version import __version__

HERE = Path(__file__).parents[1] / "compatibility"
RECORDED = 6
"""One of so many vectors is recorded."""
REFERENCE = HERE.parent.parent / "docs" / "reference"
PAGES = ("commands", "names", "documents", "keys", "fault-codes", "requests", "record", "diagnostics/README")
"""The pages of the reference that list what stays; of the first three by what each heading names."""


def names() -> dict[str, set[str]]:
    """The names and codes that today's reference lists."""
    found: dict[str, set[str]] = {}
    for page in PAGES:
        under = found.setdefault(page, set())
        for line in (REFERENCE / f"{page}.md").read_text("utf-8").splitlines():
            if line.startswith("##") and page in PAGES[:3]:
                under = found.setdefault(f"{page}: {line.lstrip('# ')}", set())
            elif page == "commands":
                option = line.startswith("  -")
                told = line.strip().partition("  ")[0] if option else line
                under.update(re.findall(r"--[a-z-]+" if option else r"(?<!\S)(\d):(?!\S)", told))
            elif line.startswith(("| ", "Its values: ")) or (page == "documents" and line.startswith("`")):
                cells = line.split("|")[1 : 3 if page == "requests" else 2] or [line]
                under.update(re.findall(r"[`\[]([\w./?=, -]+)[`\]]", " ".join(cells)))
            elif page == "names":
                under.update(re.findall(r"(\w+): ", line) if re.match(r"\w+\(.*\)( ->|$)", line) else [])
    return found


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
    listed = [json.dumps([under, *sorted(its)]) for under, its in names().items()]
    (folder / "names.jsonl").write_text("\n".join([*listed, ""]), encoding="utf-8")


if __name__ == "__main__":
    write(HERE / __version__)
