"""The changes between two policies for the page: by the edits that make them, worst first, in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from attrs import evolve, frozen

from forbear.analysis.comparison.difference import Change, Difference
from forbear.analysis.comparison.pair import ChangeEffect
from forbear.analysis.comparison.telling.edits import Edit
from forbear.base.diagnostic import Diagnostic
from forbear.base.source import Source
from forbear.check.conditions.conditions import typed_condition
from forbear.check.scope import Definition, Scope, Vocabulary
from forbear.language.model.facts import Group as ActionGroup
from forbear.language.model.names import listed
from forbear.language.model.policy import TypedPolicy, clock, titles
from forbear.language.syntax.nodes import Rule as WrittenRule
from forbear.language.syntax.parser import parse
from forbear.report.comparison import grouped, limited, remarks_between, summary, when
from forbear.report.difference import (
    OF_DAYS,
    Group,
    Words,
    alike,
    described,
    effects_counted,
    headline,
    lines_of,
    promises_counted,
    refused_text,
)
from forbear.report.page.findings import Case, Cases
from forbear.report.sentences import actions_in_words, in_words, label, sentence

NAMED = ("ensure", "accept", "omits", "read", "reviewed", "table", "standard")
"""The kinds of promises of which the name is all there is."""
CHANGES = 50
"""The most changes of one action that are shown by their exact conditions."""
CONDITIONS = 3
"""The most conditions of one consequence."""


Findings = Sequence[tuple[Diagnostic, str]]
"""Findings that come or go, each with what else is like it."""
Piece = tuple[str, str]
"""A piece of a text, and whether it is `same`, only before (`del`) or only after (`ins`)."""


@frozen
class EditRow:
    """An edit, with the text before and after it; None if there is none, or if the whole file is meant. `what` is each
    edited clause.
    """

    name: str
    title: str
    kind: str
    lines: str
    what: tuple[tuple[Piece, ...], ...]
    before: str | None
    after: str | None


@frozen
class BlockRow:
    """Edits and what they change, each with a case to try. `rules` are the rules that differ by them, and `again` the
    names of edits that an earlier block shows."""

    edits: tuple[EditRow, ...]
    rules: frozenset[str]
    again: tuple[str, ...]
    effects: tuple[tuple[Group, Case], ...]
    refused: str
    untold: str


@frozen
class Changes:
    """All changes; `idle` are edits that change no verdict. `counts` are numbers of promises and actions by their
    change, each with a link to the part of the page that shows them; if no verdict changes, `summary` says so.
    """

    headline: str
    counts: tuple[tuple[int, str, str], ...]
    summary: str
    broken: Findings
    promises: tuple[EditRow, ...]
    more_examples: tuple[EditRow, ...]
    blocks: tuple[BlockRow, ...]
    idle: tuple[EditRow, ...]
    come: Findings
    go: Findings
    remarks: tuple[tuple[str, str], ...]
    exact: tuple[tuple[str, Change, str, Case], ...]
    """Actions with a change of their verdict, its exact condition, and a case."""
    facts: frozenset[str]
    """The facts that distinguish the cases of the changes from others."""
    groups: Mapping[str, ActionGroup]

    def words(self, actions: Sequence[str]) -> str:
        """Actions in words, by the groups of both policies."""
        words = ", ".join(actions_in_words(actions, self.groups))
        return words[:1].upper() + words[1:]


def changes(difference: Difference, old: str, new: str, cases: Cases) -> Changes:
    """The changes of a difference. `old` and `new` are the names of the policies in messages."""
    named = _Named(titles(difference.old) | titles(difference.new))
    before = _Named(titles(difference.new) | titles(difference.old))
    words = Words(named.rule, _in_sentences(difference.new), CONDITIONS, rule_before=before.rule)
    description = described(difference, words)
    others = [edit for edit in description.more_promises if edit.kind != "example"]
    shown: list[Edit] = []
    blocks = []
    for block in description.blocks:
        again = [named.edit_name(edit) for edit in block.edits if edit in shown]
        edits = [named.edit(edit) for edit in block.edits if edit not in shown]
        shown += block.edits
        effects = [(group, cases.add(group.witness)) for group in block.groups]
        refused = [(tuple(map(in_words, actions)), verdicts) for actions, verdicts in block.refused]
        untold = listed(list(map(in_words, block.untold)), len(block.untold), quote="")
        told = refused_text(refused, quote="")
        rules = frozenset(rule for edit in block.edits for rule in edit.rules)
        blocks.append(BlockRow(tuple(edits), rules, tuple(again), tuple(effects), told, untold))
    return Changes(
        headline(difference),
        tuple(_counts(difference)),
        summary(difference, old, new)[0] if difference.same_verdicts else "",
        alike(difference.broken),
        tuple([_idle(named.edit(edit), ()) for edit in [*description.promises, *others]]),
        tuple([_idle(named.edit(edit), ()) for edit in description.more_promises if edit not in others]),
        tuple(blocks),
        tuple([_idle(named.edit(edit), shown) for edit in description.idle]),
        alike(difference.come),
        alike(difference.go),
        (*remarks_between(difference, old, new), *_left_out(difference)),
        tuple(_exact(difference, cases)),
        frozenset(name for consequence in difference.consequences for name in consequence.case),
        {**difference.old.groups, **difference.new.groups},
    )


def _counts(difference: Difference) -> Iterator[tuple[int, str, str]]:
    for number, what in promises_counted(difference):
        name = f"{'promise' if number == 1 else 'promises'} {what}"
        yield number, name, "#broken" if what == "broken" else "#promises"
    shown = {consequence.effect for consequence in difference.consequences} - {ChangeEffect.REFUSED_OTHERWISE}
    for number, what in () if difference.same_verdicts else effects_counted(difference):
        address = f"#{what.replace(' ', '-')}" if what in shown else ""
        yield number, f"{'action' if number == 1 else 'actions'} {what}", address


def _pieces(text: str) -> tuple[Piece, ...]:
    """Returns the edited text with the different words marked, if it is one text in place of another."""
    before, arrow, after = text.partition(" → ")
    if not arrow or " → " in after:
        return ((text, "same"),)
    old, new = (re.findall(r"\w+|\s+|[^\w\s]", side) for side in (before, after))
    pieces: list[Piece] = []
    for tag, start, end, other_start, other_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(("".join(old[start:end]), "same"))
            continue
        for side, kind in ((old[start:end], "del"), (new[other_start:other_end], "ins")):
            pieces += [("".join(side), kind)] if side else []
    return tuple(pieces)


def _idle(row: EditRow, shown: Sequence[Edit]) -> EditRow:
    """An edit that changes no verdict, without the text of a rule that is shown already, and of a promise, unless it is
    an example: its name is its text."""
    is_shown = row.kind in NAMED or any((edit.kind, edit.name) == (row.kind, row.name) for edit in shown)
    return evolve(row, before=None, after=None) if is_shown else row


@frozen
class _Named:
    """Names rules by their titles, followed by the identifier."""

    titles: Mapping[str, str]

    def rule(self, name: str) -> str:
        title = self.titles.get(name)
        return f"“{title.replace('`', '')}” `{name}`" if title else f"`{name}`"

    def edit_name(self, edit: Edit) -> str:
        return self.rule(edit.name) if edit.kind == "rule" else f"{edit.kind} `{edit.name}`"

    def edit(self, edit: Edit) -> EditRow:
        title = self.titles.get(edit.name) if edit.kind == "rule" else None
        whole = edit.kind in ("head", "standard")
        return EditRow(
            edit.name,
            title or label(edit.name),
            edit.kind,
            lines_of(edit),
            tuple(map(_pieces, edit.what)),
            None if edit.before is None or whole else edit.before.text,
            None if edit.after is None or whole else edit.after.text,
        )


def _in_sentences(policy: TypedPolicy) -> Callable[[str], str]:
    """What writes a condition in words; as it is written where it cannot be read in the policy's vocabulary alone."""
    words = Vocabulary(policy.currency, policy.settings, policy.facts, clock=clock(policy))
    defined = {
        name: None if condition is None else Definition(condition, 0, 0)
        for name, condition in policy.definitions.items()
    }

    def said(text: str) -> str:
        source = Source("condition", f"rule stated: {text} then allow permitted")
        module, diagnostics = parse(source)
        statement = module.statements[0] if len(module.statements) == 1 else None
        if diagnostics or not isinstance(statement, WrittenRule) or statement.condition is None:
            return f"`{text}`"
        wrong: list[Diagnostic] = []
        typed = typed_condition(statement.condition, Scope(source, words, wrong.append, defined))
        if typed is None:
            return f"`{text}`"
        days = text.startswith(OF_DAYS)
        return f"{'when ' if days else ''}{sentence(typed, policy.facts)}"

    return said


def _exact(difference: Difference, cases: Cases) -> Iterator[tuple[str, Change, str, Case]]:
    refused_last = sorted(difference.changes, key=lambda change: change.effect is ChangeEffect.REFUSED_OTHERWISE)
    for actions, change in grouped(limited(refused_last, CHANGES)):
        yield ", ".join(actions), change, when(change), cases.add(change.witness)


def _left_out(difference: Difference) -> Iterator[tuple[str, str]]:
    """Remarks on what the changes leave out."""
    for action, number in Counter(change.action for change in difference.changes).items():
        if number > CHANGES:
            yield f"more conditions of {label(action)}", f"{number - CHANGES}, which forbear diff --all shows"
    bounded = [in_words(action) for action in difference.undecided if action not in difference.untold]
    if bounded:
        names = listed(bounded, len(bounded), quote="")
        yield f"exact conditions of {names}", "not all are known, the search for them reached its bound"
