"""One meaning, however it is asked: the reference interpreter, the compiled predicates and the stand-alone module.

`test_oracle` holds the reference interpreter against section 5 of the reference of the language; these properties hold
everything else against the reference interpreter.
"""

from __future__ import annotations

import datetime
import functools
import pickle
import random
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import strategies
from hypothesis import Phase, given, settings
from night import NIGHTLY
from strategies import examples

import forbear
from forbear.deciding.deciders import methods
from forbear.deciding.deciders.decider import decider
from forbear.deciding.deciders.methods import ManyRules
from forbear.kernel import cases as kernel
from forbear.kernel.cases import Value, Verdict
from forbear.language.model.policy import TypedPolicy
from forbear.semantics import meaning
from forbear.space.predicates.specs import specs
from forbear.targets.python import check
from forbear.targets.python.module import compile_module

CASES = 40


def reader(policy: TypedPolicy) -> Callable[[Mapping[str, object]], Mapping[str, Value]]:
    """Reads cases on their grids, every fact that the policy reads among them."""
    tables = specs(policy)
    return functools.partial(kernel.read_case, tables.facts, tables.needed)


def read(policy: TypedPolicy, case: Mapping[str, object]) -> Mapping[str, Value]:
    return reader(policy)(case)


def day_of(number: int | None) -> datetime.date | None:
    return None if number is None else datetime.date.fromordinal(number)


def run_module(text: str) -> Callable[..., dict[str, Any]]:
    """The `decide` of a module that was compiled."""
    namespace: dict[str, Any] = {"__name__": "compiled"}
    exec(compile(text, "<compiled>", "exec"), namespace)
    decide: Callable[..., dict[str, Any]] = namespace["decide"]
    return decide


def compiled(policy: TypedPolicy) -> str:
    """The text of the module, with the compiler's own check cut short: what that would find, these tests find."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "CHECKED_CASES", 5)
        return compile_module(policy)


@settings(max_examples=examples(24))
@given(strategies.policies(relations=True), strategies.seeds())
def test_both_ways_and_permits_decide_as_the_interpreter_does(model: strategies.Policy, seed: int) -> None:
    policy = forbear.loads(model.text)
    by_rows = [decider(policy.typed, many=True)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(methods, "LONG", 0)
        by_rows.append(decider(policy.typed, many=True))
    generator = random.Random(seed)
    days = strategies.boundary_days_of(policy.typed)
    of_one = functools.cache(lambda action: decider(policy.typed, action, many=True))
    for case in strategies.boundary_cases(policy.typed, seed, CASES):
        day = generator.choice(days)
        expected = meaning.decide(policy.typed, case, day)
        on = day_of(day)
        for raw in (
            strategies.written(policy.typed.facts, case),
            strategies.written(policy.typed.facts, case, generator),
        ):
            assert read(policy.typed, raw) == case, raw
            decision = policy.decide(raw, on)
            assert dict(decision) == expected, (raw, on)
            for made in by_rows:
                assert dict(made.decide(raw, on)) == expected, (raw, on)
            action = generator.choice(list(expected))
            permitted = expected[action].verdict in (Verdict.ALLOWED, Verdict.REQUIRED)
            assert policy.permits(action, raw, on) is permitted, (action, raw, on)
            assert of_one(action).permits(raw, on) is permitted, (action, raw, on)
            assert decision.permits(action) is permitted


@settings(max_examples=examples(24))
@given(strategies.policies(relations=True), strategies.seeds())
def test_the_module_decides_as_the_interpreter_does(model: strategies.Policy, seed: int) -> None:
    policy = forbear.loads(model.text)
    text = compiled(policy.typed)
    assert text == compiled(forbear.loads(model.text).typed), "the same policy, other bytes"
    decide = run_module(text)
    generator = random.Random(seed)
    days = strategies.boundary_days_of(policy.typed)
    for case in strategies.boundary_cases(policy.typed, seed, CASES):
        day = generator.choice(days)
        expected = {action: its.as_json() for action, its in meaning.decide(policy.typed, case, day).items()}
        raw = strategies.written(policy.typed.facts, case, generator)
        assert decide(raw, day_of(day)) == expected, (raw, day)
        assert policy.decide(raw, day_of(day)).as_json() == expected, (raw, day)


@settings(max_examples=examples(10))
@given(strategies.policies(relations=True), strategies.seeds())
def test_a_faulty_case_is_refused_alike(model: strategies.Policy, seed: int) -> None:
    """Policy and module name the same faults, and never decide."""
    policy = forbear.loads(model.text)
    decide = run_module(compiled(policy.typed))
    of_many = decider(policy.typed, many=True)
    generator = random.Random(seed)
    facts = policy.typed.facts
    day = day_of(strategies.boundary_days_of(policy.typed)[0])
    needed = [name for name in specs(policy.typed).needed if not facts[name].optional]
    for case in strategies.boundary_cases(policy.typed, seed, 6):
        raw = dict(strategies.written(facts, case))
        broken: list[tuple[str, dict[str, object]]] = [("no_such_fact", {**raw, "no_such_fact": 1})]
        for name in facts:
            for wrong in (float("nan"), "1e400", [], {}, 10**30, "12,5", object(), b"x", 0.123456789123):
                if facts[name].kind.word != "text" or not isinstance(wrong, str):
                    broken.append((name, {**raw, name: wrong}))
        for name in needed:
            broken.append((name, {key: value for key, value in raw.items() if key != name}))
            broken.append((name, {**raw, name: None}))
        for name, bad in generator.sample(broken, min(12, len(broken))):
            with pytest.raises(forbear.CaseError) as ours:
                policy.decide(bad, day)
            with pytest.raises(ValueError, match=name) as theirs:
                decide(bad, day)
            assert str(ours.value) == str(theirs.value)
            with pytest.raises(forbear.CaseError) as by_rows:
                of_many.decide(bad, day)
            assert str(by_rows.value) == str(ours.value)
            assert name in [fault.fact for fault in ours.value.faults]


@settings(max_examples=examples(20))
@given(strategies.policies(relations=True), strategies.seeds())
def test_days_on_which_a_policy_is_not_in_force_are_refused(model: strategies.Policy, seed: int) -> None:
    policy = forbear.loads(model.text)
    case = strategies.written(policy.typed.facts, strategies.boundary_cases(policy.typed, seed, 1)[0])
    outside = []
    if model.period.since is not None and model.period.since > 1:
        outside.append(day_of(model.period.since - 1))
    if model.period.until is not None and model.period.until < datetime.date.max.toordinal():
        outside.append(day_of(model.period.until + 1))
    if model.dated and not model.head.startswith("standard"):  # which may refuse for good from a day on
        outside.append(None)
    asked: list[Callable[..., object]] = [policy.decide, decider(policy.typed, many=True).decide]
    asked += [decider(policy.typed, action, many).permits for action in policy.typed.actions for many in (False, True)]
    for on in outside:
        for ask in asked:
            with pytest.raises(forbear.CaseError, match=r"in force|for which day"):
                ask(case, on)


def test_compiled_modules_pass_mypy(tmp_path: Path) -> None:
    models: list[strategies.Policy] = []

    @settings(max_examples=60, derandomize=True, database=None, phases=[Phase.generate])
    @given(strategies.policies(rules=12, depth=3, relations=True))
    def collect(model: strategies.Policy) -> None:
        models.append(model)

    collect()
    largest = sorted(models, key=lambda model: len(model.text))[-6 if NIGHTLY else -2 :]
    texts = [model.text for model in largest] + ["after 60 days and unreachable >= 3 then allow contact_related"]
    files = []
    for number, text in enumerate(texts):
        files.append(tmp_path / f"compiled_{number}.py")
        files[-1].write_text(compiled(forbear.loads(text).typed), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file=",
        f"--cache-dir={tmp_path / 'cache'}",
        *map(str, files),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# Names that mean something in the code that is compiled


NAMES = sorted({*strategies.FACT_NAMES, "mask", "read", "case_", "m2", "specs", "names_of_class", "quick_mask"})


@pytest.mark.parametrize("name", NAMES if NIGHTLY else NAMES[::3])
def test_a_fact_may_have_any_name(name: str) -> None:
    """Asked in the plain form and in another, the answer is the same."""
    policy = forbear.loads(
        f"fact {name} count\nfact other days clock\naction act\nrule r: {name} >= 3 and after 1 day then allow act"
    )
    for given_as in (int, str, float):
        assert policy.decide({name: given_as(3), "other": given_as(2)}).permits("act")
        assert decider(policy.typed, many=True).decide({name: given_as(3), "other": given_as(2)}).permits("act")
        assert policy.permits("act", {name: given_as(3), "other": given_as(2)})
        assert not policy.decide({name: given_as(2), "other": given_as(2)}).permits("act")
    decide = run_module(compile_module(policy.typed))
    assert decide({name: 3, "other": 2})["act"]["permitted"] is True


@pytest.mark.parametrize(("prefix", "declaration", "value"), [
    ("names_of", "one of p, q", "p"),
    ("places_of", "one of p < q", "p"),
    ("spec_of", "money CNY", 3),
    ("spec_of", "date", "2015-09-22"),
])  # fmt: skip
def test_facts_do_not_get_into_the_way_of_tables(prefix: str, declaration: str, value: object) -> None:
    """A fact `x` beside a fact called like a table of it."""
    literal = {"money CNY": "CNY 3", "date": "2015-09-22"}.get(declaration, value)
    for first, second in (("x", f"{prefix}_x"), (f"{prefix}_x", "x"), (f"{prefix}_x_", "x"), ("x", f"{prefix}_x_")):
        policy = forbear.loads(
            f"fact {first} {declaration if first == 'x' else 'count'}\n"
            f"fact {second} {declaration if second == 'x' else 'count'}\n"
            f"action act\nrule r: x is {literal} and {first if first != 'x' else second} >= 3 then allow act"
        )
        other = first if first != "x" else second
        assert policy.decide({"x": value, other: 3}).permits("act")
        assert not policy.decide({"x": value, other: 2}).permits("act")


def test_conditions_of_too_many_alternatives_are_asked_one_after_the_other() -> None:
    """As cells they would be 6 to the power of 5 boxes."""
    facts = [f"f{number}" for number in range(10)]
    parts = " and ".join(
        "(" + " or ".join(f"({one} = {n} and {other} = {n})" for n in range(6)) + ")"
        for one, other in zip(facts[::2], facts[1::2], strict=True)
    )
    policy = forbear.loads(
        "\n".join([*[f"fact {name} count" for name in facts], "action act", f"{parts} then allow act"])
    )
    made = decider(policy.typed, many=True)
    assert made.decide(dict.fromkeys(facts, 5)).permits("act")
    assert not made.decide({**dict.fromkeys(facts, 5), "f9": 4}).permits("act")


@pytest.mark.parametrize(
    ("most", "not_made"), [(1_829, (methods, "rows_of")), (3_659, (methods, "_rows")), (3_660, None)]
)
def test_rows_of_too_many_bits_are_not_made(
    most: int, not_made: tuple[object, str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixty boxes of one cell, two and so on, and 61 rows of them."""
    monkeypatch.setattr(methods, "MOST_BITS", most)
    if not_made is not None:
        monkeypatch.setattr(*not_made, None)
    rules = "\n".join(f"rule r{k}: n <= {k} then allow act" for k in range(60))
    policy = forbear.loads(f"fact n count\naction act\n{rules}")
    made = decider(policy.typed)
    assert isinstance(getattr(made, "_method", None), ManyRules) is (not_made is None)
    for n in (0, 30, 59, 60):
        assert dict(made.decide({"n": n})) == meaning.decide(policy.typed, {"n": n}, None)


def test_few_rules_of_very_many_alternatives_are_decided() -> None:
    """Each is 1,024 boxes: a row of more bits than Python writes as a decimal number."""
    parts = " and ".join(f"(f{number} or f{number + 1})" for number in range(0, 20, 2))
    facts = ["fact n count", *[f"fact f{number} yes/no" for number in range(20)]]
    effects = [f"{'forbid' if k % 5 == 4 else 'allow'} {'ab'[k % 2]}" for k in range(15)]
    rules = [f"rule r{k}: n > {k} and {parts} then {effect}" for k, effect in enumerate(effects)]
    policy = forbear.loads("\n".join([*facts, "action a", "action b", *rules]))
    made = decider(policy.typed, many=True)
    assert isinstance(getattr(made, "_method", None), ManyRules)
    for n in range(16):
        for flags in range(5):
            case: dict[str, bool | int] = {f"f{number}": number % 2 > 0 or number < flags * 6 for number in range(20)}
            case |= {"f19": flags < 4, "n": n}
            assert dict(made.decide(case)) == meaning.decide(policy.typed, case, None)


@pytest.mark.parametrize("long", [0, methods.LONG])
def test_what_an_override_sets_aside_hinders_nothing(long: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(methods, "LONG", long)
    policy = forbear.loads(
        "fact n count\naction act\nrule hold: n < 6 then forbid act\nrule most: n >= 2 then allow act\n"
        "rule yet: n between 4 and 8 then allow act overrides hold\nrule bound: n = 5 then never act"
    )
    permits = decider(policy.typed, "act", many=True).permits
    assert [n for n in range(10) if permits({"n": n})] == [4, 6, 7, 8, 9]
    made = decider(policy.typed, many=True)
    for n in range(10):
        assert dict(made.decide({"n": n})) == meaning.decide(policy.typed, {"n": n}, None)


@pytest.mark.parametrize("rule", ["", "never a", "n > 3 and n < 2 then allow a"])
def test_rules_that_read_no_fact_or_never_hold_are_decided(rule: str) -> None:
    """No rule, a rule without a condition, and a rule that never holds."""
    policy = forbear.loads(f"fact n count\naction a, b\n{rule}")
    expected = meaning.decide(policy.typed, {"n": 0}, None)
    assert dict(decider(policy.typed, many=True).decide({"n": 0})) == expected
    for action, decided in expected.items():
        permitted = decided.verdict in (Verdict.ALLOWED, Verdict.REQUIRED)
        assert decider(policy.typed, action, many=True).permits({"n": 0}) is permitted


def test_a_decision_can_be_sent_to_another_process() -> None:
    """Also one by many rules, whose decisions on actions are lazy."""
    rules = "\n".join(f"rule r{k}: n > {k} then allow a{k % 2}" for k in range(2 * methods.LONG))
    policy = forbear.loads(f"fact n count\naction a0\naction a1\n{rules}")
    decision = policy.decide({"n": 3})
    sent = pickle.loads(pickle.dumps(decision))
    assert dict(sent) == dict(decision) == meaning.decide(policy.typed, {"n": 3}, None)
    assert list(sent) == ["a0", "a1"]


def test_threads_that_ask_at_once_get_the_same() -> None:
    policy = forbear.loads("fact n count\n" + "\n".join(f"action a{k}\nn > {k} then allow a{k}" for k in range(60)))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: dict(policy.decide({"n": n % 62})), range(2_000)))
    expected = [meaning.decide(policy.typed, {"n": n}, None) for n in range(62)]
    for n, decided in enumerate(found):
        assert decided == expected[n % 62]


def test_a_policy_of_many_rules_keeps_them_apart() -> None:
    """More rules than fit one machine word, optional facts among them."""
    count = 200
    lines = ["fact n count", "fact o count optional", *[f"action a{number}" for number in range(count)]]
    for number in range(count):
        fact = "o" if number % 3 == 0 else "n"
        lines.append(f"rule r{number}: {fact} > {number} then {'forbid' if number % 7 == 0 else 'allow'} a{number}")
    policy = forbear.loads("\n".join(lines))
    module = run_module(compile_module(policy.typed))
    for n in (0, 1, 59, 60, 61, 119, 120, 121, 199, 200, 1000):
        for o in (None, 0, 60, 61, 63, 1000):
            expected = meaning.decide(policy.typed, {"n": n, "o": o}, None)
            assert dict(policy.decide({"n": n, "o": o})) == expected
            assert module({"n": n, "o": o}) == {action: its.as_json() for action, its in expected.items()}
