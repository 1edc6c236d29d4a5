"""Policies in JavaScript decide and refuse as Python does, under Node: every type, the packs, generated policies."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import small
import strategies
import test_compiled
from attrs import evolve
from hypothesis import assume, example, given, settings
from night import NIGHTLY
from node import Node, running_node
from strategies import examples, quoted

import forbear
from forbear.kernel.cases import GridValue
from forbear.language.model.policy import TypedPolicy, facts_read
from forbear.language.model.values import value_json
from forbear.library.loading import check_text
from forbear.space.boundaries import boundary_values_of
from forbear.targets.deciding_cases import Steps, deciding_cases
from forbear.targets.javascript.module import javascript_module
from forbear.targets.policy_data import policy_data


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with running_node(tmp_path_factory.mktemp("node")) as running:
        yield running


def in_json(value: object) -> object:
    """A value as a case in JSON has it; a sum is a text of digits, so that no float comes near it."""
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, list):
        return [in_json(one) for one in value]
    if isinstance(value, dict):
        return {str(key): in_json(one) for key, one in value.items()}
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def questions(policy: TypedPolicy, seed: int) -> list[tuple[Mapping[str, object], str | None]]:
    """Cases at and around every threshold, and such in which a single comparison decides, on boundary days."""
    cases: list[Mapping[str, GridValue]] = [*strategies.boundary_cases(policy, seed, 25)]
    plain = {name: boundary_values_of(policy.facts[name], ())[0] for name in facts_read(policy)}
    for rule in policy.rules:
        for number, case in enumerate(deciding_cases(rule.condition, policy.facts, Steps(500))):
            if number < 12:
                cases.append({**plain, **case})
    days = [None if day is None else datetime.date.fromordinal(day).isoformat() for day in days_of(policy)]
    return [
        ({name: in_json(value_json(policy.facts[name], value)) for name, value in case.items()}, days[at % len(days)])
        for at, case in enumerate(cases)
    ]


def days_of(policy: TypedPolicy) -> list[int | None]:
    return strategies.boundary_days_of(policy) or [None]


@settings(max_examples=examples(60))
@given(strategies.policies(relations=True), strategies.seeds())
def test_generated_policies_are_decided_as_python_does(node: Node, policy: strategies.Policy, seed: int) -> None:
    loaded = forbear.loads(strategies.text_of(policy))
    asked = questions(loaded.typed, seed)
    answers = node.ask(data=policy_data(loaded.typed), cases=asked)
    for (case, on), answer in zip(asked, answers, strict=True):
        assert answer == loaded.decide(case, on).as_json(), (case, on)


@settings(max_examples=examples(15))
@given(strategies.override_chains(), strategies.seeds())
def test_chains_of_overrides_too(node: Node, policy: strategies.Policy, seed: int) -> None:
    loaded = forbear.loads(strategies.text_of(policy))
    asked = questions(loaded.typed, seed)
    answers = node.ask(data=policy_data(loaded.typed, words=True), cases=asked)
    for (case, on), answer in zip(asked, answers, strict=True):
        assert answer == loaded.decide(case, on).as_json(), (case, on)


def test_policies_under_standards_too(node: Node, tmp_path: Path) -> None:
    for seed in range(examples(40)):
        loaded = small.loaded(small.under_standards(seed, 1 + seed % 2), tmp_path)
        if loaded is not None:
            asked = questions(loaded.typed, seed)
            answers = node.ask(data=policy_data(loaded.typed, words=True), cases=asked)
            for (case, on), answer in zip(asked, answers, strict=True):
                assert answer == loaded.decide(case, on).as_json(), (seed, case, on)


@pytest.mark.parametrize("name", test_compiled.COMPILED)
def test_a_module_decides_and_refuses_as_python_does(node: Node, name: str) -> None:
    policy = as_modules_take_it(test_compiled.POLICIES[name])
    module = node.module(javascript_module(policy.typed), name)
    asked: list[tuple[Any, Any]] = []
    for case, on in some_cases(policy, name):
        if any(isinstance(value, (int, float)) and abs(value) > 1e16 for value in values_of(case)):
            continue  # Python shows such a number in another way than JavaScript
        asked.append((in_json(case), in_json(on)))
    answers = node.ask(module=module, cases=asked)
    refused = 0
    for (given_case, day), answer in zip(asked, answers, strict=True):
        want = plain(test_compiled.expected(policy, given_case, day))
        assert plain(answer) == want, (given_case, day)
        refused += isinstance(want, list)
    assert 0 < refused < len(asked)


def some_cases(policy: forbear.Policy, name: str) -> list[tuple[object, object]]:
    """Of packs, which are many and have facts by the dozen, fewer in CI: each wrong value of each fact at night."""
    if NIGHTLY or name in ("every_type", "plain"):
        return test_compiled.good_cases(policy, 150) + test_compiled.bad_cases(policy)
    return test_compiled.good_cases(policy, 50) + test_compiled.bad_cases(policy, each=2)


def as_modules_take_it(text: str) -> forbear.Policy:
    """A policy of which ages and what is said of the day are given with the case, as a JavaScript module takes it."""
    checked = check_text(text)
    assert checked.policy is not None
    derived = {
        name: fact
        for name, fact in checked.policy.derived.items()
        if not fact.of and fact.measure not in ("date", "weekday", "working day")
    }
    return forbear.Policy(evolve(checked, policy=evolve(checked.policy, derived=derived)))


def values_of(case: object) -> list[object]:
    return list(case.values()) if isinstance(case, dict) else []


def plain(answer: Any) -> Any:
    """An answer without the name that Python suggests for one that is not known."""
    if not isinstance(answer, list):
        return answer
    return [
        [fact, message.partition("; did you mean")[0], code, {**arguments, "nearest": None}]
        for fact, message, code, arguments in answer
    ]


def test_a_value_that_a_long_list_has_not_is_refused_in_the_same_words(node: Node) -> None:
    """The values that are near by it among them; of a private fact none is named."""
    names = [*(f"value_{number}" for number in range(20)), "no_answer", "éa", "ÉA", "\U0001f600bbb", "ABCDEF"]
    listed = ", ".join(f'"{name}"' for name in names)
    policy = forbear.loads(
        f"fact x text one of {listed}\nfact secret text one of {listed} private\naction a\n"
        'rule r: x is "éa" and secret is "éa" then allow a\n'
    )
    near = [text for name in names[18:] for text in (name.upper(), name[1:], name[:-1], f"{name}s", name[::-1])]
    near += [f"{name[:2]}{name[3:4]}{name[2:3]}{name[4:]}" for name in names]
    near += ["", "e", "\U0001f600", "\U0001f601bbb", "abcdeF", "abcdfe", "ABCDEG", "no_answeR", "none", "x" * 100]
    asked: list[tuple[Any, None]] = [({"x": text, "secret": text}, None) for text in near]
    answers = node.ask(data=policy_data(policy.typed), cases=asked)
    for (case, _), answer in zip(asked, answers, strict=True):
        assert answer == plain_faults(policy, case), case
    messages = [message for answer in answers if isinstance(answer, list) for _, message, *_ in answer]
    assert sum("did you mean" in message for message in messages) > 20
    assert not [message for message in messages if "secret" in message and "mean" in message]


def test_weekly_hours_are_checked_in_the_same_words(node: Node) -> None:
    policy = forbear.loads(
        "fact own weekly hours\nfact now_own now within own\nfact secret weekly hours optional private\naction a\n"
        "rule r: not now_own then allow a\n"
    )
    hours: list[Any] = ["mon 09:00-17:00", "sat-sun 00:00-24:00,  tue 23:00-01:00 ", "", [], ["", "wed 10:00-11:00"]]
    wrong: list[Any] = ["mon", "tue 9:00-10:00", " ", "wed 10:00-10:00", "thu 24:00-01:00", "mon-x 09:00-10:00", ",", 5]
    asked = [
        ({"own": its, "secret": its, "now_own": False}, None) for its in [*hours, *wrong, [5], [[]], {"a": 1}, None]
    ]
    answers = node.ask(data=policy_data(policy.typed), cases=asked)
    for (case, _), answer in zip(asked, answers, strict=True):
        assert answer == plain_faults(policy, case), case
    assert [isinstance(answer, dict) for answer in answers] == [True] * len(hours) + [False] * (len(wrong) + 4)


def plain_faults(policy: forbear.Policy, case: Any) -> Any:
    want = test_compiled.expected(policy, case, None)
    return [list(fault) for fault in want] if isinstance(want, list) else want


def test_more_values_than_a_float_tells_apart(node: Node) -> None:
    policy = forbear.loads(
        "policy fine  fact x number between 0 and 999999 in steps of 0.00000000000001  action sms\n"
        "rule a: x > 100000.000000001 then allow sms"
    )
    asked = [({"x": f"100000.000000001{more}"}, None) for more in ("00001", "", "000005")]
    found, unsaid, refused = node.ask(data=policy_data(policy.typed), cases=asked)
    assert found["sms"]["verdict"] == "allowed"
    assert unsaid["sms"]["verdict"] == "unsaid"
    given = {"name": "x", "given": "100000.000000001000005", "step": "0.00000000000001"}
    message = '`x` needs a multiple of 0.00000000000001, not "100000.000000001000005"'
    assert refused == [["x", message, "off-grid", given]]


def test_a_number_that_is_nearly_zero_is_a_number(node: Node) -> None:
    policy = forbear.loads(
        "policy fine  fact rate percent  fact income money CNY  fact late days  action sms\n"
        "rule a: rate > 5% and income > CNY 1 and late > 3 then allow sms"
    )
    for near in (1e-90, 1e-180, -5e-324):
        case = dict.fromkeys(policy.facts, near)
        with pytest.raises(forbear.CaseError) as refused:
            policy.decide(case)
        assert [fault.code for fault in refused.value.faults] == ["off-grid", "off-grid", "no-whole-number"]
        (found,) = node.ask(data=policy_data(policy.typed), cases=[(case, None)])
        assert [code for _, _, code, _ in found] == ["off-grid", "off-grid", "no-whole-number"]


def test_names_that_objects_of_javascript_have_already(node: Node) -> None:
    policy = forbear.loads(
        "policy odd  fact constructor count optional  fact valueof yes/no  action hasownproperty, prototype\n"
        "rule tostring: constructor > 3 then allow hasownproperty  rule proto__: never prototype when valueof"
    )
    cases = [({"valueof": True}, None), ({"valueof": False, "constructor": 4}, None), ({"__proto__": 1}, None)]
    answers = node.ask(data=policy_data(policy.typed), cases=cases)
    for (case, _), answer in zip(cases, answers, strict=True):
        assert plain(answer) == plain(test_compiled.expected(policy, case, None))


@settings(max_examples=examples(25))
@given(because=test_compiled.NASTY, region=test_compiled.NASTY)
@example(because="</script><!--", region="\u202e\U0001f600")
@example(because="${1}`\\u0041", region="\\")
def test_any_text_survives_in_a_module(node: Node, because: str, region: str) -> None:
    rule = f"rule a: region is {quoted(region)} then allow sms because {quoted(because)}"
    try:
        policy = forbear.loads(f"policy p\nfact region text\naction sms\n{rule}\n")
    except forbear.PolicyError:
        assume(False)
        raise
    name = hashlib.sha256(rule.encode()).hexdigest()
    module = node.module(javascript_module(policy.typed), name)
    cases = [({"region": text}, None) for text in (region, region + "x")]
    found, other = node.ask(module=module, cases=cases)
    assert found == policy.decide(cases[0][0]).as_json()
    assert found["sms"]["because"] == [because]
    assert other["sms"]["verdict"] == "unsaid"


def test_the_same_policy_gives_the_same_text() -> None:
    typed = forbear.loads(test_compiled.POLICIES["every_type"]).typed
    text = javascript_module(typed)
    assert text == javascript_module(forbear.loads(test_compiled.POLICIES["every_type"]).typed)
    assert text.isascii()
