"""The JSON form of a policy is enough: a second evaluator, which shares nothing with Forbear, decides as the oracle.

It reads the document that `forbear compile` writes. Cases are the vectors that are written with it, and those of
policies that Hypothesis makes; `tests/kernel/history/test_generated.py` has histories.
"""

from __future__ import annotations

import ast
import copy
import datetime
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import strategies
from checking import typed
from hypothesis import given, settings
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from night import NIGHTLY
from second_evaluator import Evaluator
from second_values import Refused
from strategies import examples

import forbear
from forbear import targets as backends
from forbear.base import resources
from forbear.language.model.kinds import KINDS
from forbear.language.model.policy import TypedPolicy
from forbear.semantics import meaning
from forbear.targets.json_form import json_form
from forbear.targets.vectors import vectors

TESTS = Path(__file__).parent.parent
QUICK = ["regulation/au-rg-96", "huabei/suspended"]
SILENT = {
    "huabei/suspended": {"ask_related_person"},
    "regulation/us-reg-f": {"tell_how_to_opt_out"},
    "examples/cn_card_strategy": {"opt_out"},
}
"""Rules that decide in no case: what one allows is suspended; the others ask for what goes along with a message, which
nothing forbids."""
NAMES = [name for name in resources.pack_names() if not name.startswith("vocabulary/")] if NIGHTLY else QUICK


def validator(name: str) -> Draft202012Validator:
    found = json.loads((Path(backends.__path__[0]) / f"{name}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(found)
    return Draft202012Validator(found)


def data(policy: TypedPolicy) -> Any:
    return json.loads(json_form(policy))


def answer(evaluator: Evaluator, case: object, on: str | None = None, at: str | None = None) -> Any:
    """What a vector has of a case: the decisions, or the entries that are wrong."""
    try:
        decisions = evaluator.decide(case, on, at)
    except Refused as refused:
        return sorted(refused.names)
    short = {action: {word: its for word, its in one.items() if its} for action, one in decisions.items()}
    return {action: its for action, its in short.items() if its != {"verdict": "unsaid"}}


def failing(evaluator: Evaluator, document: Any) -> Iterator[str]:
    """What those vectors are about that the evaluator fails. It may name fewer errors than Forbear of a history."""
    for vector in document["vectors"]:
        expected = vector.get("decisions", vector.get("faults"))
        found = answer(evaluator, vector["case"], vector.get("on"), vector.get("at"))
        refused = isinstance(found, list) and isinstance(expected, list) and "at" in vector
        if found != expected and not (refused and set(found) <= set(expected)):
            yield vector["about"]


def test_the_second_evaluator_shares_nothing() -> None:
    for path in TESTS.glob("second_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any("forbear" in name for name in names), path


@pytest.mark.parametrize("name", NAMES)
def test_the_vectors_of_a_pack_are_met(name: str) -> None:
    policy = forbear.load(f"pack:{name}").typed
    document, tried = data(policy), json.loads(vectors(policy))
    validator("policy").validate(document)
    validator("vectors").validate(tried)
    told = {fact["name"]: fact["description"] for fact in document["facts"]}
    assert told == {name: fact.description for name, fact in policy.facts.items()}
    assert tried["digest"] == document["digest"] == forbear.load(f"pack:{name}").digest
    assert list(failing(Evaluator(document), tried)) == []
    decided = [vector for vector in tried["vectors"] if "decisions" in vector]
    assert len(decided) > 100
    assert len(tried["vectors"]) - len(decided) > 50
    assert any("at" in vector for vector in decided)
    ruling = {rule for vector in decided for its in vector["decisions"].values() for rule in its.get("rules", ())}
    silent = {rule["name"] for rule in document["rules"]} - ruling
    assert silent == SILENT.get(name, set()), "each rule decides in some vector"


def test_vectors_with_a_day_name_no_other_but_to_be_refused() -> None:
    policy = typed(
        "fact late days clock\nfact today date of decision\nfact name weekday of decision\nfact d date\naction a, b\n"
        "rule r: allow a when d < today and late > 3 in force from 2026-03-01\n"
        "rule s: allow b when name is one of saturday, sunday, monday\n"
    )
    tried = json.loads(vectors(policy))
    assert list(failing(Evaluator(data(policy)), tried)) == []
    on_days = [one for one in tried["vectors"] if "on" in one and "at" not in one and "today" in one["case"]]
    others = [one for one in on_days if one["case"]["today"] not in (None, one["on"])]
    weekdays = {one["case"]["name"] for one in on_days if one.get("decisions")}
    assert weekdays == {"saturday", "sunday", "monday"}  # a day before the first of the rule, until a day after it
    assert "another day than that of the decision" in [one["about"] for one in others]
    assert all("faults" in one for one in others)
    assert len([one for one in on_days if one.get("decisions")]) > 3


def test_vectors_without_a_day_name_one_that_goes_with_the_rest_of_the_case() -> None:
    """A day that calendars cover, so that most of the cases are decided."""
    policy = typed(
        'calendar c "a test" covers 2026-01-05 to 2026-12-31\n  weekend saturday, sunday\n'
        "fact today date of decision\nfact name weekday of decision\nfact working working day of c\nfact n count\n"
        "action a, b\nrule r: working and n > 3 and today > 2026-01-01 then allow a\n"
        "rule s: name is sunday then allow b\n"
    )
    tried = json.loads(vectors(policy))
    evaluator = Evaluator(data(policy))
    assert list(failing(evaluator, tried)) == []
    own = [one for one in tried["vectors"] if not one.keys() & {"on", "at"} and "today" in one["case"]]
    assert "decisions" in own[0], "the usual case"
    assert {rule for one in own for its in one.get("decisions", {}).values() for rule in its["rules"]} == {"r"}
    named = {"today": "2026-03-09", "name": "monday", "working": True, "n": 4}
    assert answer(evaluator, named) == {"a": {"verdict": "allowed", "rules": ["r"]}}
    assert answer(evaluator, {**named, "name": "sunday"}) == ["name"]
    assert answer(evaluator, {**named, "working": False}) == ["working"]


SUMS, ALONG = "rule sums: m + n > 3 then forbid a", "rule along: require b with a"
NUMBERED = {
    "count": 1,
    "count of e where debt is this debt this month": 1,
    "count of e in last 7 days": 1,
    "count of e since last e where num > 3": 1,
    "working days of c since last e": 1,
    "days since first e": 1,
    "years since d": 1,
    "count\nfact unread days with e in last 7 days": 1,
    f"count\n{ALONG}": 2,
    f"count\n{SUMS}": 3,
    f"count\n{SUMS}\n{ALONG}": 3,
    "count of e where num >= this n ever": 4,
    "count of e since d": 4,
    "count of e in last 9 minutes": 4,
    "count of e this quarter": 4,
    "count of e in last 3 working days of c": 4,
    "count of e in last 7 days and since last e": 4,
    "days with e in last 7 days": 4,
    "days in a row with e in last 7 days": 4,
    "working days of c since d": 4,
    "count\nfact h holiday of c\nrule g: h then forbid a": 4,
    "count\nfact wishes weekly hours\nfact h now within wishes\nrule g: h then forbid a": 4,
    f"days with e in last 7 days\n{SUMS}\n{ALONG}": 4,
}
"""What a fact is, or a rule compares, and the number of the format that an evaluator has to know."""


@pytest.mark.parametrize(("declared", "number"), NUMBERED.items())
def test_a_form_names_the_format_that_it_needs(declared: str, number: int) -> None:
    policy = typed(
        'calendar c "a test" covers 2026-01-05 to 2026-12-31\n  weekend saturday, sunday\n'
        "fact debt text\nfact m count\nfact n count\nfact d date\nevent e\n  has debt text\n  has num count\n"
        f"action a, b\nfact f {declared}\nrule r: f > 3 then forbid a\n"
    )
    assert data(policy)["format"] == f"forbear-policy/{number}"


TYPES = ["number", "number in steps of 0.1", "percent", "money EUR", "days", "count", "date", "time"]
SUMMED = ["number between 0 and 99", "number between 0 and 9 in steps of 0.1", "money EUR between EUR 0 and EUR 9"]


@pytest.mark.parametrize(
    ("type", "which"),
    [
        *[(type, f"num of {which} paid") for type in TYPES for which in ("last", "first")],
        *[(type, "sum of paid.num in last 7 days") for type in SUMMED],
    ],
)
def test_values_of_every_type_are_written_in_vectors(type: str, which: str) -> None:
    facts = f"event paid\n  has num {type}\nfact n {which}\nfact m {which}\n"
    policy = typed(f"action a\n{facts}rule r: allow a when n > m")
    tried = json.loads(vectors(policy))
    validator("vectors").validate(tried)
    assert list(failing(Evaluator(data(policy)), tried)) == []
    assert "n is given too" in {vector["about"] for vector in tried["vectors"]}


def test_the_schema_knows_every_kind() -> None:
    """Each by the name of how its values are read."""
    kinds = validator("policy").schema["$defs"]["fact"]["properties"]["kind"]["enum"]
    assert kinds == list(dict.fromkeys(kind.reader for kind in KINDS.values()))


@settings(max_examples=examples(20))
@given(strategies.policies(relations=True), strategies.seeds())
def test_generated_policies_are_decided_as_by_the_oracle(model: strategies.Policy, seed: int) -> None:
    policy = forbear.loads(strategies.text_of(model)).typed
    document = data(policy)
    validator("policy").validate(document)
    evaluator = Evaluator(document)
    generator = random.Random(seed)
    days = strategies.boundary_days_of(policy) or [None]
    for case in strategies.boundary_cases(policy, seed, 25):
        day = generator.choice(days)
        on = None if day is None else datetime.date.fromordinal(day).isoformat()
        raw = json.loads(json.dumps(dict(strategies.written(policy.facts, case, generator)), default=str))
        found = evaluator.decide(raw, on)
        for action, its in meaning.decide(policy, case, day).items():
            along = {one.action: list(one.rules) for one in its.along}
            expected = {
                "verdict": its.verdict.value,
                "rules": list(its.rules),
                "unknown": list(its.unknown),
                "along": along,
            }
            assert found[action] == expected, (raw, on)


# What the vectors notice

POLICY = """\
policy p
  in force from 2026-01-01
uses collections
fact score number between 0 and 1 in steps of 0.001 optional
rule a: after 9 days and overdue_amount >= CNY 1000 then allow sms, email
rule b: forbid sms, email when hardship is one of requested, plan_active
rule c: require email when score >= 0.5 overrides b
rule d: never sms when local_time between 21:00 and 08:00 in force from 2026-03-01 until 2026-06-30
rule e: limit phone_call to 7 by calls_in_7_days
rule f: from day 3 and promised_on is none then allow phone_call
"""


def changes(node: Any) -> Iterator[Any]:
    """Whatever of a document decides, changed by one slip each: an operator, a number by one, an effect, a negation."""
    # A `never` instead of a `forbid` may be the same where nothing overrides it.
    swapped = {">=": ">", "<": "<=", "=": "!=", "and": "or", True: False, False: True}
    swapped |= {"allow": "forbid", "require": "allow", "forbid": "allow", "never": "allow"}
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        others = [swapped[value]] if isinstance(value, (str, bool)) and value in swapped else []
        if isinstance(value, str) and value.isdigit():
            others = [str(int(value) + by) for by in (-1, 1)]
        for other in others:
            node[key] = other
            yield None
        node[key] = value
        yield from changes(value)


def test_the_vectors_notice_every_slip() -> None:
    policy = typed(POLICY)
    document, tried = data(policy), json.loads(vectors(policy))
    assert list(failing(Evaluator(document), tried)) == []
    spoilt = copy.deepcopy(document)
    number = 0
    for rule, own in zip(spoilt["rules"], document["rules"], strict=True):
        parts = {word: rule[word] for word in ("condition", "effects", "since", "until")}
        for _ in changes(parts):
            rule |= parts
            number += 1
            assert any(failing(Evaluator(spoilt), tried)), rule
        assert parts == {word: own[word] for word in parts}
        rule |= own
        if rule["overrides"]:
            rule["overrides"] = {}
            assert any(failing(Evaluator(spoilt), tried)), "overrides"
            rule |= own
    assert number > 25
