"""`forbear decide`: the record of a decision, days, and a process that answers line by line."""

from __future__ import annotations

import datetime
import json
import re
import selectors
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import pytest
from command import DATED, FORBEAR, HOUSE, environment, run, write

import forbear

DAY_61 = '{"days_overdue": 61, "unreachable": 3}'


def decided(policy: str | Path, case: str, *arguments: str) -> Any:
    answer = run("decide", policy, "--case", "-", "--format", "json", *arguments, given=case)
    assert answer.code == 0, answer.err
    assert answer.err == ""
    return answer.json


# The record


def test_the_record_is_as_the_contract_says(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    record = decided(path, DAY_61)
    policy = forbear.load(path)
    assert record["policy"] == {"name": "house", "digest": policy.digest}
    assert re.fullmatch("sha256:[0-9a-f]{64}", record["policy"]["digest"])
    assert policy.digest is policy.digest  # it is made once, not for each line
    assert "on" not in record
    assert record["case"] == {"days_overdue": 61, "unreachable": 3}
    decisions = record["decisions"]
    assert list(decisions) == list(policy.typed.actions)
    assert decisions["contact_related"] == {
        "verdict": "allowed",
        "permitted": True,
        "rules": ["ask_related_person"],
        "because": ["only where the borrower repeatedly cannot be reached"],
        "source": ["Xinhua, 2015-09-22"],
    }
    assert decisions["disclose_item_details"] == {
        "verdict": "forbidden",
        "permitted": False,
        "rules": ["keep_purchases_private"],
        "because": [],
        "source": [],
    }
    assert decisions["sms"] == {"verdict": "unsaid", "permitted": False, "rules": [], "because": [], "source": []}


def test_required_is_permitted_and_safeguards_alone_decide(tmp_path: Path) -> None:
    text = """\
rule a: after 3 days then allow sms because "a"
rule b: require sms when after 4 days because "b" source "B"
rule c: after 2 days then allow letter
rule d: forbid letter when unreachable > 3 overrides all because "d"
rule e: never letter when unreachable > 5 because "e"
"""
    path = write(tmp_path, "p.forbear", text)
    decisions = decided(path, '{"days_overdue": 5, "unreachable": 6}')["decisions"]
    assert decisions["sms"] == {
        "verdict": "required",
        "permitted": True,
        "rules": ["b"],
        "because": ["b"],
        "source": ["B"],
    }
    assert decisions["letter"]["rules"] == ["e"]
    decisions = decided(path, '{"days_overdue": 5, "unreachable": 4}')["decisions"]
    assert (decisions["letter"]["verdict"], decisions["letter"]["rules"]) == ("forbidden", ["d"])


def test_unknown_facts_that_took_part_are_named() -> None:
    case = '{"days_overdue": 61, "unreachable": 3, "contact_source": %s}'
    left_out = decided("pack:huabei/redesigned", DAY_61, "--on", "2015-12-01")["decisions"]
    null = decided("pack:huabei/redesigned", case % "null", "--on", "2015-12-01")["decisions"]
    assert left_out == null
    assert null["contact_related"]["verdict"] == "forbidden"
    assert null["contact_related"]["unknown"] == ["contact_source"]
    assert "unknown" not in null["phone_call"]
    known = decided("pack:huabei/redesigned", case % '"declared"', "--on", "2015-12-01")["decisions"]
    assert known["contact_related"]["verdict"] == "allowed"
    assert "unknown" not in known["contact_related"]


def test_text_names_verdicts_rules_and_reasons(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    answer = run("decide", path, "--case", "-", given=DAY_61)
    assert answer.code == 0
    assert answer.out.startswith(
        "allowed by ask_related_person: only where the borrower repeatedly cannot be reached\n"
        "  contact_related   Asks a related person to pass word on; tells nothing of the debt\n"
        "forbidden by keep_purchases_private\n"
        "  disclose_item_details   Tells what was bought\n"
        "unsaid, so not permitted: "
    )


def test_a_word_is_cut_only_where_it_is_longer_than_a_line(tmp_path: Path) -> None:
    path = write(tmp_path, "wide.forbear", f'rule call "{"催收" * 60}": always then allow phone_call\n')
    lines = run("decide", path, "--given", "days_overdue 1").out.splitlines()
    assert lines[0] == "allowed by call:"
    assert [line.count("催") for line in lines[1:4]] == [24, 24, 12]


@pytest.mark.parametrize(("option", "value"), [("--at", "2026-03-02T22:00:00"), ("--on", "2026-03-03")])
def test_a_case_in_words_has_its_day_once(tmp_path: Path, option: str, value: str) -> None:
    path = write(tmp_path, "p.forbear", "rule call: local_time between 08:00 and 20:00 then allow phone_call\n")
    given = "days_overdue 14 on 2026-03-02 at 12:00"
    for command, *more in (("decide",), ("explain", "phone_call")):
        answer = run(command, path, *more, "--given", given, option, value)
        assert answer.code != 0
        assert f"the case names its day, and `{option}`" in answer.err
        assert not answer.out
    assert run("decide", path, "--given", given).code == 0


def test_values_are_never_rounded(tmp_path: Path) -> None:
    text = """\
fact late days clock
fact owed money CNY
fact rate number in steps of 0.000001
action sms
rule exact: owed = CNY 9999999999999.99 and rate = 0.100001 and late > 0 then allow sms
"""
    path = write(tmp_path, "p.forbear", text)
    written = ["9999999999999.99", '"9999999999999.99"', '"CNY 9999999999999.99"', "9999999999999.990"]
    lines = [f'{{"late": 1, "owed": {owed}, "rate": 0.100001}}' for owed in [*written, "9999999999999.98"]]
    answer = run("decide", path, "--lines", given="\n".join(lines))
    assert answer.code == 0
    *exact, other = [json.loads(line) for line in answer.out.splitlines()]
    assert len(exact) == len(written)
    for record in exact:
        assert record["decisions"]["sms"]["permitted"], record["case"]
        assert Decimal(str(record["case"]["owed"]).removeprefix("CNY ")) == Decimal("9999999999999.99")
        assert Decimal(str(record["case"]["rate"])) == Decimal("0.100001")
    assert not other["decisions"]["sms"]["permitted"]


def test_a_record_can_be_replayed() -> None:
    case = '{"days_overdue": "34", "unreachable": 3, "overdue_amount": 1000.10, "contact_source": null}'
    record = decided("pack:huabei/suspended", case, "--on", "2015-10-01")
    assert record["on"] == "2015-10-01"
    assert record["policy"]["version"] == "suspended"
    again = decided("pack:huabei/suspended", json.dumps(record["case"]), "--on", record["on"])
    assert again == record


def test_settings_alter_the_decision_and_the_digest() -> None:
    case = '{"days_overdue": 61, "unreachable": 4, "contact_source": "declared"}'
    four = decided("pack:huabei/redesigned", case, "--on", "2015-12-01", "--set", "repeated_calls=4")
    five = decided("pack:huabei/redesigned", case, "--on", "2015-12-01", "--set", "repeated_calls=5")
    assert four["decisions"]["contact_related"]["verdict"] == "allowed"
    assert five["decisions"]["contact_related"]["verdict"] == "unsaid"
    assert four["policy"]["digest"] != five["policy"]["digest"]


# Files and standard input


def test_policy_and_case_from_files_and_from_standard_input(tmp_path: Path) -> None:
    policy = write(tmp_path, "house.forbear", HOUSE)
    case = write(tmp_path, "case.json", b"\xef\xbb\xbf" + DAY_61.replace(", ", ",\r\n").encode())
    from_files = run("decide", policy, "--case", case, "--format", "json")
    from_case = run("decide", policy, "--case", "-", "--format", "json", given=DAY_61)
    from_policy = run("decide", "-", "--case", case, "--format", "json", given=HOUSE)
    assert from_files.code == from_case.code == from_policy.code == 0
    assert from_files.out == from_case.out == from_policy.out
    assert run("decide", "-", "--case", "-", given=HOUSE).code == 2
    assert run("decide", policy).code == 2


# Days


@pytest.fixture
def dated(tmp_path: Path) -> Path:
    return write(tmp_path, "dated.forbear", DATED)


def test_a_dated_policy_needs_a_day(dated: Path) -> None:
    for form in ("text", "json"):
        answer = run("decide", dated, "--case", "-", "--format", form, given='{"days_overdue": 5}')
        assert answer.code == 1
        assert answer.out == "" if form == "text" else "day" in answer.json["error"]
        assert "day" in answer.err
    assert run("explain", dated, "--case", "-", "sms", given='{"days_overdue": 5}').code == 1


def test_the_day_comes_from_the_command_line_or_from_the_case(dated: Path) -> None:
    for day, verdict in ("2015-05-31", "allowed"), ("2015-06-01", "forbidden"), ("2015-09-01", "allowed"):
        by_option = decided(dated, '{"days_overdue": 5}', "--on", day)
        assert by_option["on"] == day
        assert by_option["decisions"]["sms"]["verdict"] == verdict
        assert by_option["policy"]["version"] == "2"
    by_case = decided(dated, '{"days_overdue": 5, "on": "2015-06-01"}')
    assert by_case["on"] == "2015-06-01"
    assert by_case["case"] == {"days_overdue": 5}
    assert by_case["decisions"]["sms"]["verdict"] == "forbidden"
    both = decided(dated, '{"days_overdue": 5, "on": "2015-06-01"}', "--on", "2015-06-01")
    assert both == by_case


@pytest.mark.parametrize(
    ("case", "arguments", "named"),
    [
        ('{"days_overdue": 5, "on": "2015-06-02"}', ["--on", "2015-06-01"], "2015-06-02"),
        ('{"days_overdue": 5}', ["--on", "2014-12-31"], "2014-12-31"),
        ('{"days_overdue": 5}', ["--on", "today"], "in force"),
        ('{"days_overdue": 5, "on": "2016-01-01"}', [], "2016-01-01"),
        ('{"days_overdue": 5, "on": "2015-02-30"}', [], "2015-02-30"),
        ('{"days_overdue": 5, "on": "2015-6-1"}', [], "2015-6-1"),
        ('{"days_overdue": 5, "on": 20150601}', [], "on"),
        ('{"days_overdue": 5, "on": true}', [], "on"),
        ('{"days_overdue": 5, "on": {}}', [], "on"),
        ('{"days_overdue": 5, "on": "today"}', [], "today"),
    ],
)
def test_days_that_cannot_be(dated: Path, case: str, arguments: list[str], named: str) -> None:
    answer = run("decide", dated, "--case", "-", "--format", "json", *arguments, given=case)
    assert answer.code == 1
    assert named in answer.json["error"]
    assert named in answer.err


@pytest.mark.parametrize("day", ["2015-02-30", "tomorrow", "20150601", "2015-W01-1", ""])
def test_an_option_that_is_no_day_is_wrong_use(dated: Path, day: str) -> None:
    assert run("decide", dated, "--case", "-", "--on", day, given='{"days_overdue": 5}').code == 2


def test_today_is_a_day(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", "rule a: after 3 days then allow sms in force from 2015-01-01")
    before = datetime.date.today().isoformat()
    record = decided(path, '{"days_overdue": 5}', "--on", "today")
    assert before <= record["on"] <= datetime.date.today().isoformat()
    assert record["decisions"]["sms"]["verdict"] == "allowed"


def test_a_folder_is_a_book(tmp_path: Path) -> None:
    for name, period, action in ("a", "until 2015-06-30", "sms"), ("b", "from 2015-07-01", "letter"):
        text = f'policy house\n  version "{name}"\n  in force {period}\nrule first: always then allow {action}\n'
        write(tmp_path, f"{name}.forbear", text)
    for day, name, action in ("2015-06-30", "a", "sms"), ("2015-07-01", "b", "letter"):
        record = decided(tmp_path, "{}", "--on", day)
        assert record["policy"]["version"] == name
        assert record["decisions"][action]["permitted"]
    answer = run("decide", tmp_path, "--case", "-", given="{}")
    assert answer.code == 1
    assert "day" in answer.err


def test_a_file_of_a_book_with_rules_needs_a_head(tmp_path: Path) -> None:
    words = "fact days_overdue days clock\naction sms\n"
    write(tmp_path, "words.forbear", words)
    write(tmp_path, "house.forbear", 'policy house\nuses "words"\nrule first: always then allow sms\n')
    assert decided(tmp_path, '{"days_overdue": 1}')["policy"]["name"] == "house"
    write(tmp_path, "words.forbear", f"{words}rule second: always then forbid sms\n")
    for command in ("decide", "explain"):
        answer = run(command, tmp_path, *(["sms"] if command == "explain" else []), "--case", "-", given="{}")
        assert answer.code == 1
        assert "words.forbear` has rules and no head" in answer.err
        assert "words.forbear:3:1" in answer.err


def test_all_errors_of_a_case_are_told_together(tmp_path: Path) -> None:
    policy = write(
        tmp_path, "p.forbear", "policy p  fact late days clock  action sms  rule a: after 3 days then allow sms"
    )
    case = '{"zone": "Mars/X", "at": "2026-03-08T10:00", "late": "many", "foo": 1}'
    answer = run("decide", policy, "--case", "-", "--format", "json", given=case)
    assert answer.code == 1
    assert [fault["code"] for fault in answer.json["faults"]] == ["no-zone", "no-whole-number", "unknown-fact"]
    lines = write(tmp_path, "cases.jsonl", case + "\n")
    assert run("apply", policy, lines, "-o", tmp_path / "out.csv").code == 1
    (_, row) = (tmp_path / "out.csv.rejects").read_text("utf-8").splitlines()
    assert all(name in row for name in ("`zone`", "`late`", "`foo`"))


# Line by line


class Dialler:
    """A process that answers lines, asked as a dialler asks it: the next line goes out when the answer is in."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._answers = selectors.DefaultSelector()
        self._answers.register(self._pipe(process.stdout), selectors.EVENT_READ)

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        return pipe

    def ask(self, line: str | bytes) -> Any:
        content = line.encode() if isinstance(line, str) else line
        to_process = self._pipe(self._process.stdin)
        to_process.write(content + b"\n")
        to_process.flush()
        assert self._answers.select(timeout=30), f"no answer to {content[:80]!r}"
        answer = self._pipe(self._process.stdout).readline()
        assert answer, f"the process ended after {content[:80]!r}: {self._pipe(self._process.stderr).read()!r}"
        return json.loads(answer)

    def end(self) -> tuple[int, bytes, bytes]:
        out, err = self._process.communicate(timeout=30)
        return self._process.returncode, out, err


@contextmanager
def dialler(*arguments: str | Path) -> Iterator[Dialler]:
    process = subprocess.Popen(
        [*FORBEAR, "decide", *map(str, arguments), "--lines"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    try:
        yield Dialler(process)
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None and not pipe.closed:
                pipe.close()


def test_lines_are_answered_one_by_one(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    policy = forbear.load(path)
    with dialler(path) as asked:
        for days in (1, 9, 34, 60, 61):
            case: Mapping[str, object] = {"days_overdue": days, "unreachable": 3}
            answer = asked.ask(json.dumps(case))
            assert answer["policy"] == {"name": "house", "digest": policy.digest}
            assert answer["case"] == case
            assert answer["decisions"] == policy.decide(case).as_json()
        assert asked.end() == (0, b"", b"")


BAD_LINES: Mapping[str, str | bytes] = {
    "no JSON": '{"days_overdue": 61',
    "a list": "[1, 2]",
    "a number": "61",
    "null": "null",
    "a missing fact": '{"days_overdue": 61}',
    "an unknown fact": '{"days_overdue": 61, "unreachable": 3, "unreachabel": 3}',
    "a wrong type": '{"days_overdue": true, "unreachable": 3}',
    "a repeated key": '{"days_overdue": 61, "unreachable": 3, "unreachable": 4}',
    "NaN": '{"days_overdue": NaN, "unreachable": 3}',
    "minus infinity": '{"days_overdue": -Infinity, "unreachable": 3}',
    "1e400": '{"days_overdue": 1e400, "unreachable": 3}',
    "a tiny number": '{"days_overdue": 1e-99999999, "unreachable": 3}',
    "5,000 digits": '{"days_overdue": ' + "9" * 5000 + ', "unreachable": 3}',
    "deep brackets": "[" * 100_000,
    "deep objects": '{"a":' * 100_000,
    "not UTF-8": b'{"days_overdue": 61, "unreachable": 3, "state": "\xff"}',
    "a NUL": b'{"days_overdue": 61, "unreachable": 3}\0',
    "a day that does not exist": '{"days_overdue": 61, "unreachable": 3, "on": "2015-02-30"}',
    "two documents": f"{DAY_61} {DAY_61}",
    "nothing": "",
    "blanks": "   ",
}


def test_bad_lines_are_answered_and_the_process_stays_up(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    with dialler(path) as asked:
        for number, (what, line) in enumerate(BAD_LINES.items()):
            answer = asked.ask(line)
            assert isinstance(answer["error"], str), what
            assert answer["error"]
            assert "decisions" not in answer
            assert answer["line"] == 2 * number + 1, what
            good = asked.ask(DAY_61)
            assert good["decisions"]["contact_related"]["verdict"] == "allowed", what
        assert asked.end() == (1, b"", b"")


@pytest.mark.parametrize(("depth", "refused"), [(99, False), (100, True)])
def test_a_case_nests_a_hundred_deep_and_no_deeper(tmp_path: Path, depth: int, refused: bool) -> None:
    """The case itself is the hundredth. Within the bound its facts are looked at, and no list is a number."""
    path = write(tmp_path, "house.forbear", HOUSE)
    case = f'{{"days_overdue": {"[" * depth}{"]" * depth}, "unreachable": 3}}'
    for answer in (run("decide", path, "--case", "-", given=case), run("decide", path, "--lines", given=case)):
        said = answer.out + answer.err
        assert answer.code == 1
        assert ("the case nests deeper than 100 lists and objects" in said) == refused, said
        assert ("`days_overdue`" in said) != refused, said


HARD_LINES = {
    "an exponent beyond all bounds": '{"days_overdue": 1e99999999999999999999, "unreachable": 3}',
    "half a surrogate in a text": '{"days_overdue": 61, "unreachable": 3, "state": "\\ud800"}',
    "half a surrogate in a name": '{"days_overdue": 61, "unreachable": 3, "\\ud800": 3}',
}


@pytest.mark.parametrize("line", HARD_LINES.values(), ids=HARD_LINES.keys())
def test_no_line_ends_the_process(tmp_path: Path, line: str) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    with dialler(path) as asked:
        asked.ask(line)
        assert asked.ask(DAY_61)["decisions"]["contact_related"]["verdict"] == "allowed"
        code, _out, err = asked.end()
        assert code in (0, 1)
        assert err == b""


def test_an_error_line_names_every_fault(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    with dialler(path) as asked:
        answer = asked.ask('{"days_overdue": -1, "unreachabel": 3}')
        for fact in ("days_overdue", "unreachable", "unreachabel"):
            assert f"`{fact}`" in answer["error"]


def test_a_line_that_is_cut_short_is_told_to_be_so_on_its_own_line(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    with dialler(path) as asked:
        assert "line 1, column 19" in asked.ask('{"days_overdue":61')["error"]


def test_lines_with_days(dated: Path) -> None:
    with dialler(dated) as asked:
        assert "error" in asked.ask('{"days_overdue": 5}')
        answer = asked.ask('{"days_overdue": 5, "on": "2015-07-01"}')
        assert answer["on"] == "2015-07-01"
        assert answer["decisions"]["sms"]["verdict"] == "forbidden"
        assert "error" in asked.ask('{"days_overdue": 5, "on": "2016-07-01"}')
    with dialler(dated, "--on", "2015-05-01") as asked:
        assert asked.ask('{"days_overdue": 5}')["decisions"]["sms"]["verdict"] == "allowed"
        assert "error" in asked.ask('{"days_overdue": 5, "on": "2015-07-01"}')


def test_lines_of_a_file_and_a_last_line_without_an_end(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    cases = write(tmp_path, "cases.jsonl", f"{DAY_61}\r\n{DAY_61}\n{DAY_61}")
    answer = run("decide", path, "--lines", "--case", cases)
    assert answer.code == 0
    assert len(answer.out.splitlines()) == 3


def test_lines_of_a_file_that_is_not_there(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    assert run("decide", path, "--lines", "--case", tmp_path / "missing.jsonl").code == 2
    assert run("decide", path, "--lines", "--case", tmp_path).code == 2


def test_lines_of_a_broken_policy(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", "rule a: after 3 days then allow smss")
    answer = run("decide", path, "--lines", given=DAY_61)
    assert answer.code == 1
    assert answer.out == ""
    assert "smss" in answer.err


# What a caller requires


def test_a_required_action_that_is_not_permitted_is_the_exit_code(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    case = write(tmp_path, "case.json", DAY_61)
    decisions = forbear.load(path).decide(json.loads(DAY_61))
    permitted = [action for action, decided in decisions.items() if decided.permitted]
    others = [action for action, decided in decisions.items() if not decided.permitted]
    require = [part for action in permitted for part in ("--require", action)]
    assert run("decide", path, "--case", case, *require).code == 0
    assert run("decide", path, "--case", case, *require, "--require", others[0]).code == 1
    lines = f"{DAY_61}\n{DAY_61}\n"
    assert run("decide", path, "--lines", *require, given=lines).code == 0
    answer = run("decide", path, "--lines", "--require", others[0], given=lines)
    assert (answer.code, len(answer.out.splitlines())) == (1, 2)
    misspelt = run("decide", path, "--case", case, "--require", f"{permitted[0]}x")
    assert misspelt.code == 2
    assert f"did you mean `{permitted[0]}`" in misspelt.err


def test_a_table_that_would_be_too_wide_is_told_by_verdict() -> None:
    """Long titles and duties: no line is longer than 100 columns, and each action stands by what is decided on it."""
    issuer = str(Path(__file__).parents[2] / "rules" / "examples" / "us_card_issuer.forbear")
    answer = run("decide", issuer, "--given", 'days_overdue 50, balance USD 500, state "NY"')
    lines = answer.out.splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[:2] == [
        "allowed with opt_out_notice by remind: Messages from day 3",
        "  push_notification   A notice on the consumer's own device",
    ]
    assert "  phone_call   A person calls the consumer" in lines


def test_until_when_an_answer_is_valid(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "house.forbear",
        "policy house\nfact late days clock\naction sms\nrule a: after 60 days then allow sms",
    )
    case = {"late": 58, "at": "2026-03-07T10:00", "zone": "America/New_York"}
    answer = run("decide", path, "--case", "-", "--valid-until", given=json.dumps(case))
    assert answer.out.splitlines()[-1] == "valid until Tue 2026-03-10 00:00-04:00, if nothing else happens"
    answer = run("decide", path, "--case", "-", "--valid-until", given=json.dumps({**case, "late": 61}))
    assert answer.out.splitlines()[-1] == "valid for ten years or longer, if nothing else happens"
    lines = "\n".join(json.dumps(one) for one in (case, {**case, "late": 61}, {"late": 58}))
    told = [json.loads(line) for line in run("decide", path, "--lines", "--valid-until", given=lines).out.splitlines()]
    assert [one.get("valid_until", "none") for one in told] == ["2026-03-10T00:00:00-04:00", None, "none"]
    assert "follows from its moment" in told[2]["error"]
    assert list(told[0])[:3] == ["policy", "at", "valid_until"]
    assert "valid_until" not in run("decide", path, "--case", "-", "--format", "json", given=json.dumps(case)).json
    write(
        tmp_path,
        "house.forbear",
        path.read_text() + "\nfact consent_days days\nrule b: never sms when consent_days > 6",
    )
    held = run("decide", path, "--case", "-", "--valid-until", given=json.dumps({**case, "consent_days": 6}))
    assert held.out.splitlines()[-2:] == [
        "valid until Sun 2026-03-08 00:00-05:00, if nothing else happens",
        "held at the value that is given: consent_days",
    ]
    for wrong in (("--given", "late 3"), ("--case", "-", "--open", "late")):
        assert run("decide", path, "--valid-until", *wrong).code == 2


def test_a_book_decides_a_moment_by_the_version_of_its_day_where_the_borrower_lives(tmp_path: Path) -> None:
    body = "fact days_overdue days clock\nfact hour time of decision\naction sms\n"
    for number, dates, effect in (("1", "until 2026-03-31", "allow"), ("2", "from 2026-04-01", "forbid")):
        head = f'policy house\n  version "{number}"\n  in force {dates}\n'
        write(tmp_path, f"book/{number}.forbear", f"{head}{body}rule r{number}: {effect} sms when hour >= 00:00\n")
    for zone, version in (("America/New_York", "1"), ("Europe/Berlin", "2")):
        case = {"days_overdue": 9, "zone": zone, "at": "2026-04-01T01:00:00Z"}
        write(tmp_path, "case.json", json.dumps(case))
        asked = ("book", "--case", "case.json")
        decided = run("decide", *asked, "--format", "json", "--record", "made.jsonl", cwd=tmp_path).json
        assert (decided["policy"]["version"], decided["decisions"]["sms"]["rules"]) == (version, [f"r{version}"])
        explained = run("explain", *asked, "sms", "--format", "json", cwd=tmp_path).json
        assert explained["rules"][0]["name"] == f"r{version}"
        seen = run("when", "book", "sms", "--case", "case.json", "--format", "json", cwd=tmp_path).json
        assert seen["intervals"][0]["rules"] == [f"r{version}"]
    assert run("replay", "made.jsonl", "--policy", "book", cwd=tmp_path).out.startswith("2 decisions: 2 the same")


def test_what_is_permitted_only_along_is_told_apart_from_what_is_not_permitted(tmp_path: Path) -> None:
    text = "fact late days clock\naction sms, notice, visit\nrule sends: after 3 days then allow sms with notice\n"
    write(tmp_path, "along.forbear", text)
    said = run("decide", "along.forbear", "--given", "late 9", cwd=tmp_path).out
    assert "unsaid, so permitted only along: notice\nunsaid, so not permitted: visit\n" in said
    write(tmp_path, "case.json", "{}")
    opened = run("decide", "along.forbear", "--case", "case.json", "--open", "late", cwd=tmp_path).out
    assert "unsaid, so permitted only along: notice\nunsaid, so not permitted: visit\n" in opened
    said = run("decide", "along.forbear", "--given", "late 1", cwd=tmp_path).out
    assert "unsaid, so not permitted: sms, notice, visit\n" in said
