"""What to say of a token that does not fit: slips that authors will make have a help line of their own.

A slip is known by the text before and behind the place where the parser stopped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from lark import Token

from forbear.source import Span
from forbear.syntax.literals import Fault


class Slip(NamedTuple):
    """`before` must match up to the token that does not fit, `here` from it on."""

    before: re.Pattern[str]
    here: re.Pattern[str]
    message: str
    help: str


def _slip(before: str, here: str, message: str, help: str) -> Slip:
    return Slip(re.compile(rf"(?:{before})\Z"), re.compile(here), message, help)


_NUMBER = r"[0-9][0-9_.]*"
_SLIPS = (
    _slip(rf"{_NUMBER}", r",\s?[0-9]", "a comma inside a number", "write `1000` or `1_000`, and `12.50` with a point"),
    _slip(
        rf"{_NUMBER},", rf"{_NUMBER}", "a comma inside a number", "write `1000` or `1_000`, and `12.50` with a point"
    ),
    _slip(rf"{_NUMBER}\s+", r"[A-Z]{3}\b", "the currency stands before the number", "write `CNY 1000`"),
    _slip(
        rf"(?:[<>=]|is|between|and)\s*{_NUMBER}\s+",
        r"(?:days?|times?|years?|months?|weeks?|hours?)\b",
        "a number in a comparison has no unit",
        "write `days_overdue > 60`, or `after 60 days` for the clock",
    ),
    _slip(r"", r"=>", "`=>` is no comparison", "write `>=`"),
    _slip(r"", r"=<", "`=<` is no comparison", "write `<=`"),
    _slip(r"=", r"=", "`==` is no comparison", "write `=`, or `is`"),
    _slip(r"<", r">", "`<>` is no comparison", "write `!=`, or `is not`"),
    _slip(r"", r"≥", "`≥` is no comparison of the language", "write `>=`"),
    _slip(r"", r"≤", "`≤` is no comparison of the language", "write `<=`"),
    _slip(r"", r"≠", "`≠` is no comparison of the language", "write `!=`"),
    _slip(r"", r"&&?", "`&` is no word of the language", "write `and`"),
    _slip(r"", r"\|\|?", "`|` is no word of the language", "write `or`"),
    _slip(r"", r"!", "`!` is no word of the language", "write `not`"),
    _slip(r"\bif\s+", r"", "a rule has no `if`", "begin with the condition: `after 60 days then allow sms`"),
    _slip(r"\bis\s+not\s+", r"known\b", "`is not known` is not said", "write `is unknown`"),
    _slip(r"\bis\s+not\s+", r"unknown\b", "`is not unknown` is not said", "write `is known`"),
    _slip(r"\s+", r"not\s+between\b", "`not between` lacks its `is`", "write `is not between`"),
    _slip(r"\s+", r"not\s+(?:one|in)\b", "`not` lacks its `is`", "write `is not one of`"),
    _slip(r"\s+", r"in\b(?!\s+(?:force|steps))", "`in` is no comparison", "write `is one of a, b`"),
    _slip(
        r"\bthen\s+",
        r"(?!(?:allow|forbid|require|never)\b)[a-z]",
        "`then` is not followed by what the rule does",
        "write `then allow`, `then forbid`, `then require` or `then never`, and the actions",
    ),
    _slip(
        r"\bthen\s+(?:allow|forbid|require|never)\b[^:\"#]*",
        r"when\b",
        "a rule has one condition",
        "join both with `and`: `CONDITION and CONDITION then allow sms`",
    ),
    _slip(
        r"\b(?:allow|forbid|require)\b[a-z0-9_,\s]*",
        r"if\b",
        "a rule has no `if`",
        "write `when`: `allow sms when after 60 days`",
    ),
    _slip(r"^\s*event\s+", r"", "events are not part of this version", "declare what you count as a `count` fact"),
    _slip(r"", r"[“”„«»]", "a string stands in plain quotation marks", 'write `"like this"`'),
    _slip(r"", r"'", "a string stands in double quotation marks", 'write `"like this"`'),
    _slip(
        r"", r'"', "the string does not end on its line", 'end it with `"`; a quotation mark inside is written `\\"`'
    ),
    _slip(r"", r"[$€£¥₹]", "a currency is written as three capitals", "write `USD 100`"),
    _slip(r"", r"[   　﻿]", "a space that is no plain space", "replace it by a plain space"),
    _slip(r"", r"[‐-―−]", "a dash that is no plain minus", "write `-`"),
)

_MISSING_AND = re.compile(
    r"\bthen\s+(?:allow|forbid|require|never)\s[a-z0-9_,\s]*?\s(?P<second>allow|forbid|require)\s+[a-z0-9_,\s]*\Z"
)
_STATEMENT_STARTERS = frozenset(
    ["POLICY", "STANDARD", "VOCABULARY", "USES", "FACT", "ACTION", "GROUP", "LADDER", "DEFINE", "SETTING", "RULE"]
    + ["EXAMPLE", "ENSURE", "ACCEPT"]
)
_EFFECTS = frozenset(["ALLOW", "FORBID", "REQUIRE", "NEVER", "SUSPEND"])
_CONDITION_STARTERS = frozenset(["AFTER", "FROM", "ON_DAY", "WITHIN", "BEFORE", "NOT", "ALWAYS", "LPAR"])
_EXPECTED_WORDS = {
    "NAME": "a name",
    "NUMBER": "a number",
    "STRING": "a text in quotation marks",
    "DATE": "a date such as `2015-09-22`",
    "TIME": "a time such as `08:00`",
    "CURRENCY": "a currency such as `CNY`",
    "COMPARE": "a comparison such as `>=`",
    "CODE": "a code such as `dead-rule`",
    "COLON": "`:`",
    "COMMA": "`,`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "PERCENT": "`%`",
    "MINUS": "`-`",
    "LESS": "`<`",
    "YES_NO": "`yes/no`",
    "NUMBER_WORD": "`number`",
    "PERCENT_WORD": "`percent`",
    "DATE_WORD": "`date`",
    "TIME_WORD": "`time`",
    "ON_DAY": "`on`",
}
_CONTEXT = 400


def syntax_fault(text: str, token: Token, expected: Iterable[str]) -> Fault:
    """The fault for a token that the parser did not expect."""
    at = len(text) if token.type == "$END" else (token.start_pos or 0)
    span = Span(at, at + len(token)) if token.type != "$END" else _last_character(text)
    if token.type == "TOO_DEEP":
        return Fault(
            "too-deep",
            "parentheses and `not`s nest too deep",
            span,
            "at most 100 may be open; name a part of the condition with `define` and use the name",
        )
    before = text[max(0, at - _CONTEXT) : at]
    missing = _MISSING_AND.search(before)
    if missing and "WHEN" in expected:
        start = at - len(before) + missing.start("second")
        word = missing["second"]
        return Fault(
            "syntax", f"an `and` is missing before `{word}`", Span(start, start + len(word)), f"write `and {word}`"
        )
    here = text[at : at + _CONTEXT]
    for slip in _SLIPS:
        if slip.here.match(here) and slip.before.search(before):
            return Fault("syntax", slip.message, span, slip.help)
    return _unexpected(token, span, frozenset(expected), before)


def _unexpected(token: Token, span: Span, expected: frozenset[str], before: str) -> Fault:
    word = f"`{token}`"
    if token.type == "UNREADABLE":
        if str(token)[0].isdigit():
            return Fault(
                "bad-literal",
                f"{word} is not a number as the language writes it",
                span,
                "write digits, with a point before decimals: `3`, `1_000`, `12.50`",
            )
        if re.search("[A-Z]", token):
            return Fault("syntax", f"{word} has capital letters", span, f"write `{token.lower()}`")
        return Fault("syntax", f"{word} is not part of the language", span, _expectation(expected))
    if token.type == "CURRENCY":
        return Fault("syntax", f"{word} has capital letters", span, f"only currencies do; write `{token.lower()}`")
    if expected == {"COLON"} or (expected <= {"COLON", "STRING"} and "COLON" in expected):
        return Fault("syntax", "a `:` is missing here", span, 'write `rule NAME:`, `example "title":`, `ladder NAME:`')
    if expected <= {"WHEN", "AND", "COMMA", "EXCEPT"} and "WHEN" in expected:
        return Fault(
            "syntax",
            "this rule has no condition; only `never` may go without one",
            span,
            "write `allow sms when CONDITION`; for every case write `when always`",
        )
    if expected <= {"NAME", "EVERYTHING", "STRING", "CODE"} and "NAME" in expected and token.isidentifier():
        return Fault("syntax", f"{word} is a word of the language, so it cannot be a name", span, "choose another name")
    if token.type == "$END":
        return Fault("syntax", "the file ends inside a statement", span, _expectation(expected))
    return Fault("syntax", f"{word} does not fit here", span, _expectation(expected))


def _expectation(expected: frozenset[str]) -> str:
    words: list[str] = []
    rest = expected - {"UNREADABLE", "$END"}
    if rest >= _CONDITION_STARTERS:
        words.append("a rule or another statement" if rest >= _STATEMENT_STARTERS else "a condition")
        rest -= _CONDITION_STARTERS | _STATEMENT_STARTERS | {"NAME"}
        rest -= _EFFECTS if words[0] != "a condition" else frozenset()
    words += sorted(_EXPECTED_WORDS.get(terminal, f"`{terminal.lower()}`") for terminal in rest)
    if len(words) == 1:
        return f"expected {words[0]}"
    return f"expected {', '.join(words[:-1])} or {words[-1]}"


def _last_character(text: str) -> Span:
    end = len(text.rstrip())
    return Span(max(0, end - 1), end)
