"""`forbear plan` and `apply --when`: surges, books, charts. What they print is in `transcripts/plan.txt` too."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest
from command import run, write

import forbear

POLICY = """\
policy house
fact late days clock
fact asked yes/no
fact born date optional
fact age years since born
fact weekday weekday of decision
event talk
fact talks count of talk in last 7 days
action sms, call
rule sms: from day 3 to day 4 then allow sms
rule call: after {0} days and talks < 3 then allow call
rule grown: never call when asked
"""
SVG = "{http://www.w3.org/2000/svg}"
CASES = "late,asked,talks\n1,false,0\n1,false,2\n2,false,9\n3,true,0\nx,false,0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "house.forbear", POLICY.format(5))
    write(tmp_path, "old.forbear", POLICY.format(3))
    write(tmp_path, "cases.csv", CASES)
    return tmp_path


@pytest.mark.parametrize("sooner", [True, False])
def test_what_a_change_permits_at_once_counts_on_day_0(folder: Path, sooner: bool) -> None:
    """Calls two days earlier: what falls to day 0 is a surge, and no decline of what is due later."""
    write(folder, "cases.csv", "late,asked,talks\n" + "4,false,0\n" * 613 + "1,false,0\n" * 7 + "9,false,0\n" * 11)
    new, old = ("old.forbear", "house.forbear") if sooner else ("house.forbear", "old.forbear")
    arguments = ("plan", folder / new, folder / "cases.csv", "--days", "9", "--against", folder / old)
    for name in ("plan.csv", "plan.json", "plan.html"):
        answer = run(*arguments, "-o", folder / name)
        assert answer.code == 0
    first, *_, last = answer.out.splitlines()
    call = " ".join(last.split())
    if sooner:
        assert first.startswith("largest change: call on day 0, 613 accounts newly due and 0 no longer, against")
        assert call == "call 624 (+613) 631 631 613 on day 0, 620 in all 613 on day 2, 620 in all"
    else:
        assert first.startswith("largest change: call on day 2, 613 accounts newly due and 0 no longer, against")
        assert call == "call 11 (-613) 631 631 613 on day 2, 620 in all 613 on day 0, 620 in all"
    rows = pl.read_csv(folder / "plan.csv").filter(pl.col("action") == "call")
    newly, no_longer = rows["newly_due"].to_list(), rows["no_longer_due"].to_list()
    assert (newly[0], no_longer[0]) == ((613, 0) if sooner else (0, 613))
    assert sum(newly) == sum(no_longer) == 620, "nobody is called who was not, but sooner or later"
    document = json.loads((folder / "plan.json").read_text())
    of_day = {"action": "call", "day": 0 if sooner else 2, "newly_due": 613, "no_longer_due": 0}
    assert document["largest_change"] == of_day
    assert document["actions"]["call"]["difference"]["newly_due"] == newly
    page = (folder / "plan.html").read_text()
    assert f"day 0: {'624 permitted, 11 before (+613)' if sooner else '11 permitted, 624 before (-613)'}" in page
    assert f'<th scope="row">day 0</th><td></td><td>{"613 (+613)" if sooner else "0 (-613)"}</td>' in page


@pytest.mark.parametrize("moment", [(), ("--at", "2026-03-01T12:00:00+00:00")])
def test_accounts_that_take_the_place_of_others_do_not_cancel_out(folder: Path, moment: tuple[str, ...]) -> None:
    """As many newly permitted as newly refused, at once and later: both are shown."""
    head = "fact late days clock\nfact big yes/no\naction call\n"
    write(folder, "large.forbear", f"{head}rule a: after 3 days and big then allow call\n")
    write(folder, "small.forbear", f"{head}rule a: after 3 days and not big then allow call\n")
    lines = [f"{late},{big},UTC\n" for late, big in ((9, "true"), (9, "false"), (1, "true"), (1, "false"))]
    write(folder, "swapped.csv", "late,big,zone\n" + "".join(line * 100 for line in lines))
    arguments = ("plan", folder / "large.forbear", folder / "swapped.csv", "--against", folder / "small.forbear")
    out = run(*arguments, "--days", "9", *moment).out
    assert out.startswith("largest change: call on ")
    assert ", 100 accounts newly due and 100 no longer, against" in " ".join(out.split())
    assert "100 (+100, -100)" in out
    document = run(*arguments, "--days", "9", *moment, "--format", "json").json
    difference = document["actions"]["call"]["difference"]
    assert difference["newly_due"] == difference["no_longer_due"] == [100, 0, 0, 100] + [0] * 6


def test_of_the_old_policy_its_own_days_are_put_aside_unless_it_is_a_book(folder: Path) -> None:
    arguments = ("plan", folder / "house.forbear", folder / "cases.csv", "--days", "9", "--on", "2026-03-01")
    plain = run(*arguments, "--against", folder / "old.forbear", "--format", "json").json
    text = (folder / "old.forbear").read_text("utf-8").replace("policy house", "policy house in force until 2026-02-28")
    ended = write(folder, "ended.forbear", text)
    found = run(*arguments, "--against", ended, "--format", "json").json
    assert found["put_aside"] == "in force until 2026-02-28"
    assert "put_aside" not in plain
    assert found["actions"] == plain["actions"]
    told = " ".join(run(*arguments, "--against", ended).out.split())
    assert f"{ended}: its own `in force until 2026-02-28` is put aside" in told
    frame = pl.read_csv(folder / "cases.csv")
    old, new = forbear.load(ended), forbear.load(folder / "house.forbear")
    table = new.plan(frame, 9, on="2026-03-01", against=old)
    assert table["due_before"].sum() == sum(sum(action["before"]["due"]) for action in plain["actions"].values())
    write(folder, "ends/one.forbear", text.replace("until 2026-02-28", "until 2026-03-02"))
    of_book = run(*arguments, "--against", folder / "ends", "--format", "json").json
    assert "put_aside" not in of_book
    assert of_book["actions"]["call"]["before"]["permitted"][3:] == [0] * 7
    by_book = new.plan(frame, 9, on="2026-03-01", against=forbear.load_book(folder / "ends"))
    permitted = by_book.filter(pl.col("action") == "call")["permitted_before"]
    assert permitted.to_list() == of_book["actions"]["call"]["before"]["permitted"]


def test_until_the_first_day_of_the_new_policy_the_old_one_decides(folder: Path) -> None:
    text = (
        (folder / "house.forbear").read_text("utf-8").replace("policy house", "policy house in force from 2026-03-04")
    )
    new, old = write(folder, "new/house.forbear", text), folder / "old.forbear"
    text = old.read_text("utf-8").replace("policy house", "policy house in force until 2026-03-03")
    write(folder, "both/old.forbear", text)
    write(folder, "both/new.forbear", new.read_text("utf-8"))
    write(folder, "zoned.csv", "late,asked,talks,zone\n1,false,0,UTC\n3,true,0,UTC\n7,false,0,Asia/Tokyo\n")
    for cases, moment in (
        ("cases.csv", ("--on", "2026-03-01")),
        ("zoned.csv", ("--at", "2026-03-01T16:30:00+00:00", "--jobs", "2")),
    ):
        asked = (folder / cases, "--days", "9", *moment, "--against", old, "--format", "json")
        by_book = run("plan", folder / "both", *asked).json
        for path in (new, new.parent):
            answer = run("plan", path, *asked)
            assert answer.code == 0, answer.err
            assert answer.json["actions"] == by_book["actions"]
            assert answer.json["versions"] == [
                {"day": 0, "version": "one without a name until 2026-03-03"},
                {"day": 3, "version": "one without a name from 2026-03-04"},
            ]
    plain = ("plan", new, folder / "cases.csv", "--on", "2026-03-01")
    told = " ".join(run(*plain, "--days", "9", "--against", old).out.split())
    versions = "by one without a name until 2026-03-03, from 2026-03-04 on by one without a name from 2026-03-04"
    assert f"{new}: decided {versions}" in told
    for refused in (plain, (*plain, "--days", "2", "--against", old)):
        answer = run(*refused)
        assert (answer.code, "is in force from 2026-03-04, so not on 2026-03-01" in answer.err) == (1, True)


@pytest.mark.parametrize(("new", "old"), [("house.forbear", "old.forbear"), (".", "../old.forbear")])
def test_the_page_keeps_what_a_policy_is_called(
    folder: Path, monkeypatch: pytest.MonkeyPatch, new: str, old: str
) -> None:
    text = POLICY.format(3).replace("policy house", "policy house in force until 2026-02-28")
    write(folder, "old.forbear", text)
    write(folder, "now/house.forbear", POLICY.format(5))
    monkeypatch.chdir(folder / "now" if new == "." else folder)
    arguments = ("plan", new, folder / "cases.csv", "--days", "9", "--on", "2026-03-01", "--against", old)
    assert run(*arguments, "-o", folder / "plan.html").code == 0
    page = (folder / "plan.html").read_text("utf-8")
    assert f"<h1>The workload of {'house' if new == '.' else new} against {old}</h1>" in page
    assert f"<p>{old}: its own `in force until 2026-02-28` is put aside.</p>" in page
    assert "<p>Time moves late" in page


def test_cases_with_histories_are_counted_at_a_moment(folder: Path) -> None:
    write(folder, "p.forbear", POLICY.format(5) + "rule more: never sms when weekday is monday")
    events = json.dumps([{"event": "talk", "at": f"2026-03-0{day}T10:00:00Z"} for day in (1, 2, 3)])
    frame = pl.DataFrame({"late": [4, 1], "asked": [False] * 2, "zone": ["UTC"] * 2, "history": [events, "[]"]})
    frame.with_columns(history_from=pl.lit("opening")).write_csv(folder / "h.csv")
    arguments = ("plan", folder / "p.forbear", folder / "h.csv", "--at", "2026-03-04T12:00:00+00:00", "--days", "7")
    answer = run(*arguments, "--jobs", "1", "-o", folder / "plan.csv")
    assert answer.code == 0
    assert answer.out.splitlines()[1] == "time moves late, weekday, talks"
    lines = (folder / "plan.csv").read_text().splitlines()
    assert "4,2026-03-08,call,1,1,0" in lines  # the talk of 1 March leaves the window
    assert "5,2026-03-09,sms,0,0,0" in lines  # a Monday
    assert "leave out `on`" in run(*arguments, "--on", "2026-03-04").err


def book_in(folder: Path) -> Path:
    """Version 2 begins on 4 March and lacks `sms`; version 3, which calls after two days, leaves a day between them."""
    for version, days, text in (
        ("1", "until 2026-03-03", POLICY.format(5)),
        ("2", "from 2026-03-04 until 2026-03-06", POLICY.format(3).replace("sms", "letter")),
        ("3", "from 2026-03-08", POLICY.format(2)),
    ):
        head = f'policy house version "{version}" in force {days}'
        write(folder, f"book/{version}.forbear", text.replace("policy house", head))
    return folder / "book"


def test_apply_says_along_a_book_from_when_until_when(folder: Path) -> None:
    """By columns, row by row in processes, and of lines of JSON."""
    book, when = book_in(folder), ("--when", "call,letter,sms", "--days", "9", "--key", "late")
    write(folder, "cases.csv", "late,asked,talks,zone,born\n1,false,0,UTC,\n3,true,0,UTC,\n7,false,0,Asia/Tokyo,\n")
    asked = ("apply", book, folder / "cases.csv", "-o", folder / "out.csv", *when)
    assert run(*asked, "--on", "2026-03-01").code == 0
    assert (folder / "out.csv").read_text().splitlines() == [
        "late,sms,call,call_from,call_until,call_held,letter_from,letter_until,letter_held,sms_from,sms_until,sms_held",
        '1,unsaid,unsaid,2026-03-04,2026-03-05,talks,2026-03-04,2026-03-05,"",2026-03-03,2026-03-04,""',
        '3,allowed,forbidden,,,talks,,,"",2026-03-01,2026-03-03,""',
        '7,unsaid,allowed,2026-03-01,2026-03-02,talks,,,"",,,""',
    ]
    assert run(*asked, "--at", "2026-03-01T12:00:00+00:00", "--jobs", "2").code == 0
    lines = (folder / "out.csv").read_text().splitlines()
    midnight = "2026-03-0{}T00:00:00+00:00"
    ends = [midnight.format(day) for day in (4, 5, 4, 5, 3, 4)]
    assert lines[1] == '1,unsaid,unsaid,{},{},talks,{},{},"",{},{},""'.format(*ends)
    assert lines[3] == '7,unsaid,allowed,2026-03-01T12:00:00+00:00,2026-03-01T15:00:00+00:00,talks,,,"",,,""'
    case = {"late": 1, "asked": False, "talks": 0, "zone": "UTC", "at": "2026-03-01T12:00:00+00:00"}
    write(folder, "cases.jsonl", json.dumps(case) + "\n")
    lines_of = ("apply", book, folder / "cases.jsonl", "-o", folder / "lines.csv", *when, "--jobs", "1")
    assert run(*lines_of, "--on", "2026-03-01").code == 2
    assert run(*lines_of, "--at", "2026-03-01T12:00:00+00:00").code == 0
    assert (folder / "lines.csv").read_text().splitlines()[1] == lines[1]


def test_what_a_later_version_needs_is_refused_with_its_name(folder: Path) -> None:
    book = book_in(folder)
    write(book, "4.forbear", (book / "3.forbear").read_text() + "fact more yes/no\nrule more: never call when more\n")
    for number, days in ((3, "until 2026-03-09"), (4, "from 2026-03-10")):
        text = (book / f"{number}.forbear").read_text().replace('version "3"', f'version "{number}"')
        text = text.replace("from 2026-03-08", f"{'from 2026-03-08 ' if number == 3 else ''}{days}")
        write(book, f"{number}.forbear", text)
    arguments = ("plan", book, folder / "cases.csv", "--on", "2026-03-01", "--days")
    assert run(*arguments, "8").code == 0
    refused = run(*arguments, "9").err
    assert "`more` is missing: there is no column of that name" in refused
    assert "this is an error under version 4, in force from 2026-03-10 on" in refused
    at = ("plan", book, folder / "cases.csv", "--at", "2026-03-01T12:00:00+00:00", "--days", "9")
    assert "this is an error under version 4" in run(*at).err
    write(folder, "cases.csv", "late,asked,talks,m,zone\n1,false,0,true,UTC\n1,false,0,false,UTC\n")
    asked = ("apply", book, folder / "cases.csv", "-o", folder / "out.csv", "--when", "call", "--map", "m=more")
    starts = []
    for moment in (("--on", "2026-03-08"), ("--at", "2026-03-08T12:00:00+00:00")):
        assert run(*asked, *moment).code == 0
        starts.append([line.split(",")[-3][:10] for line in (folder / "out.csv").read_text().splitlines()[1:]])
    assert starts == [["", "2026-03-10"], ["", "2026-03-10"]]  # where the fourth version begins, which reads `more`


def test_the_chart_of_a_book_has_a_line_where_a_version_begins(folder: Path) -> None:
    arguments = ("plan", folder / "house.forbear", folder / "cases.csv", "--days", "8", "--on", "2026-03-01")
    assert run(*arguments, "--against", book_in(folder), "-o", folder / "plan.svg").code == 0
    drawn = ElementTree.fromstring((folder / "plan.svg").read_text())
    lines = [line for line in drawn.iter(f"{SVG}line") if (line.get("class") or "").startswith("version")]
    ticks = {text.text: float(text.get("x", 0)) for text in drawn.iter(f"{SVG}text") if text.get("class") == "tick"}
    day = ticks["2026-03-05"] - ticks["2026-03-04"]
    assert [round((float(line.get("x1", 0)) - ticks["2026-03-04"]) / day, 1) for line in lines] == [-0.5, 2.5, 3.5]
    assert {line.get("class") for line in lines} == {"version before"}
    labels = [text for text in drawn.iter(f"{SVG}text") if (text.text or "").startswith("before: ")]
    assert [label.text for label in labels] == ["before: version 2", "before: no version", "before: version 3"]
    assert len({(label.get("x"), label.get("y")) for label in labels}) == 3
    assert labels[1].get("y") != labels[2].get("y"), "the labels of two days after each other do not meet"


@pytest.mark.parametrize("days", [1, 9, 20, 90, 3650])
def test_the_labels_of_days_do_not_meet(folder: Path, days: int) -> None:
    arguments = ("plan", folder / "house.forbear", folder / "cases.csv", "--on", "2026-03-01", "--days", str(days))
    assert run(*arguments, "-o", folder / "plan.svg").code == 0
    drawn = ElementTree.fromstring((folder / "plan.svg").read_text())
    ticks = [float(text.get("x", 0)) for text in drawn.iter(f"{SVG}text") if text.get("class") == "tick"]
    assert ticks
    assert all(right - left >= 85 for left, right in itertools.pairwise(ticks)), "a date is 80 wide"


def test_what_is_never_permitted_is_named_whole_below_the_chart(folder: Path) -> None:
    idle = [f"never_done_action_{number}" for number in range(20)]
    write(folder, "house.forbear", POLICY.format(5).replace("action sms, call", f"action sms, call, {', '.join(idle)}"))
    assert run("plan", folder / "house.forbear", folder / "cases.csv", "-o", folder / "plan.svg").code == 0
    drawn = ElementTree.fromstring((folder / "plan.svg").read_text())
    texts = list(drawn.iter(f"{SVG}text"))
    assert max(len("".join(text.itertext())) for text in texts) < 160, "no line is wider than the chart"
    assert "Never done action 19" in " ".join("".join(drawn.itertext()).split())
    assert max(float(text.get("y", 0)) for text in texts[-3:]) < float(drawn.get("height", 0)), "nor below it"


def test_the_chart_has_a_row_for_each_action_and_runs_nothing(folder: Path) -> None:
    write(folder, "house.forbear", POLICY.format(5).replace("action sms, call", "action sms, call, visit"))
    arguments = ("plan", folder / "house.forbear", folder / "cases.csv", "--days", "9")
    for name in ("plan.svg", "plan.html"):
        assert run(*arguments, "--against", folder / "old.forbear", "-o", folder / name).code == 0
    drawn = ElementTree.fromstring((folder / "plan.svg").read_text())
    said = [title.text for title in drawn.iter(f"{SVG}title")]
    assert "day 2: 2 due, 2 before" in said
    assert "day 3: 0 due, 2 before (-2)" in said
    bars = [one for one in drawn.iter(f"{SVG}rect") if one.get("class") == "due"]
    assert max(float(one.get("height", 0)) for one in bars) == 40
    assert len(list(drawn.iter(f"{SVG}polyline"))) == 2
    text = "".join(drawn.itertext())
    assert "Never permitted on these days: Visit" in text
    page = (folder / "plan.html").read_text()
    assert '<p class="dim">Never permitted on these days: Visit</p>' in page
    assert "<script" not in page
    assert "<td>2 (0)" not in page
    assert "house.forbear against" in page  # the names of the policies are the same


def test_apply_says_from_when_until_when(folder: Path) -> None:
    arguments = ("apply", folder / "house.forbear", folder / "cases.csv", "--key", "late", "--max-rejects", "1")
    when = ("--when", "sms,call", "--days", "9")
    assert run(*arguments, "-o", folder / "out.csv", *when, "--on", "2026-03-01").code == 0
    assert (folder / "out.csv").read_text().splitlines() == [
        "late,sms,call,sms_from,sms_until,sms_held,call_from,call_until,call_held",
        '1,unsaid,unsaid,2026-03-03,2026-03-05,"",2026-03-06,2026-03-07,talks',
        '1,unsaid,unsaid,2026-03-03,2026-03-05,"",2026-03-06,2026-03-07,talks',
        '2,unsaid,unsaid,2026-03-02,2026-03-04,"",,,talks',
        '3,allowed,forbidden,2026-03-01,2026-03-03,"",,,talks',
        'x,undecided,undecided,,,"",,,""',
    ]
    assert run(*arguments, "-o", folder / "out.parquet", *when, "--on", "2026-03-01").code == 0
    assert pl.read_parquet(folder / "out.parquet")["sms_until"].dtype == pl.Date
    events = '[{"event": "talk", "at": "2026-03-01T10:00:00+00:00"}]'
    frame = pl.DataFrame({"late": [4], "asked": [False], "zone": ["Europe/Berlin"], "history": [events]})
    frame.with_columns(history_from=pl.lit("opening")).write_csv(folder / "h.csv")
    moment = ("--when", "call", "--at", "2026-03-04T12:30:00+00:00", "--jobs", "1", "--key", "zone")
    for name in ("out.csv", "out.jsonl"):
        assert run("apply", folder / "house.forbear", folder / "h.csv", "-o", folder / name, *moment).code == 0
    answer = (folder / "out.csv").read_text().splitlines()[1]
    assert answer == 'Europe/Berlin,allowed,unsaid,2026-03-05T23:00:00+00:00,,""'
    assert '"call_from":"2026-03-05T23:00:00' in (folder / "out.jsonl").read_text()


def test_apply_says_so_of_lines_of_json(folder: Path) -> None:
    """With the moment of the command line or their own, and as it says of the same cases by columns."""
    case = {"asked": False, "zone": "Europe/Berlin", "history_from": "opening"}
    given = ((4, "04T10"), (4, "01T09"), (1, "03T06"), (9, "04T11"), (4, "04T9"))  # the last one is no moment
    cases: list[dict[str, object]] = [
        {"late": late, **case, "history": [{"event": "talk", "at": f"2026-03-{hour}:00:00+00:00"}]}
        for late, hour in given
    ]
    at = "2026-03-04T12:30:00+00:00"
    write(folder, "h.jsonl", "".join(json.dumps(case) + "\n" for case in cases))
    write(folder, "own.jsonl", "".join(json.dumps({**case, "at": at}) + "\n" for case in [*cases, *cases]))
    frame = pl.DataFrame([{**case, "history": json.dumps(case["history"])} for case in cases])
    frame.write_parquet(folder / "h.parquet")
    asked = ("--when", "call,sms", "--days", "5", "--key", "late", "--why", "--max-rejects", "9")
    for name, more in (("h.parquet", ("--at", at)), ("h.jsonl", ("--at", at)), ("own.jsonl", ("--jobs", "1"))):
        assert (
            run("apply", folder / "house.forbear", folder / name, "-o", folder / f"{name}.csv", *asked, *more).code == 0
        )
    by_columns, lines, own = (
        (folder / f"{name}.csv").read_text().splitlines() for name in ("h.parquet", "h.jsonl", "own.jsonl")
    )
    assert lines == by_columns
    assert own == [*by_columns, *by_columns[1:]]
    at_midnight = [f"2026-03-0{day}T23:00:00+00:00" for day in (4, 5)]
    assert lines[1] == f'4,allowed,sms,unsaid,"",{at_midnight[1]},,"",{at},{at_midnight[0]},""'
    assert lines[5] == '4,undecided,"",undecided,"",,,"",,,""'
    write(folder, "h.jsonl", '{"late": 4, "asked": false, "talks": 1}\n')
    assert run("apply", folder / "house.forbear", folder / "h.jsonl", "-o", folder / "out.csv", *asked).code == 0
    assert "`at` is missing" in (folder / "out.csv.rejects").read_text()


SCORED = """\
policy scored
fact late days clock
fact score count optional
fact income count optional
fact unread count optional
fact born date optional
fact age years since born
fact paid amount of last payment
fact due due of last promise
fact pledges count of promise since last payment
fact calls count of call in last 7 days
event payment has amount money
event promise has due date
event call
action sms, letter
rule sms: after 3 days then allow sms
rule letter: after 3 days and score > 500 then allow letter
rule older: after 3 days and income > 500 and age > 30 then allow letter
"""
EVENTS = (
    "rule asked: after 3 days and calls < 3 and pledges < 2 and paid < CNY 9 and due < 2026-03-09 then allow letter\n"
)


@pytest.mark.parametrize("at", [(), ("--at", "2026-03-10T10:00:00+01:00")], ids=["by columns", "by rows"])
def test_an_optional_fact_that_rules_read_and_that_has_no_column_is_named(tmp_path: Path, at: tuple[str, ...]) -> None:
    write(tmp_path, "scored.forbear", SCORED)
    write(tmp_path, "cases.csv", "late,scor,borm,zone\n3,600,1990-01-01,Europe/Berlin\n")
    date = "born (did you mean `borm`?)" if at else None
    named = ["score (did you mean `scor`?)", *([date, "income"] if date else ["income", "age"])]
    plan = ("plan", "scored.forbear", "cases.csv", *at)
    near = {"score": "scor", "income": None, **({"born": "borm"} if at else {"age": None})}
    assert run(*plan, "--format", "json", cwd=tmp_path).json["no_column"] == near
    apply = ("apply", "scored.forbear", "cases.csv", "-o", "out.csv", *at)
    assert f"\nno column for: {', '.join(named)}\n" in run(*apply, cwd=tmp_path).out
    assert run(*apply, "--format", "json", cwd=tmp_path).json["no_column"] == near
    run(*plan, "-o", "plan.html", cwd=tmp_path)
    assert "No column for: score" in (tmp_path / "plan.html").read_text()
    write(tmp_path, "cases.csv", "late,points,income,age,born\n3,600,1,40,\n")
    given = run("plan", "scored.forbear", "cases.csv", "--map", "points=score", "--format", "json", cwd=tmp_path).json
    assert "no_column" not in given


def test_what_only_another_event_changes_is_not_moved_by_time(tmp_path: Path) -> None:
    write(tmp_path, "scored.forbear", SCORED + EVENTS)
    history = '"[{""event"": ""payment"", ""at"": ""2026-03-01T10:00"", ""amount"": ""5""}]"'
    write(tmp_path, "events.csv", f"late,zone,history_from,history\n3,Europe/Berlin,opening,{history}\n")
    plan = ("plan", "scored.forbear", "events.csv", "--at", "2026-03-10T10:00", "--format", "json")
    assert run(*plan, cwd=tmp_path).json["moving"] == ["late", "age", "calls"]
    write(tmp_path, "given.csv", "late,paid,due,pledges,calls\n3,5,none,1,0\n")
    given = run("plan", "scored.forbear", "given.csv", "--format", "json", cwd=tmp_path).json
    assert (given["moving"], given["held"]) == (["late"], ["calls"])
    write(tmp_path, "given.json", '{"late": 3, "paid": 5, "due": "none", "pledges": 1, "calls": 0, "zone": "UTC"}')
    when = ("when", "scored.forbear", "letter", "--case", "given.json", "--at", "2026-03-10T10:00", "--format", "json")
    assert run(*when, cwd=tmp_path).json["held"] == ["calls"]
