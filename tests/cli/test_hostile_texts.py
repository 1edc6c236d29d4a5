"""No text of a rule file, value, name of a file or revision, or word of a command reaches a terminal, Markdown, an
annotation or JSON as it is where it could move the cursor, or hide or reorder text."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from command import run
from test_terminal import on_terminal

from forbear.cli.main import main

H = "x\x1b[2J\x9b2J\x7f\u202e\u2066\u200b\ufe0f\U000e0041"
BAD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202e\u2066\ufe0f\U000e0041]")
NAME = f"p{H}.forbear"
POLICY = f"""\
policy p "{H}" version "{H}" source "{H}" currency CNY
fact late days clock "{H}"
fact t text "{H}"
fact maybe text optional "{H}"
action sms, call "{H}"
setting s is "{H}" "{H}"
group calls is call
ladder pressure: sms, call rising with late
rule a "{H}": after 3 days and t is "{H}" then allow sms because "{H}" source "{H}" # {H}
rule b: forbid sms when maybe is s overrides a
rule c: after 9 days then allow call because "{H}"
example "{H}": given late 5, t "{H}", maybe "other" expect sms allowed
ensure call not allowed when within 9 days
"""
NEW = POLICY.replace("after 3 days", "after 4 days").replace("policy p", "policy q")
STANDARD = f"""\
standard rules "{H}"
uses "{NAME}"
rule keep "{H}": forbid call when t is "{H}" because "{H}"
rule late_calls: require sms when t is "{H}" and after 20 days
"""
CASE = json.dumps({"late": 61, "t": H, "maybe": None})

COMMANDS = Path(__file__).with_name("hostile_calls.txt").read_text("utf-8").splitlines()
"""Calls; a word in capitals stands for a file, or for the hostile text itself."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("hostile")
    (where / NAME).write_text(POLICY, encoding="utf-8")
    (where / f"new{H}.forbear").write_text(NEW, encoding="utf-8")
    (where / f"standard{H}.forbear").write_text(STANDARD, encoding="utf-8")
    (where / f"case{H}.json").write_text(CASE, encoding="utf-8")
    (where / f"bad{H}.json").write_text(json.dumps({"late": H, H: H, "t": 1}), encoding="utf-8")
    (where / f"lines{H}.jsonl").write_text(f"{CASE}\n{json.dumps({'late': H, 't': H})}\n", encoding="utf-8")
    for words in ("init -q", "add .", "-c user.name=a -c user.email=a@b commit -q -m first"):
        subprocess.run(["git", *words.split()], cwd=where, check=True)
    return where


def words_of(command: str) -> list[str]:
    files = {"NAME": NAME, "NEW": f"new{H}.forbear", "STANDARD": f"standard{H}.forbear", "CASE": f"case{H}.json"}
    files |= {"BADCASE": f"bad{H}.json", "LINES": f"lines{H}.jsonl", "RECORD": f"record{H}.jsonl", "HOSTILE": H}
    files |= {"OUT": f"out{H}"}
    return [re.sub(r"[A-Z]{3,}", lambda found: files.get(found[0], found[0]), word) for word in command.split(" ")]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_escapes_them(folder: Path, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(main, words_of(command))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in (0, 1, 2)
    assert not BAD.search(result.output), ascii(result.output)
    if "json" in command or "sarif" in command:
        assert json.loads(result.stdout)


@pytest.mark.parametrize("command", ["compile NAME -o OUT.py", "compile NAME -o OUT.js", "report NAME -o OUT.html"])
def test_what_is_made_of_a_policy_has_them_escaped(folder: Path, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    words = words_of(command)
    assert CliRunner().invoke(main, words).exit_code == 0
    text = (folder / words[-1]).read_text(encoding="utf-8")
    assert not BAD.search(text.replace("\ufe0f", "") if words[-1].endswith(".py") else text)  # Python's repr leaves it


@pytest.mark.parametrize("command", ["format -", "conform NAME --to STANDARD --suggest", "diff NAME NEW --format json"])
def test_a_terminal_gets_the_text_of_a_file_escaped(folder: Path, command: str) -> None:
    """Elsewhere it is the file, as it is to be written."""
    said = on_terminal(*words_of(command), given=POLICY, cwd=folder)
    assert len(said) > 100
    assert not BAD.search(said.replace("\r\n", "\n")), ascii(said)


def test_the_text_of_a_file_is_as_it_is_in_a_pipe(folder: Path) -> None:
    assert H in run("format", "-", given=POLICY).out
