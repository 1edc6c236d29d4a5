"""Laws of the language: what holds of every policy, whatever it says."""

from __future__ import annotations

import datetime
import itertools
import random
import re
from collections.abc import Callable, Iterator, Mapping

import pytest
import strategies
from attrs import evolve
from hypothesis import given, settings
from strategies import Absent, Actions, Condition, Period, examples

import forbear
from forbear.kernel.cases import ActionDecision
from forbear.semantics.to_text import canonical_text

CASES = 12


def day_of(number: int | None) -> datetime.date | None:
    return None if number is None else datetime.date.fromordinal(number)


def questions(
    model: strategies.Policy, seed: int, count: int = CASES
) -> Iterator[tuple[Mapping[str, object], datetime.date | None]]:
    """Cases of a policy as they are given, each with a day."""
    generator = random.Random(seed)
    facts = {fact.name: fact for fact in model.facts}
    days = model.days()
    for _ in range(count):
        yield strategies.written(facts, model.case(generator), generator), day_of(generator.choice(days))


def said(decision: ActionDecision) -> tuple[object, ...]:
    """A decision without the order of its rules."""
    return (
        decision.verdict,
        sorted(decision.rules),
        sorted(decision.because),
        sorted(decision.source),
        decision.unknown,
    )


def assert_alike(one: strategies.Policy, other_text: str, seed: int) -> None:
    """Two policies decide every case alike."""
    policy, other = forbear.loads(one.text), forbear.loads(other_text)
    for case, on in questions(one, seed):
        assert dict(policy.decide(case, on)) == dict(other.decide(case, on)), (case, on, other_text)


def words(text: str, replace: Callable[[str], str]) -> str:
    """A text with its names replaced, strings left alone."""
    return re.sub(
        r'"(?:[^"\\\n]|\\[^\n])*"|(?<![\w.])[a-z][a-z0-9_]*', lambda m: m[0] if m[0][0] == '"' else replace(m[0]), text
    )


# What is not known never permits


@settings(max_examples=examples(20, by_night=40))
@given(strategies.policies(asks_known=False), strategies.seeds())
def test_what_is_permitted_with_facts_unknown_is_permitted_for_each_of_their_values(
    model: strategies.Policy, seed: int
) -> None:
    policy = forbear.loads(model.text)
    facts = {fact.name: fact for fact in model.facts}
    optional = [name for name in facts if facts[name].absent == "optional"]
    generator = random.Random(seed)
    days = model.days()
    for _ in range(CASES):
        case = model.case(generator)
        case.update({name: Absent.UNKNOWN for name in optional if generator.random() < 0.8})
        unknown = [name for name in optional if case[name] is Absent.UNKNOWN]
        on = day_of(generator.choice(days))
        before = policy.decide(strategies.written(facts, case), on)
        permitted = [action for action in before if before.permits(action)]
        known = [
            [v for v in dict.fromkeys(strategies.fact_values(facts[name])) if v is not Absent.UNKNOWN]
            for name in unknown
        ]
        combinations = list(itertools.islice(itertools.product(*known), 2000))
        for values in generator.sample(combinations, min(25, len(combinations))):
            after = policy.decide(strategies.written(facts, {**case, **dict(zip(unknown, values, strict=True))}), on)
            for action in permitted:
                assert after.permits(action), (action, case, values, on)


@pytest.mark.parametrize("state", ["known", "unknown"])
def test_a_rule_that_asks_is_no_part_of_that_law(state: str) -> None:
    policy = forbear.loads(f"fact f count optional\naction a\nrule r: f is {state} then allow a")
    assert policy.permits("a", {}) is (state == "unknown")
    assert policy.permits("a", {"f": 1}) is (state == "known")


# Safeguards and independence


@settings(max_examples=examples(25, by_night=50))
@given(strategies.with_safeguard(), strategies.seeds())
def test_one_more_never_permits_no_more(drawn: tuple[strategies.Policy, str], seed: int) -> None:
    model, safeguard = drawn
    policy = forbear.loads(model.text)
    safer = forbear.loads(f"{model.text}\n{safeguard}")
    facts = {fact.name: fact for fact in model.facts}
    generator = random.Random(seed)
    names = model.rule_names()
    for _ in range(CASES):
        case, on = strategies.written(facts, model.case(generator), generator), day_of(generator.choice(model.days()))
        before, after = policy.decide(case, on), safer.decide(case, on)
        for action in before:
            assert before.permits(action) or not after.permits(action), (action, case, on)
            changed = before[action].verdict != after[action].verdict
            asking = {name for name, rule in zip(names, model.rules, strict=True) if action in rule.along}
            assert not changed or {"one_more_safeguard", *asking} & {*after[action].rules}


@settings(max_examples=examples(25, by_night=50))
@given(strategies.policies(named=True), strategies.seeds())
def test_a_verdict_depends_on_the_rules_that_speak_of_its_action_alone(model: strategies.Policy, seed: int) -> None:
    policy = forbear.loads(model.text)
    for action in model.actions:
        reached = [action]  # and what may go along
        for one in reached:
            reached += sorted({other for rule in model.rules for other in rule.along.get(one, ())} - {*reached})
        kept = [number for number, rule in enumerate(model.rules) if {*reached} & {*rule.effect_on, *rule.along}]
        if not kept or len(kept) == len(model.rules):
            continue
        place = {number: index for index, number in enumerate(kept)}
        rules = tuple(
            evolve(rule, overrides=tuple(place[other] for other in rule.overrides if other in place))
            for rule in (model.rules[number] for number in kept)
        )
        layout = [(what, which) for what, which in model.layout if what != "rule"]
        fewer = evolve(model, rules=rules, layout=(*layout, *(("rule", number) for number in range(len(rules)))))
        less = forbear.loads(fewer.text)
        for case, on in questions(model, seed, 4):
            assert policy.decide(case, on)[action] == less.decide(case, on)[action], (action, case, on)
            assert policy.permits(action, case, on) is less.permits(action, case, on)


@settings(max_examples=examples(20, by_night=40))
@given(strategies.policies(), strategies.seeds())
def test_the_order_of_facts_in_a_case_does_not_matter(model: strategies.Policy, seed: int) -> None:
    policy = forbear.loads(model.text)
    for case, on in questions(model, seed):
        turned = dict(reversed(list(case.items())))
        assert policy.decide(case, on) == policy.decide(turned, on)


@settings(max_examples=examples(25, by_night=50))
@given(strategies.policies(named=True), strategies.seeds())
def test_the_order_of_statements_does_not_matter(model: strategies.Policy, seed: int) -> None:
    """Only the order in which a decision names its rules is that of the file, and a group is declared before `also`."""
    layout = [entry for entry in model.layout if entry[0] != "group"]
    random.Random(seed).shuffle(layout)
    groups = [entry for entry in model.layout if entry[0] == "group"]
    middle = seed % (len(layout) + 1)
    turned = evolve(model, layout=(*layout[:middle], *groups, *layout[middle:]))
    policy, other = forbear.loads(model.text), forbear.loads(turned.text)
    order = [which for what, which in turned.layout if what == "rule"]
    names = [model.rules[number].name for number in order]
    asking = {rule.name: rule.along for rule in model.rules}
    for case, on in questions(model, seed):
        one, two = policy.decide(case, on), other.decide(case, on)
        assert set(one) == set(two)
        for action in one:
            assert said(one[action]) == said(two[action]), (action, case, on)
            in_order = sorted(two[action].rules, key=names.index)
            if two[action].verdict == "forbidden":  # a rule whose duty cannot be met stands behind those that forbid
                in_order = [
                    *[name for name in in_order if action not in asking[name]],
                    *[name for name in in_order if action in asking[name]],
                ]
            assert list(two[action].rules) == in_order


# Two ways of writing one thing


def with_conditions(model: strategies.Policy, change: Callable[[Condition], Condition]) -> strategies.Policy:
    """A policy with another text for each of its conditions."""
    return evolve(
        model,
        rules=tuple(
            evolve(
                rule,
                form=change(evolve(rule.condition, text=rule.form)).text if rule.form.startswith("to ") else rule.form,
                condition=change(rule.condition),
                unless=None if rule.unless is None else change(rule.unless),
            )
            for rule in model.rules
        ),
        definitions=tuple(evolve(one, condition=change(one.condition)) for one in model.definitions),
        applies=None if model.applies is None else change(model.applies),
    )


@settings(max_examples=examples(25, by_night=50))
@given(strategies.policies(named=True), strategies.seeds())
def test_unless_means_and_not(model: strategies.Policy, seed: int) -> None:
    rules = []
    for rule in model.rules:
        if rule.unless is not None and rule.form != "suspend":
            # The parentheses are those of the reference: and not (CONDITION).
            excluded = evolve(rule.unless, text=f"not ({rule.unless.text})", level=1)
            rule = evolve(
                rule,
                condition=strategies.conjunction([rule.condition, excluded]),
                unless=None,
                form="condition first" if rule.form == "condition first" else "effects first",
            )
        rules.append(rule)
    assert_alike(model, evolve(model, rules=tuple(rules)).text, seed)


@settings(max_examples=examples(20, by_night=40))
@given(strategies.policies(named=True))
def test_a_limit_means_its_never(model: strategies.Policy) -> None:
    out = evolve(
        model,
        rules=tuple(
            evolve(rule, form="effects first") if rule.form.startswith("to ") else rule for rule in model.rules
        ),
    )
    assert canonical_text(forbear.loads(model.text).typed) == canonical_text(forbear.loads(out.text).typed)


@settings(max_examples=examples(20, by_night=40))
@given(strategies.policies(named=True), strategies.seeds())
def test_applies_when_means_that_and_the_own_condition_of_each_rule(model: strategies.Policy, seed: int) -> None:
    if model.applies is None:
        return
    rules = tuple(
        evolve(
            rule,
            condition=strategies.conjunction([model.applies, rule.condition]),
            form="condition first" if rule.form == "condition first" else "effects first",
        )
        if rule.form != "suspend"
        else evolve(rule, unless=strategies.disjunction([rule.unless or NEVER, strategies.negation(model.applies)]))
        for rule in model.rules
    )
    assert_alike(model, evolve(model, rules=rules, applies=None).text, seed)


NEVER = strategies.negation(strategies.ALWAYS)
OTHER_ORDER = {"condition first": "effects first", "effects first": "condition first"}


def both_word_orders_mean_the_same(model: strategies.Policy) -> strategies.Policy:
    return evolve(model, rules=tuple(evolve(rule, form=OTHER_ORDER.get(rule.form, rule.form)) for rule in model.rules))


def a_definition_means_what_it_stands_for(model: strategies.Policy) -> strategies.Policy:
    meant: dict[str, str] = {}
    for definition in model.definitions:
        meant[definition.name] = f"({words(definition.condition.text, lambda word: meant.get(word, word))})"
    out = with_conditions(model, lambda part: evolve(part, text=words(part.text, lambda word: meant.get(word, word))))
    return evolve(out, definitions=(), layout=tuple(entry for entry in out.layout if entry[0] != "define"))


def a_setting_means_its_literal(model: strategies.Policy) -> strategies.Policy:
    values = {setting.name: setting.literal for setting in model.settings}

    def period(its: Period) -> Period:
        return evolve(
            its,
            since_text=values.get(its.since_text, its.since_text),
            until_text=values.get(its.until_text, its.until_text),
        )

    out = with_conditions(model, lambda part: evolve(part, text=words(part.text, lambda word: values.get(word, word))))
    return evolve(
        out,
        rules=tuple(evolve(rule, period=period(rule.period)) for rule in out.rules),
        head=out.head.replace(f"in force{out.period.text}", f"in force{period(out.period).text}"),
    )


def a_list_of_actions_means_the_actions_in_it(model: strategies.Policy) -> strategies.Policy:
    """Groups, `everything` and what `except` leaves out, against the actions by name."""

    def listed(actions: Actions) -> Actions:
        return evolve(actions, text=", ".join(action for action in model.actions if action in actions.named))

    return evolve(
        model,
        rules=tuple(
            evolve(rule, effects=tuple((word, listed(actions)) for word, actions in rule.effects))
            for rule in model.rules
        ),
    )


def overrides_all_means_every_opposing_rule_by_name(model: strategies.Policy) -> strategies.Policy:
    numbers = range(len(model.rules))
    rules = []
    for number, rule in enumerate(model.rules):
        if rule.overrides_all:
            named = [other for other in numbers if any(model.overrides(number, other, a) for a in model.actions)]
            rule = evolve(rule, overrides=tuple(named), overrides_all=False)
        rules.append(rule)
    return evolve(model, rules=tuple(rules))


SAME = (
    both_word_orders_mean_the_same,
    a_definition_means_what_it_stands_for,
    a_setting_means_its_literal,
    a_list_of_actions_means_the_actions_in_it,
    overrides_all_means_every_opposing_rule_by_name,
)


@settings(max_examples=examples(25, by_night=50))
@given(strategies.policies(named=True))
def test_another_way_of_writing_means_the_same(model: strategies.Policy) -> None:
    text = canonical_text(forbear.loads(model.text).typed)
    for law in SAME:
        assert canonical_text(forbear.loads(law(model).text).typed) == text, law.__name__


# The text of a policy, and its digest


@settings(max_examples=examples(25, by_night=50))
@given(strategies.policies(named=True), strategies.seeds())
def test_layout_and_comments_do_not_matter(model: strategies.Policy, seed: int) -> None:
    other = strategies.relayout(model.text, random.Random(seed))
    assert forbear.loads(model.text).digest == forbear.loads(other).digest
    assert_alike(model, other, seed)


@settings(max_examples=examples(25, by_night=50))
@given(strategies.policies(named=True), strategies.seeds())
def test_a_policy_can_be_read_again_from_its_canonical_text(model: strategies.Policy, seed: int) -> None:
    """So that the digest speaks of all that decides, and conditions are shown as what they are: by the words that rules
    read, and with all words, as a standard has them."""
    policy = forbear.loads(model.text)
    for text in (canonical_text(policy.typed), canonical_text(evolve(policy.typed, standard=True))):
        head = "standard" if policy.typed.standard else "policy"
        again = re.sub(r"^rule \w+\n", "", re.sub("^(standard|policy)", head, text), flags=re.MULTILINE)
        if not model.head:
            again = re.sub(r"^policy policy\n(currency ...\n)?", "", again)
        assert canonical_text(forbear.loads(again).typed) == canonical_text(policy.typed)
    assert_alike(model, again, seed)


DIGEST = (
    "policy p\nfact n count\nfact s text optional\naction a, b\nsetting limit is 3\nrule r: n >= limit then allow a\n"
)


@pytest.mark.parametrize(
    "other",
    [
        DIGEST + "# a comment",
        DIGEST.replace("\n", "\r\n"),
        DIGEST.replace(" ", "   "),
        DIGEST + 'example "e": given n 3 expect a allowed',
        DIGEST + "ensure a not allowed when n < 3",
        DIGEST + 'accept unguarded of a because "it is"',
        DIGEST.replace("fact n count", 'fact n count usually 3 "how many"'),
        DIGEST.replace("action a, b", 'action a "does it"\naction b "and that"'),
        DIGEST.replace("limit is 3", 'limit is 3 "an assumption"'),
        DIGEST.replace("n >= limit", "enough") + "define enough is n >= limit",
        DIGEST.replace("allow a", "allow g") + "group g is a",
        DIGEST.replace("n >= limit then allow a", "allow a when n >= limit"),
        DIGEST.replace("n >= limit", "(((n >= limit)))"),
        DIGEST.replace("s text optional", "s text"),
        DIGEST.replace("action a, b", "action a, b, c"),
        DIGEST.replace("limit is 3", "limit is 3.0"),
    ],
)
def test_what_does_not_decide_is_not_in_the_digest(other: str) -> None:
    assert forbear.loads(other).digest == forbear.loads(DIGEST).digest


@pytest.mark.parametrize(
    "other",
    [
        DIGEST.replace("limit is 3", "limit is 4"),
        DIGEST.replace("n >= limit", "n > limit"),
        DIGEST.replace("n >= limit", "n >= 4"),
        DIGEST.replace("allow a", "require a"),
        DIGEST.replace("allow a", "allow a, b"),
        DIGEST.replace("rule r", "rule q"),
        DIGEST.replace("policy p", "policy q"),
        DIGEST.replace("policy p", 'policy p version "2"'),
        DIGEST.replace("policy p", "policy p in force from 2016-01-01"),
        DIGEST.replace("n count", "n count between 0 and 9"),
        DIGEST.replace("n count", "n count in steps of 3"),
        DIGEST.replace("n count", "n number"),
        DIGEST.replace("n count", "n count optional"),
        DIGEST.replace("n count", "n count or none"),
        DIGEST + "rule s: never b",
        DIGEST + "  in force until 2016-01-01",
        DIGEST + '  because "so"',
        DIGEST + '  source "there"',
        DIGEST + "  unless n > 8",
    ],
)
def test_what_decides_or_is_reported_is_in_the_digest(other: str) -> None:
    assert forbear.loads(other).digest != forbear.loads(DIGEST).digest


def test_the_digest_speaks_of_the_settings_in_effect() -> None:
    assert forbear.loads(DIGEST, settings={"limit": 4}).digest == forbear.loads(DIGEST.replace("is 3", "is 4")).digest
    assert forbear.loads(DIGEST, settings={"limit": 3}).digest == forbear.loads(DIGEST).digest


@pytest.mark.parametrize(("one", "other"), [("f = no", "not f"), ("f != no", "f"), ("f is one of no", "not f")])
def test_conditions_that_differ_on_none_have_digests_of_their_own(one: str, other: str) -> None:
    """Of a flag that is none, `f = no` is false and `not f` true."""
    text = "fact f yes/no or none\naction a\nrule r: {} then allow a"
    first, second = forbear.loads(text.format(one)), forbear.loads(text.format(other))
    assert first.permits("a", {"f": "none"}) is not second.permits("a", {"f": "none"})
    assert first.digest != second.digest


# Conditions


@settings(max_examples=examples(25, by_night=50))
@given(strategies.with_conditions(3), strategies.seeds())
def test_conditions_obey_the_laws_of_kleene(drawn: tuple[strategies.Policy, list[Condition]], seed: int) -> None:
    """Each pair of conditions is true, false and unknown of the same cases."""
    model, parts = drawn
    a, b, c = (f"({part.text})" for part in parts)
    laws = [
        (f"not (not {a})", a),
        (f"not ({a} and {b})", f"not {a} or not {b}"),
        (f"not ({a} or {b})", f"not {a} and not {b}"),
        (f"{a} and {b}", f"{b} and {a}"),
        (f"{a} or {b}", f"{b} or {a}"),
        (f"{a} or ({a} and {b})", a),
        (f"{a} and ({a} or {b})", a),
        (f"{a} and ({b} or {c})", f"({a} and {b}) or ({a} and {c})"),
        (f"{a} or ({b} and {c})", f"({a} or {b}) and ({a} or {c})"),
        (f"{a} and always", a),
        (f"{a} or not always", a),
        (f"not {a} and {b}", f"(not {a}) and {b}"),
        (f"{a} or {b} or {c}", f"{a} or ({b} or {c})"),
    ]
    lines = [text for what, _, text in model._statements() if what not in ("rule", "action", "group")]
    for number, (one, other) in enumerate(laws):
        lines.append(f"action one_{number}, other_{number}, not_one_{number}, not_other_{number}")
        lines.append(f"rule one_{number}: {one} then allow one_{number} and never not_one_{number}")
        lines.append(f"rule other_{number}: {other} then allow other_{number} and never not_other_{number}")
    policy = forbear.loads("\n".join(lines))
    for case, on in questions(model, seed, 8):
        decision = policy.decide(case, on)
        for number, law in enumerate(laws):
            certain = [decision[f"{side}_{number}"].permitted for side in ("one", "other")]
            possible = [decision[f"not_{side}_{number}"].verdict for side in ("one", "other")]
            assert certain[0] == certain[1], (law, case)
            assert possible[0] == possible[1], (law, case)


NONE_FACTS = {
    "count": ("n count or none", "n", "3", "5"),
    "money": ("n money CNY or none", "n", "CNY 3", "CNY 5"),
    "date": ("n date or none", "n", "2015-09-21", "2015-09-23"),
    "time": ("n time or none", "n", "08:00", "21:00"),
    "order": ("n one of low < medium < high or none", "n", "low", "medium"),
    "choice": ("n one of low, medium or none", "n", "low", "medium"),
    "text": ("n text or none", "n", '"a"', '"b"'),
    "flag": ("n yes/no or none", "n", "yes", "no"),
}
ORDERED = ("count", "money", "date", "time", "order")


@pytest.mark.parametrize("kind", NONE_FACTS)
def test_of_none_equality_and_order_are_false_and_the_negations_true(kind: str) -> None:
    declaration, name, low, high = NONE_FACTS[kind]
    false = [f"{name} is {low}", f"{name} = {low}", f"{name} is one of {low}, {high}", f"{name} is not none"]
    true = [f"{name} is not {low}", f"{name} != {low}", f"{name} is not one of {low}", f"{name} is none"]
    if kind in ORDERED:
        false += [f"{name} {sign} {low}" for sign in ("<", "<=", ">", ">=")] + [f"{name} between {low} and {high}"]
        true.append(f"{name} is not between {low} and {high}")
    if kind == "flag":
        false.append(name)
    for condition, holds in [(one, False) for one in false] + [(one, True) for one in true]:
        for negated in (False, True):
            text = f"not ({condition})" if negated else condition
            policy = forbear.loads(f"fact {declaration}\naction a, b\nrule r: {text} then allow a and never b")
            decision = policy.decide({"n": "none"})
            assert decision.permits("a") is (holds != negated), text
            assert (decision["b"].verdict == "forbidden") is (holds != negated), text


@pytest.mark.parametrize("kind", NONE_FACTS)
def test_of_what_is_unknown_every_comparison_is_unknown(kind: str) -> None:
    declaration, name, low, high = NONE_FACTS[kind]
    declaration = declaration.replace("or none", "optional")
    conditions = [
        f"{name} is {low}",
        f"{name} is not {low}",
        f"{name} is one of {low}, {high}",
        f"{name} is not one of {low}",
    ]
    if kind in ORDERED:
        conditions += [f"{name} {sign} {low}" for sign in ("<", "<=", ">", ">=", "=", "!=")]
        conditions += [f"{name} between {low} and {high}", f"{name} is not between {low} and {high}"]
    if kind == "flag":
        conditions.append(name)
    for condition in conditions:
        for text in (condition, f"not ({condition})", f"({condition}) or not ({condition})"):
            policy = forbear.loads(f"fact {declaration}\naction a, b\nrule r: {text} then allow a and never b")
            for case in ({}, {"n": None}):
                decision = policy.decide(case)
                assert decision["a"].verdict == "unsaid", text
                assert decision["b"].verdict == "forbidden", text
                assert decision["a"].unknown == decision["b"].unknown == ("n",), text
