"""The error for a token that does not fit: the hint for a typical mistake, or what would have fitted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from functools import cache
from itertools import chain

from lark import Token

from forbear.base.characters import named
from forbear.base.source import Span
from forbear.language.model.names import did_you_mean
from forbear.language.syntax.grammar import (
    Stop,
    beginning,
    conditions,
    declaring,
    effects,
    fitting_after,
    keywords,
    parser_at,
    stop,
)
from forbear.language.syntax.grammar import fitting as fitting_in
from forbear.language.syntax.hints.forms import A_TYPE
from forbear.language.syntax.hints.guard import holds, offers
from forbear.language.syntax.hints.hint import FREE_NAME, OF_SENTENCES, STRING, Hint, own_rule, recognised
from forbear.language.syntax.hints.known import known, known_name
from forbear.language.syntax.hints.misspelt import meant
from forbear.language.syntax.hints.other_words import other_phrase, other_word
from forbear.language.syntax.hints.prose import UNJOINED, begin_of, reworded
from forbear.language.syntax.hints.shapes import shapes_of
from forbear.language.syntax.hints.table import AFTER_OTHER_WORDS, BEFORE_MISSPELT, HINTS
from forbear.language.syntax.literals import Broken, Mistake

_VALUES = "THIS NUMBER STRING YES NO NONE KNOWN UNKNOWN MINUS CURRENCY DATE TIME NAME"
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
    "PLUS": "`+`",
    "MINUS": "`-`",
    "__ANON_0": "`currency`",
    "ON_DAY": "`on`",
    "NOT_SO": "`not so:`",
    "BAR": "`|`",
    "ROW": "a row, which begins with `|`",
    "ROW_END": "`|` at the end of the row",
    "NO": "`no`",
    "FORCE": "`force`, as in `in force from DATE`",
}


@cache
def _groups() -> Sequence[tuple[Set[str], Set[str], str]]:
    """Where the first terminals would fit, the second are named together, in these words."""
    groups: Sequence[tuple[str, Set[str], str]] = (
        ("RULE AFTER", beginning(), "a rule or another statement"),
        ("AFTER", conditions(), "a condition"),
        ("ALLOW", effects() | {"LIMIT"}, "an effect such as `allow`"),
        ("YES", set(_VALUES.split()), "a value"),
        ("NUMBER MINUS", {"NUMBER", "MINUS", "NAME"}, "a number"),
        ("DATE", {"DATE", "NAME"}, "a date such as `2015-09-22`"),
        ("COMMA EXCEPT", {"COMMA", "EXCEPT", "WITH"}, "more actions after `,`, `except` or `with`"),
        ("NAME EVERYTHING", {"NAME", "EVERYTHING"}, "an action"),
        ("COMPARE", {"COMPARE", "LESS", "IS", "BETWEEN"}, "a comparison such as `>=`"),
        ("UNLESS", {"UNLESS", "BECAUSE", "OVERRIDES", "IN", "SOURCE"}, "a clause such as `because`"),
        (
            "OPTIONAL",
            {"OPTIONAL", "USUALLY", "CLOCK", "THIS", "RISING", "CONSENT", "PRIVATE", "BETWEEN", "IN", "OR"},
            "a word such as `optional`",
        ),
        ("COUNT MONEY", fitting_after("fact x"), A_TYPE),
        ("ALLOWED", {"ALLOWED", "FORBIDDEN", "REQUIRED", "UNSAID", "NOT"}, "an expectation such as `allowed`"),
    )
    return tuple((set(sample.split()), together, words) for sample, together, words in groups)


_MOST = 6
_FREQUENT = ("`and`", "`or`", "`then`", "`when`", "`any`", "`:`", "`,`")
"""The words that are named if many would fit."""
_LONGEST = 60
_LAST_WORD = re.compile(rf"\b(?P<word>{FREE_NAME})\Z")
_NEXT_WORD = re.compile(rf"[ \t]+(?P<word>{FREE_NAME})\b")
_LINE_END = re.compile(r"[\r\n]")
_TWICE = re.compile(r"(?<![\w.-])([a-z]\w*)[ \t]+(\1)(?![\w.-])")
_SAID = re.compile(rf'{STRING}?|#[^\r\n]*|[^\s"#]++')


def broken_statement(
    text: str, token: Token, fitting: Set[str], ends: Sequence[int], begins_next: bool, file: str
) -> Broken:
    """Returns what is wrong with a statement in which a token does not fit.

    `fitting` are the terminals that would have fitted. `ends` are the places where a statement may begin: where the
    parser started, and the end of each statement that it has read since. With `begins_next`, parsing resumes at the
    token, as the beginning of the next statement. `file` has the declarations: the text may be a single statement that
    was put together anew.
    """
    at = len(text) if token.type == "$END" else (token.start_pos or 0)
    last = _last_character(text, max(end for end in ends if end <= at), at)
    # On a line of its own, the beginning of the next statement is right: the one before it stops too early.
    fits_next = begins_next and token.type in beginning() and _LINE_END.search(text, last[1], at) is not None
    stops = token.type == "$END" or fits_next
    span = last if stops else (at, at + len(token))
    if token.type == "TOO_DEEP":
        mistake = Mistake(
            "too-deep",
            "parentheses and `not`s nest too deep",
            span,
            "at most 100 may be open; name a part of the condition with `define` and use the name",
        )
        return Broken(mistake, span[0], None)
    return _hinted(text, token, at, span, fitting, ends, file) or Broken(
        _unexpected(token, span, fitting, stops, shapes_of(_line_of(text, at), known(file)) or own_rule(text, at)),
        span[0],
        None,
    )


_STEPS = 2


def _hinted(
    text: str,
    token: Token,
    at: int,
    span: Span,
    fitting: Set[str],
    ends: Sequence[int],
    file: str,
    steps: int = _STEPS,
) -> Broken | None:
    """The first hint that keeps the rule. `steps` is how many mistakes behind this one are looked at to judge it."""

    def mended(text: str, stopped: Stop, beyond: bool, ends: Sequence[int]) -> bool:
        if not steps:
            return True
        at, fits = stopped.place, fitting_in(stopped.parser)
        further = _hinted(text, stopped.token, at, (at, at + 1), fits, ends, file, steps - 1)
        return further is not None and ((beyond and further.mistake.span[0] >= at) or any(offers(further, text)))

    knows = known(file)
    begin = begin_of(text, span[0])
    said = None
    if steps == _STEPS and text[begin : begin + 1].isalnum():
        said = reworded(
            text, begin, span[0], knows, lambda rule: _readings(rule, file), lambda rule: _first_told(rule, file)
        )
    told = _told(text, token, at, span, fitting, ends, file)
    if said is None:
        told = chain(told, _two_words(text, at, ends))
    found = next((broken for broken in told if holds(broken, text, at, ends, knows, mended)), None)
    if said is None or (found is not None and _settles(found, text, said.mistake.span[1], begin)):
        return found
    if found is None and not said.mistake.choices and not token.isascii():
        return None
    # After an action alone, another condition is no answer.
    joins = found is not None and found.mistake.instead == "and" and knows.is_action(text[begin:at].strip())
    if found is None or said.mistake.choices or joins or UNJOINED.search(found.mistake.message):
        return said
    return found


def _settles(broken: Broken, text: str, end: int, begin: int) -> bool:
    """Returns true if the statement up to `end` is valid with each of the proposed replacements."""
    put = [(one, text[: one[0][0][0]] + one[0][1] + text[one[0][0][1] :]) for one in offers(broken, text)]
    return bool(put) and all(
        len(one) == 1 and stop(after, begin, end + len(after) - len(text)) is None for one, after in put
    )


_CERTAIN = re.compile(r"write `[^`]*`(?!,? (?:or|if|which|with)\b)|did you mean `[^`]*`\?|leave it out")
"""A help that offers one thing."""


def _first_told(text: str, file: str) -> Broken | None:
    """What a message says first about a statement."""
    stopped = stop(text, 0, len(text))
    if stopped is None:
        return None
    at, fits = stopped.place, fitting_in(stopped.parser)
    return _hinted(text, stopped.token, at, (at, at + len(stopped.token)), fits, [0], file, 1)


def _readings(text: str, file: str, steps: int = 4) -> Iterator[tuple[str, str]]:
    """The texts that a statement is mended to by what its messages offer, each with what they say to declare."""
    stopped = stop(text, 0, len(text))
    if stopped is None:
        if len(parser_at(text, 0).resume_parse().children) == 1:  # type: ignore[no-untyped-call]
            yield text, ""
    elif steps:
        broken = _first_told(text, file)
        if broken is None or _CERTAIN.match(broken.mistake.help) is None:
            return
        for edits in offers(broken, text):
            put = text
            for (start, end), offer in reversed(edits):
                put = put[:start] + offer + put[end:]
            declared = re.search(", and declare .*", broken.mistake.help)
            for rule, more in _readings(put, file, steps - 1):
                yield rule, more or (declared[0] if declared else "")


def _told(
    text: str, token: Token, at: int, span: Span, fitting: Set[str], ends: Sequence[int], file: str
) -> Iterator[Broken]:
    """Yields the errors that hints report, the likeliest first."""
    begin, end = max(min(ends[-2:]), at - _LONGEST), at + len(token)
    for twice in _TWICE.finditer(text, begin, end):
        if twice[1] not in declaring():
            start = max(end for end in ends if end <= twice.start())
            yield Broken(Mistake("syntax", f"`{twice[1]}` is written twice", twice.span(2), "leave it out", ""), start)
    if (broken := known_name(text, at, ends, known(file))) is not None:
        yield broken
    yield from _hints(BEFORE_MISSPELT, text, at, span, fitting, ends, file)
    if (broken := other_phrase(text, at, ends, known(file))) is not None:
        yield broken
    word = meant(text, token, ends)
    if word is not None and (written := text[slice(*word.span)]) not in known(file).names:
        mistake = Mistake(
            "syntax", f"`{written}` does not fit here", word.span, f"did you mean `{word.text}`?", word.text
        )
        # A word that begins no statement belongs to the one before.
        goes_on = word.terminal not in beginning()
        begin = max(end for end in ends if end <= word.span[0]) - goes_on
        yield Broken(mistake, begin, word.text)
    yield from _hints(HINTS, text, at, span, fitting, ends, file)
    if (broken := other_word(text, at, ends)) is not None:
        yield broken
    yield from _hints(AFTER_OTHER_WORDS, text, at, span, fitting, ends, file)


def _two_words(text: str, at: int, ends: Sequence[int]) -> Iterator[Broken]:
    """Yields the errors of a statement that was cut within a line, by a word that begins a condition where nothing
    joins one.
    """
    cut = ends[-1]
    if len(ends) < 2 or cut >= at or (before := _LAST_WORD.search(text, max(ends[-2], cut - _LONGEST), cut)) is None:
        return
    after = _NEXT_WORD.match(text, cut)
    if after is None or after.start("word") >= at:
        return
    first, second = before["word"], after["word"]
    joins = (
        "a condition follows `when` or `unless`, a further one `and` or `or`; a fact and its value have `is`, `>=` or"
    )
    joins += " another sign between them"
    joins += shapes_of(_line_of(text, at), known(text))
    helps = [(joins, list[str]())]
    slips = [word for word in (first, second) if did_you_mean(word, keywords().values()) is not None]
    if not slips and not {first, second} & {*OF_SENTENCES, "a"} and not {first, second} <= known(text).names:
        name = f"{first}_{second}"
        helps.insert(0, (f"write `{name}` if they are one name; otherwise {joins}", [name]))
    message = f"two words follow each other, `{first}` and `{second}`, and nothing joins or compares them"
    span = before.start("word"), after.end("word")
    # Before a word of sentences the statement may be whole, with mistakes of its own.
    begin = after.start("word") if second in OF_SENTENCES else span[0]
    yield from (Broken(Mistake("syntax", message, span, help, choices=names), begin, None) for help, names in helps)


def _hints(
    hints: tuple[Hint, ...], text: str, at: int, span: Span, fitting: Set[str], ends: Sequence[int], file: str
) -> Iterator[Broken]:
    for found in recognised(hints, text, at, fitting, ends, known(file)):
        place = found.span or span
        mistake = Mistake(
            found.hint.code,
            found.message,
            place,
            found.help,
            None if found.instead is None else _apart(text, place, found.instead),
            "x" if found.hint.names else None,
            [_apart(text, place, choice) for choice in found.choices],
        )
        yield Broken(mistake, min(found.begin, mistake.span[0]), None)


def _apart(text: str, span: Span, put: str) -> str:
    """A text with the blanks that keep it from being one with the words around it."""
    left, right = text[max(0, span[0] - 1) : span[0]], text[span[1] : span[1] + 1]
    before = " " if left.isalnum() and (put or right)[:1].isalnum() else ""
    after = " " if put and right.isalnum() and put[-1].isalnum() else ""
    return before + put + after


def _unexpected(token: Token, span: Span, fitting: Set[str], stops: bool, own: str) -> Mistake:
    if token.type == "$END":
        return Mistake("syntax", "the file ends inside a statement", span, _expectation(fitting, own))
    if token.type == "UNREADABLE":
        called = "" if token.isascii() else f" ({named(token)})"
        return Mistake("syntax", f"`{token}`{called} is not part of the language", span, _expectation(fitting, own))
    if stops:
        return Mistake("syntax", "the statement ends too early", span, _expectation(fitting, own))
    return Mistake("syntax", f"`{token}` does not fit here", span, _expectation(fitting, own))


_NEVER_EXPECTED = frozenset({"UNREADABLE", "$END", "APPLIES", "SUBJECT", "PINNED", "READ", "REVIEWED", "LANGUAGE"})
_NEVER_EXPECTED |= {"_FROM_VALUE", "OF_STANDARD", "OF_TABLE"}
"""Terminals that no message names: too rare, or with another word of their own."""


def _expectation(fitting: Set[str], own: str) -> str:
    rest = set(fitting) - _NEVER_EXPECTED
    if "THEN" in rest:
        rest |= {"AND", "OR"}  # before a word that may begin a rule, the parser has already closed the condition
    words: list[str] = []
    for needed, together, word in _groups():
        if rest >= needed:
            words.append(word)
            rest -= together
    words += sorted(_WORDS.get(terminal, f"`{terminal.lower()}`") for terminal in rest)
    if words == ["a condition"]:
        return (
            "expected a condition: a fact that is yes or no, a fact and its value, as in `FACT >= VALUE`, or days past"
            f" due, as in `after N days`{own}"
        )
    of_condition = not {"a condition", "a comparison such as `>=`", "`or`"}.isdisjoint(words)
    if len(words) > _MOST:
        words = [word for word in words if word[0] != "`" or word in _FREQUENT]
    if len(words) > _MOST:
        words = [*words[: _MOST - 1], "another such word"]
    told = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
    return f"expected {told}" + (f", as in `{_AS_IN[told]}`" if told in _AS_IN else "") + own * of_condition


_AS_IN = {
    "`and`, `or` or `then`": "CONDITION then allow ACTIONS",
    "`day`": "before day N",
    "`day` or `days`": "after N days",
    "an action": "never ACTIONS",
    "`expect`, `given` or `on`": "given FACT VALUE expect ACTION allowed",
}
"""How the open construct continues, by what is expected."""


def _line_of(text: str, at: int) -> str:
    """The statement at a place, up to the end of its line."""
    begin, end = begin_of(text, at), _LINE_END.search(text, at)
    return re.sub(r"\"[^\"]*\"|#.*", " ", text[begin : len(text) if end is None else end.start()])


def _last_character(text: str, begin: int, end: int) -> Span:
    """The last character before `end` that is neither blank nor in a comment; `begin` is in no string or comment."""
    last = begin
    for match in _SAID.finditer(text, begin, end):
        if match.group()[0] != "#":
            last = match.end()
    return max(0, last - 1), last
