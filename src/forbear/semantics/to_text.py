"""Writes a typed policy as text of the language: conditions, rules, and the canonical text from which the digest is
made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar, assert_never

from attrs import evolve

from forbear.kernel.cases import decimal_text
from forbear.kernel.history.moments import WEEKDAYS, CalendarSpec
from forbear.language.model.comparisons import Between, Compare, Comparison, OneOf, Operator
from forbear.language.model.conditions import Always, And, Condition, IsKnown, IsNone, Not, Or, facts_in
from forbear.language.model.derived import Event, Selection, Window
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import Storage
from forbear.language.model.policy import Effect, Rule, Setting, TypedPolicy, actions_of, facts_read
from forbear.language.model.relations import Related, Term
from forbear.language.model.values import quoted, step_text, time_text, value_text

Facts = Mapping[str, Fact]
T = TypeVar("T")


def condition_text(condition: Condition, facts: Facts) -> str:
    """A condition, as a rule may have it."""
    match condition:
        case Always():
            return "always"
        case Not(Compare(fact=name, operator="=", value=True)):
            return f"not {name}"
        case Not(part):
            return f"not {_in_parentheses(part, facts)}"
        case And(parts) | Or(parts):
            word = " and " if isinstance(condition, And) else " or "
            return word.join([_in_parentheses(part, facts) for part in parts])
        case IsNone(name, negated):
            return f"{name} is {'not ' if negated else ''}none"
        case IsKnown(name, negated):
            return f"{name} is {'unknown' if negated else 'known'}"
        case Related(left, operator, right):
            fact = facts[condition.facts[0]]
            return f"{term_text(left, fact)} {operator_text(fact, operator)} {term_text(right, fact)}"
        case comparison:
            return _comparison_text(comparison, facts[comparison.fact])


def _in_parentheses(part: Condition, facts: Facts) -> str:
    text = condition_text(part, facts)
    return f"({text})" if isinstance(part, (And, Or)) else text


def _comparison_text(atom: Comparison, fact: Fact) -> str:
    match atom:
        case Compare(operator=operator, value=value):
            if fact.kind.storage is Storage.FLAG:
                if not fact.or_none:
                    return fact.name if bool(value) == (operator == "=") else f"not {fact.name}"
                if (operator, value) == ("=", True):
                    return fact.name
            return f"{fact.name} {operator_text(fact, operator)} {value_text(fact, value)}"
        case Between(low=low, high=high, negated=negated):
            negation = "is not between" if negated else "between"
            return f"{fact.name} {negation} {value_text(fact, low)} and {value_text(fact, high)}"
        case OneOf(values=values, negated=negated):
            listed = ", ".join(value_text(fact, value) for value in values)
            return f"{fact.name} is {'not ' if negated else ''}one of {listed}"
        case never:
            assert_never(never)


def term_text(term: Term, fact: Fact, named: Callable[[str], str] = str) -> str:
    """A term as an author writes it: `10% of income`, `promised_on + 3 days`. It is of the type of a fact."""
    parts = [(share, _part_text(abs(share), named(name))) for name, share in term.parts]
    if term.offset or not parts:
        parts.append((term.offset, amount_text(fact, abs(term.offset) if parts else term.offset)))
    return "".join([f" {'+' if sign > 0 else '-'} {text}" if at else text for at, (sign, text) in enumerate(parts)])


def _part_text(share: Fraction, name: str) -> str:
    return name if share == 1 else f"{decimal_text(100 * share)}% of {name}"


def amount_text(fact: Fact, amount: Fraction) -> str:
    """An amount that is added to a fact: `3 days` to a date, else a value of the fact's type."""
    if fact.kind.storage is Storage.DATE:
        return f"{decimal_text(amount)} {'day' if amount == 1 else 'days'}"
    return value_text(evolve(fact, step=Fraction(1, amount.denominator)), amount.numerator)


def operator_text(fact: Fact, operator: Operator) -> str:
    """An operator as an author writes it: `is` and `is not` for values that are words or texts."""
    return operator if fact.kind.ranged else {"=": "is", "!=": "is not"}.get(operator, operator)


def rule_text(rule: Rule, policy: TypedPolicy) -> str:
    """A rule on several lines, as the author could have written it, its groups and definitions unfolded."""
    effects = " and ".join(_effect_texts(rule))
    lines = []
    title = f" {quoted(rule.title)}" if rule.title is not None else ""
    if rule.named:
        lines.append(f"rule {rule.name}{title}:")
    safeguard = set(rule.effects.values()) == {Effect.NEVER} and not rule.along
    if rule.condition == Always() and safeguard:
        lines.append(f"  {effects}")
    elif safeguard:
        lines.append(f"  {effects} when {condition_text(rule.condition, policy.facts)}")
    else:
        lines.append(f"  {condition_text(rule.condition, policy.facts)} then {effects}")
    overridden = sorted({number for numbers in rule.overrides.values() for number in numbers.numbers})
    if overridden:
        lines.append(f"  overrides {', '.join(policy.rules[number].name for number in overridden)}")
    if rule.since is not None or rule.until is not None:
        lines.append(f"  in force{period_text(rule.since, rule.until)}")
    if rule.because is not None:
        lines.append(f"  because {quoted(rule.because)}")
    if rule.source is not None:
        lines.append(f"  source {quoted(rule.source)}" + (f" {rule.basis}" if rule.basis else ""))
    return "\n".join(lines)


def _effect_texts(rule: Rule) -> Iterator[str]:
    """Yields the effects of a rule, each with its actions and their companions."""
    alike: dict[tuple[Effect, tuple[str, ...]], list[str]] = {}
    for action in {**rule.effects, **rule.along}:
        effect = rule.effects.get(action, Effect.ALONG)
        effect = Effect.ALLOW if effect is Effect.EXEMPT else effect
        alike.setdefault((effect, rule.along.get(action, ())), []).append(action)
    for (effect, companions), actions in alike.items():
        if effect is Effect.ALONG:
            yield f"require {', '.join(companions)} with {', '.join(actions)}"
        else:
            yield f"{effect.value} {', '.join(actions)}" + (f" with {', '.join(companions)}" if companions else "")


def period_text(since: date | int | None, until: date | int | None) -> str:
    """The days of `in force`, dates or ordinals, as an author writes them after these words: ` from 2026-01-01`."""
    ends = [(word, day) for word, day in (("from", since), ("until", until)) if day is not None]
    return "".join([f" {word} {date.fromordinal(day) if isinstance(day, int) else day}" for word, day in ends])


def setting_text(setting: Setting) -> str:
    """The value of a setting as an author writes it, a sum with both of its places: `CNY 12.50`."""
    text = _literal_text(setting)
    return f"{text}0" if setting.value.kind == "money" and text[-2:-1] == "." else text


def _literal_text(setting: Setting) -> str:
    """The value of a setting, in the text that decides what the digest is."""
    literal = setting.value
    match literal.value:
        case bool():
            return "yes" if literal.value else "no"
        case Decimal():
            number = decimal_text(Fraction(literal.value))
            if literal.kind == "money":
                return f"{literal.currency} {number}"
            return f"{number}%" if literal.kind == "percent" else number
        case date():
            return literal.value.isoformat()
        case int():
            return time_text(literal.value)
        case str():
            return quoted(literal.value)


def type_text(fact: Fact, most: int | None = None) -> str:
    """A fact's type as an author writes it, with its range and steps where they are not the type's own. Of more than
    `most` values it has the first, and how many more there are."""
    kind = fact.kind
    text = kind.word
    if kind.named:
        values = (" < " if fact.ordered else ", ").join(value_text(fact, name) for name in fact.names[:most])
        if most is not None and len(fact.names) > most:
            values += f" and {len(fact.names) - most} more"
        text = f"one of {values}" if kind.literal is None else f"{kind.literal} one of {values}"
    if kind.currency and fact.currency:
        text += f" {fact.currency}"
    if kind.ranged and (fact.low, fact.high) != kind.limits:
        text += f" between {value_text(fact, fact.low)} and {value_text(fact, fact.high)}"
    if kind.numeric and fact.step != kind.step:
        text += f" in steps of {step_text(fact)}"
    if fact.clock:
        text += " clock"
    if fact.optional:
        text += " optional"
    return text + (" or none" if fact.or_none else "")


def silent_clauses(fact: Fact) -> list[str]:
    """Returns the clauses of a fact that change no verdict, and so are not part of the canonical text."""
    clauses = {
        "this day": fact.this_day,
        "rising with days": fact.rising,
        "consent": fact.consent,
        "private": fact.private,
    }
    return [clause for clause, there in clauses.items() if there]


def fact_text(fact: Fact, policy: TypedPolicy) -> str:
    """Returns what follows the name in the declaration of a fact: its type, or its derivation."""
    if fact.name not in policy.derived:
        return type_text(fact)
    return derivation_text(fact.name, policy) + (" optional" if fact.optional else "")


def derivation_text(name: str, policy: TypedPolicy) -> str:
    """Returns how a derived fact is derived from events, or from the moment of the decision."""
    derived = policy.derived[name]
    if derived.of is not None and derived.calendar is not None:
        return f"working days of {derived.calendar.name} since {derived.of}"
    if derived.of is not None or derived.hours is not None:
        return f"{derived.measure} {derived.of or derived.hours}"
    if derived.calendar is not None and derived.events is None:
        return f"{derived.measure} of {derived.calendar.name}"
    if derived.events is None:
        return f"{derived.measure} of decision"
    events = selection_text(derived.events, policy)
    assert derived.window is not None
    window = window_text(derived.window, policy)
    match derived.measure:
        case "days since":
            return f"days since last {events}"
        case "working days since":
            assert derived.calendar is not None
            return f"working days of {derived.calendar.name} since last {events}"
        case "days since first":
            return f"days since first {events}"
        case "last" | "first":
            return f"{derived.attribute} of {derived.measure} {events}"
        case "sum":
            event = derived.events.event
            return f"sum of {event}.{derived.attribute}{events.removeprefix(event)} {window}"
        case "count":
            return f"count of {events} {window}"
        case "days with" | "days in a row":
            return f"{derived.measure.removesuffix(' with')} with {events} {window}"
        case _:
            return f"any {events} {window}"


def selection_text(selection: Selection, policy: TypedPolicy) -> str:
    """The events of a selection, as an author writes them."""
    if selection.where == Always():
        return selection.event
    return f"{selection.event} where {condition_text(selection.where, policy.events[selection.event].facts)}"


def window_text(window: Window, policy: TypedPolicy) -> str:
    """Returns the window of events that count, as an author writes it."""
    anchor = None if window.anchor is None else f"since last {selection_text(window.anchor, policy)}"
    begins = None if window.of is None else f"since {window.of}"
    return " and ".join(filter(None, (_span_text(window), begins, anchor)))


def _span_text(window: Window) -> str | None:
    match window.span:
        case "days" | "hours" | "minutes" | "months":
            return f"in last {window.number} {window.span}"
        case "working days":
            assert window.calendar is not None
            return f"in last {window.number} working days of {window.calendar.name}"
        case "week" | "month" | "quarter":
            return f"this {window.span}"
        case "at least":
            return f"at least {window.number} days ago"
        case "between":
            return f"between {window.least} and {window.number} days ago"
        case "since":
            return None
        case "ever":
            return "ever"
        case never:
            assert_never(never)


def calendar_text(calendar: CalendarSpec) -> str:
    """The declaration of a calendar, with each of its days."""
    first, last = (date.fromordinal(day).isoformat() for day in (calendar.first, calendar.last))
    lines = [f"calendar {calendar.name} covers {first} to {last}"]
    if calendar.weekend:
        lines.append(f"  weekend {', '.join(WEEKDAYS[day] for day in calendar.weekend)}")
    for word, days in (("holidays", calendar.holidays), ("working", calendar.working)):
        if days:
            lines.append(f"  {word} {', '.join(date.fromordinal(day).isoformat() for day in days)}")
    return "\n".join(lines)


def event_text(event: Event) -> str:
    """The declaration of an event: its name and its attributes."""
    lines = [f"event {event.name}"]
    lines += [f"  has {attribute.name} {type_text(attribute)}" for attribute in event.attributes.values()]
    return "\n".join(lines)


def canonical_text(policy: TypedPolicy) -> str:
    """Returns the text of all that decides: names, words, settings in effect and rules.

    It has no comments, descriptions, examples, ensures or accepts. Groups, definitions and settings are unfolded into
    the rules. A policy has only the words that its rules read. A standard has all of its words, because a policy under
    it may read the others; a vocabulary, a policy without rules, has its groups and definitions too.
    """
    return "\n".join(_canonical_lines(policy)) + "\n"


def _canonical_lines(policy: TypedPolicy) -> Iterator[str]:
    yield f"{'standard' if policy.standard else 'policy'} {policy.name}"
    if policy.version is not None:
        yield f"version {quoted(policy.version)}"
    if policy.currency is not None:
        yield f"currency {policy.currency}"
    if policy.since is not None or policy.until is not None:
        yield f"in force{period_text(policy.since, policy.until)}"
    read = policy if policy.standard or not policy.rules else _with_words_read(policy)
    for fact in read.facts.values():
        yield f"fact {fact.name} {fact_text(fact, policy)}"
    for event in read.events.values():
        yield event_text(event)
    calendars = [derived.calendar for derived in read.derived.values()]
    calendars += [derived.window.calendar for derived in read.derived.values() if derived.window is not None]
    yield from map(calendar_text, filter(None, dict.fromkeys(calendars)))
    for action in read.actions:
        yield f"action {action}"
    for setting in read.settings.values():
        yield f"setting {setting.name} is {_literal_text(setting)}"
    if not policy.rules:  # a vocabulary: they unfold into nothing here
        for group in policy.groups.values():
            yield f"group {group.name} is {', '.join(group.actions)}"
        for name, condition in policy.definitions.items():
            if condition is not None:
                yield f"define {name} is {condition_text(condition, policy.facts)}"
    for rule in policy.rules:
        yield f"rule {rule.name}"
        yield rule_text(rule, policy)


def _with_words_read(policy: TypedPolicy) -> TypedPolicy:
    """The policy with the words that its rules read: facts, those from which these follow, events with the attributes
    that are read or that each of them needs, and actions."""
    waiting, names, attributes = [*facts_read(policy)], set[str](), dict[str, set[str]]()
    while waiting:
        name = waiting.pop()
        derived = policy.derived.get(name)
        if derived is not None and name not in names:
            waiting += filter(None, (derived.date, derived.hours))
            for selection in derived.selections:
                event = policy.events[selection.event]
                needed = [its.name for its in event.attributes.values() if not its.optional]
                read = attributes.setdefault(event.name, set(needed))
                for its in facts_in(selection.where):
                    attribute, *compared = event.same.get(its, (its,))
                    read.add(attribute)
                    waiting += compared[:1]
            if derived.events is not None and derived.attribute is not None:
                attributes[derived.events.event].add(derived.attribute)
        names.add(name)
    actions = {action for rule in policy.rules for action in actions_of(rule)}
    events = {name: event for name, event in policy.events.items() if name in attributes}
    return evolve(
        policy,
        facts=_among(policy.facts, names),
        derived=_among(policy.derived, names),
        events={
            name: evolve(event, attributes=_among(event.attributes, attributes[name])) for name, event in events.items()
        },
        actions=_among(policy.actions, actions),
        settings={},
    )


def _among(words: Mapping[str, T], names: Set[str]) -> dict[str, T]:
    return {name: its for name, its in words.items() if name in names}


def digest(policy: TypedPolicy) -> str:
    """The SHA-256 of the canonical text, as `sha256:` and hexadecimal digits."""
    import hashlib  # slow to import, and few commands need it

    return "sha256:" + hashlib.sha256(canonical_text(policy).encode("utf-8", "backslashreplace")).hexdigest()
