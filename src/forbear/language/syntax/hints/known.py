"""The names that a text knows: reports one that was written as several words or with other letters, and a fact followed
by its value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from forbear.base import resources
from forbear.base.source import Span
from forbear.language.model.names import did_you_mean
from forbear.language.syntax.grammar import effect_words, keywords
from forbear.language.syntax.hints.forms import OR_MORE, WEEKDAYS
from forbear.language.syntax.literals import Broken, Mistake

NAME = r"[a-z][a-z0-9_]*+"
_LONGEST = 2000
_AHEAD = 100


class Known(NamedTuple):
    """The names that a text declares or has from the standard vocabulary, the texts that are values of facts, the kind
    of each name (for a fact the first word of its type), and the values of each fact that has named ones.
    """

    names: frozenset[str]
    texts: frozenset[str]
    types: Mapping[str, str]
    values: Mapping[str, Sequence[str]]
    own: frozenset[str]
    """The names that the text declares itself."""
    text: str = ""

    def may_be(self, name: str) -> bool:
        """Returns true if a name is known, or may be declared in another file."""
        return name in self.names or "*" in self.names

    def is_action(self, name: str) -> bool:
        """Returns true if a name is known to be that of an action or a group."""
        return self.types.get(name) in ("action", "group")


@cache
def _bundled() -> Known:
    text = resources.folder("rules").joinpath("vocabulary/collections.forbear").read_text("utf-8")
    return _declared_in(text)


_VALUE = rf"(?:{NAME}|\"[^\"\n]*\")"
_DECLARED = re.compile(
    rf"(?:^[ \t]*|\b(?=has[ ]))(?P<word>fact|define|setting|group|event|has|action|calendar)[ ]+"
    rf"(?P<names>{NAME}(?:\s*,\s*{NAME})*)"
    rf"(?:[ ]+(?!one\b|has\b)(?P<type>[a-z/]+)(?P<none>[ ]or[ ]none)?)?"
    rf"|\bone\s+of\s+(?P<values>{_VALUE}(?:\s*[,<]\s*{_VALUE})*)",
    re.MULTILINE,
)
_DESCRIPTION = re.compile(r"(?<=[^\s,<])(?<!\bof)\s+\"[^\"\n]*\"|#[^\n]*")
_ELSEWHERE = re.compile(r"^\s*uses\s+(?!collections\b)|^\s*subject\s+to\b", re.MULTILINE)


def _declared_in(text: str) -> Known:
    names, texts = set[str](), set[str]()
    types, values, fact = dict[str, str](), dict[str, Sequence[str]](), ""
    for match in _DECLARED.finditer(_DESCRIPTION.sub("", text)):
        if match["values"] is None:
            declared = re.findall(NAME, match["names"])
            names.update(declared)
            fact = declared[0] if match["word"] == "fact" else ""
            types.update(dict.fromkeys(declared, match["word"]))
            if fact:
                types[fact] = (match["type"] or "one") + (match["none"] or "")
        else:
            texts.update(re.findall(r'"[^"]*"', match["values"]))
            named = re.findall(NAME, re.sub(r'"[^"]*"', "", match["values"]))
            names.update(named)
            if fact:
                values.setdefault(fact, named)
    if "weekday" in types.values():
        names.update(WEEKDAYS)
    return Known(frozenset(names), frozenset(texts), types, values, frozenset(names))


_OWN = re.compile(r"^\s*(?:fact|action)\b", re.MULTILINE)
_BUNDLED = re.compile(r"\buses\s+collections\b")


@lru_cache(maxsize=2)
def known(text: str) -> Known:
    """Returns the names that a text knows; for other files that it uses, only the name `*`."""
    known = _declared_in(text)
    if _BUNDLED.search(text) or not _OWN.search(text):
        bundled = _bundled()
        known = Known(
            bundled.names | known.names,
            bundled.texts | known.texts,
            {**bundled.types, **known.types},
            {**bundled.values, **known.values},
            known.own,
        )
    return known._replace(names=known.names | {"*"} if _ELSEWHERE.search(text) else known.names, text=text)


_DERIVED = re.compile(rf"\bfact\s+{NAME}\s+\Z")
_JOINING = frozenset(["and", "is", "no", "not", "or", "unless", "when"])
_NUMBER = re.compile(r"[0-9]\s+\Z")
_WORDS = re.compile(r'"(?:[^"\\\n]++|\\[^\n])*+"?|#[^\n]*|(?<![\w"])(?P<word>[A-Za-z]\w*)(?=[ \t-])')
_NEXT = re.compile(r"[ \t-]+([A-Za-z0-9]\w*)(?:[ \t-]+([A-Za-z0-9]\w*))?(?:[ \t-]+([A-Za-z0-9]\w*))?")


def known_name(text: str, at: int, ends: Sequence[int], known: Known) -> Broken | None:
    """Returns the error of a known name that was written as several words, in the statement in which a token at `at`
    does not fit; or of a fact of several values followed by one of them.
    """
    begin = max(max([end for end in ends if end <= at][-2:-1] or [ends[0]]), at - _LONGEST)
    for start, end, name in _joined(text, begin, at, known.names):
        written = text[start:end]
        message = f"`{written}` is one name, and a name is one word"
        return Broken(Mistake("syntax", message, (start, end), f"write `{name}`", name), start)
    for message, span, told in _compared(text, begin, at, known):
        return Broken(Mistake("syntax", message, span, f"write `{told}`", told), span[0])
    return None


_ACTED = re.compile(rf"\b(?:{'|'.join(effect_words())})[ \t]+(?P<action>{NAME})(?=[ \t]+(?!and\b)[a-z0-9])")
_BESIDE = re.compile(
    rf"(?:\b(?:when|unless|and|or|not)\s+|[:(]\s*)(?:(?P<no>no)[ \t]+)?(?P<fact>{NAME})(?:[ \t]+(?P<value>{NAME}))?"
)


def _compared(text: str, begin: int, at: int, known: Known) -> Iterator[tuple[str, Span, str]]:
    """`hardship requested` as `hardship is requested`; `no promised_on` as `promised_on is none`."""
    if _GIVEN.search(text, begin, at):
        return
    for match in _ACTED.finditer(text, begin, at):
        if known.types.get(match["action"]) is None and not known.may_be(match["action"]):
            near = did_you_mean(match["action"], [name for name in known.types if known.is_action(name)])
            if near is not None:
                yield f"there is no action or group `{match['action']}`", match.span("action"), near.meant
    for match in _BESIDE.finditer(text, begin, min(len(text), at + _AHEAD)):
        fact, of_fact = match["fact"], known.types.get(match["fact"], "")
        if match.start() > at:
            return
        if match["no"] and of_fact.startswith("yes/no"):
            yield "what does not hold begins with `not`", (match.start("no"), match.end("fact")), f"not {fact}"
        elif match["no"] and of_fact == "count":
            yield "what has not happened is counted as 0", (match.start("no"), match.end("fact")), f"{fact} = 0"
        elif match["no"] and of_fact.endswith("none"):
            yield "what is not there is none", (match.start("no"), match.end("fact")), f"{fact} is none"
        for named, value in ((fact, match["value"]), (match["value"], fact)):
            if value in known.values.get(named or "", ()) and not _GOES_ON.match(text, match.end()):
                message, no = "a fact and its value have an `is` between them", "no" if match["no"] else "fact"
                told = f"{'not ' if match['no'] else ''}{named} is {value}"
                yield message, (match.start(no), match.end("value")), told


_GOES_ON = re.compile(rf"\s+{OR_MORE}|\s*(?:is\b|[<>=])")
_GIVEN = re.compile(r"\b(?:given|expect)\b")


def _joined(text: str, begin: int, at: int, names: frozenset[str]) -> Iterator[tuple[int, int, str]]:
    for match in _WORDS.finditer(text, begin, min(len(text), at + _AHEAD)):
        if match.start() > at:
            return
        if match["word"] is None or match["word"] in _JOINING:
            continue
        if _DERIVED.search(text, begin, match.start()):
            continue
        of_language = match["word"] in keywords().values()
        if of_language and _NUMBER.search(text[max(0, match.start() - 20) : match.start()]):
            continue
        following = _NEXT.match(text, match.end())
        for number in (3, 2, 1) if following else ():
            if following is not None and following[number] is not None:
                end = following.end(number)
                name = re.sub(r"[ \t-]+", "_", text[match.start() : end]).lower()
                for known in (name, *([] if of_language else [name.removesuffix("s"), name.replace("_", "")])):
                    if known in names and end >= match.end():
                        yield match.start(), end, known


def of_capitals(word: str, known: Known, of_text: bool) -> str | None:
    """A word in capitals as it is known: a name in small letters, a text in quotation marks, or `yes`. What a fact
    `of_text` is compared with is a text."""
    if of_text:
        return f'"{word}"'
    if word.lower() in known.names:
        return word.lower()
    if (near := did_you_mean(word.lower(), known.names)) is not None:
        return near.meant
    return (
        f'"{word}"' if f'"{word}"' in known.texts else {"Y": "yes", "N": "no", "TRUE": "yes", "FALSE": "no"}.get(word)
    )
