"""The rules of a policy for the page, in words: a row each, with what else it says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from typing import assert_never

from attrs import frozen

from forbear.analysis.findings.promises.failed_example import Outcome
from forbear.base.characters import printable
from forbear.language.model.conditions import Always, facts_in
from forbear.language.model.derived import Derived, Selection, Window
from forbear.language.model.policy import Effect, Rule, Setting, TypedPolicy, facts_read, own_rules, titles
from forbear.language.model.tables import Table
from forbear.report.sentences import EVERY_CASE, clauses, effects_in_words, in_words, label, sentence
from forbear.semantics.composition.standards import all_standards, omissions
from forbear.semantics.to_text import period_text

NAMED = 20
"""The most overridden rules, or runs of them, that are named of a rule."""


@frozen
class Reference:
    """A rule by its number on the page: what it is called in short, and its title."""

    number: int
    words: str
    title: str
    href: str


Run = tuple[Reference, Reference]
"""The first and the last of rules that follow each other; or twice the same one."""


@frozen(slots=False)
class Numbering:
    """The numbers of a policy's rules on a page, and their addresses there. In a change, `numbers` are the same for
    what is the same rule before and after."""

    policy: TypedPolicy
    prefix: str = ""
    numbers: Sequence[int] = ()

    def number(self, rule: int) -> int:
        return self.numbers[rule] if self.numbers else rule + 1

    def references(self, rules: Iterable[int]) -> tuple[Reference, ...]:
        """Rules of the policy, by their places there."""
        return tuple([self._reference(rule) for rule in rules])

    def _reference(self, place: int) -> Reference:
        rule = self.policy.rules[place]
        words = in_words(rule.name.removeprefix(f"{rule.standard}."))
        title = printable(title_of(rule, self._titles))
        return Reference(self.number(place), printable(words), title, f"#{anchor(rule.name, self.prefix)}")

    @cached_property
    def _titles(self) -> Mapping[str, str]:
        return titles(self.policy)


def anchor(name: str, prefix: str = "") -> str:
    """The address of a rule on the page."""
    return f"{prefix}rule-{name}"


def numbers_of_both(old: TypedPolicy, new: TypedPolicy) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Returns the numbers of two policies' rules: those of the new one in its order, and after them those that are
    gone.
    """
    known = {rule.name: number for number, rule in enumerate(new.rules, 1)}
    for rule in old.rules:
        known.setdefault(rule.name, len(known) + 1)
    return tuple([known[rule.name] for rule in old.rules]), tuple([known[rule.name] for rule in new.rules])


def runs(references: Sequence[Reference]) -> list[Run]:
    """Rules in the order of their numbers; three or more that follow each other are one run."""
    found: list[Run] = []
    ordered = sorted(references, key=lambda one: one.number)
    for _, together in groupby(enumerate(ordered), key=lambda pair: pair[1].number - pair[0]):
        run = [reference for _, reference in together]
        found += [(run[0], run[-1])] if len(run) > 2 else [(one, one) for one in run]
    return found


@frozen
class RuleRow:
    """A rule. `number` is what it is called by on the page; `overrides` are the rules that it wins over, and how many
    more there are. `of_table` is whether a row of a table says all of it, so that paper has the table alone."""

    rule: Rule
    anchor: str
    number: int
    title: str
    effects: tuple[tuple[Effect, str, str], ...]
    when: str
    dates: str
    overrides: Sequence[Run]
    more_overrides: int
    examples: Sequence[str]
    of_table: bool


@frozen
class RuleGroup:
    """Rules that are shown together: those of the policy that permit, those that restrict, those of a standard.

    `standard` is whether they are of one; on paper these are shown in short.
    """

    title: str
    note: str
    rules: tuple[RuleRow, ...]
    standard: bool
    sourced: bool
    """Whether some rule names its source."""


@frozen
class TableRow:
    """A row of a table: the number of its rule, which it lacks where it says nothing, the anchor, and its cells."""

    number: int | None
    anchor: str
    cells: tuple[str, ...]


@frozen
class TableView:
    """A table of the policy, as its author wrote it: what it `promise`s of its rows, and the `source` of them all."""

    table: Table
    title: str
    rows: tuple[TableRow, ...]
    promise: str
    source: str | None


@frozen
class DerivedRow:
    """A derived fact that a rule reads, and its derivation in words. `on_paper` is whether a rule of the policy itself
    reads it: those of standards are shown in short there. The current time and day need no paper.
    """

    name: str
    words: str
    on_paper: bool


@frozen
class Side:
    """One of the policies of a page. `label` distinguishes it from the other; it is empty if there is no other."""

    policy: TypedPolicy
    label: str
    prefix: str
    groups: tuple[RuleGroup, ...]
    settings: tuple[Setting, ...]
    """The settings on which the policy rests; one of a standard over it is called STANDARD.NAME."""
    derived: tuple[DerivedRow, ...]
    tables: tuple[TableView, ...]
    omits: Sequence[tuple[str, Sequence[str]]]
    """The names of the policy and of the standards over it, each with what it says that it leaves out."""

    @property
    def number_of_rules(self) -> int:
        """The number of rules in all groups."""
        return sum(len(group.rules) for group in self.groups)


def side(numbering: Numbering, shown: TypedPolicy, outcomes: Sequence[Outcome], label: str) -> Side:
    """Returns a policy, whose cases are those of `shown`."""
    policy, prefix = numbering.policy, numbering.prefix
    groups = tuple(_groups(policy, list(_rows(numbering, outcomes))))
    return Side(
        shown,
        label,
        prefix,
        groups,
        tuple([setting for setting in policy.settings.values() if setting.name not in policy.unread]),
        tuple(_derived(policy)),
        tuple(_tables(numbering)),
        omissions([policy]),
    )


def _derived(policy: TypedPolicy) -> Iterator[DerivedRow]:
    own = {name for rule in own_rules(policy) for name in facts_in(rule.condition)}
    for name in facts_read(policy):
        derived = policy.derived.get(name)
        if derived is not None:
            told = name in own and (derived.events, derived.of, derived.calendar, derived.hours) != (None,) * 4
            yield DerivedRow(name, derivation_in_words(name, policy), told)


def _tables(numbering: Numbering) -> Iterator[TableView]:
    policy = numbering.policy
    numbers = {rule.name: number for number, rule in enumerate(policy.rules)}
    for table in policy.tables:
        rows = []
        for row in table.rows:
            rule = numbers.get(row.name)
            number = None if rule is None else numbering.number(rule)
            rows.append(TableRow(number, anchor(row.name, numbering.prefix), row.cells))
        promises = (("a row for each case", table.complete), ("no two rows for one", table.no_overlap))
        promise = " and ".join([words for words, promised in promises if promised])
        sources = {policy.rules[numbers[row.name]].source for row in table.rows if row.name in numbers}
        source = sources.pop() if len(sources) == 1 else None
        yield TableView(table, table.title or label(table.name), tuple(rows), promise, source)


def _groups(policy: TypedPolicy, rows: Sequence[RuleRow]) -> Iterator[RuleGroup]:
    of_standards = {over.standard.name: over.standard.title for over in all_standards(policy.subject_to)}
    by_title: dict[tuple[str, str, bool], list[RuleRow]] = {}
    permits = ("What is permitted and required", "Nothing else is permitted.", False)
    if policy.standard:
        permits = ("What is required and exempt", "What no rule forbids is left free.", False)
    holds = ("What holds back", "Each of these stops an action, unless another rule wins over it.", False)
    for rule, row in zip(policy.rules, rows, strict=True):
        if rule.standard is not None:
            key = (of_standards.get(rule.standard) or rule.standard, f"standard {rule.standard}", True)
        else:
            key = permits if any(effect.permits or effect is Effect.ALONG for effect, _, _ in row.effects) else holds
        by_title.setdefault(key, []).append(row)
    order = [key for key in (permits, holds) if key in by_title]
    for key in [*order, *[key for key in by_title if key not in order]]:
        title, note, standard = key
        yield RuleGroup(title, note, tuple(by_title[key]), standard, any(row.rule.cited for row in by_title[key]))


def _rows(numbering: Numbering, outcomes: Sequence[Outcome]) -> Iterator[RuleRow]:
    policy = numbering.policy
    examples: dict[str, list[str]] = {}
    for outcome in outcomes:
        for name in outcome.deciding:
            examples.setdefault(name, []).append(outcome.example.title)
    of_rules = titles(policy)
    of_tables = {row.name: (table, row) for table in policy.tables for row in table.rows}
    for number, rule in enumerate(policy.rules):
        targets = sorted({target for targets in rule.overrides.values() for target in targets.numbers})
        overridden, dates = runs(numbering.references(targets)), period_text(rule.since, rule.until).strip()
        when = in_case(sentence(rule.condition, policy.facts))
        table, written = of_tables.get(rule.name, (None, None))
        if table is not None and written is not None and written.otherwise:
            of_table = "" if table.when == Always() else f"{sentence(table.when, policy.facts)}, and "
            when = f"when {of_table}no row above it holds"
        yield RuleRow(
            rule,
            anchor(rule.name, numbering.prefix),
            numbering.number(number),
            title_of(rule, of_rules),
            tuple(effects_in_words(rule, policy)),
            when,
            dates,
            overridden[:NAMED],
            sum(last.number - first.number + 1 for first, last in overridden[NAMED:]),
            examples.get(rule.name, ()),
            of_table=table is not None and not (overridden or dates or rule.because),
        )


def title_of(rule: Rule, of_rules: Mapping[str, str]) -> str:
    """Returns the title of a rule, or else its name as words, without that of its standard. `of_rules` are the titles
    of the policy's rules; a named row of a table has its name after the title of the table.
    """
    title = of_rules.get(rule.name)
    if title is None:
        return label(rule.name.removeprefix(f"{rule.standard}."))
    return title if rule.title is not None or rule.by_place else f"{title}: {in_words(rule.name)}"


def in_case(text: str) -> str:
    """A condition after a verb: `in every case`, or `when ...`."""
    return text if text.startswith(EVERY_CASE) else f"when {text}"


# Writes derived facts as sentences: which events count, on which days, or from which other facts they follow.


def derivation_in_words(name: str, policy: TypedPolicy) -> str:
    """Returns the derivation of a fact in words: `how many times there was a contact, on the day of the decision or the
    6 calendar days before it, where outcome is reached`.
    """
    derived = policy.derived[name]
    if derived.events is None:
        return _of_the_day(derived)
    events = _events(derived.events, policy)
    last = f"the last {events}" if derived.measure != "days since first" else f"the first {events}"
    what = "" if derived.attribute is None else in_words(derived.attribute)
    match derived.measure:
        case "days since" | "days since first":
            return f"the calendar days up to the day of the decision, 0 on the day itself, since {last}"
        case "working days since":
            assert derived.calendar is not None
            days = f"the working days by the calendar {in_words(derived.calendar.name)}"
            return f"{days} up to the day of the decision, after the day of {last}"
        case "last" | "first":
            return f"{what} of the {derived.measure} {events}"
    assert derived.window is not None
    which = f"{in_words(derived.events.event)}, {_window(derived.window)}{_where(derived.events, policy)}"
    begins = []
    if derived.window.of is not None:
        begins.append(f"on the day of {in_words(derived.window.of)} or later")
    if derived.window.anchor is not None:
        begins.append(f"after the last {_events(derived.window.anchor, policy)}")
    if begins:
        which = events if derived.window.span == "since" else which
        which += f"; only those count that were {' and '.join(begins)}, or all where there was none"
    match derived.measure:
        case "sum":
            return f"the sum of {what} over each {which}"
        case "count":
            return f"how many times there was a {which}"
        case "days with":
            return f"on how many days there was a {which}"
        case "days in a row":
            return f"on how many days in a row, up to the day before the decision, there was a {which}"
        case _:
            return f"whether there was a {which}"


def _of_the_day(derived: Derived) -> str:
    if derived.of is not None:
        of = in_words(derived.of)
        if derived.measure == "days until":
            return f"the calendar days from the day of the decision to {of}: below 0 once it has passed"
        if derived.calendar is not None:
            days = f"the working days by the calendar {in_words(derived.calendar.name)}"
            return f"{days} after {of} up to the day of the decision: below 0 before it"
        return f"the whole {derived.measure.split()[0]} from {of} to the day of the decision"
    if derived.hours is not None:
        return f"whether the moment of the decision, where the borrower lives, is in {in_words(derived.hours)}"
    if derived.calendar is not None:
        what = "a holiday" if derived.measure == "holiday" else "worked"
        return f"whether the day of the decision is {what}, by the calendar {in_words(derived.calendar.name)}"
    return (
        f"{'time of day' if derived.measure == 'time' else derived.measure} of the decision, where the borrower lives"
    )


def _events(selection: Selection, policy: TypedPolicy) -> str:
    return in_words(selection.event) + _where(selection, policy).removeprefix(",")


def _where(selection: Selection, policy: TypedPolicy) -> str:
    if selection.where == Always():
        return ""
    return f", where {clauses(selection.where, policy.events[selection.event].facts)}"


def _window(window: Window) -> str:
    """Returns which events count, by their time."""
    number = window.number
    match window.span:
        case "days":
            before = {1: "", 2: " or the calendar day before it"}.get(
                number, f" or the {number - 1} calendar days before it"
            )
            return f"on the day of the decision{before}"
        case "working days":
            assert window.calendar is not None
            first = "the last" if number == 1 else f"the first of the last {number}"
            days = "working day" if number == 1 else "working days"
            return f"since {first} {days} by the calendar {in_words(window.calendar.name)}"
        case "hours":
            return f"in the {number} times 60 minutes before the decision"
        case "minutes":
            return f"in the {number} minutes before the decision"
        case "months":
            return f"less than {number} whole {'month' if number == 1 else 'months'} before the day of the decision"
        case "week":
            return "since Monday of the week of the decision"
        case "month":
            return "since the first of the month of the decision"
        case "quarter":
            return "since the first day of the quarter of the decision"
        case "at least":
            return f"at least {number} calendar days before the day of the decision"
        case "between":
            return f"from {number} to {window.least} calendar days before the day of the decision, both included"
        case "ever" | "since":
            return "at any time before the decision"
        case never:
            assert_never(never)
