"""`forbear init` and `forbear packs`."""

from __future__ import annotations

import re
from pathlib import Path

from command import run, write

from forbear.base import resources


def test_the_words_that_init_shows_work_as_it_says(tmp_path: Path) -> None:
    run("init", cwd=tmp_path)
    policy = tmp_path / "policy.forbear"
    text = policy.read_text()
    words = "".join(line.removeprefix("#   ") for line in text.splitlines(keepends=True) if line.startswith("#   "))
    write(tmp_path, "words.forbear", words)
    [to_take] = re.findall(r"^# .*below the currency: +(uses .*)$", text, re.M)
    policy.write_text(text.replace("  currency USD\n", f"  currency USD\n{to_take}\n"))
    assert run("validate", "--strict", cwd=tmp_path).out == "no errors in 2 files\n"
    assert run("test", "policy.forbear", cwd=tmp_path).code == 0
    listed = run("facts", "policy.forbear", "--all", cwd=tmp_path).out
    assert all(word in listed for word in ("chat_agreed", "chat_message", "calls_in_7_days", "outcome"))


def test_packs_lists_what_is_shipped() -> None:
    answer = run("packs", "--format", "json")
    assert answer.code == 0
    packs = {pack["name"]: pack for pack in answer.json["packs"]}
    rules = resources.folder("rules")
    files = {path.relative_to(rules).with_suffix("").as_posix() for path in rules.rglob("*.forbear")}
    assert set(packs) == {f"pack:{name}" for name in files}
    assert len(packs) >= 7
    assert packs["pack:vocabulary/collections"]["kind"] == "vocabulary"
    assert packs["pack:huabei/before"]["kind"] == "policy"
    assert "not legal advice" in packs["pack:huabei/before"]["title"]
    text = run("packs")
    assert text.code == 0
    assert all(name in text.out for name in packs)


def test_packs_prints_a_pack_as_it_is() -> None:
    rules = resources.folder("rules")
    for name in ("huabei/redesigned", "pack:huabei/redesigned"):
        answer = run("packs", name)
        assert answer.code == 0
        assert answer.out == (rules / "huabei/redesigned.forbear").read_text("utf-8")


def test_the_list_of_packs_has_what_each_omits() -> None:
    packs = {pack["name"]: pack["omits"] for pack in run("packs", "--format", "json").json["packs"]}
    assert packs["pack:vocabulary/collections"] == []
    assert "Where to sue (30(d) and FDCPA 811), and keeping records (100)" in packs["pack:regulation/us-reg-f"]
