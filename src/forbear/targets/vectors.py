"""Writes test vectors of a policy: cases with the decisions of the oracle, for authors of other evaluators.

`vectors.schema.json` describes the document, and `docs/reference/evaluator.md` how to use it.
"""

from __future__ import annotations

import datetime
import random
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, TypeAlias

from attrs import evolve

from forbear.kernel.cases import ActionDecision, CaseError, GridValue, Verdict, in_digits
from forbear.kernel.history.counting import OPENING
from forbear.language.model.facts import Absent, Fact
from forbear.language.model.kinds import Storage
from forbear.language.model.policy import Rule, TypedPolicy
from forbear.language.model.values import value_json
from forbear.semantics.meaning import decide_action, truth
from forbear.semantics.to_text import digest
from forbear.space.boundaries import boundary_values, boundary_values_of
from forbear.space.predicates.specs import Specs, specs
from forbear.targets import NotWritten
from forbear.targets.deciding_cases import Steps, deciding_cases
from forbear.targets.json_form import document
from forbear.targets.policy_data import Data
from forbear.targets.sample_cases import Moment, cases_with_events, days_around, decided, on_day, whole_cases

FORMAT: Final = "forbear-vectors/1"
OF_RULES = 240
"""Vectors in which one comparison of a rule decides it, over all rules. A rule has at least two, if there are at most
half as many rules."""
TRIES = 60
"""Cases in which a rule holds that are tried until it decides in one."""
MILD = 0.7
"""The share of facts that have their usual value there, so that fewer other rules hold."""
AT_RANDOM = 60
DAYS = 30
"""Days at and around dates that are tried."""
HISTORIES = 60
OF_A_FACT = 6
"""Values of a fact that are tried alone."""
_STEPS = 20_000
_BACK = (0, 1, 5, 6, 7, 13, 14, 29, 30, 31, 60)
"""Days before a decision on which the known part of a history may begin."""
_ZONES: Sequence[object] = (
    "UTC",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    ["America/New_York", "America/Los_Angeles"],
)

Asked: TypeAlias = "tuple[str, object, str | None, str | None]"
"""A description of what is tested, and a case with the day and the moment of its decision."""


def vectors(policy: TypedPolicy) -> str:
    """The text of the document. The same policy gives the same text.

    Raises `NotWritten` where the policy derives facts, and the machine has no database of time zones.
    """
    if policy.derived and not zoneinfo.available_timezones():
        raise NotWritten("this machine knows no time zones: install `tzdata`")
    tables = specs(policy)
    by_question: dict[str, Data] = {}
    for about, case, on, at in _asked(policy, tables):
        question: Data = {"case": case}
        question |= {name: value for name, value in (("on", on), ("at", at)) if value is not None}
        by_question.setdefault(repr(question), {"about": about, **question, **_answer(policy, tables, case, on, at)})
    head = {"format": FORMAT, "policy": policy.name, "version": policy.version, "digest": digest(policy)}
    return document({**head, "vectors": list(by_question.values())})


def _answer(policy: TypedPolicy, tables: Specs, case: object, on: object, at: object) -> Data:
    try:
        by_action = decided(policy, tables, case, on, at)
    except CaseError as error:
        return {"faults": sorted({fault.fact or "" for fault in error.faults})}
    decisions = {action: _decision(decision) for action, decision in by_action.items()}
    return {
        "decisions": {
            action: decision for action, decision in decisions.items() if decision != {"verdict": Verdict.UNSAID.value}
        }
    }


def _decision(decision: ActionDecision) -> Data:
    return {name: part for name, part in decision.as_entry().items() if part}


def _asked(policy: TypedPolicy, tables: Specs) -> Iterator[Asked]:
    generator = random.Random(0)
    days = days_around(policy)
    days = sorted(generator.sample(days, min(len(days), DAYS)), key=lambda day: day or 0)
    boundaries = boundary_values(policy, tables.needed)
    usual = {name: _usual(policy.facts[name], values) for name, values in boundaries.items()}
    for about, case, day in _plain_cases(policy, boundaries, usual, days, generator):
        yield about, _written(policy, on_day(policy, case, day)), _text(day), None
    on_first = on_day(policy, usual, days[0])
    for about, case_given in _forms_and_faults(policy, on_first):
        yield about, case_given, _text(days[0]), None
    other = on_day(policy, usual, None if days[0] is None else days[0] + 1)
    if other != on_first:
        yield "another day than that of the decision", _written(policy, other), _text(days[0]), None
    yield "a case that is no object", [], _text(days[0]), None
    yield from _wrong_days(policy, usual, _written(policy, on_first))
    if policy.derived:
        yield from _with_moments(policy, tables, usual, generator)
    for about, case_given in _known_in_part(policy, tables, boundaries, on_first, days[0], generator):
        yield about, case_given, _text(days[0]), None


def _text(day: int | None) -> str | None:
    return None if day is None else datetime.date.fromordinal(day).isoformat()


def _plain_cases(
    policy: TypedPolicy,
    boundaries: Mapping[str, Sequence[GridValue]],
    usual: Mapping[str, GridValue],
    days: Sequence[int | None],
    generator: random.Random,
) -> Iterator[tuple[str, Mapping[str, GridValue], int | None]]:
    """Cases without errors, each with a day."""
    for day in days:
        yield "a usual case", usual, day
    for name, values in boundaries.items():
        for value in values[-OF_A_FACT:]:
            yield f"{name} alone", {**usual, name: value}, generator.choice(days)
    for rule in generator.sample(policy.rules, min(len(policy.rules), OF_RULES // 2)):
        most = max(2, OF_RULES // len(policy.rules))
        deciding = list(deciding_cases(rule.condition, policy.facts, Steps(_STEPS)))
        for case in generator.sample(deciding, min(most, len(deciding))):
            yield f"rule {rule.name}", {**usual, **case}, generator.choice(days)
        holding = [case for case in deciding if truth(rule.condition, policy.facts, {**usual, **case})]
        for case in islice(whole_cases(boundaries, generator), TRIES):
            mild = {name: usual[name] if generator.random() < MILD else value for name, value in case.items()}
            day = generator.choice(days)
            whole = on_day(policy, {**mild, **(generator.choice(holding) if holding else {})}, day)
            if _decides(policy, rule, whole, day):
                yield f"rule {rule.name} decides", whole, day
                break
    for case in islice(whole_cases(boundaries, generator), AT_RANDOM):
        yield "at random", case, generator.choice(days)


def _decides(policy: TypedPolicy, rule: Rule, case: Mapping[str, GridValue], day: int | None) -> bool:
    """Returns true if a rule gives the verdict on one of its actions."""
    return any(rule.name in decide_action(policy, action, case, day).rules for action in rule.effects)


def _usual(fact: Fact, values: Sequence[GridValue]) -> GridValue:
    if fact.usually is None:
        return None if fact.optional or fact.or_none else values[0]
    return None if isinstance(fact.usually, Absent) else fact.usually


def _written(policy: TypedPolicy, case: Mapping[str, GridValue]) -> dict[str, object]:
    """Returns a case in JSON. Fractions are texts, which no program rounds."""
    return {name: _json(value_json(policy.facts[name], value)) for name, value in case.items()}


def _json(value: object) -> object:
    return value if value is None or isinstance(value, (bool, int, str)) else in_digits(value)


def _forms_and_faults(policy: TypedPolicy, usual: Mapping[str, GridValue]) -> Iterator[tuple[str, dict[str, object]]]:
    """The usual case with values that are written otherwise, or that a fact cannot have."""
    written = _written(policy, usual)
    yield "nothing is given", {}
    yield "an unknown name", {**written, "no_such_fact": 1}
    for name in written:
        yield f"{name} is left out", {given_name: value for given_name, value in written.items() if given_name != name}
        yield f"{name} is null", {**written, name: None}
        yield f"{name} is none", {**written, name: "none"}
    tried: set[object] = set()
    for name in written:
        fact = policy.facts[name]
        kind = (fact.kind.word, fact.step, fact.currency, fact.low, fact.high)
        if kind not in tried:  # one fact of a kind represents all
            tried.add(kind)
            for about, value in _odd_values(fact):
                yield f"{name} {about}", {**written, name: value}


def _odd_values(fact: Fact) -> Iterator[tuple[str, object]]:
    values: list[object] = [True, "true", "", 0, -1, "1e3", " 1", [], {}]
    match fact.kind.storage:
        case Storage.DATE:
            values += ["2024-02-29", "2023-02-29", "2024-2-9", "2024-02-29T00:00", 20240229]
        case Storage.TIME:
            values += ["08:00", "08:00:00", "8:00", "24:00", "23:59:60", "08:00:00.5"]
        case Storage.NAME:
            values += [fact.names[0], fact.names[0].swapcase(), "no_such_value"]
        case Storage.NUMBER:
            yield from _odd_numbers(fact)
    for value in values:
        yield f"is {value!r}", value


def _odd_numbers(fact: Fact) -> Iterator[tuple[str, object]]:
    for about, value in (("at its lowest", fact.low), ("at its highest", fact.high)):
        text = in_digits(value_json(fact, value))
        yield f"is {about}", text
        yield f"is {about}, with zeros", f"{text}{'' if '.' in text else '.'}00"
    for about, beyond in (("too low", fact.low - 1), ("too high", fact.high + 1)):
        yield f"is {about}", in_digits(value_json(fact, beyond))
    half = evolve(fact, step=fact.step / 2)
    yield "is known in part", {"at_least": in_digits(value_json(fact, fact.low))}
    yield "is off its grid", in_digits(value_json(half, 2 * fact.low + 1))
    yield "has too many digits", "1" + "0" * 15
    if fact.kind.currency:
        text = in_digits(value_json(fact, fact.low))
        for currency in ("CNY", "USD"):
            yield f"is in {currency}", f"{currency} {text}"


def _known_in_part(
    policy: TypedPolicy,
    tables: Specs,
    boundaries: Mapping[str, Sequence[GridValue]],
    usual: Mapping[str, GridValue],
    day: int | None,
    generator: random.Random,
) -> Iterator[tuple[str, dict[str, object]]]:
    """Cases that say what is known of a number, some of them wrongly."""
    numbers = {
        name: [value for value in values if isinstance(value, int)]
        for name, values in boundaries.items()
        if tables.facts[name].cuts is not None
    }
    for name, numbers_of_fact in numbers.items():
        for _ in range(OF_A_FACT):
            both = sorted(generator.choices(numbers_of_fact, k=2))
            low, high = (_json(value_json(policy.facts[name], value)) for value in both)
            ways: Sequence[dict[str, object]] = (
                {"at_least": low},
                {"at_most": high},
                {"at_least": low, "at_most": high},
            )
            known = {**generator.choice(ways), **({"or_none": True} if generator.random() < 0.4 else {})}
            written = _written(policy, usual)
            if generator.random() < 0.5:
                drawn = {varied: generator.choice(values) for varied, values in boundaries.items()}
                written = _written(policy, on_day(policy, drawn, day))
            yield f"{name} is known in part", {**written, name: known}
    written = _written(policy, usual)
    of_a_kind = {tables.facts[name].absent: name for name in numbers}
    wrong: Sequence[dict[str, object]] = (
        {"at_least": 5, "at_most": 3},
        {"at_least": 5, "at_most": 5},
        {"at_least": "5", "at_most": "5.0"},
        {"at_least": 0, "or_none": False},
        {"at_least": 0, "or_none": None},
        {"at_least": 0, "or_none": 1},
        {"at_least": None},
        {"at_least": "none"},
        {"at_least": 2.5},
        {"at_most": True},
        {"at_most": -1},
        {"at_most": 10**15 - 1},
        {"at_least": 1, "most": 2},
        {"or_none": True},
    )
    for name in of_a_kind.values():
        for part in wrong:
            yield f"{name} is {part}", {**written, name: part}


def _wrong_days(policy: TypedPolicy, usual: Mapping[str, GridValue], written: dict[str, object]) -> Iterator[Asked]:
    if policy.dated:
        yield "without a day", written, None, None
    yield "a day that does not exist", written, "2023-02-29", None
    yield "a day out of its form", written, "2023-2-9", None
    for about, bound, step in (("before", policy.since, -1), ("after", policy.until, 1)):
        if bound is not None:
            yield f"a day {about} the policy is in force", written, _text(bound + step), None
    if not policy.dated:
        day = datetime.date(2026, 3, 9)
        on_that = _written(policy, on_day(policy, usual, day.toordinal()))
        yield "a day, which does not matter", on_that, day.isoformat(), None


def _with_moments(
    policy: TypedPolicy, tables: Specs, usual: Mapping[str, GridValue], generator: random.Random
) -> Iterator[Asked]:
    """Cases with moments and histories, and what may be wrong with them."""
    sound = []
    for number, (case, at) in enumerate(islice(cases_with_events(policy, tables, generator), HISTORIES)):
        zone = _ZONES[number % len(_ZONES)]
        question = _in_texts({**case, "zone": zone})
        if policy.events and number % 4 == 3:
            back = datetime.timedelta(days=generator.choice(_BACK))
            question["history_from"] = (at - back).date().isoformat()
        if policy.events and number % 3 == 2:
            question["history"] = _with_ids(question["history"])
        if not policy.events:
            del question["history_from"]
        if question.get("history_from", OPENING) == OPENING:
            sound.append(Moment(question, at))
        yield "a history" if policy.events else "a moment", question, None, at.isoformat()
    case, at = max(sound, key=lambda moment_case: len(str(moment_case.case.get("history"))))
    moment = at.isoformat()
    yield "a moment as local time, in several zones", {**case, "zone": [*_ZONES[1:3]]}, None, moment[:19]
    wrong_zones: Sequence[object] = ("No/Such_Zone", [], 1, None)
    for wrong in wrong_zones:
        yield f"the zone {wrong!r}", {**case, "zone": wrong}, None, moment
    for zone, local in (("America/New_York", "2026-11-01T01:30:00"), ("America/New_York", "2026-03-08T02:30:00")):
        yield "a moment that clocks show twice, or never", {**_quiet(case), "zone": zone}, None, local
    yield "another day than that of the moment", case, "1999-01-01", moment
    yield "a moment out of its form", case, None, moment[:10]
    for name, derived in policy.derived.items():
        value = _json(value_json(policy.facts[name], boundary_values_of(policy.facts[name], ())[0]))
        yield f"{name} is given too", {**case, name: value}, None, moment
        if derived.events is not None:
            break
    if policy.events:
        usual_facts = {name: value for name, value in _written(policy, usual).items() if name in case}
        for number, days in enumerate(_BACK):
            part, then = sound[number % len(sound)]
            part = {**part, **usual_facts, "history_from": (then - datetime.timedelta(days=days)).date().isoformat()}
            yield "a part of a history", _quiet(part), None, then.isoformat()
            yield "a part of a history", part, None, then.isoformat()
        yield from _wrong_histories(case, at)


def _quiet(case: Mapping[str, object]) -> dict[str, object]:
    """The case with no event."""
    return {**case, "history": []} if "history" in case else dict(case)


def _wrong_histories(case: Mapping[str, object], at: datetime.datetime) -> Iterator[Asked]:
    moment = at.isoformat()
    events = case["history"]
    assert isinstance(events, list)
    yield "a history without a moment", case, None, None
    yield "a history without its first day", {**case, "history_from": None}, None, moment
    yield "no list of events", {**case, "history": {}}, None, moment
    yield "a history without events", {**case, "history": []}, None, moment
    if not events:
        return
    first, *rest = events
    later = (at + datetime.timedelta(seconds=1)).isoformat()
    for about, wrong in (
        ("without a moment", {name: value for name, value in first.items() if name != "at"}),
        ("of no kind", {**first, "event": "no_such_event"}),
        ("after the decision", {**first, "at": later}),
        ("with another attribute", {**first, "no_such_attribute": 1}),
        ("without attributes", {name: first[name] for name in ("event", "at")}),
        ("with a flag for an id", {**first, "id": True}),
    ):
        yield f"an event {about}", {**case, "history": [wrong, *rest]}, None, moment
    same = [{**first, "id": 1}, {**first, "id": "1"}, {**first, "id": 1}]
    yield "an event twice under one id", {**case, "history": same}, None, moment
    before = (at - datetime.timedelta(days=400)).isoformat()
    yield "two events under one id", {**case, "history": [same[0], {**same[0], "at": before}]}, None, moment


def _with_ids(events: object) -> list[object]:
    """The events in another order, each with an id, and the first twice."""
    assert isinstance(events, list)
    numbered = [{**event, "id": number} for number, event in enumerate(events)]
    return [*numbered[::-1], *numbered[:1]]


def _in_texts(value: object) -> dict[str, object]:
    """Returns a case with its moments as texts."""

    def text(value: object) -> object:
        match value:
            case datetime.datetime():
                return value.isoformat()
            case dict():
                return {name: text(item) for name, item in value.items()}
            case list():
                return [text(item) for item in value]
            case _:
                return _json(value)

    texts = text(value)
    assert isinstance(texts, dict)
    return texts
