"""Paths that `uses` and commands name, whatever is there: nothing hangs, nothing foreign is shown or changed."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from campaign import SHARDS, Campaign, call, writes_only

GOOD = "rule a: after 9 days then allow sms\n"
SECRET = "root:x:0:0:S3CRET-of-somebody"
COMMANDS = (
    ("validate", "house.forbear"), ("validate", "house.forbear", "--format", "json"),
    ("format", "--diff", "house.forbear"), ("compile", "house.forbear", "-o", "out.py"),
    ("report", "house.forbear", "-o", "out.html"), ("test", "house.forbear"), ("facts", "house.forbear"),
    ("decide", "house.forbear", "--case", "case.json"), ("diff", "house.forbear", "good.forbear"),
    ("conform", "good.forbear", "--to", "house.forbear"), ("validate", "."),
)  # fmt: skip
NAMING = (
    'uses "{path}"\n{good}', 'uses "{path}" pinned "sha256:' + "0" * 64 + '"\n{good}',
    'policy p\n  subject to "{path}"\n{good}', '{good}ensure conforms to "{path}"\n',
    'uses "{path}", collections\n{good}',
)  # fmt: skip


@pytest.mark.parametrize("shard", SHARDS)
def test_used_paths(campaign: Campaign, tmp_path: Path, shard: int) -> None:
    campaign.run(_used, tmp_path, ci=60, nightly=5_000, shard=shard)


def _used(generator: random.Random, folder: Path) -> str:
    """A rule file that names something that is not a rule file."""
    (folder / "good.forbear").write_text(GOOD)
    (folder / "case.json").write_text('{"days_overdue": 10}')
    (folder / "secret").write_text(f"{SECRET}\nsecond: {SECRET}\n")
    (folder / "secret.txt.forbear").write_text(f"# {SECRET}\n")
    os.mkfifo(folder / "pipe")
    os.mkfifo(folder / "pipe.forbear")
    (folder / "folder.forbear").mkdir()
    os.symlink("loop.forbear", folder / "loop.forbear")
    os.symlink(folder / "secret", folder / "link.forbear")
    os.symlink("/dev/zero", folder / "zero.forbear")
    (folder / "binary.forbear").write_bytes(b"\xff\x00")
    paths = (
        "secret", str(folder / "secret"), f"../{folder.name}/secret", "link", "pipe", "pipe.forbear", "folder", "loop",
        "zero", "/dev/zero", "/dev/stdin", "/proc/self/environ", "/proc/self/mem", "/etc/passwd", "/etc/shadow", ".",
        "/", "..", "", " ", "a" * 5_000, "a/" * 2_000, "~/x", "$HOME", "x\u202e", "pack:../../x", "pack:",
        "pack:/etc/passwd", "binary", "https://a.b/c", "con", "good.forbear/", "good.forbear/../secret", "*", "?", "-",
        "pack:huabei/../huabei/before",
    )  # fmt: skip
    path = generator.choice(paths)
    text = generator.choice(NAMING).format(path=path, good=GOOD)
    (folder / "house.forbear").write_text(text, encoding="utf-8")
    with writes_only(folder, "out.py", "out.html"):
        said = call(*generator.choice(COMMANDS))
    shown = said.out + said.err
    assert SECRET not in shown, f"a line of a foreign file is shown | {path!r}: {shown[:300]}"
    assert "root:x:0:0" not in shown, f"a line of a foreign file is shown | {path!r}: {shown[:300]}"
    assert "PATH=" not in shown, f"the environment is shown | {path!r}"
    return f"exit {said.code}"


@pytest.mark.parametrize("shard", SHARDS)
def test_arguments(campaign: Campaign, tmp_path: Path, shard: int) -> None:
    campaign.run(_argument, tmp_path, ci=60, nightly=5_000, shard=shard)


_ODD = (
    "nowhere.forbear", "nowhere/out.py", ".", "/", "", " ", "-", "--", "a" * 300, "a\0b", "a\nb.forbear",
    "x\u202ey.forbear", "\x9b.forbear", "pipe", "locked", "house.forbear", "case.json", "link.forbear", "pack:nowhere",
    "pack:../x", "/dev/full", "/dev/null", "good.forbear/x", "\udcff.forbear", "other.py", "good.forbear", "cases.csv",
    "cases.jsonl", "cases.parquet", "=1", "a=b", "a=b=c", "9999-99-99", "today", "now", "2015-10-01", "0", "-1",
    "10" * 30, "1e9", "sms", "sms permitted <= 5%", "json", "sql", "duckdb", "cases; DROP TABLE x", "a.b.c.d", "é",
)  # fmt: skip
_OPTIONS = (
    "--case", "-o", "--set", "--on", "--at", "--record", "--record-key", "--to", "--write-examples", "--since",
    "--limit", "--key", "--map", "--none", "--guard", "--format", "--target", "--dialect", "--table", "--svg",
    "--policy", "--on-cases", "--lines", "--all", "--why", "--check", "--diff", "--strict", "--notes", "--json-schema",
    "--suggest", "--max-rejects",
)  # fmt: skip
_NAMES = (
    "validate",
    "compile",
    "decide",
    "apply",
    "replay",
    "explain",
    "test",
    "diff",
    "conform",
    "report",
    "format",
    "facts",
    "init",
    "packs",
)


def _argument(generator: random.Random, folder: Path) -> str:
    """Any words behind any command: no file changes but what was named as its output, and that is whole."""
    (folder / "good.forbear").write_text(GOOD)
    (folder / "house.forbear").write_text(GOOD)
    (folder / "case.json").write_text('{"days_overdue": 10}')
    (folder / "cases.csv").write_text("days_overdue\n10\n")
    (folder / "cases.jsonl").write_text('{"days_overdue": 10}\n')
    (folder / "other.py").write_text("# somebody's own\n")
    (folder / "locked").mkdir(mode=0o500)
    os.mkfifo(folder / "pipe")
    os.symlink("good.forbear", folder / "link.forbear")
    name = generator.choice(_NAMES)
    arguments = [name, *(["good.forbear"] if generator.random() < 0.7 else [])]
    odd = [word for word in _ODD if name != "format" or word != "/"]  # it would lay out all files there are
    for _ in range(generator.randint(0, 4)):
        if generator.random() < 0.6:
            arguments.append(generator.choice(_OPTIONS))
        arguments.append(generator.choice(odd))
    outputs = {one for one in arguments[1:] if "\0" not in one}
    if "pipe" in outputs or "now" in outputs:
        arguments = [one for one in arguments if one != "pipe"]  # to wait for one is what was asked for
    allowed = {*outputs, *(f"{one}.rejects" for one in outputs), "policy.forbear", os.readlink("link.forbear")}
    inputs = {"house.forbear", "case.json", "cases.csv", "cases.jsonl"} - outputs
    if name == "format" and "." in outputs:
        inputs.discard("house.forbear")
        allowed.add("house.forbear")
    with writes_only(folder, *(allowed - inputs)):
        said = call(*arguments)
    leftover = [path.name for path in folder.iterdir() if path.name.startswith(".forbear.")]
    assert not leftover, f"a half-written file is left | {arguments}"
    if said.code == 0 and name != "format" and "-" not in arguments:
        assert (folder / "house.forbear").exists()
    return f"exit {said.code}"
