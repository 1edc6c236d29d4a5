"""A rule file as it was written, names not yet looked up.

Nodes are values. A span says where a node is and is ignored when nodes are compared, so that two layouts of one text
are equal.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar
from typing import Literal as OneOfThese

import attrs
from attrs import field, frozen

from forbear.base.source import Source, Span

Node = TypeVar("Node")


ASIDE = {"aside": True}
"""The metadata of a field that is not part of what was read."""


@cache
def parts_of(kind: Any) -> tuple[str, ...]:
    """Returns the names of all that was read for a node of a kind; empty if it is not a node."""
    return tuple([part.name for part in attrs.fields(kind) if not part.metadata]) if attrs.has(kind) else ()


@cache
def _fields(kind: Any) -> tuple[tuple[str, bool], ...]:
    """Returns the fields of a node that are moved with it, and whether each is a span; empty if it is not a node."""
    if not attrs.has(kind):
        return ()
    later = getattr(kind, "LATER", ())
    return tuple(
        [(part.name, part.type in ("Span", "Span | None")) for part in attrs.fields(kind) if part.name not in later]
    )


def moved(node: Node, by: int) -> Node:
    """A node with all its places so many characters further on. Those of its parts that its kind calls `LATER`
    are moved when somebody looks at them."""
    kind: Any = type(node)
    if kind is tuple:
        return tuple([moved(part, by) for part in node])  # type: ignore[return-value, attr-defined]
    fields = _fields(kind)
    if not fields:
        return node
    copy = kind.__new__(kind)
    for name, is_span in fields:
        value = getattr(node, name)
        if value is None or type(value) is str:  # most of them
            pass
        elif is_span:
            value = (value[0] + by, value[1] + by)
        elif name == "start":
            value += by
        else:
            value = moved(value, by)
        put(copy, name, value)
    if hasattr(kind, "LATER"):
        first, so_far = node.first or (node, 0)  # type: ignore[attr-defined]
        put(copy, "first", (first, so_far + by))
    return copy  # type: ignore[no-any-return]


put = object.__setattr__


@frozen
class Spanned:
    """A node that was written at a span."""

    span: Span = field(eq=False, repr=False, kw_only=True)


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
class Literal(Spanned):
    """A value as written: a `Decimal`, a `date`, seconds since midnight for a time, a `bool`, a `str`.

    A literal of kind `bad` could not be read, and has a diagnostic.
    """

    kind: LiteralKind
    value: Decimal | date | int | bool | str
    currency: str | None = None


Value: TypeAlias = Literal | Name


@frozen
class Share(Spanned):
    """`10% of income`."""

    percent: Value
    fact: Name


@frozen
class Part(Spanned):
    """A term that is added to a sum or subtracted from it. `days` is whether that word follows it."""

    sign: OneOfThese["+", "-"]
    term: Value | Share
    days: bool


@frozen
class Sum(Spanned):
    """`promised_on + 3 days`, `overdue_amount + late_fees - CNY 50`. The first part has the sign `+`."""

    parts: tuple[Part, ...]


Term: TypeAlias = Value | Share | Sum
"""A side of a comparison. A name is a fact, a setting, or a value of a fact."""


@frozen
class Special(Spanned):
    """`none` or `unknown` in place of a value; in a table also `known`."""

    word: OneOfThese["none", "unknown", "known"]


@frozen
class Text(Spanned):
    """A string of the author's: a title, a reason, a source."""

    text: str


@frozen
class Period(Spanned):
    """`from DATE until DATE`, both days included."""

    since: Value | None
    until: Value | None


@frozen
class Actions(Spanned):
    """Actions as listed: names of actions and groups, `everything`; those after `except` are left out."""

    listed: tuple[Name, ...]
    excepted: tuple[Name, ...]


@frozen
class Always(Spanned):
    """`always`."""


@frozen
class NameAlone(Spanned):
    """A flag or a definition."""

    name: Name


@frozen
class Clock(Spanned):
    """`after 60 days`, `from day 9 to day 13`: a condition on the clock. `last` is the second day of a span."""

    word: OneOfThese["after", "from", "on", "within", "before"]
    first: Value
    last: Value | None


@frozen
class Comparison(Spanned):
    """`f >= v`; `is` and `is not` are kept as written."""

    left: Term
    operator: OneOfThese["<", "<=", "=", "!=", ">=", ">", "is", "is not"]
    right: Term


@frozen
class Between(Spanned):
    """`f between A and B`, which has both ends, or `f from A until B`, which has the first one only."""

    term: Term
    low: Term
    high: Term
    negated: bool
    half_open: bool = False


@frozen
class OneOf(Spanned):
    fact: Name
    values: tuple[Value, ...]
    negated: bool


@frozen
class Same(Spanned):
    """`debt is this debt`, `amount >= this due`: an attribute of an event, compared with a fact of the case."""

    attribute: Name
    operator: OneOfThese["=", "<", "<=", ">", ">="]
    fact: Name
    negated: bool


@frozen
class State(Spanned):
    """`f is none`, `f is not none`, `f is known`, `f is unknown`."""

    fact: Name
    state: OneOfThese["none", "known"]
    negated: bool


@frozen
class Not(Spanned):
    part: Condition
    bracketed: bool = field(default=False, eq=False, repr=False)


@frozen
class And(Spanned):
    parts: tuple[Condition, ...]
    bracketed: bool = field(default=False, eq=False, repr=False)


@frozen
class Or(Spanned):
    parts: tuple[Condition, ...]
    bracketed: bool = field(default=False, eq=False, repr=False)


Condition: TypeAlias = Always | NameAlone | Clock | Comparison | Between | OneOf | Same | State | Not | And | Or


EffectWord = OneOfThese["allow", "forbid", "require", "never"]


@frozen
class Effect(Spanned):
    """The effect of a rule on some actions.

    `companions` accompany the actions: `allow ACTIONS with COMPANIONS`, `require COMPANIONS with ACTIONS`. The word
    `along` is that of the second, which does nothing else.
    """

    word: EffectWord | OneOfThese["along"]
    actions: Actions
    companions: Actions | None = None


@frozen
class Rule(Spanned):
    """A rule in either word order. `condition` is None only for a `never`, or a
    `require ... with ...`, that has none. `suspend` is a `never`
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
    basis: str | None
    limited_by: Name | None
    body: Span = field(eq=False, repr=False)
    """Its effects and condition, without head and clauses."""
    known: dict[object, Any] = field(factory=dict, eq=False, repr=False, metadata=ASIDE)
    """Results of the checker that it remembers here, wherever the rule is moved: see `check/files/gather.py`."""
    first: tuple[Rule, int] | None = field(default=None, eq=False, repr=False, metadata=ASIDE)
    """Where it was moved, the rule as it was read, and by how much it has been moved since."""

    LATER: ClassVar = frozenset({"condition", "effects", "unless"})

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """A part that was not moved yet: a text has many rules, of which few are looked at after an edit."""
            if name not in self.LATER:
                raise AttributeError(name)
            first, by = self.first
            put(self, name, moved(getattr(first, name), by))
            return getattr(self, name)


@frozen
class Heading(Spanned):
    """The heading of a column: a word of the language, or names: those of actions and groups, or one of a fact or a
    definition.
    """

    word: OneOfThese["then", "rule", "because", "source"] | None
    names: Actions | None


@frozen
class Test(Spanned):
    """A value, a bound or a span: `prime`, `> 5`, `9 to 13`. `last` is the end of a span."""

    operator: OneOfThese["<", "<=", "=", "!=", ">=", ">", "to", "until"]
    value: Value | Special
    last: Value | None


@frozen
class AnyValue(Spanned):
    """`any`: a cell that tests nothing."""


@frozen
class Otherwise(Spanned):
    """`otherwise`: the first cell of a row that holds where none above does."""


@frozen
class Tests(Spanned):
    """`prime, near`, `not card`: a cell that holds if one of its tests does, or none."""

    negated: bool
    tests: tuple[Test, ...]


@frozen
class Word(Spanned):
    """An effect on the actions of the heading."""

    word: EffectWord


@frozen
class Effects(Spanned):
    """Effects with their actions, under `then`."""

    effects: tuple[Effect, ...]


@frozen
class Empty(Spanned):
    """A cell with nothing in it. Its span is what is between the two bars."""


Cell: TypeAlias = AnyValue | Otherwise | Tests | Word | Effects | Empty


@frozen
class Row(Spanned):
    """A row. It has as many cells as its table has headings."""

    cells: tuple[Cell, ...]


@frozen
class Table(Spanned):
    """Rules by rows. Its clauses count for each of them."""

    name: Name
    title: Text | None
    headings: tuple[Heading, ...]
    rows: tuple[Row, ...]
    complete: bool
    no_overlap: bool
    when: Condition | None
    unless: Condition | None
    overrides: tuple[Name, ...]
    overrides_all: Name | None
    in_force: Period | None
    because: Text | None
    source: Text | None
    basis: str | None


ExpectationWord = OneOfThese["allowed", "not allowed", "forbidden", "required", "unsaid", "not unsaid"]


@frozen
class Expected(Spanned):
    actions: Actions
    expectation: ExpectationWord
    companions: Actions | None = None
    """The actions that must accompany it: `allowed with COMPANIONS`."""


@frozen
class Given(Spanned):
    fact: Name
    value: Value | Special


@frozen
class GivenEvent(Spanned):
    """Equal events of an example: how many (None: one), when, and with which attributes."""

    number: Literal | None
    event: Name
    on: Value
    at: Literal | None
    attributes: tuple[Given, ...]


@frozen
class Example(Spanned):
    title: Text
    given: tuple[Given | GivenEvent, ...]
    on: Value | None
    at: Literal | None
    expected: tuple[Expected, ...]


@frozen
class Ensure(Spanned):
    any_of: bool
    expected: Expected
    when: Condition | None
    on: Value | None


@frozen
class Conforms(Spanned):
    """`ensure conforms to "path"`: a promise to keep the bounds of a standard."""

    standard: Text


@frozen
class Accept(Spanned):
    code: Name
    names: tuple[Name, ...]
    when: Condition | None
    because: Text
    until: Value | None


@frozen
class Applies(Spanned):
    """`applies when CONDITION`: in which cases the rules of a policy hold at all."""

    condition: Condition


@frozen
class Used:
    """A file or a pack that is named, by its path or its name, and the digest that it is pinned to."""

    named: Text | Name
    pin: Text | None


@frozen
class SubjectTo(Spanned):
    """`subject to "path"`: the standards that a policy is subject to."""

    standards: tuple[Used, ...]


@frozen
class Omits(Spanned):
    """`omits "…"`: what a policy does not say, in the author's words."""

    texts: tuple[Text, ...]


@frozen
class Reading:
    """The text of the law that was read, in which copy, and on which day."""

    text: Text
    on: Literal


@frozen
class Readings(Spanned):
    """`read on DATE "…", on DATE "…"`."""

    readings: tuple[Reading, ...]


@frozen
class Reviewed(Spanned):
    """`reviewed by "…" until DATE`: by whom, None for nobody, and the day on which that ends."""

    by: Text | None
    until: Literal | None


@frozen
class HeadClauses:
    version: Text | None = None
    source: Text | None = None
    currency: Name | None = None
    in_force: Period | None = None
    applies: Applies | None = None
    subject_to: SubjectTo | None = None
    omits: Omits | None = None
    read: Readings | None = None
    reviewed: Reviewed | None = None
    language: Literal | None = None
    """The version of the language that the file needs."""


@frozen
class PolicyHead(Spanned):
    kind: OneOfThese["policy", "standard"]
    name: Name
    title: Text | None
    clauses: HeadClauses


@frozen
class VocabularyHead(Spanned):
    name: Name
    title: Text | None
    clauses: HeadClauses


@frozen
class Uses(Spanned):
    """`uses "path"` or `uses collections`. Clauses after it belong to the head before it."""

    targets: tuple[Used, ...]
    clauses: HeadClauses


MeasureWord = OneOfThese[
    "count",
    "sum",
    "any",
    "days with",
    "days in a row",
    "days since",
    "days since first",
    "last",
    "first",
    "years since",
    "months since",
    "days until",
    "working day",
    "holiday",
    "working days since",
    "now within",
]
"""How a fact follows from events or from a date."""
WindowWord = OneOfThese[
    "days",
    "hours",
    "minutes",
    "months",
    "week",
    "month",
    "quarter",
    "at least",
    "between",
    "since",
    "ever",
    "working days",
]
"""Over which time events count."""


@frozen
class Fact(Spanned):
    name: Name
    type: str
    """The word of its kind; `choice`, `order` or `code` if it declares its values."""
    values: tuple[Name | Text, ...]
    currency: Name | None
    range: tuple[Value, Value] | None
    steps: Value | None
    optional: bool
    or_none: bool
    clock: bool
    this_day: bool
    rising: bool
    consent: bool
    private: bool
    usually: Value | Special | None
    description: Text | None
    not_so: Text | None
    """What it says where it is not so."""


@frozen
class Event(Spanned):
    """Something that happens and is counted. Its attributes are declared as facts are."""

    name: Name
    description: Text | None
    attributes: tuple[Fact, ...]


@frozen
class Events(Spanned):
    """The events of a name for which a condition on their attributes holds."""

    event: Name
    where: Condition | None


@frozen
class Window(Spanned):
    """The time in which events count. `number` goes with days, hours, months, `at least` and `between`, which has the
    lower number in `least`; `anchor` goes with `since last`, and `of` names the date since which it is. Both may go
    with any other word too."""

    word: WindowWord
    number: Value | None
    anchor: Events | None
    least: Value | None
    of: Name | None
    calendar: Name | None = None
    """That of `working days`."""


@frozen
class DerivedFact(Spanned):
    """A fact that is derived from events, or from the moment of the decision.

    `count`, `sum`, `any`, `days with` and `days in a row` look at `events` in a `window`; `days since`, `days since
    first`, `last` and `first` at the last or first of `events`; an age (`years since`, `months since`, `days until`)
    follows from the date `of`, and `now within` from the weekly hours `of`. `attribute` is what is summed, or taken of
    the last or first. Of the moment it is `time`, `date` or `weekday`, as written.
    """

    name: Name
    measure: MeasureWord | OneOfThese["decision"]
    of_decision: Name | None
    of: Name | None
    calendar: Name | None
    attribute: Name | None
    events: Events | None
    window: Window | None
    optional: bool
    private: bool
    usually: Value | Special | None
    description: Text | None
    not_so: Text | None


@frozen
class Days:
    """A day, or all from the first to the last."""

    first: Value
    last: Value


@frozen
class Calendar(Spanned):
    """The working days from the first to the last that it covers: all but the weekend and the `holidays`, and the days
    of the weekend that are `working`."""

    name: Name
    source: Text | None
    covers: Days
    weekend: tuple[Name, ...]
    holidays: tuple[Days, ...]
    working: tuple[Days, ...]


@frozen
class Action(Spanned):
    names: tuple[Name, ...]
    description: Text | None


@frozen
class Group(Spanned):
    name: Name
    also: bool
    actions: Actions


@frozen
class Ladder(Spanned):
    name: Name
    rungs: tuple[Name, ...]
    rising: tuple[Name, ...]


@frozen
class Define(Spanned):
    name: Name
    condition: Condition
    description: Text | None


@frozen
class Setting(Spanned):
    """A setting. `open` leaves it to the policies under a standard. The name of one of a standard is
    `STANDARD.NAME`.
    """

    name: Name
    open: bool
    value: Value
    description: Text | None


Statement: TypeAlias = (
    PolicyHead
    | VocabularyHead
    | Uses
    | Fact
    | DerivedFact
    | Event
    | Calendar
    | Action
    | Group
    | Ladder
    | Define
    | Setting
    | Rule
    | Table
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
    currency: str | None = None
    """The currency of the first sum that is written in it."""
    everything: bool = False
    """Whether a list of actions in it says `everything`."""
