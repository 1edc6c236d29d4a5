"""Policies in Java decide and refuse as Python does: all vectors, every type, generated policies, hostile texts, large
ones, and a program that is written against the types."""

from __future__ import annotations

import datetime
import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import strategies
import test_compiled
import test_javascript
from hypothesis import given, settings
from jvm import Jvm, as_vector, running_jvm
from night import NIGHTLY
from strategies import examples, quoted

import forbear
from forbear.base import resources
from forbear.targets import NotWritten
from forbear.targets.java.module import java_class
from forbear.targets.vectors import vectors

NAMES = [name for name in resources.pack_names() if not name.startswith("vocabulary/")]
PACKS = NAMES if NIGHTLY else ["regulation/us-reg-f", "huabei/suspended"]
"""The first has events, zones and what goes along, the other dates."""


@pytest.fixture(scope="module")
def jvm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jvm]:
    with running_jvm(tmp_path_factory.mktemp("jvm")) as running:
        yield running


def compiled(jvm: Jvm, name: str, policy: forbear.Policy) -> None:
    assert jvm.compile({f"{name}.java": java_class(policy.typed, name)}) == ""


def agree(policy: forbear.Policy, asked: list[tuple[Any, Any, Any]], answers: list[Any], *, fewer: bool = False) -> int:
    """Holds answers against `decide`. One that refuses may tell fewer errors than Python of a history and its zones,
    and with `fewer` of anything. Returns how many refuse."""
    refused = 0
    for (case, on, at), answer in zip(asked, answers, strict=True):
        faults: set[tuple[str | None, str]] | None = None
        expected: Any = None
        try:
            expected = as_vector(policy.decide(case, on=on, at=at))
        except forbear.CaseError as error:
            faults = {(its.fact, its.code) for its in error.faults}
        if faults is None:
            assert answer == expected, (case, on, at)
        else:
            found = {(fact, code) for fact, code, _ in answer}
            first = fewer or at is not None or not case.keys().isdisjoint(("history", "zone"))
            assert found, (case, on, at)
            assert found <= faults if first else found == faults, (case, on, at, answer)
            refused += 1
    return refused


def crossed(chance: random.Random, asked: Sequence[tuple[Any, Any, Any]]) -> tuple[Any, Any, Any]:
    """A case with its day and moment in which a few entries are as in another case."""
    (case, on, at), (other, *_) = chance.choices(asked, k=2)
    names = chance.sample(sorted(other), min(len(other), chance.choice((1, 1, 2, 3))))
    return {**case, **{name: other[name] for name in names}}, on, at


def test_the_vectors_of_packs_are_met(jvm: Jvm) -> None:
    policies = {f"Pack{number}": forbear.load(f"pack:{name}") for number, name in enumerate(PACKS)}
    texts = {f"{own}.java": java_class(policy.typed, own) for own, policy in policies.items()}
    assert jvm.compile(texts) == ""
    for own, policy in policies.items():
        assert texts[f"{own}.java"] == java_class(policy.typed, own)
        tried = [its for its in json.loads(vectors(policy.typed))["vectors"] if isinstance(its["case"], dict)]
        asked = [(its["case"], its.get("on"), its.get("at")) for its in tried]
        answers = jvm.decide(own, asked)
        for vector, answer in zip(tried, answers, strict=True):
            if "decisions" in vector:
                assert answer == vector["decisions"], (policy.name, vector)
            else:
                found = {fact or "" for fact, *_ in answer}
                assert found <= set(vector["faults"]) if "at" in vector else found == set(vector["faults"]), vector
        if NIGHTLY:
            chance = random.Random(own)
            asked += [crossed(chance, asked) for _ in range(10_000 - len(asked))]
            refused = agree(policy, asked, jvm.decide(own, asked), fewer=True)
            assert 50 < refused < len(asked) - 1_000


def test_every_type_is_read_and_refused_as_python_does(jvm: Jvm) -> None:
    for name in ("every_type", "plain", "nothing"):
        policy = forbear.loads(test_compiled.POLICIES[name])
        compiled(jvm, f"Of_{name}", policy)
        asked = [
            (test_javascript.in_json(case), test_javascript.in_json(on), None)
            for case, on in test_compiled.good_cases(policy, 60) + test_compiled.bad_cases(policy, each=4)
            if isinstance(case, dict)
            and set(map(type, case)) <= {str}
            and isinstance(on, (str, datetime.date, None.__class__))
        ]
        asked = json.loads(json.dumps(asked))
        assert 0 < agree(policy, asked, jvm.decide(f"Of_{name}", asked)) < len(asked)


@settings(max_examples=examples(6))
@given(strategies.policies(relations=True), strategies.override_chains(), strategies.seeds())
def test_generated_policies_too(jvm: Jvm, one: strategies.Policy, other: strategies.Policy, seed: int) -> None:
    policies = [forbear.loads(strategies.text_of(model)) for model in (one, other)]
    texts = {f"Drawn{seed}_{at}.java": java_class(its.typed, f"Drawn{seed}_{at}") for at, its in enumerate(policies)}
    assert jvm.compile(texts) == ""
    for at, policy in enumerate(policies):
        asked = [(case, on, None) for case, on in test_javascript.questions(policy.typed, seed)]
        agree(policy, asked, jvm.decide(f"Drawn{seed}_{at}", asked))


def test_comparisons_of_facts_at_equality(jvm: Jvm) -> None:
    operators = ["<", "<=", "=", "!=", ">=", ">"]
    rules = "".join(
        f"rule r{at}: n {word} m then allow a{at}\nrule s{at}: due {word} paid + 3 days then allow b{at}\n"
        f"rule t{at}: n {word} 25% of m then allow c{at}\n"
        for at, word in enumerate(operators)
    )
    actions = ", ".join(f"{word}{at}" for word in "abc" for at in range(6))
    policy = forbear.loads(
        f"fact n money CNY\nfact m money CNY\nfact due date optional\nfact paid date or none\naction {actions}\n{rules}"
    )
    compiled(jvm, "Equal", policy)
    dates = [f"2026-03-{day:02}" for day in range(9, 16)]
    asked = [
        ({"n": n, "m": m, "due": due, "paid": paid}, None, None)
        for n, m in (("3", "3.01"), ("3", "3"), ("3.01", "3"), ("3", "12"), ("3", "11.99"), ("3", "12.01"))
        for due, paid in zip([*dates, None, dates[0]], [dates[3]] * 8 + ["none"], strict=True)
    ]
    assert agree(policy, asked, jvm.decide("Equal", asked)) == 0


def test_what_is_known_in_part_and_days_in_zones(jvm: Jvm) -> None:
    policy = forbear.loads(
        "event call\n  has length number between 0 and 99\nfact quiet days since last call\n"
        "fact silent days since last call\nfact calls count of call in last 2 days\n"
        "fact talked sum of call.length in last 2 days optional\nfact latest length of last call\n"
        "fact monthly count of call in last 1 month\nfact quarterly count of call this quarter\n"
        "fact lately count of call in last 90 minutes\naction a, b, c, d, e, f, g, h, i\n"
        "rule r: quiet >= 3 then allow a\nrule s: not (silent >= 3) then allow b\n"
        "rule t: calls >= 1 then allow c\nrule u: quiet is none or silent is none then allow d\n"
        "rule v: forbid d when talked between 3 and 5\nrule w: not (latest < 4) then allow e\n"
        "rule x: monthly >= 1 then allow f\nrule y: latest is none then allow g\n"
        "rule z: quarterly >= 1 then allow h\nrule l: lately < 1 then allow i\n"
    )
    compiled(jvm, "Part", policy)
    parts: list[Any] = [{"at_least": 3, "at_most": 5}, {"at_least": 2, "at_most": 5}, {"at_most": 2}, {"at_least": 3}]
    parts += [{**part, "or_none": True} for part in parts]
    given = {"quiet": 1, "silent": 1, "calls": 0, "talked": 4, "latest": 1, "monthly": 0, "quarterly": 0, "lately": 0}
    asked: list[tuple[Any, Any, Any]] = [
        ({**given, name: part}, None, None) for name in given for part in [*parts, {"or_none": True}]
    ]
    odd: list[Any] = ["No/Such", [], 5, "UTC"]
    asked += [({**given, "zone": zone}, on, None) for zone in odd for on in (None, "2026-03-09")]
    zones: list[Any] = ["America/New_York", "Asia/Kolkata", "Pacific/Auckland", ["Asia/Kolkata", "America/New_York"]]
    for hour in range(0, 72, 3):
        moment = f"2026-03-{6 + hour // 24:02}T{hour % 24:02}:30:00Z"
        case = {"history": [{"event": "call", "at": moment, "length": 4}], "history_from": "opening"}
        asked += [({**case, "zone": zone}, None, "2026-03-09T04:45:00Z") for zone in zones]
        asked += [({**case, "zone": zones[0], "history_from": "2026-03-08"}, None, "2026-03-09T04:45:00Z")]
    for now, *days in (("2026-02-28", 28, 29, 30, 31), ("2026-03-31", 28, 27, 26), ("2026-03-30", 27, 28)):
        month = f"2026-{int(now[5:7]) - 1:02}"
        for history in ([], *[[{"event": "call", "at": f"{month}-{day}T12:00:00Z", "length": 5}] for day in days]):
            for known in ("opening", "2026-01-15"):
                asked.append(({"history": history, "history_from": known, "zone": "UTC"}, None, f"{now}T12:00:00Z"))
    for moment in (
        "2026-03-31T23:59:59Z",
        "2026-04-01T00:00:00Z",
        "2026-04-01T10:30:00Z",
        "2026-04-01T10:30:00.000001Z",
    ):
        for now in ("2026-04-01T12:00:00Z", "2026-06-30T23:00:00Z", "2026-07-01T00:00:00Z"):
            for zone in zones:
                history = [{"event": "call", "at": moment, "length": 5}]
                asked.append(({"history": history, "history_from": "2026-03-31", "zone": zone}, None, now))
    assert 0 < agree(policy, asked, jvm.decide("Part", asked)) < len(asked) / 2


@pytest.mark.parametrize(("absent", "none"), [("or none", "none"), ("optional", None)])
def test_windows_begin_with_dates_and_events_and_go_by_a_calendar(jvm: Jvm, absent: str, none: object) -> None:
    policy = forbear.loads(
        'calendar c "a test" covers 2026-03-02 to 2026-03-20\n  weekend saturday, sunday\n  holidays 2026-03-09\n'
        "event call\n  has reached yes/no optional\n  has length number between -9 and 9\n"
        f"fact due date {absent}\nfact waited working days of c since due\n"
        "fact length sum of call.length since due optional\nfact worked count of call in last 3 working days of c\n"
        "fact dates days with call where reached in last 7 days and since due optional\n"
        "fact row days in a row with call ever optional\n"
        "fact early days in a row with call between 4 and 9 days ago optional\n"
        "fact joined sum of call.length in last 9 days and since due and since last call where reached optional\n"
        "fact old count of call at least 3 days ago and since last call where reached optional\n"
        "fact span sum of call.length between 2 and 8 days ago and since due optional\n"
        "action a, b, c, d, e, f, g, h, i\nrule y: old >= 1 then allow h\nrule z: span >= 2 then allow i\n"
        "rule v: dates >= 2 then allow e\nrule w: row >= 3 then allow f\n"
        "rule x: not (early < 2) then allow g\nrule r: length >= 3 then allow a\nrule s: worked >= 1 then allow b\n"
        "rule t: not (joined < 2) then allow c\nrule u: waited >= -2 then allow d\n"
    )
    name = f"Joined{absent[0]}"
    compiled(jvm, name, policy)
    days = [(3, 2, True), (5, 4, False), (6, 3, None), (7, 0, True), (10, 2, False), (10, -3, False)]
    history = [
        {"event": "call", "at": f"2026-03-{day:02}T12:00:00Z", "length": length, "reached": reached}
        for day, length, reached in days
    ]
    asked: list[tuple[Any, Any, Any]] = [
        ({"history": events, "history_from": known, "zone": "UTC", "due": due}, None, f"2026-03-{day:02}T13:00:00Z")
        for day in (1, 2, 4, 6, 10, 11, 13, 20, 21)
        for events in ([event for event in history if str(event["at"])[8:10] <= f"{day:02}"], [])
        for known in ("opening", "2026-03-05", "2026-03-09", "2026-03-11")
        for due in (none, "2026-02-27", "2026-03-01", "2026-03-06", "2026-03-10", "2026-03-20", "2026-03-23")
    ]
    assert 9 < agree(policy, asked, jvm.decide(name, asked)) < len(asked)


def test_a_case_that_names_its_day_goes_with_it(jvm: Jvm) -> None:
    policy = forbear.loads(
        'calendar c "a test" covers 2026-01-05 to 2026-12-31\n  weekend saturday, sunday\n'
        "fact today date of decision\nfact weekday weekday of decision\nfact working working day of c\n"
        "fact born date\nfact age years since born\naction a\nrule r: weekday is monday and age >= 18 then allow a\n"
    )
    compiled(jvm, "Named", policy)
    given = {"today": "2026-03-09", "weekday": "monday", "working": True, "born": "2008-03-09", "age": 18}
    others = {"today": "2026-03-10", "weekday": "sunday", "working": False, "born": "2008-03-10", "age": 17}
    cases = [{**given, name: value} for name, value in others.items()]
    cases += [{name: value for name, value in given.items() if name != left} for left in given]
    cases += [given, {**given, "today": "2025-03-09"}, {**given, "today": 5}, {**given, "born": "2027-01-01"}]
    asked = [(case, on, None) for case in cases for on in (None, "2026-03-09")]
    assert agree(policy, asked, jvm.decide("Named", asked)) > 10


def test_weekly_hours(jvm: Jvm) -> None:
    policy = forbear.loads(
        "fact own weekly hours or none\nfact free weekly hours optional\nfact own_now now within own\n"
        "fact free_now now within free\naction a, b\nallow a when not own_now\nallow b when free_now\n"
    )
    compiled(jvm, "Weekly", policy)
    texts = (
        "mon-fri 09:00-17:00, sat 00:00-24:00",
        "sun-mon 22:00-06:30",
        "",
        "mon 09:00-09:00",
        "tue 9:00-10:00",
        ",",
    )
    own: list[Any] = [*texts, ["mon 09:00-12:00", "", "mon 13:00-14:00"], [], [5], 5, None, "none"]
    cases: list[dict[str, Any]] = [{"own": its, "zone": "Europe/Berlin"} for its in own]
    cases += [{"own": texts[0], "free": free, "zone": ["Europe/Berlin", "Asia/Tokyo"]} for free in own]
    cases += [{"own": texts[0], "own_now": True, "zone": "UTC"}, {"own_now": True, "zone": "UTC"}, {"zone": "UTC"}]
    moments = ("2026-03-02T05:29:59Z", "2026-03-02T08:00:00Z", "2026-03-02T11:00:00Z", "2026-03-01T22:00:00Z")
    asked = [(case, None, at) for case in cases for at in moments] + [({"own_now": True}, None, None)]
    asked += [({"own": its, "own_now": False}, None, None) for its in own]
    assert 30 < agree(policy, asked, jvm.decide("Weekly", asked)) < len(asked)


@pytest.mark.parametrize(("absent", "none"), [("or none", "none"), ("optional", None)])
def test_without_a_day_a_date_and_its_age_are_none_together(jvm: Jvm, absent: str, none: object) -> None:
    name = f"Half{absent[0]}"
    policy = forbear.loads(f"fact born date {absent}\nfact age years since born\naction a\nallow a when age >= 18\n")
    compiled(jvm, name, policy)
    asked: list[Any] = [
        ({"born": born, "age": age}, None, None) for born in (none, "1990-01-01", "x") for age in (none, 30, -1)
    ]
    assert agree(policy, asked, jvm.decide(name, asked)) == 7


HOSTILE = (
    "*/ } static { System.exit(3); } /*",
    "\\u002a\\u002f } static { System.exit(3); }",
    '"; static { System.exit(3); } String x = "',
    "\\u0022; //\\u000a",
    "\\\\u0041 %n %p % \\n {@link x} <b> & @author",
    "\U0001f600 催收 \\",
)


def test_hostile_texts_stay_texts(jvm: Jvm) -> None:
    rules = "".join(
        f"rule r{at} {quoted(text)}: x is {quoted(text)} then allow a because {quoted(text)}\n"
        for at, text in enumerate(HOSTILE)
    )
    vocabulary = f"fact x text {quoted(HOSTILE[0])}\naction a {quoted(HOSTILE[0])}\n"
    policy = forbear.loads(f"policy p {quoted(HOSTILE[1])}\n  version {quoted(HOSTILE[2])}\n{vocabulary}{rules}")
    assert java_class(policy.typed, "Hostile").isascii()
    compiled(jvm, "Hostile", policy)
    asked = [({"x": given}, None, None) for text in HOSTILE for given in (text, f"{text}x")]
    answers = jvm.decide("Hostile", asked)
    assert agree(policy, asked, answers) == 0
    assert [answer["a"]["rules"] for answer in answers[::2]] == [[f"r{at}"] for at in range(len(HOSTILE))]


def test_names_that_java_has_already(jvm: Jvm) -> None:
    policy = forbear.loads(
        "fact string count optional\nfact class yes/no\nfact get_class count\nfact getclass count\nfact build count\n"
        "fact from_ count\nfact fro_m count\nfact events_ count\nfact zone count\nfact its count\nfact tostring count\n"
        "fact case one of data < case_ < builder\nfact integer one of case_, object\n"
        "fact reading one of null, true_, int\nfact conditions_0 one of this_, super\n"
        "action new, int, string, map, list, action_, static\n"
        "rule void: string > 3 and case >= case_ then allow new\nrule class: never int when class\n"
        "rule list: integer is object and reading is int and conditions_0 is super then require map\n"
        "rule null: zone > 3 and its > 3 and build > 3 and fro_m > from_ then allow static\n"
        "rule twice: not class != yes and not (not (case != case_)) then allow list\n"
    )
    compiled(jvm, "Names", policy)
    asked = [(case, on, None) for case, on in test_javascript.questions(policy.typed, 1)]
    agree(policy, asked, jvm.decide("Names", asked))


@pytest.mark.parametrize("number", [31, 60])
def test_many_sets_of_rules_hold(jvm: Jvm, number: int) -> None:
    """In a word of bits, and in two; and more sets than there are places for answers that are made once."""
    chance = random.Random(number)
    effects = ["allow a", "allow a with d", "forbid b", "require c", "require e with a", "allow b, c", "never d"]
    rules = ""
    for at in range(number):
        numbers = ", ".join(map(str, sorted(chance.sample(range(300), 60))))
        more = chance.choice(("", "", " and z > 1", " or not (z > 1)", " or z = 1"))
        rules += f"rule r{at}: {effects[at % len(effects)]} when x is one of {numbers}{more}\n"
    absent = "fact x count\nfact z count optional\nfact w count or none\naction a, b, c, d, e\n"
    policy = forbear.loads(f"{absent}{rules}rule s: forbid a when w = 3 overrides r1\n")
    compiled(jvm, f"Sets{number}", policy)
    asked = [({"x": x, "w": w, "z": z}, None, None) for x in range(300) for w in (2, 3, "none") for z in (0, 2, None)]
    for _ in range(2):
        assert agree(policy, asked, jvm.decide(f"Sets{number}", asked)) == 0


def test_a_thousand_rules_and_long_conditions(jvm: Jvm) -> None:
    """Beyond 64 KB for a method, and beyond it for a literal."""
    long = " or ".join(f"x = {3 * number}" for number in range(6_000))
    names = ", ".join(f"a_rather_long_name_of_a_value_{number}" for number in range(1_500))
    rules = "".join(
        f"rule r{number}: {'forbid' if number % 7 == 0 else 'allow'} b when x > {number} and late > {number % 90}"
        f"{' overrides all' if number % 7 == 0 else ''}\n"
        for number in range(1_000)
    )
    policy = forbear.loads(
        f"fact x count\nfact late days clock\nfact y one of {names}\naction a, b\n{rules}"
        f"rule long: allow a when {long}\n"
        f"rule listed: allow a when y is one of {names.removeprefix('a_rather_long_name_of_a_value_0, ')}\n"
    )
    compiled(jvm, "Large", policy)
    some = [
        {"x": x, "late": late, "y": f"a_rather_long_name_of_a_value_{y}"}
        for x in (0, 1, 3, 700, 17_997)
        for late in (0, 88, 90)
        for y in (0, 9)
    ]
    asked = [(case, None, None) for case in some]
    assert agree(policy, asked, jvm.decide("Large", asked)) == 0


@pytest.mark.parametrize(
    ("text", "name", "package", "said"),
    [
        ("fact x count\naction a\nx > 1 then allow a", "class", None, "'class' is not the name of a Java class"),
        (
            "fact x count\naction a\nx > 1 then allow a",
            "my-policy",
            None,
            "'my-policy' is not the name of a Java class",
        ),
        ("fact x count\naction a\nx > 1 then allow a", "Case", None, "a class cannot be called 'Case'"),
        (
            "fact x count\naction a\nx > 1 then allow a",
            "P",
            "com.example.new",
            "'new' is not the name of a Java package",
        ),
        (
            "fact x number between 0 and 999999 in steps of 0.00000000000001\naction a\nx > 1 then allow a",
            *("P", None, "`x` has more values than a `long` of Java tells apart"),
        ),
        (
            "fact x count\naction a\n"
            + "".join(f"rule r{number}: x = {number} then allow a\n" for number in range(4_001)),
            *("P", None, "an enum of Java has at most 4,000 constants, and there are 4,001 rules"),
        ),
    ],
)
def test_what_java_cannot_have_is_refused(text: str, name: str, package: str | None, said: str) -> None:
    with pytest.raises(NotWritten, match=said.replace(".", "[.]").replace("(", "[(]")):
        java_class(forbear.loads(text).typed, name, package)
