"""Facts that are derived from the same events, against all values that they may have together, listed one by one."""

from __future__ import annotations

import datetime
import itertools
import random
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from math import gcd
from unittest.mock import patch

import pytest
import reached
from checking import each, totals
from hypothesis import given, settings
from strategies import examples, seeds
from test_exactness import decided_as_told

import forbear
from forbear.analysis.comparison.difference import difference
from forbear.analysis.engine import searcher
from forbear.analysis.run import findings
from forbear.language.model.conditions import Atom, atoms, facts_of
from forbear.language.model.facts import Fact
from forbear.language.model.policy import Effect, Rule
from forbear.library.loading import check_text
from forbear.semantics import meaning
from forbear.space.possible import May
from forbear.space.related import WEAKEST, related_facts
from forbear.space.relations import cases, systems
from forbear.space.relations.dated import solution
from forbear.space.relations.systems import System
from forbear.space.relations.ties import Tie
from forbear.space.search.bound import Bound

VOCABULARY = """\
event contact
  has medium one of call, letter
  has outcome one of reached, busy
fact calls_today count of contact where medium is call in last 1 day
fact calls_in_7_days count of contact where medium is call in last 7 days
fact contacts_this_week count of contact this week optional
fact wrote any contact where medium is letter in last 7 days
fact spoken days since last contact where medium is call and outcome is reached
fact called days since last contact where medium is call
fact ever_reached any contact where outcome is reached ever
fact cap count between 0 and 3
action sms, letter
"""
RELATIONS = (
    *("calls_today < calls_in_7_days", "calls_in_7_days = calls_today", "calls_in_7_days > cap"),
    *("calls_today >= cap", "contacts_this_week <= cap", "calls_today < contacts_this_week", "called < spoken"),
    *("called = spoken", "called + 1 >= spoken"),
)
COUNTS = ("calls_today", "calls_in_7_days", "contacts_this_week")
DAYS = ("spoken", "called")
FLAGS = ("wrote", "ever_reached")
FACTS = forbear.loads(VOCABULARY + "always then allow sms\n").typed.facts


def is_possible(
    today: int, seven: int, week: int | None, wrote: bool, spoken: int | None, called: int | None, reached: bool
) -> bool:
    """Whether there are values of two facts that never come together, by hand."""
    spoken_days, called_days = (99 if days is None else days for days in (spoken, called))
    return (
        today <= seven
        and (week is None or (today <= week and not (called_days == 0 and week == 0)))
        and called_days <= spoken_days
        and (spoken is None or reached)
        and (today >= 1) == (called_days == 0)
        and (seven >= 1) == (called_days <= 6)
    )


def cases_of(counts: range, wrote: tuple[bool, ...]) -> Iterator[dict[str, int | bool | None]]:
    """The possible cases with such counts."""
    for values in itertools.product(
        counts,
        counts,
        (None, *counts),
        wrote,
        (None, 0, 1, 2, 3, 6, 7, 8),
        (None, 0, 1, 2, 3, 6, 7, 8),
        (False, True),
    ):
        if is_possible(*values):
            yield dict(zip((*COUNTS, "wrote", *DAYS, "ever_reached"), values, strict=True))


CASES = list(cases_of(range(4), (False, True)))


WITH_CAPS = [{**case, "cap": cap} for case in cases_of(range(5), (False,)) for cap in range(4)]
"""Where two are compared, one is larger than the values that conditions name."""


def condition(generator: random.Random, relations: int) -> str:
    if generator.randrange(100) < relations:
        return generator.choice(RELATIONS)
    fact = generator.choice([*COUNTS, *DAYS, *FLAGS[relations > 0 :]])
    if fact in FLAGS:
        return generator.choice([fact, f"not {fact}"])
    if fact in DAYS:
        days = ["is none", "is not none", "<= 0", "<= 1", ">= 2", "<= 3", "<= 6", "> 6", "= 2"]
        return f"{fact} {generator.choice(days)}"
    counts = ["= 1", ">= 1", ">= 2", "< 1", "<= 1", "= 3"]
    return f"{fact} {generator.choice(counts[: 5 if relations else 6])}"


def written(generator: random.Random, relations: int = 0) -> str:
    rules = []
    for number in range(generator.randint(2, 4)):
        parts = [condition(generator, relations) for _ in range(generator.randint(1, 3))]
        effect = generator.choice(["allow", "forbid", "require", "never"])
        rules.append(f"rule r{number}: {effect} sms when {generator.choice([' and ', ' or ']).join(parts)}\n")
    return VOCABULARY + "".join(rules)


def held(rule: Rule, cases: Sequence[Mapping[str, int | bool | None]], facts: Mapping[str, Fact] = FACTS) -> set[int]:
    """The possible cases in which a rule holds, by the reference interpreter."""
    permits = rule.effects["sms"].permits
    truths = [meaning.truth(rule.condition, facts, case) for case in cases]
    return {number for number, truth in enumerate(truths) if truth is True or (truth is None and not permits)}


def expected(
    rules: tuple[Rule, ...],
    cases: Sequence[Mapping[str, int | bool | None]] = CASES,
    facts: Mapping[str, Fact] = FACTS,
) -> Iterator[tuple[str, tuple[str, ...]]]:
    where = {rule.name: held(rule, cases, facts) for rule in rules}
    living = [rule for rule in rules if where[rule.name]]
    yield from (("dead-rule", (rule.name,)) for rule in rules if not where[rule.name])
    for one, other in itertools.combinations(living, 2):
        names = (one.name, other.name)
        effects = {one.effects["sms"], other.effects["sms"]}
        if not where[one.name] & where[other.name]:
            continue
        if Effect.FORBID in effects and effects & {Effect.ALLOW, Effect.REQUIRE}:
            yield "contradiction", names
        if effects == {Effect.REQUIRE, Effect.NEVER}:
            yield "blocked-duty", names


@settings(max_examples=examples(75, by_night=150))
@given(seeds())
def test_findings_are_of_possible_cases_and_miss_none(seed: int) -> None:
    agrees(written(random.Random(seed)), CASES)


@settings(max_examples=examples(13, by_night=25))
@given(seeds())
def test_the_same_where_facts_of_one_history_are_compared(seed: int) -> None:
    agrees(written(random.Random(seed), 50), WITH_CAPS)


def agrees(text: str, cases: Sequence[Mapping[str, int | bool | None]]) -> None:
    policy = forbear.loads(text)
    found = [one for one in each(policy.validate()) if one.code in ("contradiction", "blocked-duty", "dead-rule")]
    there = set(expected(policy.typed.rules, cases))
    assert {(one.code, one.rules) for one in found} == there
    counted = totals(findings(policy.typed, limit=0))
    for code in ("contradiction", "blocked-duty", "dead-rule"):
        assert counted.get(code, 0) == sum(one == code for one, _ in there)


def test_pairs_that_are_only_counted_are_possible_too() -> None:
    rules = "".join(
        f"rule allow_{number}: allow sms when calls_today >= {number}\n"
        f"rule forbid_{number}: forbid sms when calls_in_7_days <= {number}\n"
        for number in range(1, 20)
    )
    policy = forbear.loads(VOCABULARY + rules)
    assert sum(one.code == "contradiction" for one in each(policy.validate())) == sum(range(1, 20))
    assert totals(findings(policy.typed, limit=5))["contradiction"] == sum(range(1, 20))


REFUSED = ("contradiction", "blocked-duty")


def of_any_windows(chosen: random.Random) -> tuple[list[reached.Follows], str]:
    """Facts that follow from the same events, and what declares them."""
    facts = reached.drawn(chosen, chosen.choice((2, 2, 3)))
    return facts, reached.DECLARED + "action sms\n" + "".join(f"{fact.text}\n" for fact in facts)


def one_rule(chosen: random.Random, number: int, facts: Sequence[reached.Follows], others: Sequence[str] = ()) -> str:
    """A rule, often about something of one fact and nothing of another."""
    parts = [reached.condition(chosen.choice(facts), chosen) for _ in range(chosen.choice((1, 2, 2, 3)))]
    parts += chosen.sample(others, chosen.randint(0, min(2, len(others))))
    joined = chosen.choice([" and ", " and ", " or "]).join(parts)
    if chosen.random() < 0.5:
        joined = " and ".join(
            reached.of_some(fact, some) for fact, some in zip(chosen.sample(facts, 2), (True, False), strict=True)
        )
    effect = chosen.choice(["allow", "forbid", "require", "never"])
    return f"rule r{number}: {effect} sms when {joined}\n"


@pytest.mark.parametrize("chunk", range(4))
def test_findings_of_any_windows_are_of_histories_and_miss_none(chunk: int) -> None:
    """What some history has is never excluded. Of two facts that are free by themselves nothing else is found, unless
    they are of opposite events, of what a fact of the case selects, of single events, of hours, or of working days."""
    number, outcomes = examples(150, by_night=20), Counter[object]()
    for seed in range(chunk * number, (chunk + 1) * number):
        chosen = random.Random(f"windows {seed}")
        facts, text = of_any_windows(chosen)
        text += "".join(one_rule(chosen, place, facts) for place in range(chosen.randint(2, 3)))
        other = one_rule(chosen, 9, facts)
        text += other.replace("sms", "call").replace("r9", "with_call")
        text += f"ensure sms not allowed when{other.partition('when')[2]}"
        rising = [fact.name for fact in facts if fact.measure != "any"]
        text += "action call\nladder p: sms, call\n" + f"  rising with {', '.join(rising[:2])}\n" * bool(rising)
        checked = check_text(text)
        if checked.policy is None:  # a fact is never as much as a condition says
            assert "out-of-range" in {one.code for one in checked.diagnostics}
            continue
        policy, values = forbear.Policy(checked), reached.values(facts)
        names = [fact.name for fact in facts]
        cases = [dict(zip(names, its, strict=True)) for its in values]
        real = {tuple([as_listed(fact, value) for fact, value in zip(facts, its, strict=True)]) for its in values}
        there = set(expected(policy.typed.rules[:-1], cases, policy.typed.facts))
        every = each(policy.validate(asked=["overlap"]))
        of_sms = [one for one in every if "with_call" not in one.rules]
        found = {(one.code, one.rules) for one in of_sms if one.code in ("dead-rule", *REFUSED)}
        dead = [{rules for code, rules in of if code == "dead-rule"} for of in (found, there)]
        refused = [{one for one in of if one[0] in REFUSED} for of in (there, found)]
        assert (dead[0] <= dead[1], refused[0] <= refused[1]) == (True, True), (seed, text)
        plain = not any(fact.where in ("not x", "m >= this least") or fact.measure in reached.OF_ONE for fact in facts)
        plain = plain and not any(fact.window.endswith(("hours", "minutes", "of c")) for fact in facts)
        exact = len(facts) == 2 and plain and all(reached.free(fact, policy.typed) for fact in facts)
        assert not exact or found == there, (seed, text, found, there)
        for one in every:
            assert one.code != "undecided", (seed, text)
            decided_as_told(policy, one)
            for case in one.cases:
                outcomes["shown"] += 1
                is_real = exact and tuple([as_listed(fact, case.get(fact.name)) for fact in facts]) in real
                assert is_real or (not exact and goes_together(policy, case)), (seed, text, case)
                assert not any(isinstance(value, int) and value > 1_000 for value in case.values()), (text, case)
        outcomes.update([exact, *[code for code, _ in there]])
    assert min(outcomes[it] for it in (True, "dead-rule", *REFUSED)) > 0, outcomes
    assert outcomes["shown"] > number, outcomes


def test_days_that_are_compared_are_divided_by_what_an_event_in_them_says_of_a_number() -> None:
    text = (
        "fact ago days since last e where x\nfact start days since first e\nfact near count of e in last 3 days\n"
        "action sms, visit\nladder p: sms, visit\n  rising with ago, start\n"
        "rule r1: allow sms when start != 6 and ago = 1 and near < 8\nrule r2: allow visit when ago != start\n"
    )
    policy = forbear.loads(reached.DECLARED + text)
    falling = [one for one in each(policy.validate()) if one.code == "falling-pressure"]
    assert falling
    for case in [case for one in falling for case in one.cases]:
        assert goes_together(policy, case), case


def as_listed(fact: reached.Follows, value: object) -> object:
    """A value of a case as one that is alike: no condition names so many, or such a day."""
    if value in (None, "none"):
        return None
    assert isinstance(value, int)
    return value if fact.measure == "any" else min(value, reached.MANY if fact.measure in reached.NUMBERS else 11)


def strength(value: object, falls: bool) -> int:
    if value == "none":
        return WEAKEST
    assert isinstance(value, int)
    return -int(value) if falls else int(value)


def goes_together(policy: forbear.Policy, case: Mapping[str, object]) -> bool:
    """Whether no pair of facts has values that they never have together."""
    return all(
        strength(case[pair.more], pair.falls[1]) >= pair.least(strength(case[pair.fewer], pair.falls[0]))
        for pair in related_facts(policy.typed, [name for name in case if case[name] is not None])
    )


@pytest.mark.parametrize("joined", ["since agreed", "since last reply"])
@pytest.mark.parametrize(
    "alone",
    ["f1 days since first e|at least 3 days ago|f1 >= 3", "f1 days since last e|between 0 and 3 days ago|f1 <= 3"],
)
def test_a_joined_window_need_not_have_what_it_would_have_alone(alone: str, joined: str) -> None:
    fact, window, when = alone.split("|")
    text = f"{reached.DECLARED}action sms\nfact {fact}\nfact f2 count of e {window}"
    rule = f"rule r: never sms when {when} and f2 = 0\n"
    for after, dead in ((f" and {joined}\n", False), ("\n", True)):
        assert ("dead-rule" in {one.code for one in forbear.loads(text + after + rule).validate()}) is dead


OF_DATES = """\
fact waited working days of c since agreed
fact feast holiday of c
fact hours weekly hours optional
fact spared now within hours
"""
ABOUT_DATES = ("waited >= 2", "waited < 0", "waited = -1", "feast", "not feast", "spared", "not spared")


@pytest.mark.parametrize("chunk", range(4))
def test_a_difference_is_exactly_the_changed_values_of_what_follows(chunk: int) -> None:
    """Of all values that some history gives together; of others nothing is told that is not so."""
    number, changed_pairs = examples(150, by_night=10), 0
    for seed in range(chunk * number, (chunk + 1) * number):
        chosen = random.Random(f"windows that change {seed}")
        facts, head = of_any_windows(chosen)
        rules = [one_rule(chosen, place, facts, ABOUT_DATES) for place in range(chosen.randint(2, 3))]
        changed = [*rules[:-1], one_rule(chosen, len(rules) - 1, facts, ABOUT_DATES)]
        both = [check_text("".join([head, OF_DATES, *its])).policy for its in (rules, changed)]
        if both[0] is None or both[1] is None:
            continue
        found = difference(both[0], both[1])
        declared = both[0].facts
        probes = {
            change: forbear.loads(f"{head}{OF_DATES}rule probe: allow sms when {change.condition}").typed.rules[0]
            for change in found.changes
        }
        axes: dict[str, Sequence[int | bool | None]]
        axes = {fact.name: reached.every_value(fact, declared[fact.name].high) for fact in facts}
        axes |= {"waited": (None, -2, -1, 0, 2), "feast": (False, True), "spared": (False, True, None)}
        axes = {name: its if name in "".join([*rules, *changed]) else its[:1] for name, its in axes.items()}
        read = [place for place, fact in enumerate(facts) if len(axes[fact.name]) > 1]
        every = [rule.condition for its in (both[0], both[1]) for rule in its.rules]
        compared = {
            atom for condition in [*every, *[its.condition for its in probes.values()]] for atom in atoms(condition)
        }
        alike = {name: first_alike(name, its, compared, declared) for name, its in axes.items()}
        axes = {name: [*dict.fromkeys(its.values())] for name, its in alike.items()}
        names = [facts[place].name for place in read]
        together = {
            tuple([alike[name].get(its[place], its[place]) for name, place in zip(names, read, strict=True)])
            for its in reached.values(facts)
        }
        for values in itertools.product(*axes.values()):
            case = dict(zip(axes, values, strict=True))
            before, after = (meaning.decide_action(its, "sms", case, None).verdict for its in both)  # type: ignore[arg-type]
            told = [
                (change.before, change.after)
                for change, probe in probes.items()
                if meaning.truth(probe.condition, declared, case)
            ]
            wanted = [] if before is after else [(before, after)]
            is_told = told == wanted or (told == [] and tuple([values[place] for place in read]) not in together)
            assert is_told, (seed, head, rules, changed, case)
        assert not found.undecided
        changed_pairs += not found.equivalent
    assert changed_pairs > number // 4


def first_alike(
    name: str, values: Sequence[int | bool | None], compared: Collection[Atom], facts: Mapping[str, Fact]
) -> dict[int | bool | None, int | bool | None]:
    """By each value of a fact the first one that meets the same comparisons."""
    its = [atom for atom in compared if name in facts_of(atom)]
    first: dict[object, int | bool | None] = {}
    return {
        value: first.setdefault(tuple([meaning.truth(atom, facts, {name: value}) for atom in its]), value)
        for value in values
    }


PAYMENTS = """\
event payment
  has parts count between 2 and 3
fact times count of payment in last 30 days
fact paid sum of payment.parts in last 30 days
fact agreed count between 0 and 8
action sms
"""
OF_PAYMENTS = (
    *("times >= 2", "times < 3", "paid > agreed", "paid = agreed", "paid < 7", "agreed < 5", "times > agreed"),
)
PAID = [
    {"times": number, "paid": paid, "agreed": agreed}
    for number in range(12)
    for paid in range(2 * number, 3 * number + 1)
    for agreed in range(9)
]


@pytest.mark.parametrize("seed", [*range(30), 200_377, 200_384])
def test_a_sum_that_is_compared_has_its_number_of_events(seed: int) -> None:
    """Each event adds 2 or 3 to the sum."""
    chosen = random.Random(seed)
    conditions = [" and ".join(chosen.sample(OF_PAYMENTS, chosen.randrange(1, 4))) for _ in range(3)]
    effects = ("allow", "forbid", chosen.choice(("require", "forbid")))
    rules = [f"rule r{n}: {when} then {effects[n]} sms\n" for n, when in enumerate(conditions)]
    policy = forbear.loads(PAYMENTS + "".join(rules))
    facts = policy.typed.facts
    where = {
        rule.name: {at for at, case in enumerate(PAID) if meaning.truth(rule.condition, facts, case)}
        for rule in policy.typed.rules
    }
    expected: set[tuple[str, tuple[str, ...]]]
    expected = {("dead-rule", (name,)) for name, cases in where.items() if not cases}
    for one, other in itertools.combinations(policy.typed.rules, 2):
        its = {one.effects["sms"], other.effects["sms"]}
        if where[one.name] & where[other.name] and Effect.FORBID in its and its != {Effect.FORBID}:
            expected.add(("contradiction", (one.name, other.name)))
    every = [one for finding in policy.validate() for one in (finding, *finding.also)]
    found = [one for one in every if one.code in ("contradiction", "dead-rule")]
    assert {(one.code, one.rules) for one in found} == expected
    for witness in [finding.witness for finding in found if finding.witness is not None]:
        if "times" in witness and "paid" in witness:
            number, paid = (int(str(witness[name])) for name in ("times", "paid"))
            assert 2 * number <= paid <= 3 * number, (conditions, witness)


def percentages(rules: int) -> str:
    """Rules that compare a payment with as many percentages of an income, and say from which day."""
    written = (
        f"rule r{n}: payment {'><'[n % 2]} {n * 37 % 90 + 5}.{n % 10}% of income and late > {n} then"
        f" {'allow' if n % 3 else 'forbid'} a\n"
        for n in range(rules)
    )
    facts = "fact payment money\nfact income money\nfact late days clock\n"
    return f"policy p currency EUR\n{facts}action a\n{''.join(written)}"


def calendars(days: int) -> str:
    """Two calendars in two rules, of working days and of those since an event."""
    last = datetime.date(2026, 1, 1) + datetime.timedelta(days - 1)
    names = ("first", "other")
    return "".join(
        [
            *(f'calendar {name} "t" covers 2026-01-01 to {last}\n  weekend saturday, sunday\n' for name in names),
            "event letter\n",
            *(f"fact w_{name} working day of {name}\n" for name in names),
            *(f"fact s_{name} working days of {name} since last letter\n" for name in names),
            "action a\nrule r1: s_first > 3 and w_other then allow a\nrule r2: s_other < 6 and w_first then forbid a\n",
        ]
    )


def test_the_work_grows_no_faster_than_what_is_compared() -> None:
    """Counted are the inequalities of all systems that are solved: pairs of percentages are four times as many where
    these are twice as many; a longer calendar is no more systems."""
    solved = Counter[str]()

    def work(text: str) -> int:
        solved.clear()
        with patch.object(cases, "solution", counting):
            assert not [one for one in forbear.loads(text).validate() if one.code == "undecided"]
        return solved["strips"]

    def counting(system: System, ties: Sequence[Tie], bound: Bound) -> dict[str, int] | None:
        solved["strips"] += len(system.strips)
        return solution(system, ties, bound)

    few, many = work(percentages(12)), work(percentages(24))
    assert many < 6 * few, (few, many)
    assert many < 6_000  # three times as many where what excludes a case was looked for condition by condition
    assert work(calendars(800)) <= 1.2 * work(calendars(100))


def test_cases_of_which_all_facts_are_known_are_made_short_without_a_decision() -> None:
    """Each of many cases would be decided by as many rules again."""
    with patch.object(meaning, "decide_action", wraps=meaning.decide_action) as decide:
        assert any(one.in_short for one in forbear.loads(percentages(12)).validate())
    assert not decide.called


def test_the_work_of_a_code_ends_with_its_bound_whatever_is_found() -> None:
    """Inequalities are counted, be they solved to find a contradiction or to show a case of it."""
    few, many = 20_000, 4_000_000
    for most, is_decided in ((few, False), (many, True)):
        with patch.object(searcher, "BOUND", most), patch.object(systems, "gcd", wraps=gcd) as solved:
            found = findings(forbear.loads(percentages(40)).typed, only=frozenset({"contradiction"}))
        assert ("undecided" not in found.totals, 30 * solved.call_count > few) == (is_decided, is_decided)


def test_values_may_have_more_bits_than_the_machine() -> None:
    """Sums have, in the studio's page for any web server: Python has 32 bits there."""
    may = May(((-(2**70), 2**70),), none=False, unknown=False)
    assert may.where(lambda strength: strength >= 5, falls=False, first=False).runs == ((5, 2**70),)
    assert may.where(lambda strength: strength <= 5, falls=True, first=True).runs == ((-5, 2**70),)
    assert may.where(lambda strength: strength > 2**70, falls=False, first=False).runs == ()
