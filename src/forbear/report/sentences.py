"""Writes conditions, actions and facts in words, for readers who do not read rule files.

A name is read as words (`plan_active`: plan active), and a description is used if it makes a sentence: for a flag, the
statement that is true (`The borrower has died`), for a number, the thing that is counted. Without one, the name is
used. Conditions that this file cannot word are written as in a rule file.

An author's words are quoted, and never changed: no `not` goes into them, and no ending off them. That a flag is false
is written in the words that are declared for that, or else as `NAME: no`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from forbear.language.model.comparisons import NEGATED, Between, Compare, OneOf, Operator
from forbear.language.model.conditions import Always, And, Condition, IsKnown, IsNone, Not, Or
from forbear.language.model.facts import Fact, Grid, Group
from forbear.language.model.kinds import Storage
from forbear.language.model.names import one_of
from forbear.language.model.policy import Effect, Rule, TypedPolicy
from forbear.language.model.relations import Related, Term
from forbear.language.model.values import value_text
from forbear.semantics.to_text import condition_text, term_text

Facts = Mapping[str, Fact]

EVERY_CASE = "in every case"
EVERY_ACTION = "every action"
_CAPITALS = frozenset({"sms", "mms", "ivr", "id"})
_LONGEST = 130
"""A longer description is not put into a sentence."""
_VALUES = 8
"""The most values of a list that are named."""
_LINKED = re.compile(r"[,;]| (and|or|unless|nor|but) ")
"""Matches a part of a sentence that is separated from the others by more than a word."""
_SAYS = re.compile(
    r"(?!whether )((the|a|an|that|this|some|every|no|it|today) |.* (is|are|was|were|has|have|may) |"
    r".* (would|can|could|should|must) )",
    re.IGNORECASE,
)
"""Matches a description that is a statement, by its beginning or its verb."""
_COUNTABLE = re.compile(r"^(?!(?:the|a|an|how|what|number|whether|days)\b)(?:\S+ ){0,3}\w+[^su\W]s\b", re.IGNORECASE)
_COUNTS: Mapping[Operator, str] = {
    "<": "fewer than",
    "<=": "at most",
    "=": "exactly",
    "!=": "any number but",
    ">=": "at least",
    ">": "more than",
}
_AMOUNTS = {**_COUNTS, "<": "less than", "!=": "anything but"}
_TIMES: Mapping[Operator, str] = {
    "<": "before",
    "<=": "no later than",
    "=": "exactly",
    "!=": "anything but",
    ">=": "no earlier than",
    ">": "after",
}
_DATES = {**_TIMES, "=": "on"}
_EFFECTS = {
    Effect.ALLOW: "Permits",
    Effect.REQUIRE: "Requires",
    Effect.FORBID: "Forbids",
    Effect.NEVER: "Never permits",
    Effect.EXEMPT: "Exempts",
    Effect.ALONG: "Requires",
}


def in_words(name: str) -> str:
    """A name as words: `phone_call` is phone call, `sms` is SMS."""
    return " ".join(word.upper() if word in _CAPITALS else word for word in name.replace(".", ": ").split("_"))


def label(name: str) -> str:
    """A name as words, with a capital."""
    words = in_words(name)
    return words[:1].upper() + words[1:]


# Actions and effects


def actions_in_words(actions: Iterable[str], groups: Mapping[str, Group]) -> list[str]:
    """Actions in words. Those that are all of a group go by its name, the largest group first."""
    all_actions = tuple(actions)
    by_action = {action: in_words(action) for action in all_actions}
    left = set(all_actions)
    for group in sorted(groups.values(), key=lambda group: -len(group.actions)):
        if len(group.actions) > 1 and left.issuperset(group.actions):
            left.difference_update(group.actions)
            first, *further = group.actions
            by_action[first] = in_words(group.name)
            for action in further:
                del by_action[action]
    return list(by_action.values())


def effects_in_words(rule: Rule, policy: TypedPolicy) -> Iterator[tuple[Effect, str, str]]:
    """Yields the effects of a rule of a policy: each with its verb, and with the actions and their companions in
    words.
    """
    alike: dict[tuple[Effect, tuple[str, ...]], list[str]] = {}
    for action in {**rule.effects, **rule.along}:
        key = (rule.effects.get(action, Effect.ALONG), rule.along.get(action, ()))
        alike.setdefault(key, []).append(action)
    for (effect, companions), actions in alike.items():
        words, along = (", ".join(actions_in_words(names, policy.groups)) for names in (actions, companions))
        if len(actions) == len(policy.actions) > 1:
            words = EVERY_ACTION
        text = f"{along} with {words}" if effect is Effect.ALONG else f"{words} with {along}" if along else words
        yield effect, _EFFECTS[effect], text


# Conditions


def sentence(condition: Condition, facts: Facts) -> str:
    """A condition as a clause: `more than 60 days overdue and at least 3 calls in a row that did not reach the
    borrower`. What must not be so is said last: `... unless the borrower has died`."""
    parts = condition.parts if isinstance(condition, And) else (condition,)
    exceptions = [exception for part in parts if (exception := _exception(part)) is not None]
    needed = [part for part in parts if _exception(part) is None]
    if len(needed) == 1 and not exceptions:
        return _joined(_alternatives(needed[0], facts), "or")
    text = _joined([_clause(part, facts) for part in needed] or [EVERY_CASE], "and")
    if exceptions:
        clauses = [clause for exception in exceptions for clause in _alternatives(exception, facts)]
        text += f"{';' if ';' in text else ','} unless {_joined(list(dict.fromkeys(clauses)), 'or')}"
    return text


def clauses(condition: Condition, facts: Facts) -> str:
    """Returns a condition as a clause with all parts in their order: `medium is call and consented: no`."""
    if isinstance(condition, And):
        return _joined([_clause(part, facts) for part in condition.parts], "and")
    return _joined(_alternatives(condition, facts), "or")


def _exception(part: Condition) -> Condition | None:
    """Returns the condition that must be false, if a part of a condition says exactly that."""
    match part:
        case Not(IsNone() | IsKnown() | OneOf() | Between()):
            return None
        case Not(Compare(value=value)) if not isinstance(value, bool):
            return None
        case Not(inner):
            return inner
        case Compare(fact, operator, bool() as value) if value != (operator == "="):
            return Compare(fact, "=", True)
        case _:
            return None


def _alternatives(condition: Condition, facts: Facts) -> list[str]:
    """The clauses of which one is enough."""
    if isinstance(condition, Or):
        return [text for part in condition.parts for text in _alternatives(part, facts)]
    return [_clause(condition, facts)]


def _joined(texts: Sequence[str], word: str) -> str:
    """Clauses as one text, which is read in one way alone."""
    if len(texts) == 1:
        return texts[0]
    if any(_LINKED.search(text) for text in texts):
        return f"{'; '.join(texts[:-1])}; {word} {texts[-1]}"
    return one_of(texts, word)


def _clause(condition: Condition, facts: Facts) -> str:
    match condition:
        case Always():
            return EVERY_CASE
        case And(parts):
            return f"({_joined([_clause(part, facts) for part in parts], 'and')})"
        case Or():
            return f"({_joined(_alternatives(condition, facts), 'or')})"
        case Not(Compare(fact, _, bool() as value)) if not facts[fact].or_none:
            return _clause(Compare(fact, "=", not value), facts)
        case Not(Compare(fact, operator, value)) if not facts[fact].or_none:
            return _clause(Compare(fact, NEGATED[operator], value), facts)
        case Not(part):
            return f"not ({_clause(part, facts)})"
        case IsNone(name, negated):
            return _none(name, not negated)
        case IsKnown(name, negated):
            verb = ":" if facts[name].kind.storage is Storage.FLAG else " is"
            return f"{in_words(name)}{verb} {'not known' if negated else 'known'}"
        case Related(left, operator, right):
            return _related(left, operator, right, facts)
        case Compare(name, ">=", value) if facts[name].or_none and value == facts[name].low:
            return _none(name, absent=False)
        case Compare(name, operator, value):
            return _compared(facts[name], operator, value)
        case Between(name, low, high, negated):
            return _between(facts[name], low, high, negated)
        case OneOf(name, values, negated):
            return _one_of(facts[name], values, negated)
    return condition_text(condition, facts)  # of a kind that is newer than these words


def _none(name: str, absent: bool) -> str:
    return f"{in_words(name)} is {'' if absent else 'not '}none"


def _related(left: Term, operator: Operator, right: Term, facts: Facts) -> str:
    """`overdue amount is more than 10% of credit limit`, `promised on plus 3 days is before today`."""
    fact = facts[left.parts[0][0]]
    words = {Storage.TIME: _TIMES, Storage.DATE: _DATES}.get(fact.kind.storage, _AMOUNTS)
    return f"{_term(left, fact)} is {words[operator]} {_term(right, fact)}"


def _term(term: Term, fact: Fact) -> str:
    text = term_text(term, fact, in_words)
    return text.replace(" + ", " plus ").replace(" - ", " minus ")


def _compared(fact: Fact, operator: Operator, value: Grid) -> str:
    match fact.kind.storage:
        case Storage.FLAG:
            return _flag(fact, bool(value) == (operator == "="))
        case Storage.NUMBER:
            return _number(fact, f"{(_AMOUNTS if not _countable(fact) else _COUNTS)[operator]} {_value(fact, value)}")
        case Storage.TIME:
            return f"{in_words(fact.name)} is {_TIMES[operator]} {_value(fact, value)}"
        case Storage.DATE:
            return f"{in_words(fact.name)} is {_DATES[operator]} {_value(fact, value)}"
        case Storage.NAME if fact.ordered and operator not in ("=", "!="):
            direction = {"<": "below", "<=": "at most", ">=": "at least", ">": "above"}[operator]
            return f"{in_words(fact.name)} is {direction} {_value(fact, value)}"
        case _:
            return (
                f"{in_words(fact.name)} is {_value(fact, value) if operator == '=' else f'not {_cited(fact, value)}'}"
            )


def _flag(fact: Fact, holds: bool) -> str:
    if not holds:
        return _text(fact.not_so) or f"{in_words(fact.name)}: no"
    text = _text(fact.description)
    return text if text is not None and (fact.not_so or _SAYS.match(text)) else in_words(fact.name)


def _number(fact: Fact, amount: str) -> str:
    """`more than 60 days overdue`, `at least 3 calls in 7 days`, `balance is at least USD 500`."""
    if fact.kind.unit == "days" and not fact.kind.sign:
        words = in_words(fact.name)
        amount = f"{amount} day" if amount.endswith(" 1") else f"{amount} days"
        if words.startswith("days ") or (fact.clock and " " not in words):
            return f"{amount} {words.removeprefix('days ')}"
        return f"{words} is {amount}"
    noun = _countable(fact)
    if noun is None:
        return f"{in_words(fact.name)} is {amount}"
    return f"{noun}: {amount}" if amount.endswith(" 1") else f"{amount} {noun}"


def _countable(fact: Fact) -> str | None:
    """Returns the thing that a count counts: its name if that is a plural, otherwise its description."""
    if fact.kind.word == "days":
        return "days"
    if fact.kind.word != "count":
        return None
    words = in_words(fact.name)
    if _COUNTABLE.match(words):
        return words
    text = _text(fact.description)
    return text if text is not None and _COUNTABLE.match(text) else None


def _between(fact: Fact, low: int, high: int, negated: bool) -> str:
    first, last = _value(fact, low), _value(fact, high)
    if negated:
        return f"{in_words(fact.name)} is not between {first} and {last}"
    if fact.kind.storage is not Storage.NUMBER:
        return f"{in_words(fact.name)} is between {first} and {last}"
    return _number(fact, f"exactly {first}" if low == high else f"{first} to {last}")


def _one_of(fact: Fact, values: Sequence[Grid], negated: bool) -> str:
    texts = [(_cited if negated else _value)(fact, value) for value in values]
    if len(texts) > _VALUES:
        texts = [*texts[: _VALUES - 1], f"one of {len(texts) - _VALUES + 1} others"]
    if negated:
        return f"{in_words(fact.name)} is {'neither ' + one_of(texts, 'nor') if len(texts) > 1 else 'not ' + texts[0]}"
    return f"{in_words(fact.name)} is {one_of(texts)}"


def _value(fact: Fact, value: Grid) -> str:
    text = value_text(fact, value)
    return in_words(text) if fact.kind.storage is Storage.NAME and fact.kind.literal is None else text


def _cited(fact: Fact, value: Grid) -> str:
    """A value behind a `not`: in quotation marks where it is words of a name, which may begin with one too."""
    text = _value(fact, value)
    return f'"{text}"' if fact.kind.storage is Storage.NAME and " " in text else text


def _text(description: str | None) -> str | None:
    """A description as part of a sentence: up to its first semicolon or colon, with a small letter."""
    if description is None:
        return None
    text = re.split(r"[;:]", description)[0].strip().rstrip(".")
    if not text or len(text) > _LONGEST:
        return None
    first = text.split(maxsplit=1)[0]
    return text if first.isupper() and len(first) > 1 else text[:1].lower() + text[1:]
