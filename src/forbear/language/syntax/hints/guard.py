"""The rule that every help keeps: what it offers, put in place, is read further than before, and it keeps the numbers,
the units, the direction and the negation of what it replaces. A help that does not is not given."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal

from forbear.base.source import Span
from forbear.language.syntax.contextual import TERMINALS
from forbear.language.syntax.grammar import Stop, keywords, stop
from forbear.language.syntax.hints.forms import (
    COMPARED,
    CURRENCIES,
    NUMBER_IN_WORDS,
    NUMBERS,
    SCALED,
    SCALES,
    TIMED,
    UNIT_NAME,
    WEEKDAYS,
    sign_of,
    zeros_of,
)
from forbear.language.syntax.hints.hint import KEYWORD, LITERAL, NAME, OF_SENTENCES, STRING
from forbear.language.syntax.hints.known import Known
from forbear.language.syntax.literals import Broken

Edits = Sequence[tuple[Span, str]]
"""The pieces of a text that are replaced, and what by."""
Mended = Callable[[str, Stop, bool, Sequence[int]], bool]


def holds(broken: Broken, text: str, at: int, ends: Sequence[int], known: Known, mended: Mended) -> bool:
    """Returns true if a help keeps the rule, for a text in which the parser stopped at `at`, and statements ended at
    `ends`. `known` are the names of the text.

    `mended` says whether a hint mends the next mistake or, if that is `beyond` the replacement, is about it.
    """
    return all(
        _reads_on(text, edits, at, ends, known, mended) and _keeps(text, broken, edits, known)
        for edits in offers(broken, text)
    )


_BEFORE_THEN = re.compile(r"write `([^`]+)` before `then`")
_THEN = re.compile(r"\bthen\b")


def offers(broken: Broken, text: str) -> Iterator[Edits]:
    """Yields the edits that a help offers."""
    mistake = broken.mistake
    if (moved := _BEFORE_THEN.search(mistake.help)) is not None:
        then = list(_THEN.finditer(text, max(0, mistake.span[0] - 500), mistake.span[0]))
        if then and "CONDITION" not in moved[1]:
            yield [((then[-1].start(),) * 2, f"{moved[1]} "), (mistake.span, "")]
        return
    for offer in mistake.choices if mistake.instead is None else (mistake.instead,):
        yield [(mistake.span, offer)]


def _reads_on(text: str, edits: Edits, at: int, ends: Sequence[int], known: Known, mended: Mended) -> bool:
    """Returns true if the parser reads on after the replacement, and after the token where it stopped. If it stops
    there again, or right after, another hint must be about that.
    """
    first, last = edits[0][0][0], edits[-1][0][1]
    offer = edits[-1][1]
    unit = (_SCALE if offer.isdigit() else _UNIT).match(text, last) if offer[-1:].isdigit() else None
    if _WITHIN_NUMBER.match(text, last - 1) or (unit and not known.may_be(unit[1]) and unit[1] not in _NO_NAMES):
        return False
    begins = [end for end in ends if end <= min(first, at)] or [first]
    line_end = text.find("\n", last)
    texts = _TEXT_OR_COMMENT.finditer(text, begins[-2:][0], line_end if line_end >= 0 else len(text))
    if any(one.start() < place < one.end() for one in texts for place in (first, last)):
        return False  # an author's own words are no mistake
    put = text
    for (start, end), one in reversed(edits):
        put = put[:start] + one + put[end:]
    further = len(put) - len(text)
    stopped = stop(put, begins[-2:][0], max(at, last) + further)
    if stopped is None:
        return True
    name = _LAST_WORD.search(text, first, last)
    cuts = name is not None and name[0] in offer and name[0] not in keywords().values()
    if stopped.place < at + further or (stopped.begins and cuts and stopped.token not in _NO_NAMES):
        return False
    if stopped.token.type == "$END" and at == len(text):
        return True
    beyond = stopped.place >= last + further
    between = put[last + further : stopped.place].strip()
    may_cut = _LAST_WORD.fullmatch(offer) and offer not in keywords().values() and not between
    unknown = any(not known.may_be(one["name"]) for one in _COMPARISON.finditer(offer))
    joins = bool(between) or not unknown or stopped.token.type == "$END"
    if beyond and joins and stopped.place > at + further and not may_cut:
        return True
    if text[first:last].lower() == offer and stopped.place == at + further:
        return False
    return mended(put, stopped, bool(beyond and first < last and not may_cut), begins)


_TEXT_OR_COMMENT = re.compile(rf"{STRING}|#[^\r\n]*")
_WITHIN_NUMBER = re.compile(r"[0-9](?:[.,](?=[0-9])|[0-9])")
_UNIT = re.compile(
    rf"[ \t]*((?={UNIT_NAME})\w+|%|(?:{'|'.join(CURRENCIES)}|Rs)\b|(?!{KEYWORD})(?:{NAME}|[^\x00-\x7f]))"
)
_SCALE = re.compile(rf"[ \t]*({SCALED})")
_QUANTITY = re.compile(rf"{UNIT_NAME}|{COMPARED}|half|units|[dhwx](?:_.*)?")
_LAST_WORD = re.compile(rf"\b{NAME}\Z")
_NO_NAMES = OF_SENTENCES | {*TERMINALS.values(), "times", "time"}
_NEVER_NAMED = (OF_SENTENCES | {*SCALES, "times"}) - {*keywords().values(), "by", "first", "least"}


_SIGN = re.compile(rf"<>|=<|=>|(?<![\w-])(?<!the )(?:{COMPARED}|{TIMED})(?![\w-])|[<>]=?|[≥≤]", re.IGNORECASE)
_NEGATION = re.compile(
    r"(?<![\w-])(?:not?|never|none|nobody|nothing|neither|without|except|excluding|unless|save|outside|other|unknown|unsaid"
    r"|weekdays|(?<=thing )but|(?<=all )but|forbid\w*|prohibit\w*|cannot|ban(?:ned)?|den(?:y|ied)|block|stop|refuse"
    r"|disallow|false|\An\Z)(?![\w-])|n['\u2019]t\b|!=?|≠|<>|(?<![0-9])/=",
    re.IGNORECASE,
)
_SAME_SENSE = re.compile(
    r"yes(?:_|\s*(?:/|or|,)\s*)no(?:/unknown)?|hour of (?:the )?day|days? of (?:the )?week", re.IGNORECASE
)
_UNITS = [
    re.compile(unit, re.IGNORECASE)
    for unit in (r"\bho?u?rs?\b|[0-9]:[0-9]", r"\bmin(?:ute)?s?\b|[0-9]:[0-9]", "month", r"%|per\s?cent")
]
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = re.compile(
    rf"(?:(?<=[0-9] )|\b(?=[a-z]*[. ]*[0-9]))({'|'.join(_MONTHS)})(?:uary|ruary|ch|il|e|y|ust|t?ember|ober|t)?\b"
)
_IN_WORDS: Mapping[str, int] = {"half": 50, "halved": 50, "twice": 200, "double": 200, "week": 7, "noon": 12, **NUMBERS}
_IN_WORD = re.compile(rf"\b({'|'.join(_IN_WORDS)})s?\b")
_WORD = re.compile(r"(?<!\w)[a-z]+(?!\w)")
_TEXT = re.compile(r"\"[^\"]*\"")
_MULTIPLE = re.compile(rf"(?<![\w.])(?:[0-9]+(?:[.][0-9]+)?|{NUMBER_IN_WORDS}){SCALED}")
_FULL_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _numbers(text: str) -> set[Decimal]:
    """The numbers of a text, however they are written."""
    text = unicodedata.normalize("NFKC", text).lower().replace("us_2026", "")
    text = re.sub(r"([0-9]+)[./]([0-9]+)[./]([0-9]+)", r"\1 \2 \3", text)  # a date
    text = re.sub(r"(?<=[0-9])[_,'\u2019 ](?=[0-9]{3}(?![0-9]))|(?<=[0-9])[.](?=[0-9]{3},)", "", text)
    text = re.sub(r"(?<=[0-9])[,_](?=[0-9])", ".", text)
    text = _MULTIPLE.sub(lambda found: zeros_of(found[0]) or found[0], text).replace("_", "")
    months = [Decimal(_MONTHS.index(month) + 1) for month in _MONTH.findall(text)]
    text = re.sub(r"(?<![\w.])(?=[.][0-9])", "0", text)
    thousands = [Decimal(found.replace(".", "")) for found in re.findall(r"\b[0-9]{1,3}(?:[.][0-9]{3})+\b", text)]
    return {*months, *thousands, *(Decimal(digits) for digits in re.findall(r"[0-9]+(?:[.][0-9]+)?", text))}


def _derived(number: Decimal) -> set[Decimal]:
    """Returns the numbers that a help may make of a number: the next, weeks in days, an hour in the evening, a part in
    per cent, a unit.
    """
    others = [
        number.scaleb(-2),
        number.scaleb(2),
        number + 1,
        number - 1,
        number * 7,
        number + 12,
        number % 12,
        number / 24,
        100 - number,
        100 / (number or Decimal(1)),
    ]
    return {number, Decimal(1).scaleb(-min(int(number), 9)), *others}


def _keeps(text: str, broken: Broken, edits: Edits, known: Known) -> bool:
    """Returns true if a replacement keeps the sense of the text that it replaces."""
    help = broken.mistake.help
    written = _SAME_SENSE.sub("", " ".join(text[slice(*span)] for span, _ in edits))
    offered = _SAME_SENSE.sub("", " ".join(offer for _, offer in edits))
    if re.fullmatch(NAME, offered) and re.sub(r"[-_\s]", "", written) == offered.replace("_", ""):
        return True  # the same name, in one word
    names = [name for name in re.findall(NAME, offered) if name not in written]
    words = [*_WORD.findall(_TEXT.sub("", offered)), *[part for name in names for part in name.split("_")]]
    compared = [found["name"] for found in _COMPARISON.finditer(offered) if _QUANTITY.fullmatch(found["name"])]
    if not (_NEVER_NAMED - known.names).isdisjoint(words) or not all(map(known.may_be, compared)):
        return False
    own = known.own - {*keywords().values()} - OF_SENTENCES
    if any(name in own and name not in f"{offered} {help}" for name in re.findall(rf"(?<!\w)(?<!has ){NAME}", written)):
        return False
    place = edits[-1][0][0]
    fact = [name for name in text[:place].split()[-1:] if known.types.get(name, _COINED.get(name)) in _NO_NUMBER]
    fact = fact if re.match(r"between\b|from\b|[<>=]", offered) else []
    if not _names_what_it_may(written, " ".join([*fact, offered]), known) or not _same_units(
        written, offered, help, known
    ):
        return False
    there, kept = _numbers(written), _numbers(f"{offered} `{help}")
    if any(number and not _derived(number) & kept for number in there):
        return False
    there |= {Decimal(_IN_WORDS[word]) for word in _IN_WORD.findall(written.lower())} | {Decimal(1)}
    if _FULL_DATE.search(offered):
        there |= {Decimal(day) for day in (12, 28, 29, 30, 31)}
    if not _numbers(offered) <= {one for number in there for one in _derived(number)}:
        return False
    if "limit" in offered:
        return True
    if not offered.isdigit() and any(unit.search(written) and not unit.search(f"{offered} {help}") for unit in _UNITS):
        return False
    if broken.mistake.instead is None:
        return True
    signs, others = _signs(written), _signs(offered)
    is_word = broken.meant is None or written in OF_SENTENCES or written in keywords().values()
    if is_word and (signs or not others) and _denied(written) != _denied(offered):
        return False
    return not any(others.get(name, sign) != sign for name, sign in signs.items())


_COMPARISON = re.compile(
    rf"(?<![\w.])(?P<name>{NAME})\s*(?:(?P<less>[<>]=?)|=|!=|(?=\b(?:between|from)\s)|\bis\s+(?:not\s+)?(?:one\s+of\s+(?P<one>{NAME})\Z|(?=between))?)\s*"
    rf"(?:(?:between|from)\s+)?(?P<value>{LITERAL}|today\b)?(?:\s+and\s+(?P<high>{LITERAL})(?!\s*[<>=]))?"
)
_WHOLE = re.compile(rf"% of ({NAME})")
_NEVER_COMPARED = frozenset(["action", "group", "event", "calendar"])
_NO_NUMBER = frozenset(["yes/no", "any", "text", "define", "holiday", "weekday"])
_COINED = {"working_day": "yes/no"}
"""Names that messages have declared."""
_KINDS = {"date": "[0-9]{4}-.*", "time": "[0-9]+:.*", "money": "[A-Z]{3} .*|[0-9.,_]+%?"}
_PEOPLE = frozenset("account borrower client consumer customer debtor they".split())  # noqa: SIM905


def _names_what_it_may(written: str, offered: str, known: Known) -> bool:
    """Returns true if a replacement makes no action of a word of prose, and compares facts alone, each with a value of
    its type, and with no list of one value.
    """
    effect = re.match(rf"(?:never|forbid|allow|require|limit) (?P<action>{NAME})", offered)
    if effect is not None and "*" not in known.names and re.match(r"never|forbid|allow|require|limit", written) is None:
        action = effect["action"]
        if action != "everything" and not known.is_action(action):
            return False
    if any(known.types.get(whole, "money") in _NO_NUMBER | _NEVER_COMPARED for whole in _WHOLE.findall(offered)):
        return False
    for found in _COMPARISON.finditer(offered):
        of_name, value = known.types.get(found["name"], _COINED.get(found["name"], "")).split(" ")[0], found["value"]
        if (
            of_name in _NEVER_COMPARED
            or found["one"]
            or (of_name in _NO_NUMBER - {"weekday"} and (found["less"] or re.search(r"\s(?:between|from)\s", found[0])))
        ):
            return False
        if not of_name and found["name"] in _PEOPLE:
            return False
        if of_name in _KINDS and any(
            one and one != "today" and not re.fullmatch(_KINDS[of_name], one) for one in (value, found["high"])
        ):
            return False
        if value == "today" and of_name not in ("date", "", "setting"):
            return False
    return True


_CODE = re.compile(r"\b[A-Z]{3}\b")
_WEEKDAY = re.compile(rf"\b({'|'.join(day[:3] for day in WEEKDAYS)})(?:[a-z]*day)?s?\b")
_WEEKEND = re.compile(r"\bweek(?:end|day)s?\b")
_TO = re.compile(r"\b(?:to|till|until|through|thru|between)\b|[-\u2013]")


def _same_units(written: str, offered: str, help: str, known: Known) -> bool:
    """Returns true if a replacement has the currencies, the days of the week and the dates of the text that it
    replaces. A currency may be written as its sign or name, or not at all; days may be named from one to another.
    """
    codes, told = set(_CODE.findall(written)), set(_CODE.findall(offered))
    of_all = set(_CODE.findall(f"{offered} {help}"))
    if codes & CURRENCIES and told <= CURRENCIES and not (told <= codes <= of_all):
        return False
    days, named = set(_WEEKDAY.findall(written.lower())), set(_WEEKDAY.findall(offered))
    if days != named and not (_TO.search(written) if days else _WEEKEND.search(written)):
        return False
    there = [int(digits) for digits in re.findall("[0-9]+", written)]
    there += [_MONTHS.index(month) + 1 for month in _MONTH.findall(written.lower())]
    for found in _FULL_DATE.findall(offered):
        parts = [int(part) for part in found.split("-")]
        if any(parts.count(part) > there.count(part) for part in parts) and not _FIRST_OR_LAST.search(found):
            return False
    return True


_FIRST_OR_LAST = re.compile(r"-(?:01|28|29|30|31)\Z")


def _denied(text: str) -> bool:
    return len(_NEGATION.findall(_SIGN.sub(lambda found: "<>" if found[0] == "<>" else " ", text))) % 2 == 1


def _signs(text: str) -> Mapping[str, str]:
    """The directions of comparisons, each by the word before it."""
    found = [(text[: sign.start()].split()[-1:], _OTHER_SIGNS.get(sign[0], sign[0])) for sign in _SIGN.finditer(text)]
    signs = [("".join(before), sign_of(sign) or "") for before, sign in found if sign != "<>"]
    return {before: sign[0] for before, sign in signs if sign[:1] in ("<", ">")}


_OTHER_SIGNS = {"≥": ">=", "≤": "<=", "=>": ">=", "=<": "<="}
