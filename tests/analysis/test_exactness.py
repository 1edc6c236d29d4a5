"""The analyser against a brute force: the same findings, none missed and none false, each with a witness that replays.

First the judge itself is tried on policies whose findings are known by hand: for each code what is one and what only
just is none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import oracle
import pytest
import small
from checking import each, totals
from hypothesis import given, settings
from night import NIGHTLY
from oracle import Finding, Oracle, Point
from written import Written, texts

import forbear
from forbear.analysis.run import findings
from forbear.base.diagnostic import Diagnostic, Severity
from forbear.base.source import Place
from forbear.check.promises.promises import written_case
from forbear.language.model.policy import Effect, Rule, facts_read

CHUNKS = range(20 if NIGHTLY else 4)
SEEDS = 500 if NIGHTLY else 10
"""Policies from seeds, in each chunk."""

HEAD = """
fact late days clock between 0 and 6
fact misses count between 0 and 3
fact agreed yes/no consent
fact score count between 0 and 2 optional
fact called date between 2015-09-20 and 2015-09-22 or none
fact waited count between 0 and 3 or none
fact hour time between 08:00 and 08:00:03
fact region text
action sms, call, visit, court
group hard is visit, court
"""
KNOWN = texts(Path(__file__).with_name("known.txt"))


def under_standard(law: str, text: str) -> dict[str, str]:
    """The files of a row: the policy is the last."""
    head, _, rest = text.partition("\n") if text.startswith(("policy", "standard")) else ("policy small", "", text)
    subject = head.replace(" small", ' small\n  subject to "law"', 1)
    return {"law": f"standard law\n{HEAD}{law}\n", "small": f"{subject}\n{HEAD}{rest}\n"}


def whole(text: str) -> str:
    """A policy of the table with its vocabulary."""
    head, _, rest = text.partition("\n") if text.startswith(("policy", "standard")) else ("", "", text)
    return f"{head}{HEAD}{rest}\n"


@pytest.mark.parametrize("one", KNOWN, ids=[f"{one.title}-{number}" for number, one in enumerate(KNOWN)])
def test_findings_are_exact_by_hand(one: Written, tmp_path: Path) -> None:
    """Those of the judge, and of the analyser."""
    *law, text = one.text.split("\n---\n")
    files = under_standard(law[0], text) if law else {"small": whole(text)}
    policy = small.loaded(files, tmp_path)
    assert policy is not None
    found = check_loaded(policy, "\n".join(files.values()))
    assert sorted(", ".join(names) for code, *names in found if code == one.title) == sorted(one.found)


@pytest.mark.parametrize("code", sorted(oracle.CODES))
def test_the_judge_is_tried_on_each_code(code: str) -> None:
    """At least one that is found, and one that only just is not."""
    expected = [bool(one.found) for one in KNOWN if one.title == code]
    assert True in expected
    assert False in expected


# The analyser


def finding_of(judge: Oracle, diagnostic: Diagnostic) -> Finding:
    """A diagnostic of the analyser, in the form of the judge."""
    match diagnostic.code:
        case "contradiction" | "blocked-duty" | "dead-rule" | "duplicate" | "overlap" | "masked-rule":
            return (diagnostic.code, *diagnostic.rules)
        case "none-escapes":
            return (diagnostic.code, *diagnostic.rules, str(diagnostic.fact))
        case "subsumed":
            return (diagnostic.code, *diagnostic.rules, str(diagnostic.subsumed))
        case "hole" | "no-floor" | "unguarded" | "unjudged":
            return (diagnostic.code, *diagnostic.actions)
        case "vacuous-standard":
            return (diagnostic.code, diagnostic.place.text.strip('"'))
        case "skipped-rung":
            return (diagnostic.code, *diagnostic.actions, *sorted(diagnostic.skips))
        case "falling-pressure":
            return (diagnostic.code, str(diagnostic.ladder), str(diagnostic.fact))
        case "table-gap":
            (table,) = [table.name for table in judge.policy.tables if table.place == diagnostic.place]
            return (diagnostic.code, table)
        case "table-overlap":
            return (diagnostic.code, *_row_and_earlier(judge, diagnostic))
        case _:
            return (diagnostic.code, str(_ensure_of(judge, diagnostic)))


def _row_and_earlier(judge: Oracle, diagnostic: Diagnostic) -> list[str]:
    """The row of an overlap, and the earlier rows that it meets: up to three are labelled, and all of them counted."""
    (row,) = [row for table in judge.policy.tables for row in table.rows if row.place == diagnostic.place]
    return [row.name, *[label.text.strip("`") for label in diagnostic.related]]


def _ensure_of(judge: Oracle, diagnostic: Diagnostic) -> int:
    line = diagnostic.place.start.line
    return next(
        index
        for index, ensure in enumerate(judge.policy.ensures)
        if ensure.place.start.line <= line <= ensure.place.end.line
    )


def replay(judge: Oracle, diagnostic: Diagnostic) -> None:
    """The witness of a finding shows what the finding says, by the judge's own evaluator."""
    number = {rule.name: index for index, rule in enumerate(judge.rules)}
    rules = [number[name] for name in diagnostic.rules]
    several = [oracle.case_of(judge, witness) for witness in diagnostic.witnesses]
    if diagnostic.code in ("dead-rule", "vacuous-standard"):
        assert diagnostic.witness is None
        assert not several
        return
    assert diagnostic.witness is not None
    point = oracle.case_of(judge, diagnostic.witness)
    clock = judge.clock
    match diagnostic.code:
        case "contradiction":
            assert _both(judge, rules, point, list(judge.clash(*rules)))
            assert list(diagnostic.actions) == judge.met_on(rules[0], rules[1], judge.clash(*rules))
        case "none-escapes":
            assert judge.escapes(rules[0], judge.policy.facts[str(diagnostic.fact)], point)
            its = _effects(judge.rules[rules[0]])
            refused = [action for action, effect in its if effect.value in ("never", "forbid")]
            assert list(diagnostic.actions) == (refused or list(judge.rules[rules[0]].effects))
        case "blocked-duty" if any(judge.rules[rule].along for rule in rules) and not judge.met_on(
            rules[0], rules[1], judge.blocks(*rules)
        ):
            one, other = rules
            assert judge.blocks_along(one, other, point) or judge.blocks_along(other, one, point)
        case "blocked-duty":
            assert _both(judge, rules, point, list(judge.blocks(*rules)))
            assert list(diagnostic.actions) == judge.met_on(rules[0], rules[1], judge.blocks(*rules))
        case "overlap":
            assert _both(judge, rules, point, list(judge.shares(*rules)))
            assert list(diagnostic.actions) == judge.met_on(rules[0], rules[1], judge.shares(*rules))
        case "duplicate":
            effects = [(action, effect, effect) for action, effect in _effects(judge.rules[rules[0]])]
            assert _both(judge, rules, point, effects)
        case "subsumed":
            smaller = number[str(diagnostic.subsumed)]
            effects = [(action, effect, effect) for action, effect in _effects(judge.rules[smaller])]
            assert _both(judge, rules, point, effects)
        case "masked-rule":
            _replay_masked(judge, diagnostic, rules[0], point)
        case "hole":
            assert clock is not None
            (action,) = diagnostic.actions
            before, within, after = several
            assert point in several
            assert _same_but(clock, several)
            assert before.verdicts[action].permits
            assert within.verdicts[action].word == "unsaid"
            assert after.verdicts[action].permits
            assert _on(before, clock) < _on(within, clock) < _on(after, clock)
        case "skipped-rung":
            assert clock is not None
            (rung,) = diagnostic.actions
            assert judge.permitted(rung, point)
            line = _line_up_to(judge, point, clock)
            skipped = {
                milder
                for ladder in judge.policy.ladders.values()
                if rung in ladder.rungs
                for milder in judge.skips(ladder, rung, line, len(line) - 1)
            }
            assert skipped & set(diagnostic.skips)
        case "falling-pressure":
            fact = str(diagnostic.fact)
            low, high = several
            assert point in several
            assert _same_but(fact, several)
            assert _on(low, fact) < _on(high, fact)
            assert judge.falls(judge.policy.ladders[str(diagnostic.ladder)], low, high)
        case "no-floor":
            assert clock is not None
            (rung,) = diagnostic.actions
            assert point.case[clock] == judge.policy.facts[clock].low
            assert judge.permitted(rung, point)
        case "unguarded" | "unjudged":
            assert any(point.verdicts[action].permits for action in diagnostic.actions)
        case "failed-ensure":
            ensure = judge.policy.ensures[_ensure_of(judge, diagnostic)]
            assert judge.broken(ensure, point)
            assert all(judge.keeps(ensure, name) for name in diagnostic.kept_by)
            assert any(
                not oracle.meets(point.verdicts[action], ensure.expected.expectation) for action in diagnostic.actions
            )
        case "table-gap":
            (table,) = [table for table in judge.policy.tables if table.place == diagnostic.place]
            assert judge.gap(table, point)
        case "table-overlap":
            row, first, *_ = _row_and_earlier(judge, diagnostic)
            assert any({row, first} <= set(judge.holding(table, point)) for table in judge.policy.tables)
        case code:
            raise AssertionError(f"nobody knows how to replay `{code}`")


def decided_as_told(policy: forbear.Policy, found: Diagnostic) -> None:
    """Each case of a finding can be decided as it stands, with its day, and its words in short are decided alike."""
    for witness, short in zip(found.cases, found.in_short, strict=True):
        case = {name: value for name, value in witness.items() if name != "on"}
        whole = policy.decide(case, on=witness.get("on"))  # type: ignore[arg-type]
        if not short.startswith("every fact"):
            written = written_case(short, policy.typed, facts_read(policy.typed))
            in_short = policy.decide(written.case, on=written.on)
            for action in {*found.actions} & {*policy.actions}:
                assert in_short[action].verdict is whole[action].verdict, (witness, short)


def _effects(rule: Rule) -> list[tuple[str, Effect]]:
    return [*rule.effects.items(), *[(action, Effect.ALONG) for action in rule.along]]


def _both(judge: Oracle, rules: list[int], point: Point, effects: list[tuple[str, Effect, Effect]]) -> bool:
    """Whether a case lies in R of both rules, for one of these effects."""
    one, other = rules
    return any(judge.in_region(one, its, point) and judge.in_region(other, others, point) for _, its, others in effects)


def _replay_masked(judge: Oracle, diagnostic: Diagnostic, rule: int, point: Point) -> None:
    """The rule holds in the case and does not decide; those that mask it do so by themselves, and all are needed."""
    number = {rule.name: index for index, rule in enumerate(judge.rules)}
    assert any(judge.in_region(rule, effect, point) for effect in judge.rules[rule].effects.values())
    assert all(rule not in verdict.rules for verdict in judge.verdicts_without_suspends(point.truths).values())
    by = [number[name] for name in diagnostic.by]
    assert sorted(set(by)) == by
    assert rule not in by
    assert not set(by) & (judge.suspends | judge.dead)
    assert judge.mask_together(by, rule)
    assert not any(judge.mask_together([other for other in by if other != one], rule) for one in by)


def _same_but(fact: str, points: list[Point]) -> bool:
    """All else equal, the day included."""
    others = [({**point.case, fact: 0}, point.day) for point in points]
    return all(other == others[0] for other in others)


def _on(point: Point, fact: str) -> int:
    value = point.case[fact]
    assert isinstance(value, int)
    return value


def _line_up_to(judge: Oracle, point: Point, clock: str) -> list[Point]:
    values = range(judge.policy.facts[clock].low, _on(point, clock) + 1)
    return [judge.point({**point.case, clock: value}, point.day) for value in values]


def check(text: str) -> None:
    """The analyser finds what the judge finds, once each, and every witness replays."""
    check_loaded(forbear.loads(text), text)


def check_loaded(policy: forbear.Policy, text: str) -> set[Finding]:
    """What is found."""
    judge = Oracle(policy.typed)
    by_cause, effort = policy.validate(asked=["overlap"]), 1
    if NIGHTLY and any(found.code == "undecided" for found in by_cause):  # one of thousands: looked at as its help says
        by_cause, effort = policy.validate(asked=["overlap"], effort=10), 10
    everything = each(by_cause)
    check_causes(by_cause, judge)
    reported = [diagnostic for diagnostic in everything if diagnostic.code in oracle.CODES]
    reported_as = Counter(finding_of(judge, diagnostic) for diagnostic in reported)
    expected = judge.findings()
    missed, false = expected - reported_as.keys(), reported_as.keys() - expected
    assert (missed, false) == (set(), set()), f"missed {missed}, false {false} in\n{text}"
    assert [finding for finding, count in reported_as.items() if count > 1] == []
    assert not [diagnostic for diagnostic in everything if diagnostic.code == "undecided"]
    # what is only counted is counted right
    counted = totals(findings(policy.typed, limit=1, asked=["overlap"], effort=effort))
    assert {code: counted[code] for code in oracle.CODES if code in counted} == Counter(one.code for one in reported)
    for diagnostic in reported:
        replay(judge, diagnostic)
        decided_as_told(policy, diagnostic)
    return expected


def causes(found: Diagnostic, judge: Oracle, every: Sequence[Diagnostic]) -> set[object]:
    """What findings of one cause have in common, with one of them at least; `every` has all findings."""
    match found.code:
        case "dead-rule" | "decided-comparison":
            dead, compared = [
                [o.place for o in every if o.code == code] for code in ("dead-rule", "decided-comparison")
            ]
            return {("decides", str(place)) for place in dead if found.place in place} | _defined(
                found, judge, compared
            )
        case "table-gap":
            return {("gap", table.name) for table in judge.policy.tables if table.place == found.place}
        case "blocked-duty" if (duty := _duty_of_several(found, judge, every)) is not None:
            return {("the duty", duty)}
        case "contradiction" | "blocked-duty" | "masked-rule":
            return {("the last word", found.by)}
        case "hole" | "falling-pressure":
            [(name, values)] = [
                (name, (value, found.witnesses[1][name]))
                for name, value in found.witnesses[0].items()
                if value != found.witnesses[1][name]
            ]
            lost = oracle.case_of(judge, found.witnesses[1])
            gaps = [
                table
                for table in judge.policy.tables
                if table.complete and judge.gap(table, lost) and judge.may_speak_of(table, found.actions[0])
            ]
            in_gaps = {("gap", table.name) for table in gaps}
            return {str(found.witnesses[:2]), (str(found.place), name, values), *in_gaps}
        case "skipped-rung":
            return {("skipped", found.skips)}
        case "duplicate":
            return {("same", rule) for rule in found.rules}
        case "subsumed":
            [larger] = set(found.rules) - {found.subsumed}
            return {("smaller", found.subsumed), ("larger", larger)}
        case _:
            return {(found.code, str(found.place), str(found.cases))} if found.cases else set()


def _duty_of_several(found: Diagnostic, judge: Oracle, every: Sequence[Diagnostic]) -> str | None:
    """A duty of the policy's own that several safeguards block, where the safeguard of a finding blocks no more duties
    than there are of these."""
    blocked = [one for one in every if one.code == "blocked-duty" and one.accepted is None]
    duties = [name for one in blocked for name in one.rules if name not in one.by]
    [duty] = [name for name in found.rules if name not in found.by]
    own = any(rule.name == duty and rule.standard is None for rule in judge.policy.rules)
    several = duties.count(duty) >= max(2, sum(one.by == found.by and _own(one, judge) for one in blocked))
    return duty if own and several else None


def _own(found: Diagnostic, judge: Oracle) -> bool:
    return any(
        rule.name in found.rules and rule.name not in found.by and not rule.standard for rule in judge.policy.rules
    )


def _defined(found: Diagnostic, judge: Oracle, compared: Collection[Place]) -> set[object]:
    """A comparison in a definition, or those in the definitions that the text of a dead rule names, directly or by
    others."""
    source = judge.policy.place.source
    defined = {name: Place(source, at.span()) for name, at in ((at[1], at) for at in _DEFINE.finditer(source.text))}
    if found.code == "decided-comparison":
        return {("decided", str(found.place)) for place in defined.values() if found.place in place}
    text = found.place.text
    named: set[str] = set()
    while more := {name for name in defined if re.search(rf"\b{name}\b", text)} - named:
        named |= more
        text = " ".join(defined[name].text for name in more)
    return {("decided", str(place)) for name in named for place in compared if place in defined[name]}


_DEFINE = re.compile(r"^define (\w+) is [^\n]*", re.MULTILINE)


def check_causes(by_cause: Sequence[Diagnostic], judge: Oracle) -> None:
    """Findings are one if they have one cause, and only then; the most serious leads."""
    known: set[object] = set()
    every = each(by_cause)
    for leading in by_cause:
        together = [leading, *leading.also]
        assert leading.severity == min((one.severity for one in together), key=list(Severity).index)
        connected, left = causes(leading, judge, every), [causes(one, judge, every) for one in leading.also]
        while joining := [one for one in left if one & connected]:
            connected |= set().union(*joining)
            left = [one for one in left if one not in joining]
        assert not left, together
        assert not known & connected, together
        known |= connected


@settings(max_examples=5000 if NIGHTLY else 40)
@given(small.small_policies())
def test_findings_are_exact(text: str) -> None:
    check(text)


@pytest.mark.parametrize("chunk", CHUNKS)
def test_findings_are_exact_from_seeds(chunk: int) -> None:
    """As above, faster, and other policies than Hypothesis thinks of."""
    for seed in range(chunk * SEEDS, (chunk + 1) * SEEDS):
        check(small.small_policy(seed))


@pytest.mark.parametrize("chunk", CHUNKS)
def test_findings_of_comparisons_of_two_facts_are_exact(chunk: int) -> None:
    for seed in range(chunk * SEEDS, (chunk + 1) * SEEDS):
        check(small.related_policy(seed))


@pytest.mark.parametrize("chunk", CHUNKS)
@pytest.mark.parametrize(("make", "by_day"), [(small.spanning_policy, 50), (small.summing_policy, 25)])
def test_findings_of_spans_and_of_sums_are_exact(make: Callable[[int], str], by_day: int, chunk: int) -> None:
    number = SEEDS if NIGHTLY else by_day
    for seed in range(chunk * number, (chunk + 1) * number):
        check(make(seed))


@pytest.mark.parametrize("chunk", CHUNKS)
def test_findings_of_duties_are_exact(chunk: int) -> None:
    for seed in range(chunk * SEEDS, (chunk + 1) * SEEDS):
        check(small.dutiful_policy(seed))


def test_findings_of_a_policy_that_a_night_found_are_exact() -> None:
    """Rules that are dead by one definition, in which no comparison is decided: each of them is a finding."""
    check(small.dutiful_policy(100_027))


@pytest.mark.parametrize("chunk", CHUNKS[:5] if NIGHTLY else CHUNKS[:1])
def test_findings_are_exact_with_an_index_everywhere(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What only large policies ask for, asked of small ones: an index of a few boxes, that keeps few of its cells."""
    monkeypatch.setattr("forbear.space.formulas._FEW", 0)
    monkeypatch.setattr("forbear.space.search.search._FEW", 0)
    monkeypatch.setattr("forbear.space.search.index._MOST_BITS", 10)
    monkeypatch.setattr("forbear.analysis.findings.pairs.clashes._COMPARED", 0)
    for seed in range(chunk * SEEDS, (chunk + 1) * SEEDS):
        check(small.small_policy(seed))
        check(small.related_policy(seed))


@pytest.mark.parametrize("chunk", CHUNKS[:10])
def test_findings_under_standards_are_exact(chunk: int, tmp_path: Path) -> None:
    for seed in range(chunk * SEEDS, (chunk + 1) * SEEDS):
        files = small.under_standards(seed, 1 + seed % 2)
        policy = small.loaded(files, tmp_path)
        if policy is not None:
            check_loaded(policy, "\n".join(files.values()))


def test_small_policies_show_every_finding(tmp_path: Path) -> None:
    """The comparison is worth something only where there is something to find: each code in one policy of 25 or so."""
    found = Counter[str]()
    times = 100 if NIGHTLY else 50
    for seed in range(2 * times):
        found.update({finding[0] for finding in oracle.findings(forbear.loads(small.small_policy(seed)).typed)})
    of_standards = Counter[str]()
    for seed in range(times):
        policy = small.loaded(small.under_standards(seed, 1 + seed % 2), tmp_path)
        if policy is not None:
            of_standards.update({finding[0] for finding in oracle.findings(policy.typed)})
    found.update({code: of_standards[code] for code in ("unjudged", "vacuous-standard")})
    assert {code for code in oracle.CODES if found[code] < times // 12} == set()
