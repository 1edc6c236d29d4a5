"""A word or a sign in whose place the language has another one, or none: `reason "..."`, `the last`, `source: "..."`.

Whatever is put in its place, the statement has to go on with the word behind it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import product

from forbear.base.source import Span
from forbear.language.syntax.grammar import goes_on
from forbear.language.syntax.hints.forms import NUMBERS
from forbear.language.syntax.hints.hint import NAME
from forbear.language.syntax.literals import Broken, Mistake

_OTHERS: Mapping[str, Sequence[str]] = {
    "reason": ["because"],
    "rationale": ["because"],
    "default": ["usually"],
    "defaults": ["usually"],
    "normally": ["usually"],
    "while": ["when"],
    "where": ["when"],
    "whenever": ["when"],
    "through": ["to"],
    "till": ["to"],
    "until": ["to"],
    "override": ["overrides"],
    "overriding": ["overrides"],
    "latest": ["last"],
    "recent": ["last"],
    "means": ["is"],
    "equals": ["is"],
    ":": ["", "is"],
    "=": ["", "is"],
    **{sign: [","] for sign in "+/;&"},
    "to": ["until", ""],
    "and": [",", "until", "to", ""],
    "or": [","],
    "if": ["when", ""],
    "when": ["given", ""],
    "then": ["expect"],
    "with": ["has", "and"],
    "from": ["covers"],
    "weekends": ["weekend"],
    "holiday": ["holidays"],
    "business": ["working"],
    "actions": ["action"],
    "facts": ["fact"],
    "test": ["example"],
    "total": ["sum"],
    "permitted": ["allowed"],
    "prohibited": ["forbidden"],
    "[": ["("],
    "]": [")"],
    "<": [","],
    ",": [""],
    "is": [":", ""],
    "as": ["is", ""],
    **{word: [str(number)] for word, number in NUMBERS.items()},
    **{
        word: [""]
        for word in ("a", "already", "an", "on", "are", "be", "ever", "every", "each", "in", "of", "that", "the")
    },
}
"""By what was written, what is put in its place, the likeliest first: nothing, where it is not needed. None makes an
opposite."""
_PEOPLE = r"(?:customer|borrower|consumer|client|debtor)s|people|those|anyone"
_DAY = r"(?:day\s+)?[0-9]+(?:\s+days)?"
PHRASES = tuple(
    (re.compile(rf"(?<!\bnot\s)(?<!\w)(?P<mark>{phrase})(?!\w)"), others)
    for phrase, others in (
        (r"(?:,\s*)?(?:except|save|other\s+than|but\s+not)\s+(?:when|where|if)", ("unless", "when always unless")),
        (
            r"(?:provided|given|on\s+(?:the\s+)?condition|in\s+(?:the\s+)?event)\s+that|provided|assuming"
            r"|(?:as|so)\s+long\s+as|in\s+(?:the\s+event\s+of|case(?:\s+of)?)|whenever|while|where",
            ("when", ""),
        ),
        (r"as\s+soon\s+as|once|subject\s+to|conditional\s+on", ("when",)),
        (
            rf"(?:for|to|of)\s+(?:all\s+|any\s+)?(?:{_PEOPLE})\s+(?:who|that|which)(?:\s+(?:is|are|has|have)\b)?",
            ("when",),
        ),
        (r"(?:in|under)\s+no\s+(?:case|circumstances?)|at\s+no\s+time|on\s+no\s+account", ("never",)),
        (r"both", ("",)),
        (rf"(?P<out>at\s+the\s+earliest,?)\s+(?:after|from)\s+{_DAY}", ("",)),
        (r"(?:together|along)\s+with", ("with",)),
        (rf"(?:after|from)\s+{_DAY}\s*(?P<out>,?\s*\bat\s+the\s+earliest)", ("",)),
        (rf"(?:within|before)\s+{_DAY}\s*(?P<out>,?\s*\bat\s+the\s+latest)", ("",)),
        (rf"\b(?:to|and)\s+{_DAY}\s*(?P<out>,?\s*\b(?:both\s+)?(?:inclusive(?:ly)?|included))", ("",)),
    )
)
"""What is put in place of phrases: of the first text with which the statement goes on."""
_ONE_IS_ENOUGH = re.compile(r"\b(?:require|expect|ensure)\s[^:#]*\Z")
"""Before an `or` between actions that means one of them, and not each."""
_TOKEN = re.compile(rf'"(?:[^"\\\n]++|\\[^\n])*+"?|#[^\n]*|(?P<word>{NAME}|[^\s\w"#])')
_BACK = 2
_LONGEST = 2000
_BEGINS = re.compile(r"(?:[:(\n]\s*|\A)\Z")
_SIGN = re.compile(r"\s*[:=](?=\s)")


def other_word(text: str, at: int, ends: Sequence[int]) -> Broken | None:
    """What another word mends, of the token that does not fit at `at`, those right before it, and the one after it."""
    begins = [end for end in ends if end <= at][-2:][::-1]  # the statement before may go on with the word
    return next(filter(None, [_other_word(text, at, begin) for begin in begins]), None)


def other_phrase(text: str, at: int, ends: Sequence[int]) -> Broken | None:
    """The same of a phrase that ends before the token that does not fit at `at`, or with it."""
    begins = [end for end in ends if end <= at and at - end <= _LONGEST][-2:][::-1]
    for phrase, others in PHRASES:
        for match in phrase.finditer(text, min(begins, default=at), at + 50):
            start, end = match.span("out" if "out" in match.groupdict() else "mark")
            stops = [stop for stop in (at, ends[-1]) if not text[match.end() : stop].strip()]
            if match.start() > at or not stops or not text[end : end + 50].strip():
                continue
            for other, begin in product(others, begins):
                if other or others[0] != "when" or _BEGINS.search(text, begin, start):
                    put = text[begin:start] + other
                    place = max(len(put), at + 1 - begin - (end - start) + len(other))
                    if begin <= start and goes_on(f"{put}{text[end : end + 250]}", place):
                        return _broken(text[start:end], (start, end), other, begin)
    return None


def _broken(written: str, span: Span, other: str, begin: int) -> Broken:
    help = f"write `{other.strip()}`" if other else "leave it out"
    return Broken(Mistake("syntax", f"`{written}` does not fit here", span, help, other), begin)


def _other_word(text: str, at: int, begin: int) -> Broken | None:
    if at - begin > _LONGEST:
        return None
    words = [match for match in _TOKEN.finditer(text, begin, at) if match["word"]][-_BACK:][::-1]
    following = [match for match in _TOKEN.finditer(text, at, at + 50) if match["word"]][:2]
    first, then = (words, following[:1]) if text[at : at + 1] in (":", "=") else (following[:1], words)
    for match in (*first, *then, *following[1:]):
        others = _OTHERS.get(match[0], ())
        if not text[match.end() : match.end() + 50].strip():
            continue  # a statement that is not written to its end
        if match[0] == "<" and not text[begin:].lstrip().startswith("ladder"):
            continue
        if match[0] in (":", "=") and words and words[0][0] in _OTHERS:
            continue
        if match[0] == "or" and _ONE_IS_ENOUGH.search(text, begin, match.start()):
            continue
        for other in others:
            start, end = match.span()
            if match[0] in ("if", "when") and not other and text[:start].rstrip()[-1:] not in ("", ":", "("):
                continue
            if match[0] == "and" and not other and text[:start].rstrip()[-1:] != ",":
                continue
            if other.isalpha() and (colon := _SIGN.match(text, end)):
                end = colon.end()
            start -= other == "," and text[start - 1 : start] == " "
            apart = " " if other.isalpha() and text[start - 1 : start].isalnum() else ""
            put = text[begin:start] + apart + other
            if goes_on(f"{put}{text[end : end + 250]}", max(len(put), at + 1 - begin - (end - start) + len(other))):
                return _broken(match[0], (start, end), apart + other, begin)
    return None
