"""`forbear explain`, as text and as JSON. What it says is tested in `tests/deciding/test_explain.py`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import HOUSE, run, write

import forbear
from forbear.editors.editing.reading import read
from forbear.editors.editing.showing.lenses import explanation_text

DAY_34 = '{"days_overdue": 34, "unreachable": 5}'


def test_text_says_what_is_missing_and_what_would_change_it(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    answer = run("explain", path, "--case", "-", "contact_related", given=DAY_34)
    assert answer.code == 0
    assert answer.err == ""
    assert "contact_related is unsaid" in answer.out
    assert "needs days_overdue > 60, is 34: 27 more days" in answer.out
    assert "days_overdue 61 -> allowed" in answer.out
    assert "house.forbear:7" in answer.out or "house.forbear:8" in answer.out  # where the rule stands


def test_text_of_what_is_permitted(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    answer = run("explain", path, "--case", "-", "contact_related", given='{"days_overdue": 61, "unreachable": 3}')
    assert "contact_related is allowed by ask_related_person" in answer.out
    assert "only where the borrower repeatedly cannot be reached" in answer.out
    assert "Xinhua, 2015-09-22" in answer.out
    assert "needs" not in answer.out


def test_json_is_what_the_library_says(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    answer = run("explain", path, "--case", "-", "contact_related", "--format", "json", given=DAY_34)
    assert answer.code == 0
    record = answer.json
    policy = forbear.load(path)
    explained = policy.explain("contact_related", {"days_overdue": 34, "unreachable": 5}).as_json()
    assert record == {"policy": {"name": policy.name, "digest": policy.digest}, **explained}
    assert record["action"] == "contact_related"
    assert record["decision"]["verdict"] == "unsaid"
    assert record["changes"] == [{"fact": "days_overdue", "value": 61, "verdict": "allowed"}]
    [rule] = record["rules"]
    assert rule["name"] == "ask_related_person"
    assert [clause["holds"] for clause in rule["clauses"]] == [False, True]


def test_days_as_for_decide() -> None:
    for arguments, code in (
        ([], 1),
        (["--on", "2015-12-01"], 0),
        (["--on", "2015-11-30"], 1),
        (["--on", "yesterday"], 2),
    ):
        answer = run("explain", "pack:huabei/redesigned", "--case", "-", "sms", *arguments, given=DAY_34)
        assert answer.code == code, arguments
    case = '{"days_overdue": 34, "unreachable": 5, "on": "2015-12-01"}'
    assert run("explain", "pack:huabei/redesigned", "--case", "-", "contact_related", given=case).code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (["--case", "-", "contact_relatde"], 1, "contact_related"),
        (["--case", "-"], 2, "ACTION"),
        (["contact_related"], 2, "--case"),
        (["--case", "missing.json", "contact_related"], 2, "missing.json"),
    ],
)
def test_wrong_use(tmp_path: Path, arguments: list[str], code: int, named: str) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    answer = run("explain", path, *arguments, given=DAY_34, cwd=tmp_path)
    assert answer.code == code
    assert named in answer.err
    assert answer.out == ""


def test_a_case_in_error(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    answer = run("explain", path, "--case", "-", "sms", given='{"days_overdue": 34, "unreachabel": 5}')
    assert answer.code == 1
    assert "`unreachabel`" in answer.err


def test_the_code_of_a_diagnostic_alone_shows_its_page() -> None:
    answer = run("explain", "dead-rule")
    assert answer.code == 0
    assert answer.out.splitlines()[:3] == ["# dead-rule", "", "Severity: warning"]
    misspelt = run("explain", "deadrule")
    assert misspelt.code == 2
    assert "no diagnostic has the code 'deadrule'; did you mean `dead-rule`?" in misspelt.err
    assert "name the action" in run("explain", "XYZZY").err


# Cases in words, and those of examples

WORDS = """\
policy p
fact late days clock
fact plan yes/no usually no
fact paid money CNY
fact mood one of calm, angry optional
action sms, call
rule remind: after 3 days then allow sms
rule ring: after 9 days and paid < CNY 10.50 and mood is calm then allow call
rule hold: forbid sms, call when plan overrides all
example "day 10, calm": given late 10, paid CNY 5, mood calm expect call, sms allowed
"""


def test_a_case_in_words_gives_what_the_rules_on_the_action_read(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", WORDS)
    answer = run("explain", path, "sms", "--given", "late 4")
    assert answer.code == 0
    assert "sms is allowed by remind" in answer.out
    assert "assumed, since it is not given: plan no" in answer.out
    answer = run("explain", path, "call", "--given", "late 10, paid CNY 10.49")
    assert "unknown mood" in answer.out
    assert "assumed, since it is not given: plan no, mood unknown" in answer.out
    answer = run("explain", path, "call", "--given", "late 4")
    assert "assumed, since it is not given: plan no, paid CNY 0, mood unknown" in answer.out
    assert run("explain", path, "call", "--given", "late 4", "--format", "json").json["assumed"] == [
        "plan",
        "paid",
        "mood",
    ]


def test_decide_takes_a_case_in_words(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", WORDS)
    answer = run("decide", path, "--given", "late 10, paid CNY 5, mood calm", "--format", "json")
    assert answer.code == 0
    assert answer.json["case"] == {"late": 10, "plan": False, "paid": 5, "mood": "calm"}
    assert answer.json["assumed"] == ["plan"]
    assert answer.json["decisions"]["call"]["verdict"] == "allowed"
    answer = run("decide", path, "--given", "late 10", "--full")
    assert "\ncase: late 10, plan no, paid CNY 0\n" in answer.out
    assert "assumed, since it is not given: plan no, paid CNY 0, mood unknown" in answer.out


def test_the_short_case_of_a_finding_is_one_to_give(tmp_path: Path) -> None:
    """What it leaves out is taken as mild as the finding has it: it gives the same verdict."""
    text = """\
fact late days clock
fact owed money CNY
fact town text
fact opened date
action sms, call
rule a: after 3 days and owed >= CNY 100 then allow sms unless town is "other" or opened > 2020-01-01
rule b: forbid sms when late > 10
"""
    path = write(tmp_path, "p.forbear", text)
    finding = run("validate", path).out
    assert "case: late 11, owed CNY 100, opened 2020-01-01\n" in finding
    answer = run("explain", path, "sms", "--given", "late 11, owed CNY 100, opened 2020-01-01", "--full")
    assert 'assumed, since it is not given: town "other_"' in answer.out
    assert "allow by a: active" in answer.out
    assert "forbid by b: active" in answer.out


RULED = """\
policy ruled
fact late days clock
fact hold_1 yes/no usually no
fact hold_2 yes/no usually no
fact hold_3 yes/no usually no
fact hold_4 yes/no usually no
action sms "A text message"
rule remind "Messages from day 3": from day 3 then allow sms
table holds "What stops messages"
  | hold_1 | hold_2 | hold_3 | hold_4 | sms   |
  | yes    | any    | any    | any    | never |
  | any    | yes    | any    | any    | never |
  | any    | any    | yes    | any    | never |
  | any    | any    | any    | yes    | never |
example "day 3": given late 3 expect sms allowed
"""


def test_an_explanation_tells_what_matters_with_titles_and_descriptions(tmp_path: Path) -> None:
    path = write(tmp_path, "ruled.forbear", RULED)
    answer = run("explain", path, "--example", "day 3", cwd=tmp_path)
    assert answer.out == (
        "sms is allowed by remind\n"
        "  A text message\n"
        "  case    late 3\n\n"
        f'allow by remind "Messages from day 3": active  ({path}:8)\n'
        "  yes     late >= 3\n\n"
        "do not hold, and would permit nothing: holds.1, holds.2, holds.3, holds.4  (--full)\n\n"
        "what would change it:\n"
        "  late 2 -> unsaid\n"
        "  hold_1 yes -> forbidden\n"
        "  hold_2 yes -> forbidden\n"
        "  hold_3 yes -> forbidden\n"
        "  hold_4 yes -> forbidden\n"
    )
    full = run("explain", path, "--example", "day 3", "--full").out
    assert "  case    late 3, hold_1 no, hold_2 no, hold_3 no, hold_4 no\n" in full
    assert 'never by holds.2 "What stops messages, row 2": does not hold' in full
    held = run("explain", path, "sms", "--given", "late 3, hold_2 yes").out
    assert "  case    late 3, hold_2 yes\n" in held
    assert "do not hold, and would permit nothing" not in held  # three are told in full
    assert "assumed, since it is not given: hold_1 no, hold_3 no, hold_4 no" in held
    document = run("explain", path, "sms", "--example", "day 3", "--format", "json").json
    assert document["description"] == "A text message"
    assert [fact for fact in document["facts"] if fact["matters"]] == [
        {"fact": "late", "value": 3, "text": "3", "matters": True}
    ]


def test_a_decision_has_titles_and_descriptions(tmp_path: Path) -> None:
    path = write(tmp_path, "ruled.forbear", RULED)
    for given, verdict in (("late 3", "allowed  remind  Messages from day 3"), ("late 2, hold_2 yes", "forbidden")):
        [line] = [line for line in run("decide", path, "--given", given).out.splitlines() if line.startswith("sms")]
        assert verdict in line
        assert line.endswith("A text message")
    assert "What stops messages, row 2" in line


def test_the_zone_and_its_time_are_named(tmp_path: Path) -> None:
    text = """\
fact late days clock
fact hour time of decision
action sms
rule a: after 3 days then allow sms
rule night: never sms when hour >= 21:00
"""
    path = write(tmp_path, "p.forbear", text)
    case = '{"late": 4, "zone": ["America/Los_Angeles", "America/New_York"], "history": [], "history_from": "opening"}'
    answer = run("explain", path, "sms", "--case", "-", "--at", "2026-03-02T02:30:00+00:00", given=case)
    assert (
        "  at      2026-03-01 21:30 in America/New_York, the first time zone with this verdict; "
        "the case also has America/Los_Angeles\n"
    ) in answer.out
    assert "yes     hour >= 21:00" in answer.out
    one = run("explain", path, "sms", "--case", "-", "--at", "2026-03-02T02:30:00+00:00", "--format", "json",
              given=case.replace(', "America/New_York"', ""))  # fmt: skip
    assert (one.json["zone"], one.json["at"]) == ("America/Los_Angeles", "2026-03-01T18:30:00-08:00")
    assert one.json["on"] == "2026-03-01"


TOUCHED = """\
event touch has medium one of call, mail
fact late days clock
fact hour time of decision usually 12:00
fact calls count of touch in last 7 days usually 0
fact plan yes/no usually no
action sms
rule a: after 3 days and calls < 2 then allow sms unless plan
rule night: never sms when hour >= 21:00
example "in the evening": given late 4 on 2026-03-10 at 22:00 expect sms forbidden
"""


@pytest.mark.parametrize(
    ("given", "at", "told", "as_json"),
    [
        ("late 4 on 2026-03-10 at 22:00", None, "2026-03-10 22:00, the borrower's local time", "2026-03-10T22:00:00"),
        (
            "late 4",
            "2026-03-10T21:30:00-05:00",
            "2026-03-10 21:30 in UTC-05:00, taken for the borrower's local time",
            "2026-03-10T21:30:00-05:00",
        ),
    ],
)
def test_the_local_time_that_words_mean_is_told(
    tmp_path: Path, given: str, at: str | None, told: str, as_json: str
) -> None:
    path = write(tmp_path, "p.forbear", TOUCHED)
    case = ("--given", given, *(() if at is None else ("--at", at)))
    assert f"\n  at      {told}\n" in run("explain", path, "sms", *case).out
    assert f"\ndecided at {told}\n" in run("decide", path, *case).out
    assert f"\ndecided at {told}\n" in run("decide", path, *case, "--open", "plan").out
    explained = run("explain", path, "sms", *case, "--format", "json").json
    assert (explained["at"], explained["zone"]) == (as_json, None if at is None else "UTC-05:00")
    assert run("decide", path, *case, "--format", "json").json["at"] == as_json


@pytest.mark.parametrize(
    "given", ["late 4 on 2026-03-10", "late 4, hour 09:00, touch on 2026-03-08 medium call on 2026-03-10"]
)
def test_a_day_is_no_moment_where_its_time_is_given_or_assumed(tmp_path: Path, given: str) -> None:
    timeless = "".join(
        line for line in TOUCHED.splitlines(keepends=True) if {"hour", "example"}.isdisjoint(line.split())
    )
    weekly = "fact weekday weekday of decision\nrule sundays: never sms when weekday is sunday\n"
    path = write(tmp_path, "p.forbear", TOUCHED + weekly)
    explained = run("explain", path, "sms", "--given", given)
    assert "\n  on      2026-03-10\n" in explained.out
    assert "of 2026-03-10" not in explained.out
    assert run("explain", path, "sms", "--given", given, "--format", "json").json["at"] is None
    for more in ((), ("--open", "plan")):
        assert "decided at" not in run("decide", path, "--given", given, *more).out
    document = run("decide", path, "--given", given, "--format", "json").json
    assert (document["on"], "at" in document) == ("2026-03-10", False)
    timeless_path = write(tmp_path, "t.forbear", timeless + weekly)
    given = given.replace("hour 09:00, ", "")
    told = "the end of 2026-03-10, the borrower's local time\n"
    assert f"\n  at      {told}" in run("explain", timeless_path, "sms", "--given", given).out
    assert f"\ndecided at {told}" in run("decide", timeless_path, "--given", given).out
    assert run("decide", timeless_path, "--given", given, "--format", "json").json["at"] == "2026-03-10T23:59:59"


DATED = """\
policy house in force from 2026-01-01
fact late days clock
action sms
rule early: after 3 days then allow sms in force until 2026-05-31
rule later: after 5 days then allow sms in force from 2026-06-01
example "day 4": given late 4 expect sms allowed
example "day 6": given late 6 expect sms allowed
example "in May": given late 4 on 2026-05-31 expect sms allowed
"""


def test_an_example_without_a_day_is_explained_where_it_fails_or_on_any_day_that_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "dated.forbear", DATED)
    failing = run("explain", path, "--example", "day 4")
    assert failing.code == 0
    assert failing.out.startswith("sms is unsaid")
    assert "on      2026-06-01" in failing.out
    named = run("explain", path, "--example", "day 4", "--on", "2026-03-01")
    assert named.out.startswith("sms is allowed by early")
    assert run("explain", path, "--example", "day 6").out.startswith("sms is allowed by later")
    assert run("explain", path, "--example", "in May").out.startswith("sms is allowed by early")
    refused = run("explain", path, "--example", "in May", "--on", "2026-05-31")
    assert (refused.code, "the example has its own day: leave out --on" in refused.err) == (2, True)
    assert explanation_text(read(DATED, None), "day 4").startswith("sms is unsaid")


def test_the_local_time_of_an_example_is_told_and_that_of_no_moment_is_not(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", TOUCHED)
    told = "\n  at      2026-03-10 22:00, the borrower's local time\n"
    assert told in run("explain", path, "--example", "in the evening").out
    assert "decided at" not in run("decide", path, "--given", "late 4").out
    assert "\n  at  " not in run("explain", path, "sms", "--given", "late 4").out


def test_decide_tells_the_time_in_each_zone(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", TOUCHED)
    case = {"late": 4, "zone": ["America/Los_Angeles", "America/New_York"], "history": [], "history_from": "opening"}
    for more in ((), ("--open", "plan")):
        answer = run("decide", path, "--case", "-", "--at", "2026-03-02T02:30:00Z", *more, given=json.dumps(
            case if more else {**case, "plan": False}))  # fmt: skip
        assert " ".join(answer.out.split()).endswith(
            "decided at 2026-03-01 18:30 in America/Los_Angeles; 2026-03-01 21:30 in America/New_York; "
            "what is permitted is permitted in each"
        )


def test_what_is_assumed_is_told_in_lines_of_the_width_that_there_is(tmp_path: Path) -> None:
    names = [f"consent_of_the_consumer_number_{number}" for number in range(8)]
    facts = "".join(f"fact {name} yes/no usually no\n" for name in names)
    path = write(
        tmp_path, "p.forbear", f"{facts}action sms\nrule a: always then allow sms unless {' or '.join(names)}\n"
    )
    answer = run("explain", path, "sms", "--given", f"{names[0]} no", "--full")
    lines = answer.out.partition("assumed, ")[2].splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= 100
    assert [name for name in names[1:] if name not in " ".join(lines)] == []


def test_what_follows_from_no_event_is_assumed(tmp_path: Path) -> None:
    text = """\
event touch has medium one of call, mail
fact late days clock
fact hour time of decision usually 12:00
fact calls count of touch in last 7 days usually 0
action sms
rule a: after 3 days and calls < 2 and hour < 21:00 then allow sms
"""
    path = write(tmp_path, "p.forbear", text)
    assert "not given: hour 12:00, calls 0" in run("explain", path, "sms", "--given", "late 4").out
    assert "not given: calls 0" in run("explain", path, "sms", "--given", "late 4 on 2026-03-10 at 22:00").out
    touched = "late 4, touch on 2026-03-08 medium call on 2026-03-10 at 22:00"
    assert "not given" not in run("explain", path, "sms", "--given", touched).out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lat 4, paid CNY 5", "there is no fact `lat`; did you mean `late`?"),
        ("late 4, paid USD 5", "`paid` is in CNY"),
        ("late 4, late 5, paid CNY 5", "`late` is given twice"),
        ("late 4, paid CNY 5 expect sms allowed rule x: never sms", "this reads as a sentence"),
        ("late 4, paid CNY 5 rule x: never sms", ""),
        ("late", ""),
        (",", ""),
    ],
)
def test_a_mistake_in_words_is_an_error_of_the_case(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, "p.forbear", WORDS)
    for answer in (run("decide", path, "--given", text), run("explain", path, "call", "--given", text)):
        assert (answer.code, answer.out) == (1, "")
        assert message in answer.err
        assert "Traceback" not in answer.err


def test_events_and_a_moment_in_words(tmp_path: Path) -> None:
    text = """\
event touch has medium one of call, mail
fact late days clock
fact calls count of touch where medium is call in last 7 days
action sms
rule a: after 3 days and calls >= 2 then allow sms
"""
    path = write(tmp_path, "p.forbear", text)
    given = "late 4, 2 touch on 2026-03-08 medium call"
    for more, at in (("", "2026-03-10T12:00:00-05:00"), (" on 2026-03-10", None)):
        answer = run("explain", path, "sms", "--given", given + more, *([] if at is None else ["--at", at]))
        assert "sms is allowed by a" in answer.out, answer.err
    assert "unsaid" in run("explain", path, "sms", "--given", given, "--at", "2026-03-20T12:00:00-05:00").out
    assert run("explain", path, "sms", "--given", given, "--at", "soon").code == 1


def test_an_example_is_explained_by_its_title(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", WORDS)
    answer = run("explain", path, "--example", "day 10, calm")
    assert answer.code == 0
    assert "call is allowed by ring" in answer.out
    assert "sms is allowed by remind" in answer.out
    answer = run("explain", path, "sms", "--example", "day 10, calm", "--format", "json")
    assert answer.json["decision"]["verdict"] == "allowed"
    every = run("explain", path, "--example", "day 10, calm", "--format", "json").json
    assert (list(every), every["policy"]) == (["policy", "explanations"], answer.json["policy"])
    unknown = run("explain", path, "--example", "day 10, clam")
    assert unknown.code == 2
    assert "did you mean `day 10, calm`?" in unknown.err
    assert run("explain", path, "sms", "--example", "day 10, calm", "--given", "late 3").code == 2


WORKED = """\
calendar k "K" covers 2026-01-01 to 2026-12-31
  weekend saturday, sunday
fact late days clock
fact born date
fact working_day working day of k usually yes
fact age years since born
action visit
rule v: late >= 3 and working_day and age >= 18 then allow visit
example "on a Friday": given late 4, born 2000-01-01 on 2026-03-06 expect visit allowed
example "on a Saturday": given late 4, born 2000-01-01 on 2026-03-07 expect visit unsaid
"""


def test_what_follows_from_the_day_is_not_given_as_well(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", WORKED)
    assert run("test", path).code == 0
    for title, day, verdict in (("on a Friday", "2026-03-06", "allowed"), ("on a Saturday", "2026-03-07", "unsaid")):
        assert f"visit is {verdict}" in run("explain", path, "--example", title).out
        answer = run("decide", path, "--given", "late 4, born 2000-01-01", "--on", day, "--format", "json")
        assert answer.json["decisions"]["visit"]["verdict"] == verdict


def test_what_is_assumed_is_said_where_events_alone_are_given(tmp_path: Path) -> None:
    text = """\
event touch has medium one of call, mail
fact plan yes/no usually no
fact calls count of touch where medium is call in last 7 days
action sms
rule a: calls >= 2 then allow sms unless plan
"""
    path = write(tmp_path, "p.forbear", text)
    answer = run("explain", path, "sms", "--given", "2 touch on 2026-03-08 medium call on 2026-03-10")
    assert "sms is allowed by a" in answer.out
    assert "assumed, since it is not given: plan no" in answer.out


def test_a_case_is_told_without_what_is_usual(tmp_path: Path) -> None:
    path = tmp_path / "usual.forbear"
    path.write_text(
        "fact late days clock\nfact segment one of prime, sub usually prime\naction call\n"
        "rule ring: after 3 days and segment is prime then allow call\n",
        encoding="utf-8",
    )
    for given, case in (("late 4", "late 4"), ("late 4, segment sub", "late 4, segment sub")):
        assert f"\n  case    {case}\n" in run("explain", str(path), "call", "--given", given).out
    assert "\n  case    late 4, segment prime\n" in run("explain", str(path), "call", "--given", "late 4", "--full").out
