"""A private value is named and not shown, wherever something is said of a case."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from invoking import Answer
from invoking import forbear as command

import forbear
from forbear.semantics.composition.union import union
from forbear.targets.javascript.module import javascript_module
from forbear.targets.python.module import compile_module

MARK = "4711"
"""What is in each value that must not be shown."""
PLAIN = """\
policy house
  currency CNY
fact late days clock
fact phone text private
fact flag yes/no private
fact owed money private
fact share number between 0 and 1 private
fact born date private
fact called time or none private
fact kind one of this_one, that_one private
fact rank one of low < high private
fact times count optional private
action sms, visit
rule remind: after 3 days and phone != "x" and flag and owed > CNY 5 and share < 1 then allow sms
rule other:
  born < 2020-01-01 and called is not none and kind is this_one and rank is high and times > 3 then allow visit
"""
GOOD = {
    "late": 5,
    "phone": f"0{MARK}",
    "flag": True,
    "owed": f"{MARK}.50",
    "share": "0.5",
    "born": "2001-01-01",
    "called": "none",
    "kind": "this_one",
    "rank": "low",
    "times": 0,
}
WRONG: dict[str, list[object]] = {
    "phone": [4711, [MARK]],
    "flag": [MARK, 4711],
    "owed": [f"USD {MARK}", f"ABC {MARK}", f"CNY {MARK}.001", f"{MARK}x", -4711, float("nan")],
    "share": [4711, f"0.{MARK}", "4711e5", 10**20 * 4711],
    "born": [f"{MARK}-02-30", MARK, 4711],
    "called": [f"{MARK}:00", 4711],
    "kind": [MARK, 4711],
    "rank": [MARK, 4711],
    "times": [f"{MARK}.5", -4711, f"{MARK}x"],
}
EVENTS = """\
policy calls
fact late days clock
fact phone text
event call
  has id text private
  has phone text private
  has minutes count private
event other
  has what text
action sms
fact calls count of call where minutes > 3 and phone is this phone in last 7 days
rule many: calls > 2 then forbid sms
rule remind: after 3 days then allow sms
"""
CALL = {"event": "call", "at": "2026-02-28T09:00:00Z", "id": f"id{MARK}", "phone": f"0{MARK}", "minutes": 5}
MOMENT: dict[str, Any] = {"late": 5, "phone": "1", "zone": "UTC", "history_from": "opening"}
AT = "2026-03-01T09:00:00Z"
HISTORIES: list[Any] = [
    [{**CALL, "phone": 4711}],
    [{**CALL, "minutes": f"{MARK}.5"}],
    [{**CALL, "id": [MARK]}],
    [{**CALL, "id": 4711.5}],
    [CALL, {**CALL, "minutes": 6}],
    [f"0{MARK}"],
    [[MARK]],
    f'[{{"phone": "0{MARK}"',
    4711,
]
HOUSE, CALLS = forbear.loads(PLAIN), forbear.loads(EVENTS)
BAD = [{**GOOD, name: value} for name, values in WRONG.items() for value in values]


def all_said(error: BaseException) -> Iterator[str]:
    """What an error says, and those that came before it."""
    yield "".join(traceback.format_exception(error))
    seen: BaseException | None = error
    while seen is not None:
        yield repr(seen.args) + str(seen) + repr(vars(seen))
        seen = seen.__cause__ or seen.__context__


def refused(run: Any, *arguments: object, **more: object) -> str:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  each compiled module has an error of its own
        run(*arguments, **more)
    assert type(caught.value).__name__ == "CaseError"
    return "\n".join(all_said(caught.value))


def hides(text: str, name: str = "") -> bool:
    # a traceback shows the lines of this file, which have none of the values; digests and salts may hold any digits
    return MARK not in re.sub("[0-9a-f]{32,}", "", text) and name in text


def module_of(policy: forbear.Policy, folder: Path) -> Any:
    path = folder / "compiled.py"
    path.write_text(compile_module(policy.typed), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("compiled", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# Errors


def test_an_error_names_a_private_value(tmp_path: Path) -> None:
    compiled = module_of(HOUSE, tmp_path)
    for case in BAD:
        name = next(name for name in WRONG if case[name] is not GOOD[name])
        for ask in (HOUSE.decide, compiled.decide):
            said = refused(ask, {**case, "phone": "x"} if name != "phone" else case)
            assert hides(said, f"`{name}` "), said
            assert "(private)" in said or "digits" in said
        action = "visit" if f"{name} " in PLAIN[PLAIN.index("rule other") :] else "sms"
        assert hides(refused(HOUSE.permits, action, case), f"`{name}` ")
    public = forbear.loads(PLAIN.replace(" private", ""))
    for case in BAD:
        with pytest.raises(forbear.CaseError) as caught:
            public.decide(case)
        assert any(part in str(caught.value) for part in (MARK, "a list", "nan", "digits", "ABC", "USD")), case


def test_a_case_that_is_no_case_is_not_shown(tmp_path: Path) -> None:
    for policy in (HOUSE, CALLS):
        for ask in (policy.decide, module_of(policy, tmp_path).decide):
            said = refused(ask, f'{{"phone": "0{MARK}"}}')
            assert hides(said) or policy is CALLS


def test_an_error_names_what_is_private_in_an_event(tmp_path: Path) -> None:
    compiled = module_of(CALLS, tmp_path)
    for history in HISTORIES:
        for ask in (CALLS.decide, compiled.decide):
            said = refused(ask, {**MOMENT, "history": history}, at=AT)
            assert hides(said, "history"), said
    said = refused(CALLS.decide, {**MOMENT, "history": [CALL, {**CALL, "minutes": 6}]}, at=AT)
    assert "`history[1]` has the id (private) of another event, and says something else" in said
    public = forbear.loads(EVENTS.replace(" private", "").replace("  has id text\n", ""))
    assert MARK in refused(public.decide, {**MOMENT, "history": [CALL, {**CALL, "minutes": 6}]}, at=AT)


def test_javascript_names_a_private_value(tmp_path: Path) -> None:
    (tmp_path / "house.mjs").write_text(javascript_module(HOUSE.typed), encoding="utf-8")
    cases = [json.loads(json.dumps(case, default=str)) for case in BAD if case["owed"] == case["owed"]]
    script = f"""
    import {{ decide }} from "./house.mjs";
    const said = [...{json.dumps(cases)}, "{MARK}"].map((given) => {{
        try {{ return decide(given) && "decided"; }} catch (error) {{ return `${{error.stack}} ${{error.faults}}`; }}
    }});
    console.log(JSON.stringify(said));
    """
    (tmp_path / "ask.mjs").write_text(script, encoding="utf-8")
    done = subprocess.run(["node", "ask.mjs"], cwd=tmp_path, capture_output=True, text=True, check=True)
    reported = json.loads(done.stdout)
    assert all(hides(re.sub(r"\S+\.mjs:\S+", "", one), "CaseError") for one in reported), reported
    assert sum("(private)" in one for one in reported) >= len(reported) - 3


# Frames and commands


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "house.forbear").write_text(PLAIN, encoding="utf-8")
    lines = [json.dumps(case) for case in BAD if case["owed"] == case["owed"]]
    (tmp_path / "bad.jsonl").write_text("\n".join(lines), encoding="utf-8")
    frame = pl.DataFrame([{name: str(value).lower() for name, value in case.items()} for case in BAD])
    frame.write_csv(tmp_path / "bad.csv")
    (tmp_path / "good.json").write_text(json.dumps(GOOD), encoding="utf-8")
    return tmp_path


def said_of(answer: Answer, folder: Path, *files: str) -> str:
    return answer.out + "".join((folder / name).read_text(encoding="utf-8") for name in files)


def test_rows_and_lines_that_cannot_be_decided_are_reported_without_values(folder: Path) -> None:
    lines = command("decide", "house.forbear", "--lines", "--case", "bad.jsonl", cwd=folder)
    assert lines.code == 1
    assert lines.out.count('"error"') == len(BAD) - 1
    assert hides(lines.out, "(private)")
    for cases, out in (("bad.jsonl", "out.jsonl"), ("bad.csv", "out.csv")):
        answer = command("apply", "house.forbear", cases, "-o", out, cwd=folder)
        said = said_of(answer, folder, out, f"{out}.rejects")
        assert said.count("(private)") > 15
        assert hides(said)
    frame = pl.read_csv(folder / "bad.csv", infer_schema=False)
    answered = HOUSE.apply(frame.with_columns(flag=pl.lit(value=True)), faults=True)
    assert hides(str(answered["fault"].to_list()), "(private)")


def test_a_decision_and_its_explanation_do_not_show_the_case(folder: Path) -> None:
    for arguments in (
        ("decide", "house.forbear", "--case", "good.json", "--format", "json"),
        ("decide", "house.forbear", "--case", "good.json", "--lines"),
        ("explain", "house.forbear", "--case", "good.json", "visit"),
        ("explain", "house.forbear", "--case", "good.json", "sms", "--format", "json"),
    ):
        answer = command(*arguments, cwd=folder)
        assert answer.code == 0
        assert hides(answer.out, "phone" if "visit" not in arguments else "times"), answer.out


def test_an_example_that_fails_does_not_show_what_it_gives(folder: Path) -> None:
    failing = (
        f'\nexample "x":\n  given late 5, phone "0{MARK}", flag yes, owed CNY {MARK}, share 0.5, born 2001-01-01,\n'
        "    called none, kind this_one, rank low\n  expect sms forbidden\n"
    )
    (folder / "failing.forbear").write_text(PLAIN + failing, encoding="utf-8")
    for arguments in (
        ("validate", "failing.forbear"),
        *[("validate", "failing.forbear", "--format", kind) for kind in ("json", "sarif", "github")],
        ("test", "failing.forbear"),
        ("test", "failing.forbear", "--format", "json"),
        ("report", "failing.forbear", "-o", "page.html"),
    ):
        answer = command(*arguments, cwd=folder)
        assert hides(answer.out), answer.out
    assert hides((folder / "page.html").read_text(encoding="utf-8"), "failed-example")


def test_what_a_change_does_to_cases_is_reported_without_values(folder: Path) -> None:
    """Also what is private for one of the two policies alone."""
    good = [{**GOOD, "times": 4711 + number, "called": "08:00", "rank": "high"} for number in range(3)]
    cases = [*good, *BAD]
    lines = [json.dumps(case) for case in cases if case["owed"] == case["owed"]]
    (folder / "cases.jsonl").write_text("\n".join([*lines, f'{{"phone": "{MARK}']), encoding="utf-8")
    pl.DataFrame([{name: str(value).lower() for name, value in case.items()} for case in cases]).write_csv(
        folder / "cases.csv"
    )
    public = PLAIN.replace(" private", "").replace("times > 3 then allow visit", "times > 5000 then allow visit")
    (folder / "public.forbear").write_text(public, encoding="utf-8")
    for pair in (("house.forbear", "public.forbear"), ("public.forbear", "house.forbear")):
        for name in ("cases.jsonl", "cases.csv"):
            out = f"out-{name}"
            answer = command("diff", *pair, "--on-cases", name, "-o", out, cwd=folder)
            said = said_of(answer, folder, out)
            assert "visit" in said
            assert hides(said, "undecided under both"), said
            assert "late" in said


# What is joined


STANDARD = """\
standard bounds
fact late days clock
fact phone text private
fact kind count private
event call
  has id text private
  has phone text private
action sms
fact calls count of call in last 7 days
rule few: never sms when calls > 2
rule apart: never sms when phone is "x"
"""
UNDER = """\
policy under
  subject to "bounds.forbear"
fact late days clock
fact phone text
fact kind count
event call
  has phone text
action sms
fact calls count of call in last 7 days
rule remind: after 3 days then allow sms
"""


def test_what_is_private_in_a_standard_is_private_under_it(tmp_path: Path) -> None:
    (tmp_path / "bounds.forbear").write_text(STANDARD, encoding="utf-8")
    (tmp_path / "under.forbear").write_text(UNDER, encoding="utf-8")
    policy = forbear.load(tmp_path / "under.forbear")
    assert [name for name, fact in policy.typed.facts.items() if fact.private] == ["phone", "kind"]
    (event,) = policy.typed.events.values()
    assert (event.private_id, event.attributes["phone"].private) == (True, True)
    case = {**MOMENT, "phone": 4711, "kind": f"{MARK}x", "history": []}
    assert hides(refused(policy.decide, case, at=AT), "(private)")
    assert hides(refused(policy.decide, {**MOMENT, "history": [{**CALL, "phone": 4711}]}, at=AT), "(private)")
    good = {**MOMENT, "kind": 1, "history": [{key: CALL[key] for key in ("event", "at", "id", "phone")}]}
    with forbear.Record(tmp_path / "r.jsonl") as record:
        policy.decide(good, at=AT, record=record)
    assert hides((tmp_path / "r.jsonl").read_text(encoding="utf-8"), '"id": {"private": 1}')
    plain = forbear.loads(UNDER.replace('  subject to "bounds.forbear"\n', ""))
    assert MARK in refused(plain.decide, case, at=AT)
    for found in (union(plain.typed, policy.typed), union(policy.typed, plain.typed)):
        for side in (found.old, found.new):
            assert [name for name, fact in side.facts.items() if fact.private] == ["phone", "kind"]


# Ids


@pytest.mark.parametrize("key", [None, b"0123456789abcdef"])
def test_hidden_ids_tell_which_events_are_one(tmp_path: Path, key: bytes | None) -> None:
    text = EVENTS.replace("minutes > 3 and phone is this phone", "always").replace("where always ", "")
    (tmp_path / "calls.forbear").write_text(text, encoding="utf-8")
    policy = forbear.load(tmp_path / "calls.forbear")
    events = [
        {**CALL, "id": f"id{MARK}"},
        {**CALL, "id": f"id{MARK}"},
        {**CALL, "id": 4711},
        {**CALL, "id": f"b{MARK}"},
    ]
    one_more = {name: value for name, value in CALL.items() if name != "id"}
    with forbear.Record(tmp_path / "r.jsonl", key=key) as record:
        three = policy.decide({**MOMENT, "history": events}, at=AT, record=record)
        two = policy.decide({**MOMENT, "history": [*events[:2], one_more]}, at=AT, record=record)
    assert (three.permits("sms"), two.permits("sms")) == (False, True)
    assert hides((tmp_path / "r.jsonl").read_text(encoding="utf-8"), '"id": {"private": ')
    answer = command("replay", "r.jsonl", "--policy", "calls.forbear", cwd=tmp_path)
    assert (answer.code, answer.out.splitlines()[0]) == (0, "2 decisions: 2 the same"), answer.out


def test_a_private_id_changes_no_digest_and_is_no_attribute() -> None:
    assert CALLS.digest == forbear.loads(EVENTS.replace("  has id text private\n", "")).digest
    assert "has id text private" in forbear.format(EVENTS)
