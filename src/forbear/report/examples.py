"""The witnesses of findings and of changes, as examples in the language, for an author to resolve.

The text can be appended to the policy unchanged: each example expects the verdicts of the policy today.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from attrs import evolve, frozen

from forbear.analysis.comparison.difference import Difference
from forbear.analysis.engine.analysis import Analysis, analyse
from forbear.analysis.mutation.score import MutationScore, Unnoticed
from forbear.base.diagnostic import Diagnostic
from forbear.base.source import Source
from forbear.check.promises.promises import case_of_example, day_of_example
from forbear.kernel.cases import ActionDecision, GridValue, InPart, read_case, read_on
from forbear.kernel.history.moments import WEEKDAYS, worked_days
from forbear.language.formatting.format import format_text
from forbear.language.model.cases import given_texts
from forbear.language.model.facts import Fact
from forbear.language.model.policy import Example, TypedPolicy, facts_read
from forbear.language.model.values import quoted
from forbear.report.mutation import slip_text
from forbear.semantics import meaning
from forbear.semantics.kernel_specs import fact_specs
from forbear.space.axes import DAY
from forbear.space.formulas import Formula, both, inside
from forbear.space.search.bound import BoundReached

_HEAD = """\
# Cases that `forbear` found. Each example expects what the policy says of its case today. Move those that
# matter into the policy, and change what follows `expect` to what should be: allowed, not allowed, forbidden,
# required or unsaid.
"""


def witness_examples(findings_by_policy: Iterable[tuple[TypedPolicy, Iterable[Diagnostic]]]) -> str:
    """An example for each witness of a policy's findings, without accepted findings and failed examples."""
    return _HEAD + "".join(
        _of_policy(policy, _of_findings(policy, diagnostics)) for policy, diagnostics in findings_by_policy
    )


def finding_examples(policy: TypedPolicy, finding: Diagnostic) -> list[str]:
    """An example for each witness of one finding."""
    by_case = {repr(sorted(shown.case.items())): [shown] for shown in _of_findings(policy, [finding]) if shown.actions}
    return _blocks(policy, by_case.values())


def suggestions(texts: Iterable[str]) -> str:
    """Suggested examples as a text to append to a policy; empty where there are none."""
    text = "".join(texts)
    return _HEAD + text if text else ""


def rule_examples(policy: TypedPolicy, names: Iterable[str]) -> str:
    """An example for each of the named rules in which it decides. A rule that decides in no case has none."""
    analysis = analyse(policy)
    chosen = set(names)
    numbers = [number for number, rule in enumerate(policy.rules) if rule.name in chosen]
    return _of_policy(policy, [shown for number in numbers for shown in _of_rule(analysis, number)])


def unnoticed_examples(score: MutationScore) -> list[str]:
    """Returns, for each unnoticed case of a score, the example that notices its mutants."""
    return _blocks(score.policy, [[_of_mutants(unnoticed)] for unnoticed in score.unnoticed])


def _of_mutants(unnoticed: Unnoticed) -> _Shown:
    first = unnoticed.mutants[0]
    title = f"{first.rule.name if first.rule else 'applies when'}: {slip_text(first).replace('`', '')}"
    remark = "not noticed: " + "; ".join(
        f"{slip_text(mutant)} in `{mutant.rule.name if mutant.rule else 'applies when'}`"
        for mutant in unnoticed.mutants
    )
    return _Shown(title, remark, unnoticed.point.witness, unnoticed.actions)


def _of_rule(analysis: Analysis, number: int) -> Iterator[_Shown]:
    """Yields at most one case in which a rule decides."""
    rule = analysis.policy.rules[number]
    for decides in _deciding(analysis, number):
        try:
            point = analysis.searcher.possible_case(decides)
        except BoundReached:
            continue
        if point is not None:
            decisions = meaning.decide(analysis.policy, point.case, point.day)
            actions = [name for name in {**rule.effects, **rule.along} if _takes_part(rule.name, decisions[name])]
            yield _Shown(f"{rule.name}: decides", f"`{rule.name}` decides", point.witness, tuple(actions))
            return


def _deciding(analysis: Analysis, number: int) -> Iterator[Formula]:
    """Yields the formulas for when a rule decides about each action, or asks for a companion of a permitted one."""
    rule, formulas = analysis.policy.rules[number], analysis.formulas
    for action in rule.effects:
        yield formulas.active(action).gives_verdict(number)
    for action in rule.along:
        yield both(inside(analysis.space.on_side(number, False)), formulas.verdicts(action).permitted)


def case_example(policy: TypedPolicy, example: Example, title: str) -> str:
    """An example of the case of another one, with what the policy says today of each action that is not unsaid."""
    case, day = case_of_example(example, policy), day_of_example(example)
    shown = {**case, **({} if day is None else {DAY: day.isoformat()})}
    values, on = _read(policy, shown)
    decided = [action for action in policy.actions if _verdict(policy, action, values, on) != "unsaid"]
    [text] = _blocks(policy, [[_Shown(title, "", shown, tuple(decided or policy.actions), as_given=True)]])
    return text.lstrip("\n")


def _takes_part(name: str, decided: ActionDecision) -> bool:
    return name in decided.rules or any(name in companion.rules for companion in decided.along)


def change_examples(difference: Difference) -> str:
    """An example for each witness of a change, with the verdict of the new policy."""
    return _HEAD + _of_policy(difference.new, _of_changes(difference))


@frozen
class _Shown:
    """A case to show: a title, a remark, the case, and the actions that are affected."""

    title: str
    remark: str
    case: Mapping[str, object]
    actions: tuple[str, ...]
    as_given: bool = False
    """Whether an author wrote the case, so that it is shown unchanged."""


def _of_findings(policy: TypedPolicy, diagnostics: Iterable[Diagnostic]) -> Iterator[_Shown]:
    for diagnostic in diagnostics:
        if diagnostic.accepted is not None or diagnostic.code == "failed-example":
            continue
        actions = [
            action
            for name in diagnostic.actions
            for action in (policy.groups[name].actions if name in policy.groups else (name,))
        ]
        cases = diagnostic.witnesses or ((diagnostic.witness,) if diagnostic.witness is not None else ())
        # Several cases differ in one fact: the clock, or a rising fact.
        differing = [name for name in cases[0] if len({str(case.get(name)) for case in cases}) > 1] if cases else []
        names = [name for name in diagnostic.names or diagnostic.actions if name not in differing]
        for case in cases:
            shown = ", ".join([*names, *[f"{name} {case[name]}" for name in differing]])
            title = f"{diagnostic.code} of {shown}" if shown else diagnostic.code
            yield _Shown(title, f"{diagnostic.code}: {diagnostic.message}", case, tuple(actions))


def _of_changes(difference: Difference) -> Iterator[_Shown]:
    for change in difference.changes:
        action = change.action.partition(" with ")[0]  # for a companion, the action that it accompanies
        if action in difference.new.actions:
            # A fact of the old policy alone cannot be given to the new one.
            case = {
                name: value for name, value in change.witness.items() if name == DAY or name in difference.new.facts
            }
            remark = f"{change.action}: {change.before.value} -> {change.after.value} when {change.condition}"
            yield _Shown(f"change of {change.action}", remark, case, (action,))


def _of_policy(policy: TypedPolicy, all_shown: Iterable[_Shown]) -> str:
    by_case: dict[str, list[_Shown]] = {}
    for shown in all_shown:
        if shown.actions:
            by_case.setdefault(repr(sorted(shown.case.items())), []).append(shown)
    blocks = _blocks(policy, by_case.values())
    if not blocks:
        return ""
    where = " ".join(policy.place.source.name.split())  # a line end in it would end the comment
    return f"\n# Policy {policy.name}, {where}\n" + "".join(blocks)


def _blocks(policy: TypedPolicy, cases: Iterable[Sequence[_Shown]]) -> list[str]:
    """The example of each case, with a title that no other has."""
    taken = {example.title for example in policy.examples}
    return [_block(policy, of_case, _free(_title(of_case), taken)) for of_case in cases]


def _block(policy: TypedPolicy, of_case: Sequence[_Shown], title: str) -> str:
    """The example of one case, with a remark for everything that it shows."""
    shown_case = of_case[0].case if of_case[0].as_given else on_one_day(policy, of_case[0].case)
    values, day = _read(policy, shown_case)
    remarks = dict.fromkeys(" ".join(shown.remark.split()) for shown in of_case)  # a line end would end the comment
    lines = [f"# {remark}" for remark in remarks if remark]
    lines.append(f"example {quoted(title)}:")
    facts = {name: _in_some_currency(policy, fact) for name, fact in policy.facts.items()}
    facts_given = ", ".join(given_texts(facts, values))
    if facts_given:
        lines.append(f"given {facts_given}")
    if day is not None:
        lines.append(f"on {shown_case[DAY]}")
    actions = {action for shown in of_case for action in shown.actions}
    by_verdict: dict[str, list[str]] = {}
    for action in policy.actions:
        if action in actions:
            by_verdict.setdefault(_verdict(policy, action, values, day), []).append(action)
    lines.append("expect " + ", ".join(f"{', '.join(names)} {verdict}" for verdict, names in by_verdict.items()))
    laid_out = format_text(Source("examples", "\n".join(lines) + "\n")).text
    assert laid_out is not None, lines
    return f"\n{laid_out}"


def _title(of_case: Sequence[_Shown]) -> str:
    titles = list(dict.fromkeys(shown.title for shown in of_case))
    more = [f"{len(titles) - 3} more"] if len(titles) > 3 else []
    return "; ".join([*titles[:3], *more])


def _free(title: str, taken: set[str]) -> str:
    """A title that no other example has. It is added to `taken`."""
    free, number = title, 2
    while free in taken:
        free, number = f"{title} ({number})", number + 1
    taken.add(free)
    return free


def _in_some_currency(policy: TypedPolicy, fact: Fact) -> Fact:
    """The fact with a currency. A sum must be written with one; the first that is written becomes the policy's."""
    if not fact.kind.currency or fact.currency is not None:
        return fact
    return evolve(fact, currency=next((known.currency for known in policy.facts.values() if known.currency), "CNY"))


def _read(policy: TypedPolicy, shown: Mapping[str, object]) -> tuple[Mapping[str, GridValue], int | None]:
    """The values and the day of a case that is shown."""
    case = {name: value for name, value in shown.items() if name != DAY}
    values = {name: InPart.whole(value) for name, value in read_case(fact_specs(policy), (), case).items()}
    return values, read_on(shown[DAY]) if DAY in shown else None


def _verdict(policy: TypedPolicy, action: str, values: Mapping[str, GridValue], day: int | None) -> str:
    decided = meaning.decide_action(policy, action, {name: values.get(name) for name in facts_read(policy)}, day)
    along = f" with {' and '.join(companion.action for companion in decided.along)}" if decided.along else ""
    return decided.verdict.value + along


# Cases whose facts of the day constrain one another: its date, its day of the week, and whether it is worked.


_DAYS = 40
"""The number of days that are tried: they have each day of the week, worked and not."""


def on_one_day(policy: TypedPolicy, case: Mapping[str, object]) -> Mapping[str, object]:
    """Returns the case on the first day, from its own or from the policy's first day on, on which its facts of the day
    are consistent and each rule has the same truth; the case as it is if there is no such day.

    To the search, these facts are independent of each other. A case in which something is counted from another date
    keeps its day.
    """
    dates = [name for name, derived in policy.derived.items() if derived.measure == "date" and name in case]
    first = case.get(DAY, case[dates[0]] if dates else None)
    if not isinstance(first, str) or any(derived.of in case for derived in policy.derived.values() if derived.of):
        return case
    start = max(date.fromisoformat(first), date.fromordinal(policy.since or 1))
    said = _truths(policy, case)
    for number in range(_DAYS):
        candidate = _with_day(policy, case, start + timedelta(days=number), dates)
        if candidate is not None and _truths(policy, candidate) == said:
            return candidate
    return case


def _with_day(
    policy: TypedPolicy, case: Mapping[str, object], day: date, dates: list[str]
) -> Mapping[str, object] | None:
    """The case with the facts of a day; None for a day that a calendar does not cover."""
    changed = {**case, **dict.fromkeys(dates, day.isoformat())}
    if DAY in case:
        changed[DAY] = day.isoformat()
    for name, derived in policy.derived.items():
        if name not in case or derived.events is not None:
            continue
        if derived.measure == "weekday":
            changed[name] = WEEKDAYS[day.weekday()]
        elif derived.worked is not None:
            if not derived.worked.first <= day.toordinal() <= derived.worked.last:
                return None
            if derived.of is None:
                changed[name] = worked_days(derived.worked, day.toordinal() - 1, day.toordinal()) == 1
    return changed


def _truths(policy: TypedPolicy, case: Mapping[str, object]) -> list[bool | None]:
    """Returns the truth of each rule on the day of a case."""
    values, day = _read(policy, case)
    needed = {name: values.get(name) for name in facts_read(policy)}
    return [meaning.condition_holds(policy, rule, needed, day) for rule in policy.rules]
