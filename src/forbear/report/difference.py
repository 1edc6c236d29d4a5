"""Describes the difference between two policies, for text and for Markdown: by the edits that make it and, for each, by
its effect on the borrower.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from attrs import evolve, field, frozen

from forbear.analysis.comparison.difference import Difference
from forbear.analysis.comparison.pair import ChangeEffect
from forbear.analysis.comparison.telling.consequence import Consequence
from forbear.analysis.comparison.telling.edits import Edit
from forbear.analysis.comparison.telling.promises import change_of, weakens
from forbear.analysis.comparison.telling.where import Where
from forbear.analysis.engine.space import Witness
from forbear.analysis.findings.promises.failed_promise import FAILED_ENSURE
from forbear.analysis.written import text_of, written
from forbear.base.diagnostic import Diagnostic, Severity
from forbear.kernel.cases import Verdict
from forbear.language.model.cases import case_text
from forbear.language.model.facts import Fact
from forbear.language.model.names import counted, listed, one_of, verdict_word
from forbear.language.model.policy import Rule, TypedPolicy
from forbear.report.text import also_text
from forbear.semantics.to_text import period_text

_FEW = 5
"""The most rules that are named; more are counted."""
_FEW_FINDINGS = 5
"""The most new findings, and the most that go, that are shown; more if they are broken promises."""
_PROMISES = 3
"""The number of edits of promises that are shown, in addition to all that weaken the policy; the others are counted."""
_SHORT = 80
"""The longest condition of a deciding rule that is shown with its name."""
_LONG = 240
"""The length up to which an edited one is shown."""

Quote = Callable[[str], str]


@frozen
class Words:
    """How names of rules and conditions are marked, and how much is shown."""

    rule: Quote
    condition: Quote
    limit: int
    """The most conditions of one consequence."""
    whole: bool = False
    """Whether all rules are named, and all conditions shown."""
    full: bool = False
    """Whether examples have all their facts."""
    rule_before: Quote | None = None
    """How a rule of the old policy is marked, if differently: by its old title."""


@frozen
class Row:
    """Actions of which the same is said: which rules decide, and unless which others do."""

    actions: tuple[str, ...]
    by: str
    unless: str


@frozen
class Group:
    """The consequences with one effect that begin with the same condition."""

    effect: ChangeEffect
    verdicts: str
    where: tuple[str, ...]
    left_out: int
    unless: str
    rows: tuple[Row, ...]
    example: str
    example_of: str | None
    """The action that the example is about; None if there is only one row."""
    witness: Witness = field(hash=False)
    """The whole case of the example."""


@frozen
class Block:
    """Edits, with their consequences; `refused` are the actions that are refused for another reason, with verdicts, and
    `untold` those whose description is incomplete.
    """

    edits: tuple[Edit, ...]
    groups: tuple[Group, ...]
    refused: tuple[tuple[tuple[str, ...], str], ...]
    untold: tuple[str, ...]


@frozen
class Description:
    """The whole description of the changes. `idle` are edits that change nothing, `promises` those of promises that are
    shown, `more_promises` the others, and `folded` is whether `--all` shows more.
    """

    blocks: tuple[Block, ...]
    idle: tuple[Edit, ...]
    promises: tuple[Edit, ...]
    more_promises: tuple[Edit, ...]
    folded: bool = field(default=False)


def described(difference: Difference, words: Words) -> Description:
    """Describes a difference by its edits, and then by their effects."""
    by_edits: dict[tuple[int, ...], list[Consequence]] = {}
    for consequence in difference.consequences:
        by_edits.setdefault(consequence.edits, []).append(consequence)
    untold: dict[tuple[int, ...], list[str]] = {}
    for action, of_action in difference.untold.items():
        untold.setdefault(tuple(of_action), []).append(action)
        by_edits.setdefault(tuple(of_action), [])
    blocks = []
    folded = False
    for numbers, consequences in by_edits.items():
        refused = [consequence for consequence in consequences if consequence.effect is ChangeEffect.REFUSED_OTHERWISE]
        explained = [
            consequence for consequence in consequences if consequence.effect is not ChangeEffect.REFUSED_OTHERWISE
        ]
        groups = tuple(_groups(difference, explained, words))
        folds = bool(refused) or any(map(_folds, consequences)) or any(group.left_out for group in groups)
        folded = folded or (folds and not words.whole)
        edits = tuple([difference.edits[number] for number in numbers])
        blocks.append(Block(edits, groups, tuple(_refused(refused)), tuple(untold.get(numbers, ()))))
    # the most dangerous first, and effects of one edit before those of several
    blocks.sort(key=lambda block: (min((group.effect.rank for group in block.groups), default=9), len(block.edits)))
    used = {number for numbers in by_edits for number in numbers}
    promised = {(edit.kind, edit.name) for edit in difference.promises}
    idle = [
        edit
        for number, edit in enumerate(difference.edits)
        if number not in used and (edit.kind, edit.name) not in promised
    ]
    told = {(edit.kind, edit.name) for block in blocks for edit in block.edits}
    promises = [edit for edit in difference.promises if (edit.kind, edit.name) not in told]
    least = sum(map(weakens, promises))
    few = words.whole or len(promises) <= _FEW
    shown = promises if few else promises[: max(least, _PROMISES)]
    findings = () if words.whole else (difference.broken, difference.come, difference.go)
    folded = folded or len(shown) < len(promises)
    folded = folded or any(folds_findings(findings_there) for findings_there in findings)
    return Description(tuple(blocks), tuple(idle), tuple(shown), tuple(promises[len(shown) :]), folded)


def _refused(consequences: Sequence[Consequence]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The actions that are refused for another reason, by the verdicts before and after."""
    by_verdicts: dict[str, list[str]] = {}
    for consequence in consequences:
        by_verdicts.setdefault(f"{_verdicts(consequence.before)} -> {_verdicts(consequence.after)}", []).append(
            consequence.action
        )
    yield from ((tuple(actions), verdicts) for verdicts, actions in by_verdicts.items())


def effects_summary(difference: Difference) -> str:
    """Returns how many actions each effect concerns: `4 actions newly permitted, 1 no longer required, 20 as
    before`.
    """
    return _counted(effects_counted(difference), "action")


def effects_counted(difference: Difference) -> list[tuple[int, str]]:
    """Returns how many actions each effect concerns, the most dangerous first; those not decided; and the rest."""
    by_effect: dict[ChangeEffect, set[str]] = {}
    for effect, action in (
        *[(change.effect, change.action) for change in difference.changes],
        *[(consequence.effect, consequence.action) for consequence in difference.consequences],
    ):
        by_effect.setdefault(effect, set()).add(action)
    changed = set().union(*by_effect.values()) | set(difference.undecided)
    same = len({*difference.new.actions, *difference.old.actions} - changed)
    parts = [(len(by_effect[effect]), effect.value) for effect in ChangeEffect if effect in by_effect]
    parts += [(len(difference.untold), "not decided")] if difference.untold else []
    return [*parts, (same, "as before")]


def promises_summary(difference: Difference) -> str:
    """Returns how many promises are broken, gone, changed and new: `1 promise broken, 2 gone`; empty if there are
    none.
    """
    return _counted(promises_counted(difference), "promise")


def promises_counted(difference: Difference) -> list[tuple[int, str]]:
    """Returns how many promises are broken, gone, changed and new, leaving out zeros."""
    numbers = Counter(map(change_of, difference.promises))
    numbers["broken"] = sum(1 + len(finding.also) for finding in difference.broken)
    return [(numbers[what], what) for what in ("broken", "gone", "changed", "new") if numbers[what]]


def _counted(parts: Sequence[tuple[int, str]], what: str) -> str:
    return ", ".join(
        f"{number if place else counted(number, what)} {done}" for place, (number, done) in enumerate(parts)
    )


_SAID = {
    ChangeEffect.NEWLY_PERMITTED: "more is permitted",
    ChangeEffect.NEWLY_REQUIRED: "more is required",
    ChangeEffect.NO_LONGER_PERMITTED: "less is permitted",
    ChangeEffect.NO_LONGER_REQUIRED: "less is required",
    ChangeEffect.REFUSED_OTHERWISE: "the reasons for a refusal change",
}


def headline(difference: Difference) -> str:
    """Returns the effect of a change in a sentence, the most dangerous first."""
    found = {what for _, what in effects_counted(difference)}
    more, less = (
        [text for effect, text in _SAID.items() if effect.value in found and effect.newly is newly]
        for newly in (True, False)
    )
    if more + less != [_SAID[ChangeEffect.REFUSED_OTHERWISE]]:
        less = [text for text in less if text != _SAID[ChangeEffect.REFUSED_OTHERWISE]]
    if difference.untold:
        less.append("not all changes are known")
    promises = [
        f"a promise is {what}" if number == 1 else f"{number} promises are {what}"
        for number, what in promises_counted(difference)
        if what in ("broken", "gone")
    ]
    said = [*more, *promises, *(less or ([] if more else ["every case is decided as before"]))]
    text = ", ".join(said[:-1]) + (" and " if said[1:] else "") + said[-1]
    return text[:1].upper() + text[1:]


def refused_text(refused: Sequence[tuple[Sequence[str], str]], quote: str = "`") -> str:
    """Returns which actions are refused for another reason: `sms, letter and 5 more (forbidden -> no rule)`."""
    return "; ".join(f"{listed(actions, 3, quote=quote)} ({verdicts})" for actions, verdicts in refused)


def section_of(difference: Difference, edit: Edit) -> str:
    """The section of law that an edited rule of a standard states: `6 RCNY 5-77(b)(1)`; empty for any other edit."""
    if edit.kind != "rule" or not (difference.old.standard and difference.new.standard):
        return ""
    rules = (*difference.new.rules, *difference.old.rules)
    return next((rule.source or "" for rule in rules if rule.name == edit.name), "")


def lines_of(edit: Edit) -> str:
    """Returns the place of an edit: `line 41`, `line 41, before 40`; with the file if the two have different names."""
    places = [place for place in (edit.after, edit.before) if place is not None]
    if not places:
        return ""
    if len(places) == 1:
        return f"{places[0].source.name}:{places[0].start.line}"
    after, before = places
    if after.start.line == before.start.line:
        return f"line {after.start.line}"
    return f"line {after.start.line}, before {before.start.line}"


# Findings that come or go


def alike(diagnostics: Iterable[Diagnostic], *, whole: bool = False) -> list[tuple[Diagnostic, str]]:
    """Returns the findings that come or go, the most serious first, and broken promises first among errors.

    Several with one code and place are represented by the first, with the number of the others; but a broken promise
    never represents another one. If `whole`, each finding is listed.
    """
    findings = [finding for diagnostic in diagnostics for finding in (diagnostic, *(diagnostic.also if whole else ()))]
    severities = list(Severity)
    findings.sort(key=lambda finding: (severities.index(finding.severity), finding.code != FAILED_ENSURE))
    if whole:
        return [(finding, _case(finding)) for finding in findings]
    together: dict[object, list[Diagnostic]] = {}
    for number, diagnostic in enumerate(findings):
        alone = number if diagnostic.code == FAILED_ENSURE else None
        together.setdefault((diagnostic.code, diagnostic.place, alone), []).append(diagnostic)
    return [(group[0], _case(group[0]) + _more(group)) for group in together.values()]


def _case(finding: Diagnostic) -> str:
    """The case in which a promise is broken, of which the message says `in this one`."""
    return "".join(f"; case: {case}" for case in finding.in_short[:1]) if finding.code == FAILED_ENSURE else ""


def shown_of(findings: Sequence[tuple[Diagnostic, str]], *, whole: bool) -> int:
    """Returns how many findings that come or go are shown: all broken promises, and a few of the others."""
    promises = sum(finding.code == FAILED_ENSURE for finding, _ in findings)
    return len(findings) if whole else max(promises, _FEW_FINDINGS)


def folds_findings(diagnostics: Sequence[Diagnostic]) -> bool:
    """Returns true if `--all` shows more of these findings."""
    told_apart = alike(diagnostics)
    return shown_of(told_apart, whole=False) < len(told_apart) or len(alike(diagnostics, whole=True)) > len(told_apart)


def _more(findings: Sequence[Diagnostic]) -> str:
    """Returns the other findings in words: by name if the cause is the same, otherwise by number."""
    also = f"; also {also_text(findings[0])}" if findings[0].also else ""
    more = sum(1 + len(finding.also) for finding in findings[1:])
    return f"{also}, and {more} more like it" if more else also


# Groups and rows


def _groups(difference: Difference, consequences: Sequence[Consequence], words: Words) -> Iterator[Group]:
    alike: dict[object, list[Consequence]] = {}
    for consequence in consequences:
        key = (
            consequence.effect,
            consequence.before,
            consequence.after,
            consequence.action in difference.untold,
            consequence.where,
            consequence.where_otherwise,
        )
        alike.setdefault(key, []).append(consequence)
    for together in alike.values():
        first = together[0]
        where, left_out = _where(difference, first, words)
        if first.action in difference.untold:
            where[0] = f"at least {where[0]}".rstrip()
        hoisted = _hoisted(together, words)
        rows: dict[tuple[str, str], list[str]] = {}
        for consequence in together:
            unless = "" if hoisted is not None else _unless(consequence, words)
            rows.setdefault((_by(difference, consequence, words), unless), []).append(consequence.action)
        plain = min(together, key=lambda consequence: len(consequence.case))
        yield Group(
            first.effect,
            f"{_verdicts(first.before)} -> {_verdicts(first.after)}",
            tuple(where),
            left_out,
            hoisted or "",
            tuple([Row(tuple(actions), by, unless) for (by, unless), actions in rows.items()]),
            case_text(plain.witness if words.full else plain.case, _facts(difference)),
            plain.action if len(rows) > 1 else None,
            plain.witness,
        )


def _facts(difference: Difference) -> dict[str, Fact]:
    """Returns the facts of both policies, including those of the old one that have another name in the new one."""
    old, new = difference.old.facts, difference.new.facts
    return {**old, **new, **{fact.apart: old[fact.name] for fact in difference.facts if fact.apart is not None}}


def _verdicts(verdicts: Sequence[Verdict]) -> str:
    return " or ".join(map(verdict_word, verdicts))


def _where(difference: Difference, consequence: Consequence, words: Words) -> tuple[list[str], int]:
    if consequence.where_otherwise:
        return [_otherwise(difference, consequence, words)], 0
    shown = (
        consequence.where if words.whole else sorted(consequence.where, key=lambda where: where.terms)[: words.limit]
    )
    left_out = len(consequence.where) - len(shown)
    if consequence.of_pair:  # it is about the cases in which both policies permit the action
        conditions = [_condition(where, words, everywhere="") for where in shown]
        return [
            f"{text}, where it is permitted" if text else "wherever it is permitted" for text in conditions
        ], left_out
    always = [where.condition for where in consequence.where] == ["always"]
    of_rules = always and set(consequence.by) != set(consequence.holding)  # it is in the cases of the rules `by`
    return [_condition(where, words, everywhere="" if of_rules else "in every case") for where in shown], left_out


def _otherwise(difference: Difference, consequence: Consequence, words: Words) -> str:
    """Returns the rules that act differently by themselves, if a condition would be too long."""
    names = consequence.where_otherwise
    if len(names) > _FEW and not words.whole:
        return f"where one of {len(names)} edited rules itself says otherwise"
    named = one_of([words.rule(name) for name in names])
    edits = [difference.edits[number] for number in consequence.edits]
    if all(edit.before is None for edit in edits):
        return f"where {named} holds"
    return f"where {named} {'held' if all(edit.after is None for edit in edits) else 'itself says otherwise'}"


OF_DAYS = ("on day", "from day", "within", "before day", "after")
"""How conditions begin that are about days."""


def _condition(where: Where, words: Words, everywhere: str) -> str:
    """A condition in words; `everywhere` is what is said of every case."""
    period = period_text(where.since, where.until)
    if where.condition == "always":
        text = everywhere
    else:
        days = where.condition.startswith(OF_DAYS)
        text = f"{'' if days else 'where '}{words.condition(where.condition)}"
    return f"{text},{period}" if period else text


def _by(difference: Difference, consequence: Consequence, words: Words) -> str:
    """The rules that decide, with the condition of each that is short."""
    if not consequence.by:
        return ""
    by = "by" if consequence.effect.newly else "before: by"
    named = words.rule if consequence.effect.newly or words.rule_before is None else words.rule_before
    if len(consequence.by) > _FEW and not words.whole:
        return f"{by} one of {len(consequence.by)} rules"
    touched = {name for number in consequence.edits for name in difference.edits[number].rules}
    policy = difference.new if consequence.effect.newly else difference.old
    rules = {rule.name: rule for rule in policy.rules if rule.name in consequence.by}
    texts = []
    for name in consequence.by:
        condition = ""
        if name in rules and name not in consequence.holding and (len(consequence.by) <= 3 or name in touched):
            condition = _condition_of(rules[name], policy, words.condition)
        is_short = condition and len(_condition_of(rules[name], policy, str)) <= (_LONG if name in touched else _SHORT)
        short = words.whole or is_short
        texts.append(f"{named(name)} ({condition})" if condition and short else named(name))
    return f"{by} {one_of(texts)}"


def _condition_of(rule: Rule, policy: TypedPolicy, said: Callable[[str], str]) -> str:
    """The condition of a rule as `said`; empty where it holds in every case."""
    side = written(text_of(rule, policy))
    if side is None:
        return ""
    condition, unless = [
        "" if part is None else side.text(part.span) for part in (side.node.condition, side.node.unless)
    ]
    texts = [said(condition)] if condition not in ("", "always") else []
    texts += [f"unless {said(unless)}"] if unless else []
    return " ".join(texts)


# Unless


def _folds(consequence: Consequence) -> bool:
    return any(
        len(names) > _FEW
        for names in (consequence.unless.forbid, consequence.unless.require, consequence.unless.otherwise)
    )


def _hoisted(together: Sequence[Consequence], words: Words) -> str | None:
    """Returns the text that all consequences of a group share: the same names, or their number."""
    texts = {_unless(consequence, words) for consequence in together}
    if len(texts) == 1:
        return texts.pop()
    counts = [_unchanged(consequence.unless.forbid, consequence) for consequence in together]
    same = len({evolve(consequence.unless, forbid=()) for consequence in together}) == 1
    if words.whole or not same or min(map(len, counts)) <= _FEW:
        return None
    return _unless(together[0], words, (min(map(len, counts)), max(map(len, counts))))


def _unchanged(names: Sequence[str], consequence: Consequence) -> list[str]:
    return [name for name in names if name not in consequence.unless.edited]


def _unless(consequence: Consequence, words: Words, forbidding: tuple[int, int] | None = None) -> str:
    """Returns the exception of a consequence: `unless one of 9 unchanged rules forbids`. `forbidding` is the number of
    rules.
    """
    still = "permits" if not consequence.effect.of_duty else "requires"
    already = f"{still} it already" if consequence.effect.newly else f"still {still} it"
    parts = []
    for names, verb, counts in (
        (consequence.unless.forbid, "forbids", forbidding),
        (consequence.unless.require, "requires it", None),
        (consequence.unless.otherwise, already, None),
    ):
        if not names:
            continue
        unchanged = _unchanged(names, consequence)
        edited = [words.rule(name) for name in names if name not in unchanged]
        if len(unchanged) <= _FEW or words.whole:
            texts = [*edited, *map(words.rule, unchanged)]
        else:
            low, high = counts or (len(unchanged), len(unchanged))
            number = str(low) if low == high else f"{low} to {high}"
            texts = [*edited, f"one of {number} unchanged rules"]
        parts.append(f"{one_of(texts)} {verb}")
    parts += ["the other does not forbid it"] if consequence.unless.silent else []
    return f"unless {', or '.join(parts)}" if parts else ""
