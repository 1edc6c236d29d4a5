"""`forbear init` and `forbear packs`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command import run, write

from forbear.base import resources


def test_init_writes_a_policy_that_holds(tmp_path: Path) -> None:
    answer = run("init", cwd=tmp_path)
    assert answer.code == 0
    [path] = tmp_path.iterdir()
    assert path.name == "policy.forbear"
    assert "policy.forbear" in answer.out
    assert run("validate", "policy.forbear", cwd=tmp_path).code == 0
    record = run("test", "policy.forbear", "--format", "json", cwd=tmp_path).json["files"][0]
    assert record["examples"]
    assert all(example["passed"] for example in record["examples"])
    assert record["coverage"]["uncovered"] == []


def test_nothing_is_to_be_said_of_what_init_writes(tmp_path: Path) -> None:
    run("init", cwd=tmp_path)
    assert run("validate", "policy.forbear", "--strict", "--notes", cwd=tmp_path).out == "no errors in 1 file\n"
    assert run("format", "--check", "policy.forbear", cwd=tmp_path).code == 0


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


def test_init_takes_a_name(tmp_path: Path) -> None:
    assert run("init", "mine.forbear", cwd=tmp_path).code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["mine.forbear"]


def test_init_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    write(tmp_path, "policy.forbear", "mine")
    for arguments, name in ([], "policy.forbear"), (["policy.forbear"], "policy.forbear"), (["folder"], "folder"):
        answer = run("init", *arguments, cwd=tmp_path)
        assert answer.code == 1, name
        assert name in answer.err
    assert (tmp_path / "policy.forbear").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "policy.forbear"]


def test_init_leaves_a_link_alone_that_leads_nowhere_yet(tmp_path: Path) -> None:
    (tmp_path / "link.forbear").symlink_to("elsewhere.forbear")
    assert run("init", "link.forbear", cwd=tmp_path).code == 1
    assert (tmp_path / "link.forbear").is_symlink()


def test_init_where_no_folder_is(tmp_path: Path) -> None:
    answer = run("init", "missing/policy.forbear", cwd=tmp_path)
    assert answer.code in (1, 2)
    assert "missing/policy.forbear" in answer.err
    assert list(tmp_path.iterdir()) == []


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


def test_a_pack_that_is_not_shipped() -> None:
    answer = run("packs", "huabei/redesignd")
    assert answer.code in (1, 2)
    assert "huabei/redesigned" in answer.err
    for name in ("../rules/huabei/redesigned", "/etc/passwd", ""):
        assert run("packs", name).code in (1, 2)


DAY_61 = '{"days_overdue": 61, "unreachable": 3, "contact_source": "declared"}'


@pytest.mark.parametrize(
    "command",
    [
        ["validate", "huabei/redesigned"],
        ["test", "huabei/redesigned"],
        ["facts", "huabei/redesigned"],
        ["decide", "huabei/redesigned", "--case", "-", "--on", "2015-12-01"],
        ["explain", "huabei/redesigned", "--case", "-", "sms", "--on", "2015-12-01"],
        ["compile", "huabei/redesigned", "-o", "out.py"],
        ["diff", "huabei/redesigned", "huabei/redesigned"],
        ["conform", "huabei/redesigned", "--to", "huabei/redesigned"],
    ],
)
def test_every_command_takes_the_bare_name_of_a_pack(tmp_path: Path, command: list[str]) -> None:
    answer = run(*command, cwd=tmp_path, given=DAY_61)
    assert answer.code == 0, answer.err
    prefixed = [f"pack:{word}" if word.startswith("huabei/") else word for word in command]
    assert run(*prefixed, cwd=tmp_path, given=DAY_61).out.replace("pack:", "") == answer.out.replace("pack:", "")


def test_a_file_with_the_name_of_a_pack_wins(tmp_path: Path) -> None:
    (tmp_path / "huabei").mkdir()
    (tmp_path / "huabei" / "redesigned").write_text("policy mine\nrule r: never sms", encoding="utf-8")
    assert "policy mine" not in run("facts", "pack:huabei/redesigned", cwd=tmp_path).out
    answer = run("validate", "huabei/redesigned", "pack:huabei/redesigned", cwd=tmp_path)
    assert "2 files" in answer.out
    (tmp_path / "huabei" / "redesigned").unlink()
    assert "1 file" in run("validate", "huabei/redesigned", "pack:huabei/redesigned", cwd=tmp_path).out
    assert run("format", "huabei/redesigned", cwd=tmp_path).code == 2


def test_the_list_of_packs_has_what_each_omits() -> None:
    packs = {pack["name"]: pack["omits"] for pack in run("packs", "--format", "json").json["packs"]}
    assert packs["pack:vocabulary/collections"] == []
    assert "Where to sue (30(d) and FDCPA 811), and keeping records (100)" in packs["pack:regulation/us-reg-f"]
