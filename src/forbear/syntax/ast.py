"""The module: a rule file as it was written, statement by statement, names not yet looked up.

Nodes are values. A span says where a node is and is ignored when nodes are compared, so that two layouts of one text
are equal.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal as OneOfThese
from typing import TypeAlias

from attrs import field, frozen

from forbear.source import Source, Span


@frozen
class Name:
    """A name where it is used or declared. `everything` is the one word of the grammar that may stand for an action."""

    text: str
    start: int = field(eq=False, repr=False)

    @property
    def span(self) -> Span:
        return self.start, self.start + len(self.text)


LiteralKind = OneOfThese["number", "percent", "money", "date", "time", "flag", "text", "bad"]


@frozen
class Literal:
    """A value as written: a `Decimal`, a `date`, seconds since midnight for a time, a `bool`, a `str`.

    A literal of kind `bad` could not be read, and has a diagnostic.
    """

    kind: LiteralKind
    value: Decimal | date | int | bool | str
    span: Span = field(eq=False, repr=False)
    currency: str | None = None


Value: TypeAlias = Literal | Name


@frozen
class Special:
    """`none` or `unknown` where a value may stand."""

    word: OneOfThese["none", "unknown"]
    span: Span = field(eq=False, repr=False)


# Conditions


@frozen
class Always:
    span: Span = field(eq=False, repr=False)


@frozen
class NameAlone:
    """A flag or a definition."""

    name: Name
    span: Span = field(eq=False, repr=False)


@frozen
class Clock:
    """`after 60 days`, `from day 9 to day 13`: a condition on the clock. `last` is the second day of a span."""

    word: OneOfThese["after", "from", "on", "within", "before"]
    first: Value
    last: Value | None
    span: Span = field(eq=False, repr=False)


@frozen
class Comparison:
    """`f >= v`; `is` and `is not` are kept as written."""

    fact: Name
    operator: OneOfThese["<", "<=", "=", "!=", ">=", ">", "is", "is not"]
    value: Value
    span: Span = field(eq=False, repr=False)


@frozen
class Between:
    fact: Name
    low: Value
    high: Value
    negated: bool
    span: Span = field(eq=False, repr=False)


@frozen
class OneOf:
    fact: Name
    values: tuple[Value, ...]
    negated: bool
    span: Span = field(eq=False, repr=False)


@frozen
class Same:
    """`debt is this debt`: an attribute of an event, compared with a fact of the case."""

    attribute: Name
    fact: Name
    negated: bool
    span: Span = field(eq=False, repr=False)


@frozen
class State:
    """`f is none`, `f is not none`, `f is known`, `f is unknown`."""

    fact: Name
    state: OneOfThese["none", "not none", "known", "unknown"]
    span: Span = field(eq=False, repr=False)


@frozen
class Not:
    part: Condition
    span: Span = field(eq=False, repr=False)


@frozen
class And:
    parts: tuple[Condition, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Or:
    parts: tuple[Condition, ...]
    span: Span = field(eq=False, repr=False)


Condition: TypeAlias = Always | NameAlone | Clock | Comparison | Between | OneOf | Same | State | Not | And | Or


# Clauses that several statements share


@frozen
class Text:
    """A string of the author's: a title, a reason, a source."""

    text: str
    span: Span = field(eq=False, repr=False)


@frozen
class Period:
    """`from DATE until DATE`, both days included."""

    since: Value | None
    until: Value | None
    span: Span = field(eq=False, repr=False)


@frozen
class Applies:
    """`applies when CONDITION`: in which cases the rules of a policy hold at all."""

    condition: Condition
    span: Span = field(eq=False, repr=False)


@frozen
class Used:
    """A file or a pack that is named, by its path or its name, and the digest that it is pinned to."""

    named: Text | Name
    pin: Text | None


@frozen
class SubjectTo:
    """`subject to "path"`: the standards that stand over a policy."""

    standards: tuple[Used, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class HeadClauses:
    version: Text | None = None
    source: Text | None = None
    currency: Name | None = None
    in_force: Period | None = None
    applies: Applies | None = None
    subject_to: SubjectTo | None = None


# Statements


@frozen
class PolicyHead:
    kind: OneOfThese["policy", "standard"]
    name: Name
    title: Text | None
    clauses: HeadClauses
    span: Span = field(eq=False, repr=False)


@frozen
class VocabularyHead:
    name: Name
    title: Text | None
    clauses: HeadClauses
    span: Span = field(eq=False, repr=False)


@frozen
class Uses:
    """`uses "path"` or `uses collections`. Clauses after it belong to the head before it."""

    targets: tuple[Used, ...]
    clauses: HeadClauses
    span: Span = field(eq=False, repr=False)


TypeWord = OneOfThese[
    "days", "count", "number", "percent", "money", "date", "time", "yes/no", "text", "choice", "order"
]


@frozen
class Fact:
    name: Name
    type: TypeWord
    values: tuple[Name, ...]
    currency: Name | None
    range: tuple[Value, Value] | None
    steps: Value | None
    optional: bool
    or_none: bool
    clock: bool
    private: bool
    usually: Value | Special | None
    description: Text | None
    span: Span = field(eq=False, repr=False)


@frozen
class Event:
    """Something that happens and is counted. Its attributes are declared as facts are."""

    name: Name
    description: Text | None
    attributes: tuple[Fact, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Events:
    """The events of a name for which a condition on their attributes holds."""

    event: Name
    where: Condition | None
    span: Span = field(eq=False, repr=False)


@frozen
class Window:
    """The time in which events count. `number` goes with days and hours, `anchor` with `since last`."""

    word: OneOfThese["days", "hours", "week", "month", "since", "ever"]
    number: Value | None
    anchor: Events | None
    span: Span = field(eq=False, repr=False)


@frozen
class DerivedFact:
    """A fact that is derived from events, or from the moment of the decision.

    `count` and `any` look at `events` in a `window`, `days since` at the last of `events`. Of the moment it is `time`,
    `date` or `weekday`, as written.
    """

    name: Name
    measure: OneOfThese["count", "any", "days since", "decision"]
    of_decision: Name | None
    events: Events | None
    window: Window | None
    optional: bool
    private: bool
    usually: Value | Special | None
    description: Text | None
    span: Span = field(eq=False, repr=False)


@frozen
class Action:
    names: tuple[Name, ...]
    description: Text | None
    span: Span = field(eq=False, repr=False)


@frozen
class Actions:
    """Actions as listed: names of actions and groups, `everything`; what follows `except` is left out."""

    listed: tuple[Name, ...]
    excepted: tuple[Name, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Group:
    name: Name
    also: bool
    actions: Actions
    span: Span = field(eq=False, repr=False)


@frozen
class Ladder:
    name: Name
    rungs: tuple[Name, ...]
    rising: tuple[Name, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Define:
    name: Name
    condition: Condition
    description: Text | None
    span: Span = field(eq=False, repr=False)


@frozen
class Setting:
    """`open` leaves it to the policies under a standard. The name of one of a standard is `STANDARD.NAME`."""

    name: Name
    open: bool
    value: Value
    description: Text | None
    span: Span = field(eq=False, repr=False)


EffectWord = OneOfThese["allow", "forbid", "require", "never"]


@frozen
class Effect:
    word: EffectWord
    actions: Actions
    span: Span = field(eq=False, repr=False)


@frozen
class Rule:
    """A rule in either word order. `condition` is None only for a `never` that has none. `suspend` is a `never`
    whose period is in the body. `overrides_all` is the word `all` of `overrides all`.

    A `limit` is the `never` that it means: `limited_by` is the fact by which it counts, which its condition compares.
    """

    name: Name | None
    title: Text | None
    order: OneOfThese["condition first", "effects first", "suspend"]
    condition: Condition | None
    effects: tuple[Effect, ...]
    unless: Condition | None
    overrides: tuple[Name, ...]
    overrides_all: Name | None
    in_force: Period | None
    because: Text | None
    source: Text | None
    limited_by: Name | None
    body: Span = field(eq=False, repr=False)
    """Its effects and condition, without head and clauses."""
    span: Span = field(eq=False, repr=False)


ExpectationWord = OneOfThese["allowed", "not allowed", "forbidden", "required", "unsaid", "not unsaid"]


@frozen
class Expected:
    actions: Actions
    expectation: ExpectationWord
    span: Span = field(eq=False, repr=False)


@frozen
class Given:
    fact: Name
    value: Value | Special
    span: Span = field(eq=False, repr=False)


@frozen
class GivenEvent:
    """Equal events of an example: how many (None: one), when, and with which attributes."""

    number: Literal | None
    event: Name
    on: Value
    at: Literal | None
    attributes: tuple[Given, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Example:
    title: Text
    given: tuple[Given | GivenEvent, ...]
    on: Value | None
    at: Literal | None
    expected: tuple[Expected, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Ensure:
    any_of: bool
    expected: Expected
    when: Condition | None
    on: Value | None
    span: Span = field(eq=False, repr=False)


@frozen
class Conforms:
    """`ensure conforms to "path"`: a promise to keep the bounds of a standard."""

    standard: Text
    span: Span = field(eq=False, repr=False)


@frozen
class Accept:
    code: Name
    names: tuple[Name, ...]
    when: Condition | None
    because: Text
    until: Value | None
    span: Span = field(eq=False, repr=False)


Statement: TypeAlias = (
    PolicyHead
    | VocabularyHead
    | Uses
    | Fact
    | DerivedFact
    | Event
    | Action
    | Group
    | Ladder
    | Define
    | Setting
    | Rule
    | Example
    | Ensure
    | Conforms
    | Accept
)


@frozen
class Module:
    """A rule file that was read."""

    source: Source
    statements: tuple[Statement, ...]
    broken: frozenset[str] = frozenset()
    """The words of the statements that could not be read, among them the names that these declare."""
    complete: bool = True
    """Whether every statement could be read, whatever errors there are inside them."""
