"""Whole policies as text of the language, each with what it means, and cases for them.

A policy is drawn as a model: every piece has its text and, beside it, its meaning, written a second time from the
reference of the language and sharing no code with `src/`. `Policy.text` is what an author would write;
`Policy.decide` is what section 5 of the reference says of it, by brute force. Truth values of the model are 0 for
false, 1 for unknown and 2 for true, so that Kleene's `and` is the minimum, `or` the maximum, `not` what is left of 2.

Values are whole numbers on their fact's grid (as the kernel describes them), `Absent` where there is none. The values
of a case are drawn at and around every threshold.
"""

from __future__ import annotations

import datetime
import itertools
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

from attrs import evolve, field, frozen
from hypothesis import strategies as st
from night import NIGHTLY

from forbear.kernel.cases import GridValue
from forbear.language.model.conditions import atoms
from forbear.language.model.policy import TypedPolicy, facts_read
from forbear.language.model.relations import Related, meeting
from forbear.space.boundaries import boundary_values

T = TypeVar("T")


def examples(in_ci: int, by_night: int | None = None) -> int:
    """How many examples a property is tried on: in CI a third of so many, and the same ones each time; at night sixty
    times as many, of `by_night` where that is given."""
    return (by_night or in_ci) * 60 if NIGHTLY else (in_ci + 2) // 3


class Absent(Enum):
    """There is no value: it is unknown, or known not to exist."""

    UNKNOWN = "unknown"
    NONE = "none"


Value: TypeAlias = int | bool | str | Absent
Case: TypeAlias = Mapping[str, Value]
Truth: TypeAlias = Callable[[Case], int]

FALSE, OPEN, TRUE = 0, 1, 2


# The model


@frozen
class Fact:
    """A fact with its declaration. `pool` are the values that conditions compare it with."""

    name: str
    kind: str
    step: Fraction = Fraction(1)
    low: int = 0
    high: int = 0
    names: tuple[str, ...] = ()
    currency: str | None = None
    absent: str = ""
    clock: bool = False
    pool: tuple[int | bool | str, ...] = ()
    declaration: str = ""

    @property
    def ordered(self) -> bool:
        return self.kind not in ("flag", "choice", "code", "text")


@frozen
class Condition:
    """A condition: its text, how loosely it binds (0 an atom, 1 `not`, 2 `and`, 3 `or`), its truth, what it reads."""

    text: str
    level: int
    truth: Truth = field(eq=False)
    facts: frozenset[str] = frozenset()

    def within(self, level: int) -> str:
        """Its text where something binds that tightly."""
        return f"({self.text})" if self.level > level else self.text


ALWAYS = Condition("always", 0, lambda case: TRUE)


def negation(part: Condition) -> Condition:
    return Condition(f"not {part.within(1)}", 1, lambda case: TRUE - part.truth(case), part.facts)


def conjunction(parts: Sequence[Condition]) -> Condition:
    facts = frozenset[str]().union(*[part.facts for part in parts])
    text = " and ".join(part.within(1) for part in parts)
    return Condition(text, 2, lambda case: min(part.truth(case) for part in parts), facts)


def disjunction(parts: Sequence[Condition]) -> Condition:
    facts = frozenset[str]().union(*[part.facts for part in parts])
    text = " or ".join(part.within(1) for part in parts)
    return Condition(text, 3, lambda case: max(part.truth(case) for part in parts), facts)


@frozen
class Actions:
    """A list of actions: its text and the actions themselves."""

    text: str
    named: frozenset[str]


@frozen
class Definition:
    name: str
    condition: Condition


@frozen
class Setting:
    """A setting for one fact, or a day."""

    name: str
    fact: str | None
    value: int | bool | str
    literal: str


@frozen
class Period:
    """From a day until a day, each with its text; both are included."""

    since: int | None = None
    until: int | None = None
    since_text: str = ""
    until_text: str = ""

    @property
    def text(self) -> str:
        since = f" from {self.since_text}" if self.since is not None else ""
        return since + (f" until {self.until_text}" if self.until is not None else "")

    def holds(self, day: int | None) -> bool:
        if day is None:
            return True
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    @property
    def given(self) -> bool:
        return self.since is not None or self.until is not None


@frozen
class Rule:
    name: str | None
    title: str | None
    form: str
    """`condition first`, `effects first`, `never` without a condition, `suspend`, or what follows the actions of a
    `limit`, whose condition says what that means."""
    condition: Condition
    effects: tuple[tuple[str, Actions], ...]
    unless: Condition | None = None
    overrides: tuple[int, ...] = ()
    overrides_all: bool = False
    period: Period = Period()
    because: str | None = None
    source: str | None = None
    order: tuple[int, ...] = (0, 1, 2, 3, 4, 5)
    """The order of its clauses; those below 0 stand before its body."""
    companions: tuple[Actions | None, ...] = ()
    """What goes along with the actions of each effect. An effect `along` does nothing else."""

    @property
    def effect_on(self) -> dict[str, str]:
        return {action: word for word, actions in self.effects if word != "along" for action in actions.named}

    @property
    def along(self) -> dict[str, frozenset[str]]:
        """What it asks for to go along with each action."""
        return {
            action: companions.named
            for (_, actions), companions in zip(self.effects, self.companions, strict=False)
            if companions is not None
            for action in actions.named
        }

    @property
    def holds(self) -> Truth:
        def truth(case: Case) -> int:
            value = self.condition.truth(case)
            return value if self.unless is None else min(value, TRUE - self.unless.truth(case))

        return truth

    @property
    def facts(self) -> frozenset[str]:
        return self.condition.facts | (self.unless.facts if self.unless is not None else frozenset())

    def text(self, names: Sequence[str | None]) -> str:
        lines = [f"rule {self.name}{' ' + quoted(self.title) if self.title is not None else ''}:"] if self.name else []
        clauses = []
        if self.unless is not None:
            clauses.append(f"unless {self.unless.text}")
        if self.overrides_all:
            clauses.append("overrides all")
        elif self.overrides:
            clauses.append(f"overrides {', '.join(str(names[other]) for other in self.overrides)}")
        if self.period.given and self.form != "suspend":
            clauses.append(f"in force{self.period.text}")
        if self.because is not None:
            clauses.append(f"because {quoted(self.because)}")
        if self.source is not None:
            clauses.append(f"source {quoted(self.source)}")
        placed = sorted(zip(self.order, clauses, strict=False))
        before = [clause for place, clause in placed if place < 0 and self.name]
        after = [clause for place, clause in placed if place >= 0 or not self.name]
        return "\n  ".join([*lines, *before, self.body, *after])

    @property
    def body(self) -> str:
        texts = []
        for (word, actions), its in itertools.zip_longest(self.effects, self.companions):
            companions = "" if its is None else its.text
            along = f" with {companions}" if companions else ""
            duty = f"require {companions} with {actions.text}"
            texts.append(duty if word == "along" else f"{word} {actions.text}{along}")
        effects = " and ".join(texts)
        match self.form:
            case "suspend":
                return f"suspend {self.effects[0][1].text}{self.period.text}"
            case "never":
                return effects
            case "effects first":
                return f"{effects} when {self.condition.text}"
            case "condition first":
                return f"{self.condition.text} then {effects}"
            case most_by_fact:
                return f"limit {self.effects[0][1].text} {most_by_fact}"


@frozen
class Decided:
    """What the model says of an action."""

    verdict: str
    rules: tuple[int, ...]
    unknown: tuple[str, ...]
    along: tuple[tuple[str, tuple[int, ...]], ...] = ()


@frozen(repr=False)
class Policy:
    """A policy file. `layout` is the order of its statements behind the head: pairs of what and which."""

    head: str
    name: str
    period: Period
    facts: tuple[Fact, ...]
    actions: tuple[str, ...]
    groups: tuple[tuple[str, str, frozenset[str]], ...]
    settings: tuple[Setting, ...]
    definitions: tuple[Definition, ...]
    rules: tuple[Rule, ...]
    layout: tuple[tuple[str, int], ...]
    applies: Condition | None = None

    # Its text

    def __repr__(self) -> str:
        return f"<policy\n{self.text}\n>"

    @property
    def text(self) -> str:
        return "\n".join(text for _, _, text in self._statements())

    def _statements(self) -> list[tuple[str, int, str]]:
        names = [rule.name for rule in self.rules]
        settings = [f"setting {one.name} is {one.literal}" for one in self.settings]
        texts: dict[str, list[str]] = {
            "fact": [fact.declaration for fact in self.facts],
            "action": [f"action {name}" for name in self.actions],
            "group": [text for _, text, _ in self.groups],
            "setting": settings,
            "define": [f"define {one.name} is {one.condition.text}" for one in self.definitions],
            "rule": [rule.text(names) for rule in self.rules],
        }
        applies = "" if self.applies is None else f"\n  applies when {self.applies.text}"
        statements = [("head", 0, self.head + applies)] if self.head else []
        return statements + [(what, which, texts[what][which]) for what, which in self.layout]

    def rule_names(self) -> list[str]:
        """What each rule is called: a rule without a head by its line."""
        names: list[str] = [""] * len(self.rules)
        line = 1
        for what, which, text in self._statements():
            if what == "rule":
                names[which] = self.rules[which].name or f"{self.name}:{line}"
            line += text.count("\n") + 1
        return names

    # Its meaning, from section 5 of the reference

    @property
    def dated(self) -> bool:
        return self.period.given or any(rule.period.given for rule in self.rules)

    def opposes(self, one: int, other: int, action: str) -> bool:
        """Whether one permits the action and the other forbids it; nothing overrides a `never`."""
        effects = {self.rules[one].effect_on.get(action), self.rules[other].effect_on.get(action)}
        return effects in ({"allow", "forbid"}, {"require", "forbid"})

    def overrides(self, one: int, other: int, action: str) -> bool:
        """Whether a rule overrides another for an action."""
        if one == other or not self.opposes(one, other, action):
            return False
        return other in self.rules[one].overrides or (
            self.rules[one].overrides_all and one not in self.rules[other].overrides
        )

    def active(self, number: int, action: str, case: Case, day: int | None) -> int:
        rule = self.rules[number]
        if not rule.period.holds(day):
            return FALSE
        value = rule.holds(case)
        if self.applies is not None:
            value = min(value, self.applies.truth(case))
        for other in range(len(self.rules)):
            if self.overrides(other, number, action):
                value = min(value, TRUE - self.active(other, action, case, day))
        return value

    def decide(self, action: str, case: Case, day: int | None) -> Decided:
        on = {number: rule.effect_on[action] for number, rule in enumerate(self.rules) if action in rule.effect_on}
        active = {number: self.active(number, action, case, day) for number in on}

        def those(effect: str, least: int) -> tuple[int, ...]:
            return tuple(number for number in on if on[number] == effect and active[number] >= least)

        blocked = {number: self.blocked(number, action, case, day) for number in self.asking(action, day)}
        refusing = tuple(number for number, value in blocked.items() if value >= OPEN)
        for verdict, deciding in (
            ("forbidden", (*those("never", OPEN), *refusing)),
            ("forbidden", those("forbid", OPEN)),
            ("required", those("require", TRUE)),
            ("allowed", those("allow", TRUE)),
            ("unsaid", ()),
        ):
            if deciding or verdict == "unsaid":
                break
        took_part = {*deciding, *(number for number in on if active[number] == OPEN)}
        read = frozenset[str]().union(*[self.facts_of(number) for number in took_part])
        for number in refusing:
            read = read.union(*[self.facts_forbidding(one, day) for one in self.rules[number].along[action]])
            read |= self.facts_of(number)
        found = self.along(action, case, day) if verdict in ("allowed", "required") else {}
        read = read.union(*[self.facts_of(number) for numbers in found.values() for number in numbers])
        unknown = tuple(sorted(name for name in read if case[name] is Absent.UNKNOWN))
        return Decided(verdict, deciding, unknown, tuple((name, found[name]) for name in sorted(found)))

    # What goes along

    def holds(self, number: int, case: Case, day: int | None) -> int:
        """Whether a rule is in force and its condition holds, whatever overrides it."""
        rule = self.rules[number]
        if not rule.period.holds(day):
            return FALSE
        value = rule.holds(case)
        return value if self.applies is None else min(value, self.applies.truth(case))

    def asking(self, action: str, day: int | None) -> list[int]:
        """The rules in force that ask for something to go along with an action that some rule may forbid."""
        return [
            number
            for number, rule in enumerate(self.rules)
            if rule.period.holds(day) and any(self.may_be_forbidden(one, day) for one in rule.along.get(action, ()))
        ]

    def may_be_forbidden(self, action: str, day: int | None) -> bool:
        return bool(self.forbidding(action, day) or self.asking(action, day))

    def forbidding(self, action: str, day: int | None) -> list[int]:
        return [
            number
            for number, rule in enumerate(self.rules)
            if rule.period.holds(day) and rule.effect_on.get(action) in ("never", "forbid")
        ]

    def blocked(self, number: int, action: str, case: Case, day: int | None) -> int:
        """Whether a rule asks for something to go along with an action that is forbidden."""
        forbidden = [self.forbidden(one, case, day) for one in self.rules[number].along[action]]
        return min(self.holds(number, case, day), max(forbidden))

    def forbidden(self, action: str, case: Case, day: int | None) -> int:
        values = [self.active(number, action, case, day) for number in self.forbidding(action, day)]
        values += [self.blocked(number, action, case, day) for number in self.asking(action, day)]
        return max(values, default=FALSE)

    def facts_forbidding(self, action: str, day: int | None) -> frozenset[str]:
        """What decides whether an action is forbidden."""
        found = {*self.forbidding(action, day)}
        left = [*found]
        while left:
            number = left.pop()
            for other, rule in enumerate(self.rules):
                if rule.period.holds(day) and other not in found and self.overrides(other, number, action):
                    found.add(other)
                    left.append(other)
        read = frozenset[str]().union(*[self.facts_of(number) for number in found])
        for number in self.asking(action, day):
            read |= self.facts_of(number)
            read = read.union(*[self.facts_forbidding(one, day) for one in self.rules[number].along[action]])
        return read

    def along(self, action: str, case: Case, day: int | None) -> dict[str, tuple[int, ...]]:
        """What goes along with an action, and with that in turn, with the rules that ask for it."""
        found: dict[str, tuple[int, ...]] = {}
        waiting = [action]
        for one in waiting:
            for companion in self.actions:
                rules = [
                    number
                    for number, rule in enumerate(self.rules)
                    if companion in rule.along.get(one, ()) and self.holds(number, case, day) >= OPEN
                ]
                if rules:
                    if companion not in found:
                        waiting.append(companion)
                    found[companion] = tuple(dict.fromkeys([*found.get(companion, ()), *rules]))
        return found

    def circular(self) -> bool:
        """Whether rules override each other in a circle, for some action."""
        numbers = range(len(self.rules))
        for action in self.actions:
            edges = {a: [b for b in numbers if self.overrides(a, b, action)] for a in numbers}
            left = dict(edges)
            while left:
                free = [a for a in left if not any(b in left for b in left[a])]
                if not free:
                    return True
                for a in free:
                    del left[a]
        return False

    def facts_of(self, number: int) -> frozenset[str]:
        """What a rule reads."""
        applies = frozenset[str]() if self.applies is None else self.applies.facts
        return self.rules[number].facts | applies

    @property
    def reads(self) -> frozenset[str]:
        return frozenset[str]().union(*[self.facts_of(number) for number in range(len(self.rules))])

    # Cases

    def case(self, generator: random.Random) -> dict[str, Value]:
        """A value for each fact, at or near a threshold."""
        return {fact.name: generator.choice(fact_values(fact)) for fact in self.facts}

    def days(self) -> list[int | None]:
        """Days at and around each date on which the policy is in force."""
        return near_days([self.period, *[rule.period for rule in self.rules]], self.period, self.dated)


def near_days(periods: Iterable[Period], own: Period, dated: bool) -> list[int | None]:
    dates = {date for period in periods for date in (period.since, period.until) if date is not None}
    near = {date + shift for date in dates or {datetime.date(2015, 9, 22).toordinal()} for shift in (-1, 0, 1)}
    last = datetime.date.max.toordinal()
    return [*([] if dated else [None]), *[day for day in sorted(near) if 1 <= day <= last and own.holds(day)]]


def fact_values(fact: Fact) -> list[Value]:
    """The values of a fact that tell: its pool with neighbours, the ends of its range, and no value."""
    values: list[Value]
    if fact.kind == "flag":
        values = [False, True]
    elif fact.kind in ("choice", "code"):
        values = list(fact.names)
    elif fact.kind == "text":
        values = [*fact.pool, "something else"]
    else:
        near = {int(value) + shift for value in fact.pool for shift in (-1, 0, 1)} | {fact.low, fact.high}
        values = [value for value in sorted(near) if fact.low <= value <= fact.high]
    if fact.absent:
        # As often as all others together would be too often; once is too seldom.
        values += [Absent.UNKNOWN if fact.absent == "optional" else Absent.NONE] * (1 + len(values) // 3)
    return values


# Writing values


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def digits(number: Fraction) -> str:
    """A decimal written out, without zeros at its end."""
    sign, number = ("-" if number < 0 else ""), abs(number)
    whole, rest = divmod(number, 1)
    decimals = ""
    while rest:
        digit, rest = divmod(rest * 10, 1)
        decimals += str(int(digit))
    return f"{sign}{int(whole)}" + (f".{decimals}" if decimals else "")


def literal(fact: Fact, value: int | bool | str, variant: int = 0) -> str:
    """A value as an author may write it; `variant` picks one of several forms."""
    match fact.kind:
        case "flag":
            return "yes" if value else "no"
        case "text" | "code":
            return quoted(str(value))
        case "choice":
            return str(value)
        case "order":
            return fact.names[int(value)]
        case "date":
            return datetime.date.fromordinal(int(value)).isoformat()
        case "time":
            hours, rest = divmod(int(value), 3600)
            text = f"{hours:02}:{rest // 60:02}"
            return text if rest % 60 == 0 and variant % 2 == 0 else f"{text}:{rest % 60:02}"
        case _:
            number = digits(int(value) * fact.step)
            if variant % 3 == 1 and "." not in number and len(number.lstrip("-")) > 3:
                number = f"{number[:-3]}_{number[-3:]}"
            if variant % 3 == 2 and len(number.lstrip("-")) < 12:
                decimals = len(number.partition(".")[2])
                number += ".0" if decimals == 0 else "00" if decimals == 2 else "0"  # three might group digits
            units = {"money": f"{fact.currency} {number}", "percent": f"{number}%"}
            return units.get(fact.kind, number)


def given(fact: Any, value: Value | None, generator: random.Random | None = None) -> object:
    """A value as a case gives it: as plain JSON, or with a generator in one of the other forms that are accepted.

    `fact` is one of the model or one of a typed policy.
    """
    if isinstance(value, Absent):
        return None if value is Absent.UNKNOWN else "none"
    if value is None:
        return "none" if fact.or_none else None
    kind = str(fact.kind)
    if kind in ("flag", "yes/no"):
        return bool(value)
    if kind in ("text", "choice", "code"):
        return value
    assert isinstance(value, int)
    if kind == "order":
        return fact.names[value]
    if kind == "date":
        day = datetime.date.fromordinal(value)
        return day if generator and generator.random() < 0.5 else day.isoformat()
    if kind == "time":
        clock = datetime.time(value // 3600, value // 60 % 60, value % 60)
        forms: list[object] = [clock, clock.isoformat()]
        if not clock.second:
            forms.append(clock.isoformat("minutes"))
        return generator.choice(forms) if generator else forms[-1]
    text = digits(value * fact.step)
    plain: object = text if "." in text else int(text)
    if generator is None:
        return plain
    longer = text + ("0" if "." in text else ".0")
    forms = [plain, text, longer, Decimal(text), Decimal(longer)]
    if len(text.replace("-", "").replace(".", "").lstrip("0")) <= 15:
        forms.append(float(text))
    if kind == "money" and fact.currency:
        forms.append(f"{fact.currency} {text}")
    return generator.choice(forms)


def written(
    facts: Mapping[str, Any], case: Mapping[str, Any], generator: random.Random | None = None
) -> Mapping[str, object]:
    """A case as it is given. With a generator: in any order, in any form, what is unknown left out or null."""
    names = list(case)
    if generator is None:
        return {name: given(facts[name], case[name]) for name in names}
    generator.shuffle(names)
    record = {name: given(facts[name], case[name], generator) for name in names}
    for name in names:
        if record[name] is None and generator.random() < 0.5:
            del record[name]
    return MappingProxyType(record) if generator.random() < 0.2 else record


# Cases of a typed policy


def boundary_cases(policy: TypedPolicy, seed: int, count: int) -> list[dict[str, GridValue]]:
    """Cases on the grids, at and around every threshold, for all facts that the policy reads."""
    values = boundary_values(policy, facts_read(policy))
    generator = random.Random(seed)
    related = [atom for rule in policy.rules for atom in atoms(rule.condition) if isinstance(atom, Related)]
    cases = []
    for _ in range(count):
        case = {name: generator.choice(choices) for name, choices in values.items()}
        for atom in generator.sample(related, min(len(related), 3)):
            name = generator.choice(atom.facts)  # it is where it meets the others, or next to that
            case[name] = generator.choice([*meeting(atom, name, case, policy.facts), case[name]])
        cases.append(case)
    return cases


def boundary_days_of(policy: TypedPolicy) -> list[int | None]:
    """Days at and around each date on which a typed policy is in force."""
    own = Period(policy.since, policy.until)
    return near_days([own, *[Period(rule.since, rule.until) for rule in policy.rules]], own, policy.dated)


# Names: words that mean something in Python, or in the code that Forbear compiles, are names like any other

FACT_NAMES = (
    "x", "m0", "case", "join", "class", "print", "names_of_x", "spec_of_x", "places_of_x", "lambda", "absent", "x_",
    "m1", "none_", "import", "len", "type", "dict", "values", "known_", "read_value", "self", "def", "return", "true",
    "int", "print_", "check_others", "str", "bool", "a1_b2", "decide", "exception", "isinstance", "match", "lambda_",
    "m0_", "case_", "while", "global_", "truths", "rules", "facts", "certain", "days_late", "amount", "hours", "score",
)  # fmt: skip
ACTION_NAMES = (
    "sms", "call", "class", "visit", "x", "print", "join", "letter", "m0", "case", "verdict", "async", "g1", "g2", "g3",
)  # fmt: skip
RULE_NAMES = (
    "r", "class", "truths", "decide", "r_1", "x", "lambda", "decide_action", "m0", "print", "rule_r", "sms",
    "always_so", "none_1",
)  # fmt: skip
TEXTS = ("plain", 'with "marks" and \\', "# no comment", "then allow sms", "你好 ünï", "{braces} %s {0}", "'''", "")
CURRENCIES = ("CNY", "USD")
DAYS = tuple(
    datetime.date.fromisoformat(day).toordinal()
    for day in ("2015-09-21", "2015-12-31", "2016-02-29", "2016-03-01", "2015-09-22")
)
EXTREME_DAYS = (1, datetime.date.max.toordinal())


class Drawing:
    """What Hypothesis draws, with the names that are still free."""

    def __init__(self, draw: st.DrawFn, asks_known: bool = True, relations: bool = False) -> None:
        self.draw = draw
        self.asks_known = asks_known
        self.relations = relations
        self.free = {"fact": list(FACT_NAMES), "action": list(ACTION_NAMES), "rule": list(RULE_NAMES)}

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.number(0, len(choices) - 1)]

    def chance(self, percent: int) -> bool:
        """False is the simpler outcome."""
        return self.number(0, 99) >= 100 - percent

    def subset(self, choices: Sequence[T], least: int, most: int) -> list[T]:
        left = list(choices)
        wanted = min(self.number(least, most), len(left))
        return [left.pop(self.number(0, len(left) - 1)) for _ in range(wanted)]

    def name(self, space: str) -> str:
        free = self.free[space]
        return free.pop(self.number(0, len(free) - 1))

    def shuffled(self, choices: Sequence[T]) -> list[T]:
        return self.subset(choices, len(choices), len(choices))


# Facts

KINDS = ("count", "flag", "number", "money", "percent", "days", "date", "time", "choice", "order", "code", "text")
STEPS = {
    "days": ("1", "1", "1", "5", "7"),
    "count": ("1", "1", "2", "10"),
    "number": ("0.01", "0.001", "0.5", "0.3", "5", "0.000001"),
    "percent": ("0.01", "0.1", "1", "0.25"),
    "money": ("0.01", "0.01", "0.05", "1", "0.0001"),
}
DEFAULT_STEPS = {"days": "1", "count": "1", "number": "0.01", "percent": "0.01", "money": "0.01"}
LARGEST = 10**15 - 1
CODES = ("CA", "ca", "", 'a "b" \\', "你好")
WORDS = {"flag": "yes/no"}


def some_fact(drawing: Drawing, kind: str, clock: bool, currency: str | None, described: bool = True) -> Fact:
    name = drawing.name("fact")
    absent = "" if clock else drawing.pick(("", "optional", "or none", "optional"))
    parts = [f"fact {name}"]
    step, low, high = Fraction(1), 0, 0
    names: tuple[str, ...] = ()
    own: str | None = None
    pool: tuple[int | bool | str, ...]
    ranged = stepped = False
    if kind in STEPS:
        text = drawing.pick(STEPS[kind])
        step, stepped = Fraction(text), text != DEFAULT_STEPS[kind]
        # No number has more than 15 digits, so that a large step has fewer of them.
        high = LARGEST if step < 1 else int(LARGEST / step)
        low = 0 if kind in ("days", "count", "money") else -high
        start = drawing.pick((0, 3, 60, 1000, -7))
        ranged = start < 0 or drawing.chance(40)
        if ranged:
            low, high = start, start + drawing.pick((40, 5, 1, 400))
        pool = tuple(low + shift if ranged else start + shift for shift in drawing.subset((1, 0, 2, 5, 10, 37), 1, 3))
        if kind == "money":
            own = drawing.pick(CURRENCIES) if drawing.chance(30) or currency is None else None
    elif kind == "date":
        low, high = EXTREME_DAYS
        ranged = drawing.chance(30)
        if ranged:
            low, high = DAYS[0], DAYS[2]
        pool = tuple(drawing.subset((*DAYS, *EXTREME_DAYS), 1, 3))
    elif kind == "time":
        low, high = 0, 86_399
        ranged = drawing.chance(30)
        if ranged:
            low, high = 8 * 3600, 21 * 3600
        pool = tuple(drawing.subset((8 * 3600, 20 * 3600 + 1800, 12 * 3600 + 34 * 60 + 56, 21 * 3600, 0, 86_399), 2, 4))
    elif kind in ("choice", "order"):
        names = tuple(drawing.name("fact") for _ in range(drawing.number(2, 4)))
        high = len(names) - 1 if kind == "order" else 0
        pool = tuple(range(len(names))) if kind == "order" else names
    elif kind == "flag":
        pool = (True, False)
    elif kind == "code":
        pool = names = tuple(drawing.subset(CODES, 2, 4))
    else:
        pool = tuple(drawing.subset(CODES, 1, 3))
    if kind not in ("flag", "choice", "code", "text"):
        pool = tuple(value for value in pool if low <= int(value) <= high) or (low,)
    fact = Fact(name, kind, step, low, high, names, own or (currency if kind == "money" else None), absent, clock, pool)
    if kind == "code":
        parts.append(f"text one of {', '.join(map(quoted, names))}")
    elif names:
        parts.append(f"one of {(', ' if kind == 'choice' else ' < ').join(names)}")
    else:
        parts.append(f"money {own}" if own else WORDS.get(kind, kind))
    clauses = ["clock"] if clock else [absent] if absent else []
    if ranged:
        clauses.append(f"between {literal(fact, low)} and {literal(fact, high, 1)}")
    if stepped:
        clauses.append(f"in steps of {literal(fact, 1)}")
    if drawing.chance(30):
        clauses.append(f"usually {literal(fact, pool[0])}")
    if drawing.chance(15):
        clauses.append("private")
    parts += drawing.shuffled(clauses)
    if described and drawing.chance(20):
        parts.append(quoted(drawing.pick(TEXTS)))
    return evolve(fact, declaration=" ".join(parts))


# Conditions

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    ">=": lambda a, b: a >= b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    "<": lambda a, b: a < b,
    "=": lambda a, b: a == b,
    "is": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "is not": lambda a, b: a != b,
}


def _atom(fact: Fact, text: str, holds: Callable[[Any], bool], negative: bool = False) -> Condition:
    """A comparison: unknown of an unknown fact; of none it is false, its negation true."""
    name = fact.name

    def truth(case: Case) -> int:
        value = case[name]
        if value is Absent.UNKNOWN:
            return OPEN
        if value is Absent.NONE:
            return TRUE if negative else FALSE
        return TRUE if holds(value) else FALSE

    return Condition(text, 0, truth, frozenset({name}))


def _about_absence(fact: Fact, text: str, present: bool) -> Condition:
    name = fact.name
    return Condition(
        text, 0, lambda case: TRUE if isinstance(case[name], Absent) != present else FALSE, frozenset({name})
    )


def atom(drawing: Drawing, fact: Fact, settings: Sequence[Setting]) -> Condition:
    """A condition on one fact, in any of the forms that it can take."""
    own = [setting for setting in settings if setting.fact == fact.name]

    def value() -> tuple[int | bool | str, str]:
        if own and drawing.chance(40):
            setting = drawing.pick(own)
            return setting.value, setting.name
        chosen = drawing.pick(fact.pool)
        return chosen, literal(fact, chosen, drawing.number(0, 2))

    forms = ["equal", "one of"]
    if fact.ordered:
        forms = ["compare", "between", "compare", "equal", "one of"]
    if fact.kind == "flag":
        forms = ["alone", "alone", "equal", "one of"]
    if fact.clock:
        forms = ["clock", "clock", "clock", *forms]
    if fact.absent == "or none" or (fact.absent and drawing.asks_known):
        forms.append("absent")
    name = fact.name
    match drawing.pick(forms):
        case "compare":
            limit, text = value()
            operator = drawing.pick((">=", "<", ">", "<="))
            return _atom(fact, f"{name} {operator} {text}", lambda v: OPERATORS[operator](v, limit))
        case "equal":
            limit, text = value()
            operator = drawing.pick(("is", "is not", "=", "!="))
            negative = operator in ("!=", "is not")
            return _atom(fact, f"{name} {operator} {text}", lambda v: OPERATORS[operator](v, limit), negative)
        case "one of":
            listed = [value() for _ in range(drawing.number(1, 3))]
            negative = drawing.chance(40)
            among = [limit for limit, _ in listed]
            text = f"{name} is {'not ' if negative else ''}one of {', '.join(text for _, text in listed)}"
            return _atom(fact, text, lambda v: (v in among) != negative, negative)
        case "between":
            (low, low_text), (high, high_text) = value(), value()
            if int(low) > int(high) and (fact.kind != "time" or drawing.chance(30)):
                low, low_text, high, high_text = high, high_text, low, low_text
            word = drawing.pick(("between", "is between", "is not between"))
            negative = word == "is not between"

            def inside(v: int) -> bool:
                if int(low) <= int(high):
                    return int(low) <= v <= int(high)
                return not int(high) < v < int(low)

            return _atom(fact, f"{name} {word} {low_text} and {high_text}", lambda v: inside(v) != negative, negative)
        case "clock":
            limit, text = value()
            day = int(limit)
            unit = drawing.pick(("days", "day"))
            form = drawing.pick(("after", "from", "within", "before", "on", "from to"))
            clocks: dict[str, tuple[str, Callable[[Any], bool]]] = {
                "after": (f"after {text} {unit}", lambda v: v > day),
                "from": (f"from day {text}", lambda v: v >= day),
                "within": (f"within {text} {unit}", lambda v: v <= day),
                "before": (f"before day {text}", lambda v: v < day),
                "on": (f"on day {text}", lambda v: v == day),
            }
            if form == "from to":
                last, last_text = value()
                if int(last) < day:
                    last, last_text, day, text = day, text, int(last), last_text
                second = drawing.pick(("day ", ""))
                return _atom(fact, f"from day {text} to {second}{last_text}", lambda v: day <= v <= int(last))
            return _atom(fact, *clocks[form])
        case "absent":
            positive = drawing.chance(50)
            if fact.absent == "optional":
                return _about_absence(fact, f"{name} is {'known' if positive else 'unknown'}", positive)
            return _about_absence(fact, f"{name} is {'' if positive else 'not '}none", not positive)
        case _:
            return _atom(fact, name, lambda v: v is True)


Term: TypeAlias = tuple[str, tuple[Fact, ...], Callable[[Case], Fraction]]
"""The text of a term, its facts, and its value where these are known."""
PERCENTAGES = ("10", "50", "100", "0.01", "250", "33.333", "99.99")


def _amount(fact: Fact, number: str) -> str:
    match fact.kind:
        case "money":
            return f"{fact.currency} {number}"
        case "percent":
            return f"{number}%"
        case "date":
            return f"{number} days"
        case _:
            return number


def _term(drawing: Drawing, fact: Fact, more: Sequence[Fact] = ()) -> Term:
    """A term of a fact; of a number, perhaps the sum of such a term and another one."""
    one = _part(drawing, fact)
    others = [other for other in more if other.kind in STEPS and other.name not in (fact.name, *_names(one))]
    if not others or not drawing.chance(40):
        return one
    other = _part(drawing, drawing.pick(others))
    sign, by = drawing.pick((("+", 1), ("-", -1)))
    if sign == "-" and (" - " in other[0] or " + " in other[0]):
        return one
    return f"{one[0]} {sign} {other[0]}", (*one[1], *other[1]), lambda case: one[2](case) + by * other[2](case)


def _names(*terms: Term) -> set[str]:
    return {fact.name for _, facts, _ in terms for fact in facts}


def _part(drawing: Drawing, fact: Fact) -> Term:
    def value(case: Case) -> Fraction:
        known = case[fact.name]
        assert isinstance(known, int)
        return known * fact.step

    forms = {"time": ["plain"], "date": ["plain", "shift"]}.get(fact.kind, ["plain", "share", "shift"])
    form = drawing.pick(["plain"] if fact.kind == "money" and fact.currency is None else forms)
    if form == "share":
        percent = drawing.pick(PERCENTAGES)
        return f"{percent}% of {fact.name}", (fact,), lambda case: value(case) * Fraction(percent) / 100
    if form == "shift":
        number = drawing.pick(("1", "30", "365") if fact.kind == "date" else ("1", "0.01", "0.005", "100", "12.5"))
        sign, by = drawing.pick((("+", Fraction(number)), ("-", -Fraction(number))))
        return f"{fact.name} {sign} {_amount(fact, number)}", (fact,), lambda case: value(case) + by
    return fact.name, (fact,), value


def _related(one: Term, operator: str, other: Term) -> Truth:
    names = [fact for _, facts, _ in (one, other) for fact in facts]

    def truth(case: Case) -> int:
        values = [case[fact.name] for fact in names]
        if Absent.UNKNOWN in values:
            return OPEN
        if Absent.NONE in values:
            return TRUE if operator in ("!=", "is not") else FALSE
        return TRUE if OPERATORS[operator](one[2](case), other[2](case)) else FALSE

    return truth


def relation(drawing: Drawing, fact: Fact, facts: Sequence[Fact]) -> Condition | None:
    """A comparison of a fact with others of its type, or of a term of it with a value; None where there is no other."""
    if fact.kind not in (*STEPS, "date", "time"):
        return None
    alike = [other for other in facts if (other.kind, other.currency) == (fact.kind, fact.currency) and other != fact]
    if not alike:
        return None
    one, other, last = (_term(drawing, drawing.pick(facts), alike) for facts in ([fact], alike, alike))
    if _names(one) & _names(other, last):
        return None
    if drawing.chance(20):
        if one[0] == fact.name:
            return None
        chosen = int(drawing.pick(fact.pool))
        other = literal(fact, chosen), (), lambda case: chosen * fact.step
    read = frozenset(_names(one, other, last))
    if other[1] and drawing.chance(25):
        negative = drawing.chance(40)
        half_open = drawing.chance(30)
        to = "<" if half_open else "<="
        above, below = _related(other, "<=", one), _related(one, to, last)
        text = f"{one[0]} {'is not ' if negative else ''}between {other[0]} and {last[0]}"
        if half_open:
            text = f"{'not ' if negative else ''}{one[0]} from {other[0]} until {last[0]}"
        if (last[1] == other[1] and (last[0] != other[0] or fact.kind == "time")) or last[0] == other[0]:
            return None  # over midnight only where the ends are two facts
        inside: Truth = lambda case: min(above(case), below(case))  # noqa: E731
        if fact.kind == "time":
            ordered, over = _related(other, to, last), _related(last, "<", other)

            def inside(case: Case) -> int:
                within = min(ordered(case), above(case), below(case))
                return max(within, min(over(case), max(above(case), below(case))))

        level = 1 if negative and half_open else 0
        return Condition(text, level, (lambda case: TRUE - inside(case)) if negative else inside, read)
    read = frozenset(_names(one, other))
    operator = drawing.pick(tuple(OPERATORS))
    first, second = one, other
    plain = not second[1]  # a value begins no comparison with `is`, and none if it is below 0
    if drawing.chance(40) and not (plain and (operator.startswith("is") or ("-" in second[0] and fact.kind != "date"))):
        first, second = other, one
    return Condition(f"{first[0]} {operator} {second[0]}", 0, _related(first, operator, second), read)


@st.composite
def relations(draw: st.DrawFn) -> tuple[Sequence[Fact], Sequence[Condition]]:
    """Facts of one kind, and comparisons of them."""
    drawing = Drawing(draw, relations=True)
    kind = drawing.pick((*STEPS, "date", "time"))
    facts = [some_fact(drawing, kind, False, "EUR") for _ in range(4)]
    drawn = [relation(drawing, drawing.pick(facts), facts) for _ in range(12)]
    return facts, [one for one in drawn if one is not None]


def condition(
    drawing: Drawing, facts: Sequence[Fact], settings: Sequence[Setting], known: Sequence[Definition], depth: int
) -> Condition:
    """A condition on several facts; it may use definitions."""
    shape = drawing.pick(("atom", "atom", "and", "or", "not") if depth else ("atom",))
    if shape == "atom":
        if drawing.chance(5) or not facts:
            return ALWAYS
        if known and drawing.chance(25):
            used = drawing.pick(known)
            return Condition(used.name, 0, used.condition.truth, used.condition.facts)
        fact = drawing.pick(facts)
        if drawing.relations and drawing.chance(40):
            related = relation(drawing, fact, facts)
            if related is not None:
                return related
        return atom(drawing, fact, settings)
    if shape == "not":
        return negation(condition(drawing, facts, settings, known, depth - 1))
    parts = [condition(drawing, facts, settings, known, depth - 1) for _ in range(drawing.number(2, 3))]
    return conjunction(parts) if shape == "and" else disjunction(parts)


# Actions and rules


def action_list(
    drawing: Drawing, actions: Sequence[str], groups: Mapping[str, frozenset[str]], taken: frozenset[str] = frozenset()
) -> Actions | None:
    """Actions in any of the forms in which they may be listed, none of them taken; None where none is found."""
    free = [action for action in actions if action not in taken]
    if not free:
        return None
    usable = [name for name, members in groups.items() if not members & taken]
    form = drawing.pick(("one", "several", "group", "everything", "except", "group except"))
    if form == "group" and usable:
        group = drawing.pick(usable)
        others = [action for action in free if action not in groups[group]]
        more = drawing.subset(others, 0, 2)
        named = groups[group] | set(more)
        return Actions(", ".join(drawing.shuffled([group, *more])), frozenset(named))
    if form == "everything" and not taken:
        return Actions("everything", frozenset(actions))
    if form == "except" and len(actions) > 1:
        left_out = list(taken) or drawing.subset(actions, 1, len(actions) - 1)
        if len(set(left_out)) < len(actions):
            return Actions(f"everything except {', '.join(sorted(left_out))}", frozenset(actions) - set(left_out))
    if form == "group except" and usable:
        group = drawing.pick(usable)
        if len(groups[group]) > 1:
            left_out = drawing.subset(sorted(groups[group]), 1, len(groups[group]) - 1)
            return Actions(f"{group} except {', '.join(left_out)}", groups[group] - set(left_out))
    chosen = drawing.subset(free, 1, 1 if form == "one" else 3)
    return Actions(", ".join(chosen), frozenset(chosen))


def _period(drawing: Drawing, settings: Sequence[Setting], percent: int, *, since: bool = False) -> Period:
    if not drawing.chance(percent):
        return Period()
    days = [setting for setting in settings if setting.fact is None]

    def day() -> tuple[int, str]:
        if days and drawing.chance(40):
            setting = drawing.pick(days)
            return int(setting.value), setting.name
        chosen = drawing.pick((*DAYS, *DAYS, *EXTREME_DAYS))
        return chosen, datetime.date.fromordinal(chosen).isoformat()

    first, last = sorted([day(), day()])
    form = drawing.pick(("from", "until", "both")) if not since else drawing.pick(("from", "both"))
    if form == "from":
        return Period(first[0], None, first[1])
    if form == "until":
        return Period(None, last[0], "", last[1])
    return Period(first[0], last[0], first[1], last[1])


def _rule(
    drawing: Drawing,
    facts: Sequence[Fact],
    actions: Sequence[str],
    groups: Mapping[str, frozenset[str]],
    settings: Sequence[Setting],
    known: Sequence[Definition],
    depth: int,
    named: bool,
) -> Rule:

    def text(percent: int) -> str | None:
        return drawing.pick(TEXTS) if drawing.chance(percent) else None

    form = drawing.pick(("condition first", "effects first", "condition first", "never", "suspend", "condition first"))
    first = action_list(drawing, actions, groups)
    assert first is not None
    effects: list[tuple[str, Actions]]
    when = ALWAYS
    if form in ("never", "suspend"):
        effects = [("never", first)]
    else:
        effects = [(drawing.pick(("allow", "forbid", "never", "require", "allow", "forbid")), first)]
        second = action_list(drawing, actions, groups, first.named) if drawing.chance(35) else None
        if second is not None:
            effects.append((drawing.pick(("forbid", "allow", "require", "never")), second))
        when = condition(drawing, facts, settings, known, depth)
    counts = [fact for fact in facts if fact.kind == "count" or (fact.kind == "days" and fact.absent != "or none")]
    companions: list[Actions | None] = [None for _ in effects]
    for number, (word, its) in enumerate(effects):
        later = [action for action in actions if all(actions.index(action) > actions.index(one) for one in its.named)]
        if word in ("allow", "never") and form != "suspend" and later and drawing.chance(50):
            chosen = drawing.subset(later, 1, 2)
            if word == "never":
                effects[number] = ("along", its)
            companions[number] = Actions(", ".join(chosen), frozenset(chosen))
    if form == "never" and effects[0][0] == "never" and counts and drawing.chance(60):
        form, when = _limit(drawing, drawing.pick(counts), facts, settings, known, depth)
    return Rule(
        name=drawing.name("rule") if named else None,
        title=text(15),
        form=form,
        condition=when,
        effects=tuple(effects),
        unless=condition(drawing, facts, settings, known, 1) if drawing.chance(25) else None,
        period=_period(drawing, settings, 100 if form == "suspend" else 20, since=form == "suspend"),
        because=text(30),
        source=text(20),
        order=tuple(drawing.shuffled((0, 1, 2, -1, -2, 3))) if drawing.chance(20) else (0, 1, 2, 3, 4, 5),
        companions=tuple(companions),
    )


def _limit(
    drawing: Drawing,
    fact: Fact,
    facts: Sequence[Fact],
    settings: Sequence[Setting],
    known: Sequence[Definition],
    depth: int,
) -> tuple[str, Condition]:
    """What follows the actions of a limit, and what it means."""
    own = [setting for setting in settings if setting.fact == fact.name]
    most, text = drawing.pick([(one.value, one.name) for one in own] + [(v, literal(fact, v)) for v in fact.pool])
    reached = _atom(fact, f"{fact.name} >= {text}", lambda v: v >= most)
    if drawing.chance(50):
        return f"to {text} by {fact.name}", reached
    when = condition(drawing, facts, settings, known, depth)
    return f"to {text} by {fact.name} when {when.text}", conjunction([when, reached])


def _with_overrides(drawing: Drawing, policy: Policy) -> Policy:
    """Overrides, by name and of all, each where it closes no circle."""

    def unless_circular(number: int, rule: Rule) -> Policy:
        rules = list(policy.rules)
        rules[number] = rule
        bolder = evolve(policy, rules=tuple(rules))
        return policy if bolder.circular() else bolder

    for number, rule in enumerate(policy.rules):
        opposed = [
            other
            for other in range(len(policy.rules))
            if policy.rules[other].name is not None
            and any(policy.opposes(number, other, action) for action in policy.actions)
        ]
        if opposed and drawing.chance(50):
            policy = unless_circular(number, evolve(rule, overrides=tuple(drawing.subset(opposed, 1, 3))))
    for number, rule in enumerate(policy.rules):
        if not rule.overrides and drawing.chance(15):
            policy = unless_circular(number, evolve(rule, overrides_all=True))
    return policy


@st.composite
def policies(
    draw: st.DrawFn,
    *,
    rules: int = 6,
    named: bool = False,
    dates: bool = True,
    asks_known: bool = True,
    depth: int = 2,
    relations: bool = False,
) -> Policy:
    """A whole policy. `named`: each rule has a name; without `asks_known` none asks whether a fact is known; with
    `relations` some compare two facts."""
    return _policy(Drawing(draw, asks_known, relations), rules, named, dates, depth)


def _policy(drawing: Drawing, rules: int, named: bool, dates: bool, depth: int) -> Policy:
    head, period, name = "", Period(), "policy"
    currency = drawing.pick(CURRENCIES) if drawing.chance(60) else None
    with_head = currency is not None or drawing.chance(60)
    kinds = [drawing.pick(KINDS) for _ in range(drawing.number(1, 5))]
    facts = [some_fact(drawing, "days", True, currency)] if drawing.chance(75) else []
    facts += [some_fact(drawing, kind, False, currency) for kind in kinds]
    if drawing.relations:
        again = [fact for fact in facts if fact.kind in (*STEPS, "date", "time")]
        facts += [some_fact(drawing, fact.kind, False, currency) for fact in again]
    actions = [drawing.name("action") for _ in range(drawing.number(1, 5))]
    groups: list[tuple[str, str, frozenset[str]]] = []
    members: dict[str, frozenset[str]] = {}
    for _ in range(drawing.number(0, 2)):
        group = drawing.name("action")
        listed = action_list(drawing, actions, members)
        assert listed is not None
        groups.append((group, f"group {group} is {listed.text}", listed.named))
        members[group] = listed.named
        if drawing.chance(25):
            more = action_list(drawing, actions, {})
            assert more is not None
            groups.append((group, f"group {group} also {more.text}", more.named))
            members[group] |= more.named
            # A group that was named above has grown with this one.
            for other, text, _ in groups:
                if f" {group}" in text.split(" is ")[-1].replace(",", "") and other != group:
                    members.pop(other, None)
    settings: list[Setting] = []
    for fact in facts:
        if fact.kind not in ("choice", "order") and drawing.chance(25):
            value = drawing.pick(fact.pool)
            settings.append(Setting(drawing.name("fact"), fact.name, value, literal(fact, value, drawing.number(0, 2))))
    if dates and drawing.chance(20):
        day = drawing.pick(DAYS)
        settings.append(Setting(drawing.name("fact"), None, day, datetime.date.fromordinal(day).isoformat()))
    definitions: list[Definition] = []
    for _ in range(drawing.number(0, 3)):
        definitions.append(
            Definition(drawing.name("fact"), condition(drawing, facts, settings, definitions, max(1, depth - 1)))
        )
    if with_head:
        name = drawing.pick(("huabei", "class", "p1"))
        word = drawing.pick(("policy", "standard"))
        clauses = [f"currency {currency}"] if currency else []
        if drawing.chance(30):
            clauses.append('version "1.0"')
        if dates:
            period = _period(drawing, settings, 20)
            if period.given:
                clauses.append(f"in force{period.text}")
        title = f" {quoted(drawing.pick(TEXTS))}" if drawing.chance(30) else ""
        head = "\n  ".join([f"{word} {name}{title}", *drawing.shuffled(clauses)])
    applies = condition(drawing, facts, settings, definitions, 1) if with_head and drawing.chance(25) else None
    drawn = [
        _rule(drawing, facts, actions, members, settings, definitions, depth, named or not drawing.chance(15))
        for _ in range(drawing.number(1, rules))
    ]
    if not dates:
        drawn = [evolve(rule, period=Period(), form="never" if rule.form == "suspend" else rule.form) for rule in drawn]
    counts = {
        "fact": len(facts),
        "action": len(actions),
        "group": len(groups),
        "setting": len(settings),
        "define": len(definitions),
        "rule": len(drawn),
    }
    layout = tuple((what, which) for what, count in counts.items() for which in range(count))
    policy = Policy(
        head,
        name,
        period,
        tuple(facts),
        tuple(actions),
        tuple(groups),
        tuple(settings),
        tuple(definitions),
        tuple(drawn),
        layout,
        applies,
    )
    return _with_overrides(drawing, policy)


@st.composite
def override_chains(draw: st.DrawFn) -> Policy:
    """Rules on one action that override each other at length; what they read is two flags that may be unknown."""
    drawing = Drawing(draw)
    facts = tuple(
        Fact(name, "flag", absent="optional", pool=(True, False), declaration=f"fact {name} yes/no optional")
        for name in ("o", "p")
    )
    conditions = [ALWAYS, *(_atom(fact, fact.name, lambda v: v is True) for fact in facts)]
    conditions += [negation(part) for part in conditions[1:]]
    rules = tuple(
        Rule(
            name=f"r{number}",
            title=None,
            form="condition first",
            condition=drawing.pick((ALWAYS, ALWAYS, *conditions)),
            effects=((drawing.pick(("allow", "forbid", "forbid", "require")), Actions("a", frozenset("a"))),),
        )
        for number in range(drawing.number(3, 7))
    )
    layout = (
        *(("fact", number) for number in (0, 1)),
        ("action", 0),
        *(("rule", number) for number in range(len(rules))),
    )
    policy = Policy("", "policy", Period(), facts, ("a",), (), (), (), rules, layout)
    for number in drawing.shuffled(range(len(rules))):
        opposed = [other for other in range(len(rules)) if policy.opposes(number, other, "a")]
        named = tuple(drawing.subset(opposed, 0, 3))
        changed = list(policy.rules)
        changed[number] = evolve(changed[number], overrides=named)
        bolder = evolve(policy, rules=tuple(changed))
        policy = policy if bolder.circular() else bolder
    return policy


@st.composite
def with_conditions(draw: st.DrawFn, count: int) -> tuple[Policy, list[Condition]]:
    """A policy whose rules have names, and conditions that could stand in it."""
    drawing = Drawing(draw)
    policy = _policy(drawing, 4, True, False, 2)
    return policy, [condition(drawing, policy.facts, policy.settings, policy.definitions, 2) for _ in range(count)]


@st.composite
def with_safeguard(draw: st.DrawFn) -> tuple[Policy, str]:
    """A policy, and one more rule that is a `never`."""
    drawing = Drawing(draw)
    policy = _policy(drawing, 6, False, True, 2)
    when = condition(drawing, policy.facts, policy.settings, policy.definitions, 2)
    actions = action_list(drawing, policy.actions, {})
    assert actions is not None
    form = f"never {actions.text}" if drawing.chance(20) else f"never {actions.text} when {when.text}"
    return policy, f"rule one_more_safeguard: {form}"


def text_of(policy: Policy) -> str:
    return policy.text


def texts() -> st.SearchStrategy[str]:
    """Policies as text."""
    return policies().map(text_of)


def seeds() -> st.SearchStrategy[int]:
    return st.integers(0, 2**32 - 1)


# Another layout of a text

_WORD = r'"(?:[^"\\\n]|\\[^\n])*"'


def relayout(text: str, generator: random.Random) -> str:
    """The same words with other white space, comments among them; each statement still begins a line."""
    spaces = (" ", "  ", "\t", "\n  ", ' # a comment, then "allow" sms\n  ', "\r\n   ", "\n\n  # rule x: never\n  ")
    lines = []
    for line in text.split("\n"):
        words = re.findall(rf"{_WORD}|\S+", line)
        joined = "".join(word + generator.choice(spaces) for word in words[:-1]) + "".join(words[-1:])
        lines.append(("  " if line.startswith(" ") else "") + joined)
    comment = "\n# between statements: fact x count\n" if generator.random() < 0.5 else "\n"
    return f"\n{comment.join(lines)}\n"
