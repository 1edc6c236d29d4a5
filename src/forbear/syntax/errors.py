"""What to say of a token that does not fit: the slip that it is, or what would have fitted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from lark import Token

from forbear.characters import named
from forbear.source import Span
from forbear.syntax.grammar import beginning
from forbear.syntax.hints import events as slips_of_events
from forbear.syntax.hints import phrases as slips_of_phrases
from forbear.syntax.hints import statements as slips_of_statements
from forbear.syntax.hints import values as slips_of_values
from forbear.syntax.hints.hint import STRING, Slip
from forbear.syntax.hints.misspelt import meant
from forbear.syntax.literals import Fault

_SLIPS = slips_of_phrases.SLIPS + slips_of_events.SLIPS + slips_of_values.SLIPS + slips_of_statements.SLIPS
_CONTEXT = 250
_CONDITIONS = "AFTER FROM ON_DAY WITHIN BEFORE NOT ALWAYS LPAR NAME"
_EFFECTS = "ALLOW FORBID REQUIRE NEVER LIMIT"
_STATEMENTS = (
    "POLICY STANDARD VOCABULARY USES FACT EVENT ACTION GROUP LADDER DEFINE SETTING RULE EXAMPLE ENSURE ACCEPT SUSPEND"
)
_VALUES = "THIS NUMBER STRING YES NO NONE KNOWN UNKNOWN MINUS CURRENCY DATE TIME NAME"
_TYPES = "COUNT MONEY DAYS NUMBER_WORD PERCENT_WORD DATE_WORD TIME_WORD TEXT YES_NO ONE"
_TOGETHER = (
    ("RULE AFTER", f"{_STATEMENTS} {_CONDITIONS} {_EFFECTS}", "a rule or another statement"),
    ("AFTER", _CONDITIONS, "a condition"),
    ("ALLOW", _EFFECTS, "an effect such as `allow`"),
    ("YES", _VALUES, "a value"),
    ("NUMBER MINUS", "NUMBER MINUS NAME", "a number"),
    ("DATE", "DATE NAME", "a date such as `2015-09-22`"),
    ("NAME EVERYTHING", "NAME EVERYTHING", "an action"),
    ("COMPARE", "COMPARE LESS IS BETWEEN", "a comparison such as `>=`"),
    ("UNLESS", "UNLESS BECAUSE OVERRIDES IN SOURCE", "a clause such as `because`"),
    ("OPTIONAL", "OPTIONAL USUALLY CLOCK PRIVATE BETWEEN IN OR", "a word such as `optional`"),
    ("COUNT MONEY", f"{_TYPES} ANY NAME", "a type such as `count`"),
    ("ALLOWED", "ALLOWED FORBIDDEN REQUIRED UNSAID NOT", "an expectation such as `allowed`"),
)
"""Where the first terminals would fit, the second are told together, in these words."""
_WORDS = {
    "NAME": "a name",
    "STRING": "a text in quotation marks",
    "NUMBER": "a number",
    "TIME": "a time such as `08:00`",
    "CURRENCY": "a currency such as `CNY`",
    "CODE": "a code such as `dead-rule`",
    "COLON": "`:`",
    "COMMA": "`,`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "PERCENT": "`%`",
    "LESS": "`<`",
    "__ANON_0": "`currency`",
    "ON_DAY": "`on`",
}
_MOST = 4
_LINE_END = re.compile(r"[\r\n]")
_SAID = re.compile(rf'{STRING}?|#[^\r\n]*|[^\s"#]++')


class Broken(NamedTuple):
    """A statement that cannot be read: what is wrong, from where on it is broken, and a word that was meant in it."""

    fault: Fault
    begin: int
    meant: str | None


def broken_statement(text: str, token: Token, fitting: Set[str], ends: Sequence[int], begins_next: bool) -> Broken:
    """What is wrong with a statement in which a token does not fit.

    `fitting` are the terminals that would have fitted, and `ends` the places where the parser began and where each
    statement ends that it has read since. `begins_next` says that the reader takes the token for the beginning of
    the next statement.
    """
    at = len(text) if token.type == "$END" else (token.start_pos or 0)
    last = _last_character(text, max(end for end in ends if end <= at), at)
    # On a line of its own, what begins the next statement is right: the one before it stops too early.
    fits_next = begins_next and token.type in beginning() and _LINE_END.search(text, last[1], at) is not None
    stops = token.type == "$END" or fits_next
    span = last if stops else (at, at + len(token))
    if token.type == "TOO_DEEP":
        fault = Fault(
            "too-deep",
            "parentheses and `not`s nest too deep",
            span,
            "at most 100 may be open; name a part of the condition with `define` and use the name",
        )
        return Broken(fault, span[0], None)
    phrase = _slip(slips_of_phrases.EARLY, text, at, span, fitting)
    if phrase is not None:
        return Broken(phrase, phrase.span[0], None)
    word = meant(text, token, ends)
    if word is not None:
        written = text[slice(*word.span)]
        fault = Fault("syntax", f"`{written}` does not fit here", word.span, f"did you mean `{word.text}`?")
        # What begins no statement belongs to the one before.
        goes_on = word.terminal not in beginning()
        begin = max(end for end in ends if end <= word.span[0]) - goes_on
        return Broken(fault, begin, word.text)
    fault = _slip(_SLIPS, text, at, span, fitting) or _unexpected(token, span, fitting, stops)
    return Broken(fault, fault.span[0], None)


def _slip(slips: Sequence[Slip], text: str, at: int, span: Span, fitting: Set[str]) -> Fault | None:
    begin = max(0, at - _CONTEXT)
    before = text[begin:at]
    here = text[at : at + _CONTEXT]
    for slip in slips:
        if slip.fits <= fitting and not slip.lacks & fitting:
            found_here = slip.here.match(here)
            found_before = found_here and slip.before.search(before)
            if found_here and found_before:
                return _fault(slip, found_before, found_here, text, begin, at, span)
    return None


def _fault(slip: Slip, before: re.Match[str], here: re.Match[str], text: str, begin: int, at: int, span: Span) -> Fault:
    marks = [
        (offset + match.start("mark"), offset + match.end("mark"))
        for match, offset in ((before, begin), (here, at))
        if match.groupdict().get("mark") is not None
    ]
    if marks:
        start = marks[0][0]
        span = (start, start + len(text[start : marks[-1][1]].rstrip()))
    words = dict(_variants({**before.groupdict(), **here.groupdict()}))
    return Fault(slip.code, slip.message.format_map(words), span, slip.help.format_map(words))


def _variants(groups: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    """The words of an author as the texts of a slip may ask for them."""
    for name, text in groups.items():
        if text is not None:
            text = re.sub(r"\s+", " ", text)
            yield name, text
            yield f"{name}_upper", text.upper()
            yield f"{name}_lower", text.lower()
            yield f"{name}_joined", re.sub(r"[-\s]+", "_", text)


def _unexpected(token: Token, span: Span, fitting: Set[str], stops: bool) -> Fault:
    if token.type == "$END":
        return Fault("syntax", "the file ends inside a statement", span, _expectation(fitting))
    if token.type == "UNREADABLE":
        called = "" if token.isascii() else f" ({named(token)})"
        return Fault("syntax", f"`{token}`{called} is not part of the language", span, _expectation(fitting))
    if stops:
        return Fault("syntax", "the statement ends too early", span, _expectation(fitting))
    return Fault("syntax", f"`{token}` does not fit here", span, _expectation(fitting))


def _expectation(fitting: Set[str]) -> str:
    rest = set(fitting) - {"UNREADABLE", "$END", "APPLIES", "SUBJECT", "PINNED", "OF_STANDARD"}
    if "THEN" in rest:
        rest |= {"AND", "OR"}  # the parser has left them behind, when it meets what may begin a rule
    words: list[str] = []
    for some, all_of_them, word in _TOGETHER:
        if rest.issuperset(some.split()):
            words.append(word)
            rest.difference_update(all_of_them.split())
    words += sorted(_WORDS.get(terminal, f"`{terminal.lower()}`") for terminal in rest)
    if len(words) > _MOST:
        return "check this word and the one before it"
    if len(words) == 1:
        return f"expected {words[0]}"
    return f"expected {', '.join(words[:-1])} or {words[-1]}"


def _last_character(text: str, begin: int, end: int) -> Span:
    """The last character that says something, of a part of a text that begins outside strings and comments."""
    last = begin
    for match in _SAID.finditer(text, begin, end):
        if match.group()[0] != "#":
            last = match.end()
    return max(0, last - 1), last
