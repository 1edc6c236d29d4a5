"""A hint: the message and help for a typical mistake of authors, as a row of a table.

A mistake is recognised by the text before and after the place where the parser stopped, or by a phrase around it, and
by what would have fitted there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import cache, lru_cache
from itertools import takewhile

from attrs import frozen

from forbear.base.source import Span
from forbear.language.syntax.contextual import TERMINALS
from forbear.language.syntax.grammar import declaring, effect_words, goes_on, keywords, only_beginning, types
from forbear.language.syntax.hints.forms import FORMS, SCALES
from forbear.language.syntax.hints.known import NAME as NAME
from forbear.language.syntax.hints.known import Known, of_capitals
from forbear.language.syntax.hints.needed import Needed, has_all, needed

_CONTEXT = 250
"""The number of characters before and after the place that are searched."""
_SHORT_TIME = re.compile(r"[0-9](?::[0-9]{2}){1,2}")
"""A time of day that lacks a digit in the language: a help has it as `09:00`."""
OF_SENTENCES = frozenset(
    """
    about all already also an and any anyone anything are as at be been being but by called can cannot could
    despite did do does during each earlier either else every everyone except first following for fewer had has
    have having he higher how if including instead into is it its last later least less longer lower max maximum
    isn may means meaning might min minimum more most must neither newer no nobody nor not note nothing
    notwithstanding now of off on once only onto or other otherwise outside over overriding own past per please prevails
    shall she should since so some start starting such takes than that the their them then there these they this
    those though through till to trumps under unless until upon upto upwards was we were what when where whether
    which while who whose will wins with within without would yet you
    """.split()  # noqa: SIM905
)
"""Words that are not names of facts, values or actions, nor misspelt words of the language."""
_COUNTING = re.compile(
    r"^fact[ ]([a-z0-9_]+)[ ]count(?:[ ]of\b[^#\"]*?\b(?:in\s+last\s+([0-9]+\s+[a-z]+)|this\s+(week|month))\b)?",
    re.MULTILINE,
)
_COUNTED_IN = re.compile(r"_([0-9]+)_days|_(today|this_week|this_month)")
_OF_WEEK = {"week": "7 days", "month": "1 month"}
_OF_WEEK |= {"60 minutes": "1 hour", "this_week": "7 days", "this_month": "1 month", "today": "1 day"}
_COMPARED_FACT = re.compile(rf"\b({NAME})\s+is\s+(?:not\s+)?(?:one\s+of\s+(?:[^\s,]+\s*,\s*)*)?\Z")
_NAMED_RULE = re.compile(r"^rule[ ]([a-z0-9_]+)", re.MULTILINE)
_WORKED = re.compile(r"^fact[ ]([a-z0-9_]+)[ ]working[ ]day[ ]of\b", re.MULTILINE)
_RULE = re.compile(r"^rule[ ](?P<name>[a-z0-9_]+):[ ][^\n#]*\b(?:then|when)\b[^\n#]*$", re.MULTILINE)
_JOINING = OF_SENTENCES | {"after", "before", "between", "from", "then", "source", *effect_words()}
_EFFECT_WRITTEN = re.compile(rf"write `(limit|{'|'.join(effect_words())})\b")
_NEGATION = re.compile(r"(?:\b(?:not|no|never|nor|neither|cannot)|n[o'\u2019]t)\s+\Z")
_PROMISE = re.compile(r"(?:\s|#[^\n]*)*(?:example|ensure)\b")
_OF_CALENDAR = (
    " with the calendar `us_2026` that `forbear calendar US --years 2026` writes; `US` is the code of a country"
)
"""The text about the calendar that a help names, if the file declares none."""
_CURRENCY = re.compile(r"\bcurrency\s+([A-Z]{3})\b")
_NEXT_WORD = re.compile(r"[ \t]+([A-Za-z]\w*)")
_MORE_WORDS = re.compile(rf"(?:[ \t]+(?!(?:{'|'.join(sorted(_JOINING))})\b)[a-z]\w*+){{1,2}}")
_NAMED = frozenset(["fact", "action", "value", "first", "second", "companion", "event", "late", "sent"])
"""The groups of patterns that hold what an author has named."""
_OF_WORDS = frozenset(["fact", "action", "companion", "event"])
"""Those whose name may be written as two words."""
_LOCAL = "; `local_time` is a fact of the standard vocabulary"
_WEEKDAY = "; a vocabulary of your own declares `fact weekday weekday of decision`"
_OWN_WORDS = re.compile(r"^\s*(?:uses|fact|action|vocabulary)\b", re.MULTILINE)
"""Statements that bring in or declare the words of a text."""


@frozen
class At:
    """A mistake recognised at a token: `before` matches up to the token that does not fit, `here` from it on.

    All terminals of `fits` would have fitted there, and none of `lacks`.
    """

    before: re.Pattern[str]
    here: re.Pattern[str]
    fits: frozenset[str]
    lacks: frozenset[str]

    def found(self, before: str, here: str) -> Sequence[tuple[re.Match[str], int]]:
        """Returns the matches of the two texts, each with the beginning of its text in both together; or nothing."""
        after = self.here.match(here)
        matched = after and self.before.search(before)
        return [(matched, 0), (after, len(before))] if after and matched else []


@frozen
class Around:
    """A mistake recognised by a phrase: `phrase` matches from before the token that does not fit on, to that token or
    to the blanks before it. So it does not matter at which of its words the parser stops.

    `needed` are literal texts without which it matches nothing: most phrases are not even searched for.
    """

    phrase: re.Pattern[str]
    needed: Needed
    fits: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()

    def found(self, before: str, here: str) -> Sequence[tuple[re.Match[str], int]]:
        """Returns the same as `At.found`."""
        text = before + here
        for match in self.phrase.finditer(text) if has_all(text, self.needed) else ():
            if match.start() <= len(before) and not before[match.end() :].strip():
                return [(match, 0)]
        return []


def at(before: str, here: str, fits: str = "") -> At:
    """`fits` holds terminals; one with a `-` before it must not fit."""
    return At(re.compile(rf"(?:{before})\Z"), re.compile(here), *_fitting(fits))


def _fitting(fits: str) -> tuple[frozenset[str], frozenset[str]]:
    words = fits.split()
    return (
        frozenset(word for word in words if word[0] != "-"),
        frozenset(word[1:] for word in words if word[0] == "-"),
    )


def around(phrase: str, fits: str = "") -> Around:
    """`fits` as in `at`."""
    return Around(re.compile(phrase), needed(phrase), *_fitting(fits))


@frozen(eq=False)
class Hint:
    """A typical mistake. The match of a group `mark` is underlined; if both patterns have one, from the beginning of
    the first to the end of the second; if none has, the token. Message and help may use the other groups, as they are,
    `{name}`, or in one of the `FORMS`: `{name_upper}`. A row is not used if the author's words do not have its form.
    `{uses}` brings the standard vocabulary in if the declaration that the help asks for would be the first of the text,
    so that the words of that vocabulary stay known.

    `example` is a text with the mistake, in which `⟨` and `⟩` enclose the underlined part.
    """

    at: At | Around
    message: str
    help: str | Callable[[Mapping[str, str]], str | None]
    """The text to write, or a function of the author's words that returns it, or None if they are not such a
    mistake.
    """
    example: str
    code: str = "syntax"
    exact: bool = True
    """Whether a help of the form "write `TEXT`" contains the replacement of the underlined text. One with a
    placeholder, such as `CONDITION` or `...`, does not.
    """
    more: tuple[str, ...] = ()
    """Further such texts, which the row covers too."""
    names: bool = False
    """Whether the underlined text is a name in all but its letters, so that the rest of the statement can be read."""


_WRITE = re.compile("write `([^`]*)`")
_EITHER = re.compile(r"(?:(?:\bwrite|\bor) `([^`]*)`)|; |, and (?:declare|end)\b|\bsuch as\b")
_LEFT_OUT = re.compile("leave (?:it|the `[^`]*`) out")
_PLACEHOLDER = re.compile(r"\.\.\.|\b(?:N|[A-Z]{4,})\b")
"""Placeholders for the author's words in a help. Capitals of three letters are a currency."""


@frozen
class Recognised:
    """A hint with the author's words in its texts; the span is None where only the token is underlined."""

    hint: Hint
    message: str
    help: str
    span: Span | None
    begin: int = 0
    """The beginning of the phrase by which it was recognised, which may be in the previous statement."""

    @property
    def instead(self) -> str | None:
        """Returns the replacement of the underlined text, if there is one."""
        help = self.hint.help if isinstance(self.hint.help, str) else self.help
        exact = self.hint.exact and not _PLACEHOLDER.search(help)
        command = _WRITE.fullmatch(self.help) if exact else None
        if _LEFT_OUT.fullmatch(self.help) and self.hint.exact:
            return ""
        return command[1] if command else None

    @property
    def choices(self) -> Sequence[str]:
        """Returns the other possible replacements, if the author must choose."""
        choices = list[str]()
        in_place = self.span and self.hint.exact and self.instead is None and "before `then`" not in self.help
        for found in _EITHER.finditer(self.help) if in_place else ():
            if found[1] is None:
                break
            choices += [] if _PLACEHOLDER.search(found[1]) else [found[1]]
        return choices


class Words(dict[str, str]):
    """The author's words by the names of groups; a form of one is made on request."""

    def __missing__(self, key: str) -> str:
        name, _, form = key.rpartition("_")
        text = FORMS[form](self[name])
        if text is None:
            raise _NoSuchForm
        return text


class _NoSuchForm(Exception):
    """The author's words do not have a form; never leaves this file."""


def recognised(
    hints: tuple[Hint, ...], text: str, at: int, fitting: Set[str], ends: Sequence[int], known: Known
) -> Iterator[Recognised]:
    """Yields the hints for a text in which the parser stopped at `at`, where the terminals `fitting` would have fitted,
    and earlier statements ended at `ends`. No hint makes a name of a word of sentences.
    """
    begin = max(0, at - _CONTEXT)
    before, here = text[begin:at], text[at : at + _CONTEXT]
    for hint in _where(hints, frozenset(fitting)):
        matches = [(match, begin + offset) for match, offset in hint.at.found(before, here)]
        if not matches or _names_a_word(matches, known):
            continue
        for found in (
            _worded(hint, matches, _words(matches), text, at, known),
            _with_whole_name(hint, matches, text, at, known),
        ):
            if found is None or (found.span and found.instead == " ".join(text[slice(*found.span)].split())):
                continue  # it is written so
            if not _denied(found, text, ends):
                yield found


def _worded(
    hint: Hint,
    matches: Sequence[tuple[re.Match[str], int]],
    words: dict[str, str],
    text: str,
    at: int,
    known: Known,
    more: int = 0,
) -> Recognised | None:
    """A hint with the author's words, whose underlining goes `more` characters further; None if they lack a form."""
    words["dates"] = " ".join(name for name, of_fact in known.types.items() if of_fact.startswith("date"))
    words["as"] = known.types.get(words.get("fact") or words.get("event") or words.get("rule") or "", "")
    words |= {
        f"of_{one}": known.types.get(words.get(one, ""), "")
        for one in ("unit", "known", "companion", "first", "second")
    }
    named = words.get("fact") or words.get("event") or ""
    words["since"] = next(
        (
            one
            for one in known.types
            if one in (f"days_since_{named}", f"days_since_last_{named}", f"since_{named}", f"since_last_{named}")
        ),
        "",
    )
    counts = [one for one, of in known.types.items() if of == "count" and named[:-1] and named.removesuffix("s") in one]
    words["count"] = counts[0] if len(counts) == 1 and named not in known.names else named
    calendar = next((name for name, word in known.types.items() if word == "calendar"), None)
    words["calendar"], words["of_calendar"] = calendar or "us_2026", "" if calendar else _OF_CALENDAR
    head = _CURRENCY.search(known.text)
    words["head"] = "" if head is None else head[1]
    words["counts"] = ";".join(
        f"{name} {_window_in(name)}" for name, of_fact in known.types.items() if of_fact == "count"
    )
    words["ages"] = " ".join(name for name, of_fact in known.types.items() if of_fact == "years")
    words["rules"] = " ".join(_NAMED_RULE.findall(known.text))
    words["worked"] = next(iter(_WORKED.findall(known.text)), "")
    for usual, of_fact, note in (("local_time", "time", _LOCAL), ("weekday", "weekday", _WEEKDAY)):
        own = [one for one, found in known.types.items() if found == of_fact]
        words[usual] = own[0] if len(own) == 1 and not known.may_be(usual) else usual
        words[f"of_{of_fact}"] = note if words[usual] == usual else ""
    words["contacts"] = "contact" if "contact" in known.types and "contact" not in known.own else ""
    words["heading"] = known.types.get(heading(text, at), "")
    words["uses"] = "" if _OWN_WORDS.search(known.text) else "`uses collections`, "
    words["counting"] = ";".join(
        f"{name} {_OF_WEEK.get(span or last, last) if last or span else _window_in(name)}"
        for name, last, span in _COUNTING.findall(known.text)
    )
    if isinstance(hint.help, str) and "{own}" in hint.help:
        words["own"] = own_rule(text, at)
    written = Words({name: f"0{word}" if _SHORT_TIME.fullmatch(word) else word for name, word in words.items()})
    try:
        message = hint.message.format_map(Words(words))
        help = hint.help.format_map(written) if isinstance(hint.help, str) else hint.help(written)
    except _NoSuchForm:
        return None
    if help is None:
        return None
    span = _marked(text, matches)
    if hint.help == CAPITALS[1]:
        place = span[0] if span else at
        compared = _COMPARED_FACT.search(text, max(0, place - _CONTEXT), place)
        of_text = compared is not None and known.types.get(compared[1]) == "text"
        name = of_capitals(words["word"], known, of_text)
        help = help if name is None else f"write `{name}`"
    starts = [] if span is None else [span[0]]
    if isinstance(hint.at, Around):
        starts += [offset + match.start() for match, offset in matches]
    return Recognised(hint, message, help, span and (span[0], span[1] + more), min(starts, default=at))


def _window_in(name: str) -> str:
    """Returns the window of a fact that counts, from its name: `..._in_30_days`, `..._today`."""
    found = _COUNTED_IN.search(name)
    return "" if found is None else f"{found[1]} days" if found[1] else _OF_WEEK[found[2]]


def _with_whole_name(
    hint: Hint, matches: Sequence[tuple[re.Match[str], int]], text: str, at: int, known: Known
) -> Recognised | None:
    """The same where the author's name has more words, as in `debt advice`: it is one name with `_` between them."""
    place = _marked(text, matches)
    more = _MORE_WORDS.match(text, place[1]) if place is not None else None
    if place is None or more is None:
        return None
    words = _words(matches)
    last = [
        name
        for match, offset in matches
        for name in _OF_WORDS & match.groupdict().keys()
        if match[name] is not None and offset + match.end(name) == place[1]
    ]
    if not last:
        return None
    for name in last:
        words[name] += "_" + "_".join(more[0].split())
    return _worded(hint, matches, words, text, at, known, len(more[0]))


def _denied(found: Recognised, text: str, ends: Sequence[int]) -> bool:
    """Returns true if a `not` before the underlined text would be left before an effect, or lost with it; or an effect
    written into an example.
    """
    written = _EFFECT_WRITTEN.search(found.help)
    if found.span is None or written is None:
        return False
    if _PROMISE.match(text, max([end for end in ends if end <= found.span[0]], default=0), found.span[0]):
        return True
    before = _NEGATION.search(text, max(0, found.span[0] - _CONTEXT), found.span[0])
    return before is not None and not before[0].startswith(written[1])


def own_rule(text: str, at: int) -> str:
    """Returns the name of a rule of the text that can be read, as an example; one that is not on the line at `at`."""
    for match in _RULE.finditer(text):
        if not match.start() <= at <= match.end() and goes_on(match[0], len(match[0])):
            return f"; the rule `{match['name']}` of this file is an example"
    return ""


def heading(text: str, at: int) -> str:
    """Returns the heading of the column of a table for a cell at `at`; empty outside a table."""
    lines = text[:at].split("\n")
    table = list(takewhile(lambda line: line.lstrip().startswith("|"), reversed(lines)))
    return dict(enumerate(table[-1].split("|") if table else ())).get(lines[-1].count("|"), "").strip()


def _names_a_word(matches: Sequence[tuple[re.Match[str], int]], known: Known) -> bool:
    return any(
        (name == "known" and text is not None and not known.may_be(text))
        or (name in _NAMED and text in OF_SENTENCES)
        or (name in _OF_WORDS and text in _certain_words())
        for match, _ in matches
        for name, text in match.groupdict().items()
    )


@cache
def _certain_words() -> frozenset[str]:
    """Returns the words of the language that are not a name anywhere."""
    return frozenset(word for terminal, word in keywords().items() if terminal not in TERMINALS)


def _words(matches: Sequence[tuple[re.Match[str], int]]) -> dict[str, str]:
    groups = [group for match, _ in matches for group in match.groupdict().items()]
    return {name: re.sub(r"\s+", " ", text) for name, text in groups if text is not None}


@lru_cache(maxsize=128)
def _where(hints: tuple[Hint, ...], fitting: frozenset[str]) -> Sequence[Hint]:
    """The hints for a place where these terminals would have fitted. Mistakes of many lines are often at the same."""
    return [hint for hint in hints if hint.at.fits <= fitting and not hint.at.lacks & fitting]


def _marked(text: str, matches: Sequence[tuple[re.Match[str], int]]) -> Span | None:
    """Returns the span from the first `mark` to the last, without blanks at the end; each match with the beginning of
    its text.
    """
    marks = [
        (offset + match.start("mark"), offset + match.end("mark"))
        for match, offset in matches
        if match.groupdict().get("mark") is not None
    ]
    if not marks:
        return None
    start, end = marks[0][0], marks[-1][1]
    return start, start + len(text[start:end].rstrip())


QUANTITIES = frozenset(["count", "days", "money", "months", "number", "percent", "years"])
"""The types of facts of which a part may be taken."""

# Patterns that several hints share

NUMBER = r"[0-9][0-9_]*(?:\.[0-9]+)?(?![\w.])"
DIGITS = r"[0-9][0-9_.]*"
STRING = r'"(?:[^"\\\n]++|\\[^\n])*+"'
TIME = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?"
KEYWORD = rf"(?:{'|'.join(sorted(set(keywords().values()), key=len, reverse=True))})\b"
FREE_NAME = rf"(?!{KEYWORD}|(?:if|no|than|until|at)\b){NAME}"
"""A name that is not a word of the language."""
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
LITERAL = rf"(?:{STRING}|{DATE}|{TIME}|(?:[A-Z]{{3}}\s+)?-?{DIGITS}%?)"
EFFECT = rf"(?:{'|'.join(effect_words())})"
STATEMENT = rf"(?:{'|'.join(only_beginning())})"
DECLARING = rf"(?:has|{'|'.join(declaring())})"
TYPE = rf"(?:{'|'.join(types())})"
EFFECTS = rf"\b{EFFECT}\s[a-z0-9_,\s]*?"
ACTIONS = rf"\b{EFFECT}\s(?:(?!(?:when|if|unless|then|{EFFECT}|{STATEMENT})\b)[a-z0-9_,\s])*?"
"""An effect up to its condition, if there is one."""
_LISTED = rf"{NAME}(?:\s*,\s*{NAME})*+"
_EFFECT = rf"\b{EFFECT}\s+{_LISTED}(?:\s+(?:except|with)\s+{_LISTED})*+"
AFTER_THEN = rf"\bthen\s+(?:{_EFFECT}\s+and\s+)*+{_EFFECT}\s+"
"""Effects after the condition of their rule."""
DUE = r"(?:the\s+)?due(?:\s+date)?"
AFTER_DUE = (
    r"(?:\s+(?:overdue|[Dd][Pp][Dd]|late|of\s+delay|delinquent|in\s+arrears"
    rf"|past(?:\s+{DUE})?|(?:after|following)\s+{DUE}))"
)
"""Words that make days those past due, which the clock counts anyway."""
WORD = rf"(?:{EFFECT}|if|when|unless|and|or|not|then)\b"
UNIT = r"(?:times?|years?|months?|weeks?|hours?|minutes?)\b"
DAYS = r"(?:days?)\b"
DAY = rf"-?{DIGITS}(?![\w:/-])"
NEXT = rf"(?:\Z|(?:{STATEMENT}|{EFFECT}|limit|because)\b)"
"""The text after a statement that ends too early."""


BEGINS = r"(?:\b(?:when|unless|and|or|not)\s+|[:(]\s*|\A|\n)"
"""The text before a condition."""


_MISPLACED = (
    rf"(?:(?:(?P<after_days>\bdays\s+)|(?P<after_then>{AFTER_THEN})|(?P<after_effect>{_EFFECT}\s+))(?<!\n)%s)"
    r"(?P<mark>(?(after_then)(?:(?:when|if)\s+)?)(?:%s))"
)
"""In column 1 a phrase begins a statement."""


def instead(phrase: str, message: str, condition: str, example: str, more: str = "", *others: str) -> Hint:
    """Returns a hint for a phrase used as a condition, wherever it is: where a condition fits, after the effects of a
    rule that begins with its condition, and after those of one that does not. `others` are phrases too.
    """
    at = around(_MISPLACED % (rf"|{BEGINS}", phrase))
    first, *rest = (f"rule r: ⟨{one}⟩ then allow sms" for one in (example, *others))
    return Hint(at, message, condition_help(condition, more), first, more=tuple(rest))


def condition_help(condition: str, more: str = "") -> Callable[[Mapping[str, str]], str]:
    def help(words: Mapping[str, str]) -> str:
        if "after_then" in words:
            return f"leave this out, and write `and {condition}` before `then`{more}".format_map(words)
        if "after_days" in words:
            return f"write `and {condition}`{more}".format_map(words)
        return f"write `{'when ' if 'after_effect' in words else ''}{condition}`{more}".format_map(words)

    return help


def without_unit(start: str, words: Mapping[str, str]) -> str | None:
    """A number without its unit, if its fact counts in that; another unit is not dropped."""
    number, unit, of_fact = words["number"], words["unit"], words["as"]
    if words["of_unit"] or unit in SCALES:
        return None
    start = start.format_map(words)
    if unit.startswith("week") and of_fact == "days":
        return f"write `{start}{words['number_weeks']}`"
    if unit.startswith({"": ("day", "time"), "count": ("time",)}.get(of_fact, (of_fact[:3],))):
        return f"write `{start}{number}`"
    return f"write all digits of the number, and no word behind it: it counts what `{words['fact']}` counts"


# What several rows say

ONLY_THESE = (
    "write `never everything except {0}{1}` if all others are forbidden then, or `allow {0}{1}` if these are permitted"
)

CAPITALS = (
    "`{word}` is no value as the language writes it",
    'a text is written in quotation marks: `"{word}"`; a name has small letters: `{word_lower}`',
)
