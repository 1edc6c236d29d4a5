"""The form of each statement, and which part of it somebody is writing: what editors call the help of a signature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from forbear.source import Span
from forbear.syntax.completing import words_before
from forbear.syntax.words import Word


@frozen
class Part:
    """A part of a form: its text, the words or terminals that begin it, and what it is for."""

    text: str
    begins: tuple[str, ...]
    says: str = ""


@frozen
class Form:
    """A form of a statement, with a statement of that form."""

    parts: tuple[Part, ...]
    example: str

    @property
    def text(self) -> str:
        return " ".join(part.text for part in self.parts)

    @property
    def spans(self) -> list[Span]:
        """Where in its text each part is."""
        spans, at = [], 0
        for part in self.parts:
            spans.append((at, at + len(part.text)))
            at += len(part.text) + 1
        return spans


@frozen
class Helped:
    """The forms of a statement, the number of the one that is being written, and that of the part of it."""

    forms: Sequence[Form]
    form: int
    part: int


def form_at(text: str, offset: int) -> Helped | None:
    """The forms of the statement in which an offset is; None between statements."""
    words = words_before(text, offset)
    if not words or "\n\n" in text[words[-1].span[1] : offset].replace("\r", ""):
        return None
    forms = FORMS.get(words[0].text, _BARE)
    reached = [_reached(form, words[1:]) for form in forms]
    best = max(range(len(forms)), key=lambda number: (reached[number][0], -number))
    return Helped(forms, best, reached[best][1])


def _reached(form: Form, words: Iterable[Word]) -> tuple[int, int]:
    """How many of the words are those of a form that begin its parts, and which part is being written."""
    begun, at = 1, 0
    for word in words:
        ahead = range(at, len(form.parts))
        begun_part = next((n for n in ahead if {word.text, word.kind} & set(form.parts[n].begins)), None)
        if begun_part is not None:
            begun, at = begun + 1, begun_part
    return begun, at


def _form(example: str, *parts: Part) -> Form:
    return Form(parts, example)


_CONDITION = "such as `after 60 days and unreachable >= 3`"
_ACTIONS = "actions and groups, with commas; `except` leaves some out"
_TITLE = Part('["TITLE"]', ("STRING",), "what the rule is about, in words")
_CLAUSES = (
    Part("[unless CONDITION]", ("unless",), "where the rule does not hold after all"),
    Part("[overrides RULES | overrides all]", ("overrides",), "rules that this one sets aside where both hold"),
    Part("[in force from DATE until DATE]", ("in",), "the days on which it is a rule, both included"),
    Part('[because "WHY"]', ("because",), "the reason, which a decision gives"),
    Part('[source "WHERE"]', ("source",), "where it is written, such as a section of a law"),
)
_THEN = Part("then allow | forbid | require ACTIONS", ("then",), f"what follows; {_ACTIONS}")
_WHEN = Part("when CONDITION", ("when",), _CONDITION)
_EFFECTS = (":", "allow", "forbid", "require")
_HEAD_CLAUSES = (
    Part('["TITLE"]', ("STRING",), "what it is, in words"),
    Part('[version "VERSION"]', ("version",), "which version it is"),
    Part('[source "WHERE"]', ("source",), "where it is written"),
    Part("[currency CNY]", ("currency",), "the currency of sums"),
    Part("[in force from DATE until DATE]", ("in",), "the days on which it is in force, both included"),
    Part("[applies when CONDITION]", ("applies",), "the cases for which its rules hold at all"),
    Part('[subject to "STANDARD"]', ("subject",), "the standards that are over it"),
    Part('[omits "WHAT"]', ("omits",), "what it does not say"),
)
_BARE = (
    _form(
        "after 9 days then allow sms",
        Part("CONDITION", (), _CONDITION),
        _THEN,
        *_CLAUSES,
    ),
)
FORMS: Mapping[str, Sequence[Form]] = {
    "rule": (
        _form(
            'rule ask "A": after 9 days then allow sms unless days_overdue = 3 because "so"',
            Part("rule NAME", ()),
            _TITLE,
            Part(": CONDITION", (":",), _CONDITION),
            _THEN,
            *_CLAUSES,
        ),
        _form(
            "rule ask: allow sms when after 9 days",
            Part("rule NAME", ()),
            _TITLE,
            Part(": allow | forbid | require ACTIONS", _EFFECTS, _ACTIONS),
            _WHEN,
            *_CLAUSES,
        ),
        _form(
            "rule ask: never sms when after 9 days",
            Part("rule NAME", ()),
            _TITLE,
            Part(": never ACTIONS", (":", "never"), f"nothing overrides it; {_ACTIONS}"),
            Part("[when CONDITION]", ("when",), _CONDITION),
            *_CLAUSES,
        ),
        _form(
            "rule ask: limit sms to 3 by unreachable",
            Part("rule NAME", ()),
            _TITLE,
            Part(": limit ACTIONS", (":", "limit"), _ACTIONS),
            Part("to NUMBER", ("to",), "from so many on, never"),
            Part("by FACT", ("by",), "the fact that counts them"),
            Part("[when CONDITION]", ("when",), _CONDITION),
            *_CLAUSES,
        ),
    ),
    "table": (
        _form(
            "table t\n  | days_overdue | sms |\n  | over 9 | allow |\n",
            Part("table NAME", ()),
            Part('["TITLE"]', ("STRING",), "what the table is about"),
            Part("| HEADINGS |", ("BAR", "ROW", "|"), "facts, then actions; a row a line, `any` where a fact is free"),
            Part("[complete, no overlap]", ("complete", "no"), "what is proved of its rows"),
            Part("[when CONDITION]", ("when",), "where its rows count"),
            *_CLAUSES,
        ),
    ),
    "example": (
        _form(
            'example "x": given days_overdue 14 on 2026-03-01 expect sms allowed',
            Part('example "TITLE":', ()),
            Part("given FACT VALUE, …", ("given",), "the case; what is left out is as usual"),
            Part("[on DATE]", ("on",), "the day of the decision"),
            Part(
                "expect ACTIONS allowed | not allowed | forbidden | required | unsaid, …",
                ("expect",),
                "what the policy has to say",
            ),
        ),
    ),
    "ensure": (
        _form(
            "ensure sms not allowed when within 9 days",
            Part("ensure [any of] ACTIONS", (), f"{_ACTIONS}; with `any of`, one of them is enough"),
            Part(
                "allowed | not allowed | forbidden | required | unsaid",
                ("not", "allowed", "forbidden", "required", "unsaid"),
                "what is proved for all cases",
            ),
            Part("[when CONDITION]", ("when",), _CONDITION),
            Part("[on DATE]", ("on",), "the day"),
        ),
        _form(
            'ensure conforms to "pack:regulation/us-reg-f"',
            Part("ensure conforms", ("conforms",)),
            Part('to "STANDARD"', ("to",), "a file or a pack whose bounds are kept"),
        ),
    ),
    "accept": (
        _form(
            'accept hole of sms when within 9 days because "so" until 2027-01-01',
            Part("accept CODE", (), "the code of a finding, such as `hole`"),
            Part("of NAMES", ("of",), "those that the finding shows"),
            Part("[when CONDITION]", ("when",), "in which cases"),
            Part('because "WHY"', ("because",), "why it may stay"),
            Part("[until DATE]", ("until",), "the last day on which it is accepted"),
        ),
    ),
    "fact": (
        _form(
            'fact score count between 0 and 100 optional usually 3 "A score"',
            Part("fact NAME", ()),
            Part(
                "days | count | number | percent | money | date | time | text | yes/no | one of VALUES",
                ("days", "count", "number", "percent", "money", "date", "time", "text", "yes/no", "one"),
                "its type; values after `one of` with `,`, or with `<` where they are ordered",
            ),
            Part("[between LOW and HIGH]", ("between",), "its range, both included"),
            Part("[in steps of VALUE]", ("in",), "its steps"),
            Part("[clock]", ("clock",), "it is the days past due"),
            Part("[optional]", ("optional",), "it may be unknown"),
            Part("[or none]", ("or",), "there may be none"),
            Part("[private]", ("private",), "its values are never shown"),
            Part("[usually VALUE]", ("usually",), "what an example takes that leaves it out"),
            Part('["DESCRIPTION"]', ("STRING",)),
        ),
        _form(
            "fact calls count of contact where medium is phone_call in last 7 days",
            Part("fact NAME", ()),
            Part("count | any of EVENT", ("any", "of"), "the events that are counted"),
            Part("[where CONDITION]", ("where",), "which of them"),
            Part("in last NUMBER days | this week | ever", ("in", "this", "ever"), "the time in which they count"),
        ),
    ),
    "event": (
        _form(
            'event visit "A visit" has outcome one of met, missed has fee money CNY',
            Part("event NAME", ()),
            Part('["DESCRIPTION"]', ("STRING",)),
            Part("has NAME TYPE …", ("has",), "an attribute, declared as a fact is"),
        ),
    ),
    "action": (
        _form('action call, visit "In person"', Part("action NAMES", ()), Part('["DESCRIPTION"]', ("STRING",))),
    ),
    "group": (
        _form(
            "group others is sms, email",
            Part("group NAME", ()),
            Part("is | also ACTIONS", ("is", "also"), f"`also` adds to a group of the vocabulary; {_ACTIONS}"),
        ),
    ),
    "ladder": (
        _form(
            "ladder pressure: sms, phone_call, visit rising with days_overdue",
            Part("ladder NAME:", ()),
            Part("ACTIONS", (":",), "from the mildest to the harshest"),
            Part("[rising with FACTS]", ("rising",), "facts with which pressure rises"),
        ),
    ),
    "define": (
        _form(
            "define late is after 9 days",
            Part("define NAME", ()),
            Part("is CONDITION", ("is",), _CONDITION),
            Part('["DESCRIPTION"]', ("STRING",)),
        ),
    ),
    "setting": (
        _form(
            'setting late is 9 "Days"',
            Part("setting NAME", ()),
            Part("[open]", ("open",), "left to the policies under a standard"),
            Part("is VALUE", ("is",), "a number, sum, date, time or text"),
            Part('["DESCRIPTION"]', ("STRING",)),
        ),
    ),
    "calendar": (
        _form(
            'calendar cn "The State Council" covers 2026-01-01 to 2026-12-31 weekend saturday, sunday',
            Part("calendar NAME", ()),
            Part('["SOURCE"]', ("STRING",)),
            Part("covers DATE to DATE", ("covers",), "the days that it knows"),
            Part("[weekend WEEKDAYS]", ("weekend",)),
            Part("[holidays DATES]", ("holidays",), "days, or `DATE to DATE`"),
            Part("[working DATES]", ("working",), "days of the weekend on which people work"),
        ),
    ),
    "suspend": (
        _form(
            "suspend sms from 2026-01-01 until 2026-02-01",
            Part("suspend ACTIONS", (), _ACTIONS),
            Part("from DATE", ("from",), "the first day"),
            Part("[until DATE]", ("until",), "the last day"),
        ),
    ),
    "uses": (
        _form(
            "uses collections",
            Part('uses "PATH" | PACK', (), "a rule file beside this one, or a pack; several with commas"),
            Part('[pinned "sha256:…"]', ("pinned",), "the digest that it must have"),
        ),
    ),
    "policy": (_form('policy house "A house" version "1"', Part("policy NAME", ()), *_HEAD_CLAUSES),),
    "standard": (_form('standard law "A law" version "1"', Part("standard NAME", ()), *_HEAD_CLAUSES),),
    "vocabulary": (_form('vocabulary words "Words" version "1"', Part("vocabulary NAME", ()), *_HEAD_CLAUSES[:4]),),
}
"""By the word with which a statement begins."""
