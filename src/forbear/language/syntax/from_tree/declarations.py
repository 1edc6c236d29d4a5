"""Tree to declarations."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeAlias, cast

from attrs import evolve
from lark import Token

from forbear.base.source import Span
from forbear.language.syntax import nodes
from forbear.language.syntax.from_tree.parts import Nodes, Reader, condition_of, name_of, names_of, span_of
from forbear.language.syntax.nodes import Literal, Name, Text
from forbear.language.syntax.tree import Tree


def fact(tree: Tree, read: Reader) -> nodes.Fact:
    declared, described = _described(cast(Nodes, tree.children), read)
    return _declared(declared, described, span_of(tree), read)


_Described: TypeAlias = "tuple[Text | None, Text | None]"
"""A description, and what is said where it is not so."""


def _described(children: Nodes, read: Reader) -> tuple[Nodes, _Described]:
    """The nodes of a declaration before its description, and that."""
    *declared, description, not_so = children
    return declared, (read.text(description), None if not_so is None else read.text(not_so.children[-1]))


def _declared(children: Nodes, described: _Described, span: Span, read: Reader) -> nodes.Fact:
    """A fact, or an attribute of an event."""
    name, type_tree, *clause_trees = children
    clauses = read.clauses(clause_trees)
    word, values, currency = _type(type_tree, read)
    bounds = clauses.get("between")
    usually = clauses.get("usually")
    return nodes.Fact(
        name_of(name),
        word,
        values,
        currency,
        None if bounds is None else (read.value(bounds.children[0]), read.value(bounds.children[1])),
        read.value(clauses["in steps"].children[0]) if "in steps" in clauses else None,
        "optional" in clauses,
        "or none" in clauses,
        "clock" in clauses,
        "this day" in clauses,
        "rising with days" in clauses,
        "consent" in clauses,
        "private" in clauses,
        None if usually is None else read.special_or_value(usually.children[0]),
        *described,
        span=span,
    )


def event(tree: Tree, read: Reader) -> nodes.Event:
    name, description, *attributes = cast(Nodes, tree.children)
    return nodes.Event(
        name_of(name),
        read.text(description),
        tuple([_declared(attribute.children, (None, None), span_of(attribute), read) for attribute in attributes]),
        span=span_of(tree),
    )


def calendar(tree: Tree, read: Reader) -> nodes.Calendar:
    _, name, source, covers, first, last, *clause_trees = cast(Nodes, tree.children)
    if covers != "covers":
        read.report("syntax", f"`{covers}` does not fit here", span_of(covers), "write `covers`")
    clauses = read.clauses(clause_trees)

    def days(word: str) -> tuple[nodes.Days, ...]:
        return tuple(
            [_days(part.children, read) for part in clauses[word].children if isinstance(part, Tree)]
            if word in clauses
            else []
        )

    weekend = clauses["weekend"].children if "weekend" in clauses else []
    return nodes.Calendar(
        name_of(name),
        read.text(source),
        nodes.Days(read.value(first), read.value(last)),
        names_of([token for token in weekend if token.type == "NAME"]),
        days("holidays"),
        days("working"),
        span=span_of(tree),
    )


def _days(children: Nodes, read: Reader) -> nodes.Days:
    first, last = children
    return nodes.Days(read.literal(first), read.literal(first if last is None else last))


def derived_fact(tree: Tree, read: Reader) -> nodes.DerivedFact:
    (name, derivation, *clause_trees), described = _described(cast(Nodes, tree.children), read)
    clauses = read.clauses(clause_trees)
    usually = clauses.get("usually")
    inner = [child for child in derivation.children if isinstance(child, Tree)]
    words = [child for child in derivation.children if isinstance(child, Token)]
    _check_words(derivation, words, read)
    attribute = name_of(words[0]) if derivation.data in ("of_last", "of_first") else None
    of_date = derivation.data in ("since_date", "until_date", "working_after")
    by_calendar = {"is_working": -1, "is_holiday": -1, "working_since": -1, "working_after": -2}.get(derivation.data)
    return nodes.DerivedFact(
        name_of(name),
        "months since" if words and words[0] == "months" and of_date else _MEASURES[derivation.data],
        name_of(words[0]) if derivation.data == "of_decision" else None,
        name_of(words[-1]) if of_date or derivation.data == "now_within" else None,
        None if by_calendar is None else name_of(words[by_calendar]),
        _dotted(cast(Token, inner[0].children[0]))[1] if derivation.data == "summed" else attribute,
        _events(inner[0], read) if inner else None,
        _window(inner[1], read) if len(inner) > 1 else None,
        "optional" in clauses,
        "private" in clauses,
        None if usually is None else read.special_or_value(usually.children[0]),
        *described,
        span=span_of(tree),
    )


_MEASURES: dict[str, Any] = {
    "counted": "count",
    "summed": "sum",
    "days_with": "days with",
    "days_in_row": "days in a row",
    "any_event": "any",
    "since_last": "days since",
    "since_first": "days since first",
    "of_last": "last",
    "of_first": "first",
    "since_date": "years since",
    "until_date": "days until",
    "is_working": "working day",
    "is_holiday": "holiday",
    "working_since": "working days since",
    "working_after": "working days since",
    "of_decision": "decision",
    "now_within": "now within",
}
_WORDS = {
    "summed": (0, "sum", "write `sum`; events themselves are counted by `count of EVENT`"),
    "since_first": (1, "first", "write `last` or `first`"),
    "is_working": (0, "working", "write `working`"),
    "working_since": (0, "working", "write `working`"),
    "working_after": (0, "working", "write `working`"),
    "of_first": (1, "first", "write `last` or `first`"),
}
"""By derivation: the position of a word that is no keyword, because facts have its name; the word; and its
replacement.
"""


def _check_words(derivation: Tree, words: list[Token], read: Reader) -> None:
    place, word, help = _WORDS.get(derivation.data, (0, None, ""))
    if derivation.data == "since_date" and words[0] not in ("years", "months"):
        help = "write `years since DATE` or `months since DATE`"
        read.report("syntax", f"`{words[0]}` does not fit here", span_of(words[0]), help)
    if word is not None and words[place] != word:
        read.report("syntax", f"`{words[place]}` does not fit here", span_of(words[place]), help)


def _dotted(token: Token) -> tuple[Name, Name]:
    """The two names of `payment.amount`."""
    start, end = span_of(token)
    first, _, second = str(token).partition(".")
    return Name(first, start), Name(second, end - len(second))


def _events(tree: Tree, read: Reader) -> nodes.Events:
    name, *where = cast(Nodes, tree.children)
    condition = condition_of(where[0], read) if where and where[0] is not None else None
    its_name = _dotted(name)[0] if tree.data == "summands" else name_of(name)
    return nodes.Events(its_name, condition, span=span_of(tree))


def _window(tree: Tree, read: Reader) -> nodes.Window:
    """A span of time, and since which event and which date."""
    first, *rest = cast(Nodes, tree.children)
    of_time = first.data != "since"
    window = _span(first, read) if of_time else nodes.Window("since", None, None, None, None, span=span_of(tree))
    for each in rest if of_time else (first, *rest):
        [begins] = each.children
        anchor, of = (_events(begins, read), None) if isinstance(begins, Tree) else (None, name_of(begins))
        if (anchor and window.anchor) or (of and window.of):
            help = "leave one of the two out, or count since each as a fact of its own"
            read.report("syntax", "a window begins with one event and one date", span_of(each), help)
        window = evolve(window, anchor=anchor or window.anchor, of=of or window.of, span=span_of(tree))
    return window


def _span(tree: Tree, read: Reader) -> nodes.Window:
    first, *rest = cast(Nodes, tree.children)
    span = span_of(tree)
    if tree.data in ("at_least", "between_ago"):
        return _ago(tree, read)
    if tree.data == "working_time":
        working, _, calendar = rest
        if working != "working":
            read.report("syntax", f"`{working}` does not fit here", span_of(working), "write `working`")
        return nodes.Window("working days", read.whole(first), None, None, None, span=span, calendar=name_of(calendar))
    # Most units of time are no keywords, since many facts are called by them; so they are checked here.
    token = rest[0] if rest else first
    number = read.whole(first) if rest else None
    word: Any = _UNITS.get(str(token), str(token)) if rest else str(token)
    fitting = ("days", "hours", "minutes", "months") if rest else ("week", "month", "quarter", "ever")
    if word not in fitting:
        help = (
            "write `in last 7 days`, `in last 24 hours`, `in last 30 minutes` or `in last 3 months`"
            if rest
            else "write `this week`, `this month` or `this quarter`"
        )
        if rest and word in ("week", "weeks") and isinstance(number, Literal) and isinstance(number.value, Decimal):
            help = f"write `in last {number.value * 7} days`"
        elif rest and word in _SHORT:
            help = f"write `{_SHORT[word]}`"
        read.report("syntax", f"`{token}` is no span of time here", span_of(token), help)
        word = fitting[0]
    return nodes.Window(word, number, None, None, None, span=span)


_SHORT = {"mins": "minutes", "min": "minutes", "hrs": "hours", "hr": "hours", "h": "hours", "d": "days"}
_UNITS = {"day": "days", "hour": "hours", "minute": "minutes", "month": "months"}


def _ago(tree: Tree, read: Reader) -> nodes.Window:
    """`at least N days ago`, `between M and N days ago`."""
    # The words that are not keywords: `least` before the number, `ago` at the end.
    children: Nodes = tree.children
    if tree.data == "between_ago":
        _, low, high, _, ago = children
        word: Any = "between"
    else:
        least, high, _, ago = children
        low, word = None, "at least"
        if least != "least":
            read.report("syntax", f"`{least}` does not fit here", span_of(least), "write `at least 7 days ago`")
    if ago != "ago":
        read.report("syntax", f"`{ago}` does not fit here", span_of(ago), f"write `{word} ... days ago`")
    return nodes.Window(
        word, read.whole(high), None, None if low is None else read.whole(low), None, span=span_of(tree)
    )


def _type(tree: Tree, read: Reader) -> tuple[str, tuple[Name | Text, ...], Name | None]:
    children: Nodes = tree.children
    if tree.data == "plain_type":
        return str(children[0]), (), None
    if tree.data == "money_type":
        return "money", (), None if children[0] is None else name_of(children[0])
    if tree.data == "hours_type":
        return "weekly hours", (), None
    if tree.data == "code_type":
        texts = [read.text(token) for token in children if token.type == "STRING"]
        return "code", tuple([text for text in texts if text is not None]), None
    names = names_of([token for token in children if token.type == "NAME"])
    return ("choice" if tree.data == "choice_type" else "order"), names, None


def action(tree: Tree, read: Reader) -> nodes.Action:
    *names, description = cast(Nodes, tree.children)
    return nodes.Action(names_of(names), read.text(description), span=span_of(tree))


def group(tree: Tree, read: Reader) -> nodes.Group:
    name, *also, actions = cast(Nodes, tree.children)
    return nodes.Group(name_of(name), bool(also), read.actions(actions), span=span_of(tree))


def ladder(tree: Tree, read: Reader) -> nodes.Ladder:
    name, rungs, rising = cast(Nodes, tree.children)
    return nodes.Ladder(
        name_of(name), names_of(rungs.children), () if rising is None else names_of(rising.children), span=span_of(tree)
    )


def define(tree: Tree, read: Reader) -> nodes.Define:
    name, condition, description = cast(Nodes, tree.children)
    return nodes.Define(name_of(name), condition_of(condition, read), read.text(description), span=span_of(tree))


def setting(tree: Tree, read: Reader) -> nodes.Setting:
    name, word, value, description = cast(Nodes, tree.children)
    if word is not None and word != "open":
        help = (
            "write `setting NAME is ...`; or `setting NAME open is ...`, where a policy under this standard may set it"
        )
        read.report("syntax", f"`{word}` does not fit here", span_of(word), help)
    its_value, its_description = read.value(value), read.text(description)
    return nodes.Setting(name_of(name), word is not None, its_value, its_description, span=span_of(tree))
