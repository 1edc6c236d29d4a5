"""Many files: whatever the number of processes, and whatever is remembered, the answer is the same, byte by byte."""

from __future__ import annotations

import datetime
import hashlib
import json
import pickle
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from invoking import Answer, forbear, write

from forbear.cli.validating.outcome import Task, outcome
from forbear.cli.validating.remembered import from_json, to_json
from forbear.library.loading import check_file
from forbear.portfolio import workers

FORMATS: tuple[list[str], ...] = (
    [],
    ["--notes", "--all"],
    ["--limit", "1"],
    ["--format", "json"],
    ["--format", "sarif"],
    ["--format", "github"],
)
FILES = {
    "words.forbear": """
vocabulary words
  currency USD
fact late days clock
fact rate number between 0 and 1 in steps of 0.01
fact owed money optional
fact state text
action sms, call, visit
ladder pressure: sms, call, visit rising with late
""",
    "holes.forbear": """
policy holes
uses "words"
rule a: from day 3 to day 9 and rate >= 0.25 then allow sms
rule b: after 20 days and owed > USD 10.50 then allow sms, visit
rule c: after 20 days then forbid visit
rule c_too: after 21 days then forbid visit
accept overlap of c, c_too because "as the law has it"
accept hole of call because "never" until 2026-06-30
ensure call not allowed
ensure sms not allowed when rate > 0.5
example "none": given late 1, rate 0, state "NY" expect sms allowed
""",
    "book/2014.forbear": "policy book in force from 2014-01-01 until 2015-06-30 rule a: after 9 days then allow sms\n",
    "book/2015.forbear": "policy book in force from 2015-09-01 rule a: after 9 days then allow sms\n",
    "wrong.forbear": 'policy wrong uses "words" rule a: latte > 3 then allow sms\nrule b: late > then allow sms\n',
    "law.forbear": 'policy law subject to "regulation/us-scra" rule a: after 9 days then allow phone_call\n',
    "shared.forbear": "fact x count\naction sms\ndefine always_so is x >= 0\n",
    "one.forbear": 'uses "shared" rule a: always_so then allow sms\n',
    "two.forbear": 'uses "shared" rule a: x > 2 then allow sms\n',
}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "forbear" / "validate"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def run(rules: Path, *options: str) -> Answer:
    return forbear("validate", ".", *options, "--on", "2026-03-01", cwd=rules)


def anew(rules: Path, *options: str) -> Answer:
    return run(rules, *options, "--no-cache", "--jobs", "1")


def codes(answer: Answer) -> set[str]:
    return set(answer.json["total"])


def test_what_is_remembered_is_printed_as_what_is_found(rules: Path, cache: Path) -> None:
    plain = [anew(rules, *options) for options in FORMATS]
    assert not cache.exists()
    assert codes(plain[3]) > {"hole", "failed-ensure", "failed-example", "version-gap", "syntax", "decided-comparison"}
    assert [run(rules, *options) for options in FORMATS] == plain
    entries = {entry.name: entry.stat().st_mtime_ns for entry in cache.iterdir()}
    assert entries
    assert [run(rules, *options) for options in FORMATS] == plain
    assert set(entries) == {entry.name for entry in cache.iterdir()}
    assert any(entry.stat().st_mtime_ns != entries[entry.name] for entry in cache.iterdir()), "an entry that is used"


def test_several_processes_give_what_one_gives(rules: Path) -> None:
    with patch.object(workers, "_ALONE", -1):
        assert run(rules, "--format", "json", "--no-cache", "--jobs", "2") == anew(rules, "--format", "json")


def test_where_no_process_can_be_started_this_one_does_it(rules: Path) -> None:
    """The main module of a program from standard input cannot be imported by another process."""
    program = (
        "from forbear.cli.main import main\nfrom forbear.portfolio import workers\nworkers._ALONE = -1\n"
        "main(['validate', '.', '--jobs', '2', '--no-cache', '--on', '2026-03-01'])"
    )
    done = subprocess.run(
        [sys.executable, "-"], input=program, capture_output=True, text=True, cwd=rules, check=False, timeout=60
    )
    assert done.stdout == anew(rules).out


@pytest.mark.parametrize("name", ["holes.forbear", "wrong.forbear", "one.forbear", "book/2014.forbear", "pack"])
def test_an_outcome_is_read_back_as_it_was(name: str, rules: Path) -> None:
    path = "pack:regulation/us-reg-f" if name == "pack" else str(rules / name)
    task = Task(path, 100, datetime.date(2026, 3, 1), 1)
    made = outcome(task, check_file(path))
    again = from_json(json.loads(json.dumps(to_json(made))))
    assert again == made == pickle.loads(pickle.dumps(made))  # from a file, and from another process
    for one, other in zip(again.totals, made.totals, strict=True):
        assert (one.severity, one.acceptable, one.of_pair) == (other.severity, other.acceptable, other.of_pair)


def _change(rules: Path, name: str, before: str, after: str) -> None:
    text = (rules / name).read_text(encoding="utf-8")
    assert before in text
    (rules / name).write_text(text.replace(before, after), encoding="utf-8")


def test_what_has_changed_is_looked_at_anew(rules: Path) -> None:
    json_ = ("--format", "json")
    first = run(rules, *json_)
    assert first == anew(rules, *json_)
    _change(rules, "two.forbear", "x > 2", "x > 2 and x < 1")  # the file itself
    _change(rules, "words.forbear", "between 0 and 1", "between 0 and 0.5")  # one that it uses
    second = run(rules, *json_)
    assert second == anew(rules, *json_) != first
    assert "dead-rule" in codes(second)
    # A file of the name of a pack comes before the pack.
    (rules / "regulation").mkdir()
    write(rules / "regulation", "standard own rule a: never phone_call when deceased\n", "us-scra.forbear")
    third = run(rules, *json_)
    assert third == anew(rules, *json_)
    assert third != second


def test_options_and_days_are_told_apart(rules: Path) -> None:
    for options in (["--limit", "1"], ["--limit", "2"], ["--effort", "2"], ["--all"]):
        assert run(rules, *options, "--format", "json") == anew(rules, *options, "--format", "json")
    for day in ("2026-06-30", "2026-07-01", "2026-03-01"):
        arguments = ("validate", ".", "--format", "json", "--on", day)
        assert forbear(*arguments, cwd=rules) == forbear(*arguments, "--no-cache", "--jobs", "1", cwd=rules)


def _damaged(content: bytes, how: str) -> bytes:
    match how:
        case "short":
            return content[: len(content) // 2]
        case "empty":
            return b""
        case "another message":
            return content.replace(b'"message":"', b'"message":"no ')
        case "no JSON, of the right digest":
            return hashlib.sha256(b"{").hexdigest().encode() + b"\n{"
        case "another shape, of the right digest":
            record = json.loads(content.partition(b"\n")[2])
            record["outcome"]["found"] = [{"code": ["hole", "loud", 3], "place": [7, 1]}]
            made = json.dumps(record).encode()
            return hashlib.sha256(made).hexdigest().encode() + b"\n" + made
    raise AssertionError(how)


@pytest.mark.parametrize(
    "how",
    ["short", "empty", "another message", "no JSON, of the right digest", "another shape, of the right digest"],
)
def test_damage_is_never_an_error_nor_another_answer(how: str, rules: Path, cache: Path) -> None:
    plain = run(rules, "--format", "json")
    for entry in list(cache.iterdir()):
        entry.write_bytes(_damaged(entry.read_bytes(), how))
    assert run(rules, "--format", "json") == plain


def test_a_cache_that_cannot_be_written_is_none(rules: Path, cache: Path) -> None:
    plain = anew(rules, "--format", "json")
    cache.parent.mkdir(parents=True)
    cache.write_text("a file in its place")
    assert run(rules, "--format", "json") == plain


def test_runs_at_once_do_not_disturb_each_other(rules: Path, cache: Path) -> None:
    command = [sys.executable, "-m", "forbear", "validate", ".", "--format", "json", "--on", "2026-03-01"]
    at_once = [subprocess.Popen(command, cwd=rules, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    outputs = {process.communicate(timeout=60)[0] for process in at_once}
    assert outputs == {anew(rules, "--format", "json").out}
    assert not [entry for entry in cache.iterdir() if entry.name.startswith("aside-")]


def test_what_a_project_says_of_codes_is_no_part_of_what_is_remembered(rules: Path, cache: Path) -> None:
    project = rules / "forbear.toml"
    by_severities = ['[severity]\nhole = "error"\noverlap = "ignore"\n', '[severity]\nhole = "ignore"\n', ""]
    entries: set[str] = set()
    for severities in by_severities:
        project.write_text(severities, encoding="utf-8")
        for options in ([], ["--format", "json"], ["--ignore", "version-gap,hole"], ["--select", "overlap"], ["-q"]):
            assert run(rules, *options) == anew(rules, *options)
        entries = entries or {entry.name for entry in cache.iterdir()}
        assert entries == {entry.name for entry in cache.iterdir()}
    project.write_text('[severity]\nhole = "ignore"\n', encoding="utf-8")
    assert "hole" not in codes(run(rules, "--format", "json"))


def test_a_project_that_gives_settings_or_effort_is_looked_at_with_them(rules: Path, cache: Path) -> None:
    write(rules, "policy own setting most is 3\nrule a: after most days then allow sms\n", "own.forbear")
    write(rules, 'paths = ["own.forbear", "one.forbear"]\n[settings]\nmost = 9\n', "forbear.toml")
    answer = forbear("validate", "--format", "json", "--on", "2026-03-01", cwd=rules)
    assert (codes(answer) & {"bad-project"}, cache.exists()) == (set(), False)
    write(rules, "effort = 3\n", "forbear.toml")
    assert run(rules, "--format", "json") == anew(rules, "--format", "json", "--effort", "3", "--isolated")
    entries = {entry.name for entry in cache.iterdir()}
    run(rules, "--effort", "3", "--isolated")
    assert entries == {entry.name for entry in cache.iterdir()}


def test_a_buffer_is_neither_remembered_nor_answered_from_memory(rules: Path, cache: Path) -> None:
    run(rules)
    before = {entry.name: entry.stat().st_mtime_ns for entry in cache.iterdir()}
    buffer = ("validate", "-", "one.forbear", "--stdin-filename", "two.forbear", "--format", "json")
    answer = forbear(*buffer, given='uses "shared" rule a: x > 2 and x < 1 then allow sms\n', cwd=rules)
    assert "dead-rule" in codes(answer)
    assert before == {entry.name: entry.stat().st_mtime_ns for entry in cache.iterdir()}


def test_one_file_alone_is_not_remembered(rules: Path, cache: Path) -> None:
    forbear("validate", rules / "holes.forbear")
    assert not cache.exists()
