"""Colour stands on a terminal alone, and never where NO_COLOR is set; and words that the command does not know."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from command import FORBEAR, HOUSE, environment, run, write
from forking import AFRESH, started

ESCAPE = "\x1b["
COLOUR = re.compile(r"\x1b\[[0-9;]*(?:3[0-7]|4[0-7]|9[0-7])[0-9;]*m")
BROKEN = "rule first: after 3 days then allow smss\n"


def on_terminal(
    *arguments: str | Path, env: dict[str, str] | None = None, given: str = "", cwd: Path | None = None
) -> str:
    """What a command prints on a terminal, with `given` on its standard input."""
    own, its = pty.openpty()
    words, where = [str(argument) for argument in arguments], environment(**{"TERM": "xterm-256color", **(env or {})})
    try:
        process: subprocess.Popen[bytes] | ForkServerProcess
        reader, writer = os.pipe()
        if AFRESH:
            process = subprocess.Popen([*FORBEAR, *words], stdin=reader, stdout=its, stderr=its, env=where, cwd=cwd)
            os.close(reader)
            os.close(its)
        else:
            with Connection(reader) as stdin, Connection(its) as terminal:
                process = started(words, (stdin, terminal, terminal), cwd=cwd, env=where)
        with open(writer, "wb") as stdin_of_it:
            stdin_of_it.write(given.encode())
        read = b""
        while True:
            try:
                piece = os.read(own, 65536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            read += piece
        if isinstance(process, ForkServerProcess):
            process.join(30)
            code = process.exitcode
        else:
            code = process.wait(timeout=30)
        assert code in (0, 1, 2)
    finally:
        os.close(own)
    text = read.decode()
    assert "Traceback" not in text
    return text


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    write(folder, "house.forbear", HOUSE)
    write(folder, "broken.forbear", BROKEN)
    write(folder, "case.json", '{"days_overdue": 34, "unreachable": 5}')
    return folder


def commands(files: Path) -> list[list[str | Path]]:
    house, broken, case = files / "house.forbear", files / "broken.forbear", files / "case.json"
    return [
        ["validate", broken],
        ["decide", house, "--case", case],
        ["explain", house, "--case", case, "contact_related"],
        ["test", house],
        ["packs"],
        ["--help"],
        ["compile", broken, "-o", "-"],
    ]


def test_colour_on_a_terminal(files: Path) -> None:
    assert COLOUR.search(on_terminal("validate", files / "broken.forbear"))
    assert COLOUR.search(on_terminal("explain", files / "house.forbear", "--case", files / "case.json", "sms"))
    assert COLOUR.search(on_terminal("compile", files / "broken.forbear", "-o", "-"))


def test_no_colour_where_it_is_not_wanted(files: Path) -> None:
    for command in commands(files):
        assert not COLOUR.search(on_terminal(*command, env={"NO_COLOR": "1"})), command


def test_a_dumb_terminal_gets_no_codes(files: Path) -> None:
    for command in commands(files):
        assert ESCAPE not in on_terminal(*command, env={"TERM": "dumb"}), command


LONG = f"""\
rule call_in_person: after 13 days then allow phone_call
rule hold "{"Whoever keeps to a plan is not called. " * 3}": forbid phone_call when hardship is plan_active
"""


def test_lines_are_broken_between_words_and_what_is_underlined_is_in_sight(tmp_path: Path) -> None:
    policy = write(tmp_path, "long.forbear", LONG)
    piped = run("validate", policy, cwd=tmp_path).said
    shown = on_terminal("validate", policy.name, env={"COLUMNS": "80", "NO_COLOR": "1"}, cwd=tmp_path)
    lines = shown.replace("\r\n", "\n").split("\n")
    assert max(map(len, lines)) <= 80 < max(map(len, piped.split("\n")))
    assert {*re.findall(r"`[^` ]+`", piped)} <= {*re.findall(r"`[^` ]+`", shown)}, "no name is broken"
    assert max(len(line) - len(line.lstrip()) for line in lines if line.strip() and "|" not in line) == 8, "help hangs"
    [at] = [number for number, line in enumerate(lines) if "^" in line and "Whoever" not in line][:1]
    assert lines[at - 1][lines[at].index("^") :].startswith("forbid phone_call")


def test_the_page_of_a_diagnostic_is_broken_between_words() -> None:
    shown = on_terminal("explain", "dead-rule", env={"COLUMNS": "80", "NO_COLOR": "1"})
    assert max(map(len, shown.split("\r\n"))) <= 80
    assert shown.split() == run("explain", "dead-rule").out.split()


def test_facts_are_paragraphs_where_a_table_is_too_wide(tmp_path: Path) -> None:
    text = f'fact a_name_that_stays_whole days clock "{"What it is. " * 9}"\naction sms\nafter 3 days then allow sms'
    policy = write(tmp_path, "p.forbear", text)
    narrow, wide = (on_terminal("facts", policy, env={"COLUMNS": size, "NO_COLOR": "1"}) for size in ("60", "250"))
    assert "a_name_that_stays_whole  days clock, days, from 0\r\n    What it is." in narrow
    assert max(map(len, narrow.split("\r\n"))) <= 60
    assert "───" in wide
    asked = on_terminal("ask", policy, "sms", env={"COLUMNS": "30", "NO_COLOR": "1"})
    assert asked.count("\r\n    ") == 2
    assert "\r\n\r\n" not in asked, "a fact is said once, with its choices below"


def test_titles_are_broken_before_cells(tmp_path: Path) -> None:
    text = "fact late days clock\naction offer_hardship_plan\nfrom day 5 then allow everything"
    policy = write(tmp_path, "p.forbear", text)
    accounts, size = write(tmp_path, "a.csv", "late\n4\n"), {"COLUMNS": "80", "NO_COLOR": "1"}
    shown = on_terminal("plan", policy, accounts, "--days", "3", "--on", "2026-03-10", env=size)
    assert re.search("offer_hardship_plan +0 +1 +1 on 2026-03-11 +1\r\n", shown)
    old = write(tmp_path, "old.forbear", text.replace("5", "6"))
    more = write(tmp_path, "more.csv", "late\n" + "5\n" * 1000 + "4\n" * 999)
    shown = on_terminal("plan", policy, more, "--days", "3", "--on", "2026-03-10", "--against", old, env=size)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", shown.partition("1,999 accounts")[2])
    assert max(map(len, shown.split("\r\n"))) <= 80
    assert re.search(r" 2026-03-10 +2026-03-11\s*\r\n", shown), "no day is broken"


def test_verdicts_have_marks_on_a_terminal(files: Path, tmp_path: Path) -> None:
    shown = on_terminal("decide", files / "house.forbear", "--case", files / "case.json", env={"NO_COLOR": "1"})
    assert "✗ forbidden" in shown
    assert "· no rule" in shown
    assert "✗" not in run("decide", files / "house.forbear", "--case", files / "case.json").out
    why = "explain", files / "house.forbear", "--case", files / "case.json", "contact_related"
    assert re.search(
        r"contact_related is . (?:not|all|for).*-> [✓✗·] ", on_terminal(*why, env={"NO_COLOR": "1"}), re.DOTALL
    )
    milder = write(tmp_path, "milder.forbear", HOUSE.replace("60 days", "30 days", 1))
    assert "(· no rule -> ✓ allowed)" in on_terminal("diff", files / "house.forbear", milder, env={"NO_COLOR": "1"})
    cases = write(tmp_path, "cases.jsonl", '{"days_overdue": 61, "unreachable": 5}')
    applied = "apply", files / "house.forbear", cases, "-o", tmp_path / "out.jsonl"
    assert re.search("✓ allowed.*✗ forbidden.*· no rule", on_terminal(*applied, env={"NO_COLOR": "1"}))


def test_an_empty_no_color_means_nothing(files: Path) -> None:
    assert COLOUR.search(on_terminal("validate", files / "broken.forbear", env={"NO_COLOR": ""}))


def test_no_codes_without_a_terminal(files: Path) -> None:
    for command in commands(files):
        assert ESCAPE not in run(*command).said, command


def test_no_codes_where_a_program_reads(files: Path) -> None:
    house, case = files / "house.forbear", files / "case.json"
    for command in ["decide", house, "--case", case], ["validate", files / "broken.forbear"], ["packs"]:
        assert ESCAPE not in on_terminal(*command, "--format", "json")


def test_a_case_and_a_policy_cannot_move_the_cursor(tmp_path: Path, files: Path) -> None:
    case = write(tmp_path, "case.json", '{"days_overdue": 3, "unreachable": 3, "\\u001b[2J": 1}')
    assert "\x1b[2J" not in on_terminal("decide", files / "house.forbear", "--case", case)
    policy = write(tmp_path, "p.forbear", 'rule first "\x1b[2J": after 3 days then allow smss because "\x1b[2J"\n')
    assert "\x1b[2J" not in on_terminal("validate", policy)


def test_a_reader_that_leaves_is_no_crash(tmp_path: Path) -> None:
    text = "".join(f"rule a{n}: after 3 days then allow smss\n" for n in range(2000))
    path = write(tmp_path, "many.forbear", text)
    process = subprocess.Popen(
        [*FORBEAR, "validate", str(path), "--limit", "9999"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    process.wait(timeout=30)
    assert b"Traceback" not in err


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_that_lacks_a_character_is_no_crash(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, "p.forbear", 'rule first "催收": after 3 days then allow sms because "催收 — ≥"')
    env = environment(PYTHONIOENCODING=encoding)
    for arguments in ["decide", path, "--case", "-"], ["decide", path, "--case", "-", "--format", "json"]:
        done = subprocess.run(
            [*FORBEAR, *map(str, arguments)], input=b'{"days_overdue": 5}', capture_output=True, env=env, check=False
        )
        assert b"Traceback" not in done.stderr, done.stderr.decode(errors="replace")[-500:]
        assert done.returncode == 0


# Use


def test_what_is_not_used_is_not_imported() -> None:
    code = (
        "import sys\n"
        "from forbear.cli.main import main\n"
        "try:\n"
        "    main(['--version'])\n"
        "except SystemExit:\n"
        "    pass\n"
        "print(sorted({'lark', 'rich', 'attr', 'hypothesis'} & sys.modules.keys()))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True)
    assert done.stdout.splitlines()[-1] == "[]"
