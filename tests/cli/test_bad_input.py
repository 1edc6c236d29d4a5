"""Bad input: exit code 1, the place, what to do about it, and never a traceback (`run` looks for those)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from command import HOUSE, environment, of_code, run, spanned, write

import forbear
from forbear.base import resources

QUICK = 20.0
"""Seconds in which any input is answered, on a slow machine."""

CASE = '{"days_overdue": 5, "unreachable": 3}'
GOOD = "rule first: after 3 days then allow sms\n"


# Rule files

BAD_FILES: dict[str, tuple[str | bytes, str, tuple[int, int] | None, str | None]] = {
    "empty": ("", "empty-file", (1, 1), None),
    "blank": ("\n  \n", "empty-file", None, None),
    "comments": ("# nothing\n", "empty-file", None, None),
    "not UTF-8": (b"rule first: after 3 days then allow sms # \xe9\n", "unreadable-file", None, None),
    "UTF-16": (GOOD.encode("utf-16"), "unreadable-file", None, None),
    "not UTF-8 on line 3": (b"# a\n# b\n# \xff\n" + GOOD.encode(), "unreadable-file", (3, 1), None),
    "a NUL": ("rule first:\n  after 3 days\0 then allow sms\n", "unreadable-file", (2, 15), None),
    "2,000 nots": ("rule first: " + "not " * 2000 + "always then allow sms\n", "too-deep", (1, 413), "not"),
    "2,000 parentheses": (
        "rule first: " + "(" * 2000 + "always" + ")" * 2000 + " then allow sms\n",
        "too-deep",
        (1, 113),
        "(",
    ),
    "an include that is missing": ('\nuses "nowhere"\n' + GOOD, "missing-file", (2, 6), '"nowhere"'),
    "a vocabulary that is not shipped": ("uses colections\n" + GOOD, "missing-file", (1, 6), "colections"),
    "an include of a folder": ('uses "."\n' + GOOD, "missing-file", (1, 6), '"."'),
    "an include of itself": ('uses "bad"\n' + GOOD, "circular-uses", (1, 6), '"bad"'),
    "two facts of one name": (
        "fact late days clock\nfact late count\naction sms\nrule a: after 3 days then allow sms\n",
        "duplicate-name",
        (2, 6),
        "late",
    ),
    "a currency mixed": (
        "policy p currency CNY\nrule a: overdue_amount > USD 5 then allow sms\n",
        "wrong-currency",
        (2, 26),
        "USD 5",
    ),
    "a span the wrong way round": (
        "rule a:\n  from day 13 to day 9 then allow sms\n",
        "empty-span",
        (2, 3),
        "from day 13 to day 9",
    ),
    "a day that does not exist": (
        "rule a: always then allow sms in force from 2015-02-30\n",
        "bad-literal",
        (1, 45),
        "2015-02-30",
    ),
    "a number of 16 digits": (
        "rule a: unreachable > 1234567890123456 then allow sms\n",
        "bad-literal",
        (1, 23),
        "1234567890123456",
    ),
    "a fact that is not there": (
        "rule a: unreachabel > 3 then allow sms\n",
        "unknown-name",
        (1, 9),
        "unreachabel",
    ),
    "an action that is not there": ("rule a: always then allow smss\n", "unknown-action", (1, 27), "smss"),
    "no rule at all": ("hello world\n", "syntax", None, None),
    "a string without an end": ('rule a "abc: always then allow sms\n', "syntax", None, None),
}


@pytest.mark.parametrize(("content", "code", "place", "quoted"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_bad_rule_files(
    tmp_path: Path, content: str | bytes, code: str, place: tuple[int, int] | None, quoted: str | None
) -> None:
    write(tmp_path, "bad.forbear", content)
    answer = run("validate", "bad.forbear", "--format", "json", cwd=tmp_path, seconds=QUICK)
    assert answer.code == 1
    [finding] = of_code(answer.json, code)
    assert finding["severity"] == "error"
    assert finding["file"] == "bad.forbear"
    assert finding["help"]
    start, end = finding["span"]["start"], finding["span"]["end"]
    if place is not None:
        assert (start["line"], start["column"]) == place
    if quoted is not None:
        assert isinstance(content, str)
        assert spanned(content, finding["span"]) == quoted
    assert (start["line"], start["column"]) <= (end["line"], end["column"])
    assert answer.json["counts"]["error"] == 1


@pytest.mark.parametrize("what", ["empty", "a NUL", "2,000 nots"])
def test_no_command_takes_them(tmp_path: Path, what: str) -> None:
    write(tmp_path, "bad.forbear", BAD_FILES[what][0])
    for arguments in (
        ["validate", "bad.forbear"],
        ["decide", "bad.forbear", "--case", "-"],
        ["compile", "bad.forbear", "-o", "out.py"],
    ):
        answer = run(*arguments, given=CASE, cwd=tmp_path, seconds=QUICK)
        assert answer.code == 1
        assert f"error[{BAD_FILES[what][1]}]" in answer.said
        assert "bad.forbear:" in answer.said
        assert "help:" in answer.said
    assert not (tmp_path / "out.py").exists()


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (("calendar", "CN", "--years", "2025", "--years", "2026"), "--years"),
        (("decide", "house.forbear", "--case", "a.json", "--case", "b.json"), "--case"),
        (("validate", "house.forbear", "--on", "2026-01-01", "--on=2026-01-02"), "--on"),
        (("compile", "house.forbear", "-o", "a.py", "--output", "b.py"), "--output"),
        (("table", "import", "t.csv", "--name", "a", "--name", "b"), "--name"),
    ],
)
def test_an_option_of_one_value_is_given_once(tmp_path: Path, arguments: tuple[str, ...], option: str) -> None:
    """Of two the last would count, and the other would be dropped without a word."""
    answer = run(*arguments, cwd=tmp_path)
    assert (answer.code, f"{option} is given twice" in answer.err) == (2, True), answer
    assert not list(tmp_path.iterdir())


def test_a_byte_order_mark_and_line_ends_of_windows_are_fine(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", b"\xef\xbb\xbf" + HOUSE.replace("\n", "\r\n").encode())
    plain = write(tmp_path, "plain.forbear", HOUSE)
    assert run("validate", path, "--format", "json").json["counts"]["error"] == 0
    assert forbear.load(path).digest == forbear.load(plain).digest
    windows = HOUSE.replace("contact_related\n", "contact_relatde\n").replace("\n", "\r\n")
    path = write(tmp_path, "q.forbear", b"\xef\xbb\xbf" + windows.encode())
    [finding] = of_code(run("validate", path, "--format", "json").json, "unknown-action")
    assert spanned(windows, finding["span"]) == "contact_relatde"


BRACKETS = {
    "round": "(" * 10_000_000,
    "round in a rule": "rule a: " + "(" * 5_000_000 + "always" + ")" * 5_000_000 + " then allow sms",
    "square": "[" * 10_000_000,
    "pairs": "rule a: after 3 days and " + "()" * 5_000_000,
    "one a line": "(\n" * 5_000_000,
}


@pytest.mark.parametrize("text", BRACKETS.values(), ids=BRACKETS.keys())
def test_ten_megabytes_of_brackets_as_rules(tmp_path: Path, text: str) -> None:
    write(tmp_path, "bad.forbear", text)
    answer = run("validate", "bad.forbear", "--format", "json", cwd=tmp_path, seconds=QUICK)
    assert answer.code == 1
    assert answer.json["findings"][0]["file"] == "bad.forbear"
    assert len(answer.out) < 1_000_000


@pytest.mark.parametrize("text", ["[" * 10_000_000, '{"a":' * 2_000_000, "(" * 10_000_000], ids=["[", "{", "("])
def test_ten_megabytes_of_brackets_as_a_case(tmp_path: Path, text: str) -> None:
    policy = write(tmp_path, "house.forbear", HOUSE)
    case = write(tmp_path, "case.json", text)
    answer = run("decide", policy, "--case", case, seconds=QUICK)
    assert answer.code == 1
    assert answer.out == ""
    assert len(answer.err) < 2_000


def test_a_file_over_the_bound(tmp_path: Path) -> None:
    write(tmp_path, "large.forbear", GOOD.encode() + b"#" * (64 * 1024 * 1024))
    answer = run("validate", "large.forbear", "--format", "json", cwd=tmp_path, seconds=QUICK)
    assert answer.code == 1
    assert answer.json["total"] == {"too-large": 1}


def test_nesting_up_to_the_bound_is_fine(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", "rule a: " + "not " * 100 + "always then allow sms\n")
    assert run("validate", path, "--format", "json").json["counts"]["error"] == 0
    path = write(tmp_path, "q.forbear", "rule a: " + "not " * 101 + "always then allow sms\n")
    assert run("validate", path, "--format", "json").json["total"] == {"too-deep": 1}


# Other files


def test_includes_in_a_circle(tmp_path: Path) -> None:
    write(tmp_path, "a.forbear", 'uses "b"\n' + GOOD)
    write(tmp_path, "b.forbear", '\nuses "c"\n')
    write(tmp_path, "c.forbear", '\n\nuses "a"\n')
    answer = run("validate", "a.forbear", "--format", "json", cwd=tmp_path)
    assert answer.code == 1
    [finding] = of_code(answer.json, "circular-uses")
    assert (finding["file"], finding["span"]["start"]) == ("c.forbear", {"line": 3, "column": 6})


def test_includes_out_of_the_folder_are_followed(tmp_path: Path) -> None:
    write(tmp_path, "shared.forbear", "fact late days clock\naction ping\n")
    write(tmp_path, "deep/p.forbear", 'uses "../shared"\nrule a: after 3 days then allow ping\n')
    assert run("validate", "deep/p.forbear", cwd=tmp_path).code == 0
    write(tmp_path, "shared.forbear", "fact late days clock\naction ping, ping\n")
    [finding] = of_code(run("validate", "deep/p.forbear", "--format", "json", cwd=tmp_path).json, "duplicate-name")
    assert finding["file"] == "shared.forbear"


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package, with packs that reach out of their folder."""
    folder = tmp_path_factory.mktemp("shipped")
    package = Path(forbear.__file__).parent
    shutil.copytree(package, folder / "src" / "forbear", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("grammar", "rules"):
        shutil.copytree(resources.folder(name), folder / name)
    write(folder, "secret.forbear", "fact late days clock\naction ping\n")
    (folder / "rules" / "link.forbear").symlink_to(folder / "secret.forbear")
    write(folder, "rules/dots.forbear", 'uses "../secret"\nrule a: after 3 days then allow ping\n')
    write(folder, "rules/whole.forbear", f'uses "{folder}/secret"\nrule a: after 3 days then allow ping\n')
    write(folder, "rules/linked.forbear", 'uses "link"\nrule a: after 3 days then allow ping\n')
    write(folder, "rules/inside.forbear", 'uses "vocabulary/../vocabulary/collections"\n' + GOOD)
    return folder


@pytest.mark.parametrize("pack", ["dots", "whole", "linked"])
def test_a_pack_never_leads_out_of_the_packs(shipped: Path, pack: str) -> None:
    answer = run("validate", f"pack:{pack}", "--format", "json", env=environment(PYTHONPATH=str(shipped / "src")))
    assert answer.code == 1
    [finding] = of_code(answer.json, "outside-pack")
    assert finding["file"] == f"pack:{pack}"
    assert {other["file"] for other in answer.json["findings"]} == {f"pack:{pack}"}


def test_a_pack_may_use_a_pack(shipped: Path) -> None:
    answer = run("validate", "pack:inside", "--format", "json", env=environment(PYTHONPATH=str(shipped / "src")))
    assert answer.code == 0


def test_a_folder_without_rule_files(tmp_path: Path) -> None:
    write(tmp_path, "notes/readme.txt", "nothing")
    for command in ["validate", "notes"], ["test", "notes"], ["decide", "notes", "--on", "2015-09-22", "--case", "-"]:
        answer = run(*command, given=CASE, cwd=tmp_path)
        assert answer.code in (1, 2)
        assert answer.out == ""
        assert "notes" in answer.err
        assert "forbear" in answer.err or "polic" in answer.err


def test_a_folder_that_is_named_as_a_rule_file(tmp_path: Path) -> None:
    (tmp_path / "odd.forbear").mkdir()
    write(tmp_path, "p.forbear", GOOD)
    assert run("validate", ".", cwd=tmp_path).code == 0
    assert run("decide", ".", "--on", "2015-09-22", "--case", "-", given=CASE, cwd=tmp_path).code == 1
    assert run("decide", "p.forbear", "--case", "odd.forbear", cwd=tmp_path).code in (1, 2)


# Cases

DATED = "policy dated in force from 2015-09-01 until 2015-09-30\n" + GOOD

BAD_CASES: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "true for a count": ('{"days_overdue": 5, "unreachable": true}', ("`unreachable`", "true")),
    "1e400": ('{"days_overdue": 5, "unreachable": 1e400}', ("`unreachable`", "digits")),
    "-1e400": ('{"days_overdue": 5, "unreachable": -1e400}', ("`unreachable`",)),
    "1e-400": ('{"days_overdue": 5, "unreachable": 1e-400}', ("`unreachable`",)),
    "an exponent beyond all bounds": ('{"days_overdue": 1e99999999999999999999, "unreachable": 3}', ("number",)),
    "NaN": ('{"days_overdue": 5, "unreachable": NaN}', ("`NaN`",)),
    "Infinity": ('{"days_overdue": 5, "unreachable": Infinity}', ("`Infinity`",)),
    '"NaN"': ('{"days_overdue": 5, "unreachable": "NaN"}', ("`unreachable`", '"NaN"')),
    '"12,5"': ('{"days_overdue": 5, "unreachable": "12,5"}', ("`unreachable`", '"12,5"', "whole number")),
    "a half": ('{"days_overdue": 5.5, "unreachable": 3}', ("`days_overdue`", "5.5", "whole number")),
    "below its range": ('{"days_overdue": -1, "unreachable": 3}', ("`days_overdue`", "-1", "range")),
    "a long number": ('{"days_overdue": ' + "9" * 5000 + ', "unreachable": 3}', ("digits",)),
    "a day that does not exist": (
        '{"days_overdue": 5, "unreachable": 3, "promised_on": "2015-02-30"}',
        ("`promised_on`", "2015-02-30", "not exist"),
    ),
    "a list": ("[]", ("list", "object")),
    "a list of cases": (f"[{CASE}]", ("list", "object")),
    "a number": ("5", ("object",)),
    "null": ("null", ("object",)),
    "nothing": ("", ("line 1", "column 1")),
    "broken JSON": ('{\n  "days_overdue": 5,\n  unreachable: 3}', ("line 3", "column 3")),
    "a missing fact": ('{"days_overdue": 5}', ("`unreachable`", "missing")),
    "an unknown fact": ('{"days_overdue": 5, "unreachable": 3, "unreachabel": 3}', ("`unreachabel`", "`unreachable`")),
    "a repeated key": ('{"days_overdue": 5, "unreachable": 3, "unreachable": 3}', ("`unreachable`", "twice")),
    "null for what is not optional": ('{"days_overdue": null, "unreachable": 3}', ("`days_overdue`", "null")),
    "a nested object": ('{"days_overdue": {"days": 5}, "unreachable": 3}', ("`days_overdue`", "object")),
    "another currency": (
        '{"days_overdue": 5, "unreachable": 3, "overdue_amount": "USD 5"}',
        ("`overdue_amount`", "USD", "CNY"),
    ),
    "not UTF-8": (b'{"days_overdue": 5, "unreachable": 3, "state": "\xff"}', ("UTF-8",)),
    "a NUL": (b'{"days_overdue": 5, "unreachable": 3}\0', ("line 1",)),
    "half a surrogate": ('{"days_overdue": 5, "unreachable": 3, "\\ud800": 3}', ("half a character",)),
    "every fault at once": (
        '{"days_overdue": "x", "unreachabel": 3, "state": 7}',
        ("`days_overdue`", "`unreachable`", "`unreachabel`", "`state`"),
    ),
}


@pytest.mark.parametrize(("case", "named"), BAD_CASES.values(), ids=BAD_CASES.keys())
def test_bad_cases(tmp_path: Path, case: str | bytes, named: tuple[str, ...]) -> None:
    policy = write(tmp_path, "house.forbear", HOUSE)
    path = write(tmp_path, "case.json", case)
    answer = run("decide", policy, "--case", path, "--format", "json")
    assert answer.code == 1
    assert list(answer.json) == ["error", "faults"]
    assert all(fault["message"] in answer.json["error"] for fault in answer.json["faults"])
    for words in named:
        assert words in answer.err
    assert len(answer.err) < 2_000


def test_a_day_on_which_the_policy_is_not_in_force(tmp_path: Path) -> None:
    path = write(tmp_path, "dated.forbear", DATED)
    for day, code in ("2015-08-31", 1), ("2015-09-01", 0), ("2015-09-30", 0), ("2015-10-01", 1):
        answer = run("decide", path, "--case", "-", "--on", day, given='{"days_overdue": 5}')
        assert answer.code == code
        if code:
            assert answer.out == ""
            assert day in answer.err
            assert "2015-09-01" in answer.err
            assert "2015-09-30" in answer.err


def test_files_that_never_end_are_cut(tmp_path: Path) -> None:
    """A rule file and a case are read up to their bound and no further."""
    policy = write(tmp_path, "house.forbear", HOUSE)
    answer = run("decide", policy, "--case", "/dev/zero", seconds=QUICK)
    assert answer.code == 1
    assert "the case has more than 16 MB" in answer.err
    write(tmp_path, "p.forbear", 'uses "/dev/zero"\n' + GOOD)
    answer = run("validate", "p.forbear", "--format", "json", cwd=tmp_path, seconds=QUICK)
    assert answer.code == 1
