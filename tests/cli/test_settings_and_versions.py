"""`--set` and `--on` with several files and with books: each file is given what it has, and a day picks the version."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import of_code, run, write

PLAIN = "rule first: after 3 days then allow sms\n"
CASE = '{"days_overdue": 5}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two policies, of which one has the setting `grace`, and a book, of which one version has it."""
    write(tmp_path, "plain.forbear", PLAIN)
    write(tmp_path, "set.forbear", "setting grace is 5\nrule first: after grace days then allow sms\n")
    first = "policy house in force until 2015-06-30\nsetting grace is 5\nrule first: after grace days then allow sms\n"
    write(tmp_path, "book/a.forbear", first)
    write(tmp_path, "book/b.forbear", "policy house in force from 2015-07-01\nrule first: always then allow letter\n")
    return tmp_path


@pytest.mark.parametrize("command", ["validate", "test"])
@pytest.mark.parametrize("paths", [["plain.forbear", "set.forbear"], ["set.forbear", "plain.forbear"], ["."], ["book"]])
def test_a_setting_is_given_to_those_that_have_it(folder: Path, command: str, paths: list[str]) -> None:
    assert run(command, *paths, "--set", "grace=6", cwd=folder).code == 0


def test_the_value_that_is_given_counts(folder: Path) -> None:
    write(folder, "set.forbear", "setting grace is 5\nensure sms not allowed when within grace days\n" + PLAIN)
    for value, code in ("3", 0), ("4", 1):
        assert run("validate", "plain.forbear", "set.forbear", "--set", f"grace={value}", cwd=folder).code == code


@pytest.mark.parametrize("command", ["validate", "test"])
@pytest.mark.parametrize("paths", [["plain.forbear"], ["plain.forbear", "set.forbear"], ["book"]])
def test_a_setting_that_none_has_is_one_error(folder: Path, command: str, paths: list[str]) -> None:
    answer = run(command, *paths, "--set", "grace=6", "--set", "graec=6", "--format", "json", cwd=folder)
    if paths == ["plain.forbear"]:
        answer = run(command, *paths, "--set", "graec=6", "--format", "json", cwd=folder)
    assert answer.code == 1
    found = answer.json["findings"] if command == "validate" else answer.json["files"][0]["errors"]
    [finding] = of_code({"findings": found}, "unknown-name")
    assert "graec" in finding["message"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["validate", "set.forbear"],
        ["test", "set.forbear"],
        ["decide", "set.forbear", "--case", "-"],
        ["diff", "set.forbear", "plain.forbear"],
        ["compile", "set.forbear", "-o", "-"],
    ],
    ids=lambda words: words[0],
)
def test_a_setting_that_is_given_twice(folder: Path, arguments: list[str]) -> None:
    answer = run(*arguments, "--set", "grace=6", "--set", "grace = 7", given=CASE, cwd=folder)
    assert answer.code == 2
    assert "'grace' is given twice" in answer.err


def test_diff_and_decide_of_a_book_take_a_setting_of_one_version(folder: Path) -> None:
    given = ["--on", "2015-06-30", "--set", "grace=4"]
    assert run("diff", "book", "set.forbear", *given, cwd=folder).code == 0
    answer = run("decide", "book", "--case", "-", "--format", "json", *given, given=CASE, cwd=folder)
    assert answer.json["decisions"]["sms"]["permitted"]


@pytest.mark.parametrize("command", ["decide", "explain"])
@pytest.mark.parametrize(
    ("case", "arguments", "verdict"),
    [
        ({}, ["--on", "2015-06-30"], "allowed"),
        ({"on": "2015-06-30"}, [], "allowed"),
        ({"on": "2015-07-01"}, [], "unsaid"),
        ({"at": "2015-06-30T23:59:00-04:00"}, [], "allowed"),
        ({}, ["--at", "2015-07-01T00:00:00"], "unsaid"),
    ],
)
def test_a_day_picks_the_version(
    folder: Path, command: str, case: dict[str, object], arguments: list[str], verdict: str
) -> None:
    action = ["sms"] if command == "explain" else []
    given = json.dumps({"days_overdue": 6, "zone": "America/New_York", **case})
    if "at" not in case and "--at" not in arguments:
        given = json.dumps({"days_overdue": 6, **case})
    answer = run(command, "book", "--case", "-", *action, "--format", "json", *arguments, given=given, cwd=folder)
    assert answer.code == 0, answer.err
    assert (answer.json["decisions"]["sms"] if command == "decide" else answer.json["decision"])["verdict"] == verdict


def test_each_line_picks_its_version(folder: Path) -> None:
    days = ["2015-06-30", "2015-07-01", None, "2015-6-1", "2015-06-30"]
    lines = [json.dumps({"days_overdue": 6, "on": day} if day else {"days_overdue": 6}) for day in days]
    answer = run("decide", "book", "--lines", given="\n".join(lines), cwd=folder)
    records = [json.loads(line) for line in answer.out.splitlines()]
    assert [record.get("decisions", {}).get("sms", {}).get("verdict") for record in records] == [
        "allowed",
        "unsaid",
        None,
        None,
        "allowed",
    ]
    assert [record.get("line") for record in records] == [None, None, 3, 4, None]
    assert answer.code == 1
    answer = run("decide", "book", "--lines", "--on", "2015-07-01", given=lines[2], cwd=folder)
    assert json.loads(answer.out)["decisions"]["letter"]["permitted"]


def test_a_day_without_a_version_names_those_around_it(tmp_path: Path) -> None:
    head = "policy p\n  {0}in force from {1}-01-01 until {1}-06-30\nrule r: after 3 days then allow sms\n"
    for year in range(2015, 2018):
        name = f'version "v{year}"\n  ' if year > 2015 else ""
        write(tmp_path, f"book/{year}.forbear", head.format(name, year))
    said = (
        "error: no version of `p` is in force on 2015-09-25; there is"
        " one without a name from 2015-01-01 until 2015-06-30,"
        " version v2016 from 2016-01-01 until 2016-06-30, version v2017 from 2017-01-01 until 2017-06-30\n"
    )
    answer = run("decide", "book", "--case", "-", "--on", "2015-09-25", given=CASE, cwd=tmp_path)
    assert (answer.code, answer.err) == (1, said)
    for year in range(2018, 2025):
        write(tmp_path, f"book/{year}.forbear", head.format("", year))
    err = run("decide", "book", "--case", "-", "--on", "2020-09-25", given=CASE, cwd=tmp_path).err
    assert "; the nearest are one without a name from 2018-01-01" in err
    assert err.endswith("from 2023-01-01 until 2023-06-30\n")


@pytest.mark.parametrize("at", ["tomorrow", "2015-02-30T12:00:00"])
def test_a_moment_that_cannot_be_picks_no_version(folder: Path, at: str) -> None:
    answer = run("decide", "book", "--case", "-", "--at", at, "--format", "json", given=CASE, cwd=folder)
    assert answer.code == 1
    assert answer.json["error"]


def test_a_day_picks_the_version_that_is_compiled(folder: Path) -> None:
    for day, action in ("2015-06-30", "sms"), ("2015-07-01", "letter"):
        answer = run("compile", "book", "-o", "-", "--on", day, cwd=folder)
        assert answer.code == 0, answer.err
        namespace: dict[str, object] = {"__name__": "book"}
        exec(answer.out, namespace)
        decide = namespace["decide"]
        assert callable(decide)
        assert decide({"days_overdue": 6}, on=day)[action]["permitted"]
    assert run("compile", "book", "-o", "-", cwd=folder).code == 1


@pytest.mark.parametrize("command", [["decide"], ["explain", "letter"], ["ask", "letter"], ["when", "letter"]])
def test_the_day_in_a_text_picks_the_version(tmp_path: Path, command: list[str]) -> None:
    """That of an earlier version too, of which a fact is none of the last one."""
    word, *action = command
    for version, days, fact in (("1", "until 2026-03-09", "early"), ("2", "from 2026-03-10", "late")):
        head = f'policy house\n  version "{version}"\n  in force {days}\nfact {fact} days clock\naction letter\n'
        write(tmp_path, f"book/{version}.forbear", f"{head}rule r: {fact} > {version} then allow letter\n")
    for day, fact, version in (("2026-03-02", "early", "1"), ("2026-03-10", "late", "2")):
        text = f"{fact} 9 on {day}{' at 09:00' if word == 'when' else ''}"
        options = ("--zone", "UTC") if word == "when" else ()
        answer = run(word, "book", *action, "--given", text, *options, "--format", "json", cwd=tmp_path)
        assert answer.code == 0, answer.err
        assert answer.json["policy"]["version"] == version
    answer = run(word, "book", *action, "--given", "late 9 on 2026-03-02", cwd=tmp_path)
    assert (answer.code, "there is no fact `late`" in answer.err) == (1, True)
