"""What a difference between two policies says, for text and for Markdown: by the edits that make it and, for each, by
its effect on the borrower."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from attrs import field, frozen

from forbear.analysis.comparison.difference import Difference
from forbear.analysis.comparison.effects import ChangeEffect
from forbear.analysis.comparison.telling.causes import Edit
from forbear.analysis.comparison.telling.consequence import Consequence
from forbear.analysis.comparison.telling.where import Where
from forbear.analysis.engine.space import Witness
from forbear.analysis.findings.promises.failed_ensure import FAILED_ENSURE
from forbear.analysis.written import text_of, written
from forbear.diagnostic import Diagnostic, Severity
from forbear.kernel import Verdict
from forbear.model.cases import case_text
from forbear.model.facts import Fact
from forbear.model.names import listed
from forbear.model.policy import Rule, TypedPolicy
from forbear.report.text import also_text, counted

_FEW = 5
"""Up to so many rules are named; more are counted."""
_FINDINGS = 5
"""So many findings that come, or go, are told; more if they are broken promises."""
_SHORT = 80
"""The longest condition of a deciding rule that is told beside its name."""
_LONG = 240
"""The longest of one that was edited."""

Quote = Callable[[str], str]


@frozen
class Words:
    """How names of rules and conditions are marked, and how much is told."""

    rule: Quote
    condition: Quote
    limit: int
    """The most conditions of one consequence."""
    whole: bool = False
    """Whether all rules are named, and all conditions told."""
    full: bool = False
    """Whether examples have all their facts."""
    rule_before: Quote | None = None
    """How a rule of the old policy is marked, where that is otherwise: by its old title."""


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
    """The action of which the example is one; None if there is but one row."""
    witness: Witness = field(hash=False)
    """The whole case of the example."""


@frozen
class Block:
    """Edits, with what they change; `refused` are the actions that are refused for another reason, with verdicts."""

    edits: tuple[Edit, ...]
    groups: tuple[Group, ...]
    refused: tuple[tuple[tuple[str, ...], str], ...]


@frozen
class Told:
    """All that is told of the changes. `idle` are edits that change nothing, and `folded` is whether `--all` says
    more."""

    blocks: tuple[Block, ...]
    idle: tuple[Edit, ...]
    folded: bool = field(default=False)


def told(found: Difference, words: Words) -> Told:
    """What a difference says."""
    by_edits: dict[tuple[int, ...], list[Consequence]] = {}
    for consequence in found.consequences:
        by_edits.setdefault(consequence.edits, []).append(consequence)
    blocks = []
    folded = False
    for numbers, its in by_edits.items():
        refused = [one for one in its if one.effect is ChangeEffect.REFUSED_OTHERWISE]
        groups = tuple(_groups(found, [one for one in its if one.effect is not ChangeEffect.REFUSED_OTHERWISE], words))
        folds = any(_folds(one) for one in its) or bool(refused) or any(group.left_out for group in groups)
        folded = folded or (folds and not words.whole)
        edits = tuple([found.edits[number] for number in numbers])
        blocks.append(Block(edits, groups, tuple(_refused(refused))))
    order = list(ChangeEffect)  # the most dangerous first, and what one edit does before what several do
    blocks.sort(key=lambda block: (min((order.index(its.effect) for its in block.groups), default=9), len(block.edits)))
    used = {number for numbers in by_edits for number in numbers}
    idle = [
        edit
        for number, edit in enumerate(found.edits)
        if number not in used and (not found.untold or edit.kind == "ensure")
    ]
    idle.sort(key=lambda edit: edit.kind != "ensure" or edit.after is not None)  # a promise that is gone is not folded
    findings = (found.findings.come, found.findings.go) if found.findings is not None and not words.whole else ()
    folded = folded or any(folds_findings(its) for its in findings)
    return Told(tuple(blocks), tuple(idle), folded)


def _refused(its: Sequence[Consequence]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The actions that are refused for another reason, by the verdicts before and after."""
    by_verdicts: dict[str, list[str]] = {}
    for one in its:
        by_verdicts.setdefault(f"{_verdicts(one.before)} -> {_verdicts(one.after)}", []).append(one.action)
    yield from ((tuple(actions), verdicts) for verdicts, actions in by_verdicts.items())


def effects_summary(found: Difference) -> str:
    """How many actions each effect concerns: `4 actions newly permitted, 1 no longer required, 20 as before`."""
    by_effect: dict[ChangeEffect, set[str]] = {}
    for effect, action in (
        *[(change.effect, change.action) for change in found.changes],
        *[(consequence.effect, consequence.action) for consequence in found.consequences],
    ):
        by_effect.setdefault(effect, set()).add(action)
    changed = set().union(*by_effect.values()) | set(found.undecided)
    same = len({*found.new.actions, *found.old.actions} - changed)
    parts = [(len(by_effect[effect]), effect.value) for effect in ChangeEffect if effect in by_effect]
    parts += [(len(found.untold), "not decided")] if found.untold else []
    parts.append((same, "as before"))
    first, *others = parts
    return ", ".join([f"{counted(first[0], 'action')} {first[1]}", *[f"{number} {what}" for number, what in others]])


def refused_text(refused: Sequence[tuple[Sequence[str], str]], quote: str = "`") -> str:
    """Which actions are refused for another reason: `sms, letter and 5 more (forbidden -> unsaid)`."""
    return "; ".join(f"{listed(actions, 3, quote=quote)} ({verdicts})" for actions, verdicts in refused)


def lines_of(edit: Edit) -> str:
    """Where an edit is: `line 41`, `line 41, before 40`; with the file where the two have different names."""
    places = [place for place in (edit.after, edit.before) if place is not None]
    if not places:
        return ""
    if len(places) == 1:
        return f"{places[0].source.name}:{places[0].start.line}"
    after, before = places
    if after.start.line == before.start.line:
        return f"line {after.start.line}"
    return f"line {after.start.line}, before {before.start.line}"


# Groups and rows


def _groups(found: Difference, its: Sequence[Consequence], words: Words) -> Iterator[Group]:
    alike: dict[object, list[Consequence]] = {}
    for one in its:
        key = (one.effect, one.before, one.after, one.where, one.where_otherwise)
        alike.setdefault(key, []).append(one)
    for together in alike.values():
        first = together[0]
        where, left_out = _where(found, first, words)
        hoisted = _hoisted(together, words)
        rows: dict[tuple[str, str], list[str]] = {}
        for one in together:
            unless = "" if hoisted is not None else _unless(one, words)
            rows.setdefault((_by(found, one, words), unless), []).append(one.action)
        plain = min(together, key=lambda one: len(one.case))
        yield Group(
            first.effect,
            f"{_verdicts(first.before)} -> {_verdicts(first.after)}",
            tuple(where),
            left_out,
            hoisted or "",
            tuple([Row(tuple(actions), by, unless) for (by, unless), actions in rows.items()]),
            case_text(plain.witness if words.full else plain.case, _facts(found)),
            plain.action if len(rows) > 1 else None,
            plain.witness,
        )


def _facts(found: Difference) -> dict[str, Fact]:
    """The facts of both, also those of the old policy that are called otherwise here."""
    old, new = found.old.facts, found.new.facts
    return {**old, **new, **{fact.apart: old[fact.name] for fact in found.facts if fact.apart is not None}}


def _verdicts(verdicts: Sequence[Verdict]) -> str:
    return " or ".join(verdict.value for verdict in verdicts)


def _where(found: Difference, one: Consequence, words: Words) -> tuple[list[str], int]:
    if one.where_otherwise:
        return [_otherwise(found, one, words)], 0
    if not one.of_pair and [where.condition for where in one.where] == ["always"] and set(one.by) != set(one.holding):
        return [_condition(where, words, said="") for where in one.where], 0  # it is in the cases of the rules `by`
    shown = one.where if words.whole else sorted(one.where, key=lambda where: where.terms)[: words.limit]
    if one.of_pair:
        return [_where_permitted(where, words) for where in shown], len(one.where) - len(shown)
    return [_condition(where, words) for where in shown], len(one.where) - len(shown)


def _where_permitted(where: Where, words: Words) -> str:
    """A condition of something that goes along: it is about the cases in which both policies permit the action."""
    condition = _condition(where, words, said="")
    return f"{condition}, where it is permitted" if condition else "wherever it is permitted"


def _otherwise(found: Difference, one: Consequence, words: Words) -> str:
    """The rules that act otherwise by themselves, where that is too long for a condition."""
    names = one.where_otherwise
    if len(names) > _FEW and not words.whole:
        return f"where one of {len(names)} edited rules itself says otherwise"
    named = _either([words.rule(name) for name in names])
    edits = [found.edits[number] for number in one.edits]
    if all(edit.before is None for edit in edits):
        return f"where {named} holds"
    return f"where {named} {'held' if all(edit.after is None for edit in edits) else 'itself says otherwise'}"


_SPANS = ("on day", "from day", "within", "before day", "after")


def _condition(where: Where, words: Words, said: str = "in every case") -> str:
    """A condition in words; `said` is what is said of every case."""
    since = "" if where.since is None else f" from {where.since.isoformat()}"
    until = "" if where.until is None else f" until {where.until.isoformat()}"
    if where.condition == "always":
        text = said
    else:
        days = where.condition.startswith(_SPANS)
        text = f"{'' if days else 'where '}{words.condition(where.condition)}"
    return f"{text},{since}{until}" if since or until else text


def _by(found: Difference, one: Consequence, words: Words) -> str:
    """The rules that decide, with the condition of each that is short."""
    if not one.by:
        return ""
    by = "by" if one.effect.newly else "so far by"
    named = words.rule if one.effect.newly or words.rule_before is None else words.rule_before
    if len(one.by) > _FEW and not words.whole:
        return f"{by} one of {len(one.by)} rules"
    touched = {name for number in one.edits for name in found.edits[number].rules}
    policy = found.new if one.effect.newly else found.old
    rules = {rule.name: rule for rule in policy.rules if rule.name in one.by}
    texts = []
    for name in one.by:
        condition = ""
        if name in rules and name not in one.holding and (len(one.by) <= 3 or name in touched):
            condition = _condition_of(rules[name], policy, words)
        short = words.whole or len(condition) <= (_LONG if name in touched else _SHORT)
        texts.append(f"{named(name)} ({condition})" if condition and short else named(name))
    return f"{by} {_either(texts)}"


def _condition_of(rule: Rule, policy: TypedPolicy, words: Words) -> str:
    """The condition of a rule as it is written; empty where it holds in every case."""
    side = written(text_of(rule, policy))
    if side is None:
        return ""
    condition, unless = [
        "" if part is None else side.text(part.span) for part in (side.node.condition, side.node.unless)
    ]
    texts = [words.condition(condition)] if condition not in ("", "always") else []
    texts += [f"unless {words.condition(unless)}"] if unless else []
    return " ".join(texts)


def _either(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"


# Unless


def _folds(one: Consequence) -> bool:
    return any(len(names) > _FEW for names in (one.unless.forbid, one.unless.require, one.unless.otherwise))


def _hoisted(together: Sequence[Consequence], words: Words) -> str | None:
    """What is said once of all consequences of a group: the same names, or how many there are."""
    texts = {_unless(one, words) for one in together}
    if len(texts) == 1:
        return texts.pop()
    first = together[0].unless
    counts = [_unchanged(one.unless.forbid, one) for one in together]
    same = all(
        (one.unless.require, one.unless.otherwise, one.unless.edited) == (first.require, first.otherwise, first.edited)
        for one in together
    )
    if words.whole or not same or min(map(len, counts)) <= _FEW:
        return None
    return _unless(together[0], words, (min(map(len, counts)), max(map(len, counts))))


def _unchanged(names: Sequence[str], one: Consequence) -> list[str]:
    return [name for name in names if name not in one.unless.edited]


def _unless(one: Consequence, words: Words, forbidding: tuple[int, int] | None = None) -> str:
    """Unless which rules decide: `unless one of 9 unchanged rules forbids`. `forbidding` is how many there are."""
    still = "permits" if not one.effect.of_duty else "requires"
    already = f"{still} it already" if one.effect.newly else f"still {still} it"
    parts = []
    for names, verb, counts in (
        (one.unless.forbid, "forbids", forbidding),
        (one.unless.require, "requires it", None),
        (one.unless.otherwise, already, None),
    ):
        if not names:
            continue
        unchanged = _unchanged(names, one)
        edited = [words.rule(name) for name in names if name not in unchanged]
        if len(unchanged) <= _FEW or words.whole:
            texts = [*edited, *map(words.rule, unchanged)]
        else:
            low, high = counts or (len(unchanged), len(unchanged))
            number = str(low) if low == high else f"{low} to {high}"
            texts = [*edited, f"one of {number} unchanged rules"]
        parts.append(f"{_either(texts)} {verb}")
    return f"unless {', or '.join(parts)}" if parts else ""


# Findings


def alike(diagnostics: Iterable[Diagnostic], *, whole: bool = False) -> list[tuple[Diagnostic, str]]:
    """Findings that come or go, the most serious first, and of errors the broken promises.

    Of several with one code and place it is the first, with the number of the others; but a promise that is broken
    never stands for another one. If `whole`, each finding stands alone.
    """
    found = [one for diagnostic in diagnostics for one in (diagnostic, *(diagnostic.also if whole else ()))]
    severities = list(Severity)
    found.sort(key=lambda one: (severities.index(one.severity), one.code != FAILED_ENSURE))
    if whole:
        return [(one, "") for one in found]
    together: dict[object, list[Diagnostic]] = {}
    for number, diagnostic in enumerate(found):
        alone = number if diagnostic.code == FAILED_ENSURE else None
        together.setdefault((diagnostic.code, diagnostic.place, alone), []).append(diagnostic)
    return [(its[0], _more(its)) for its in together.values()]


def shown_of(found: Sequence[tuple[Diagnostic, str]], *, whole: bool) -> int:
    """How many findings that come or go are told: all broken promises, and of the others a few."""
    promises = sum(one.code == FAILED_ENSURE for one, _ in found)
    return len(found) if whole else max(promises, _FINDINGS)


def folds_findings(diagnostics: Sequence[Diagnostic]) -> bool:
    """Whether `--all` tells more findings of these."""
    told_apart = alike(diagnostics)
    return shown_of(told_apart, whole=False) < len(told_apart) or len(alike(diagnostics, whole=True)) > len(told_apart)


def _more(its: Sequence[Diagnostic]) -> str:
    """What else is found: by name where the cause is the same, else by number."""
    also = f"; also {also_text(its[0])}" if its[0].also else ""
    more = sum(1 + len(one.also) for one in its[1:])
    return f"{also}, and {more} more like it" if more else also
