"""Hints for words of a sentence that a rule says in another form: `but never`, `only with`, `excluding`, `as long as`.
They come before the search for misspelt words: `every` is no misspelt `never`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from forbear.syntax.hints.hint import BEGINS, DAYS, EFFECT, FREE_NAME, NAME, NUMBER, Hint, around, at

_LISTED = rf"{NAME}(?:\s*,\s*{NAME})*+"
_WHILE = r"where|provided(?:\s+that)?|as\s+long\s+as|given\s+that|in\s+case|only\s+if|whenever|while|assuming"
_BUT = r"except\s+for|excluding|but\s+not|other\s+than|apart\s+from|save\s+for|minus"


def _on_days(words: Mapping[str, str]) -> str:
    """`on day 3, 7 and 14` as a condition for each day."""
    days = " or ".join(f"on day {number}" for number in re.findall("[0-9]+", words["days"]))
    return f"write `({days})`"


HINTS = (
    # conditions
    *[
        Hint(
            around(rf"{BEGINS}(?P<mark>{word}\s+than\s+(?P<number>{NUMBER})\s+(?P<fact>{FREE_NAME}))"),
            "a comparison begins with its fact",
            f"write `{{fact}} {sign} {{number}}`",
            f"never sms when ⟨{word} than 3 unreachable⟩",
        )
        for word, sign in (("more", ">"), ("less", "<"), ("fewer", "<"))
    ],
    Hint(
        at("", rf"(?P<mark>{_WHILE})\b", "WHEN"),
        "a condition after its effect begins with `when`",
        "write `when`",
        "allow sms ⟨as long as⟩ deceased",
    ),
    Hint(
        at("", r"always\b", "WHEN -RULE"),
        "a condition after its effect begins with `when`",
        "write `when always`",
        "rule r: forbid sms ⟨always⟩",
    ),
    Hint(
        at(r"(?P<mark>\bexcept\s+)", r"(?:on|after|before|within|from|during|between)\b", "EVERYTHING"),
        "`except` leaves out actions, and `unless` says under which condition a rule does not hold",
        "write `unless`",
        "never phone_call ⟨except⟩ on day 3",
    ),
    Hint(
        around(r"(?P<mark>\bon\s+days?\s+(?P<days>[0-9]+(?:\s*,\s*[0-9]+)*(?:\s*,?\s*(?:and|or)\s+[0-9]+)))(?![\w.])"),
        "each day is a condition of its own",
        _on_days,
        "rule r: ⟨on day 3, 7 and 14⟩ then allow sms",
    ),
    Hint(
        around(rf"(?P<mark>\b(?:in|during|for|within)\s+the\s+first\s+(?P<number>{NUMBER})\s+{DAYS})"),
        "the days up to one are written with `within`, or with `before`",
        "write `within {number} days`, which holds on day {number} too, or `before day {number}`, which does not",
        "rule r: ⟨during the first 30 days⟩ then allow sms",
    ),
    Hint(
        around(r"(?P<mark>\b(?P<word>after|within)\s+(?:a|one)\s+week)\b"),
        "`{word}` counts days",
        "write `{word} 7 days`",
        "⟨after a week⟩ then allow sms",
    ),
    Hint(
        at("", r"(?P<mark>days\s+(?:overdue|past\s+due|late))\b", "AFTER -EVER"),
        "a name is one word",
        "write `days_overdue`, if that is the fact",
        "never sms when ⟨days overdue⟩ > 3",
    ),
    # effects and actions
    Hint(
        around(rf"(?P<mark>\bbut\s+(?P<word>{EFFECT}))\b"),
        "effects are joined with `and`",
        "write `and {word}`",
        "after 30 days then allow sms ⟨but never⟩ letter",
    ),
    Hint(
        around(rf"\b{EFFECT}\s+{_LISTED}\s+(?P<mark>(?:{_BUT})\s+(?P<action>{NAME}))"),
        "what a list leaves out follows `except`",
        "write `except {action}`",
        "after 30 days then allow messages ⟨excluding email⟩",
    ),
    Hint(
        at(rf"\b{EFFECT}\s+", rf"(?P<mark>(?:all|any|every|each)\s+(?P<action>{NAME}))"),
        "a rule on an action holds each time",
        "write `{action}`",
        "allow ⟨all calls⟩ when deceased",
    ),
    Hint(
        at(rf"\b{EFFECT}\s+", r"\*"),
        "all actions together are `everything`",
        "write `everything`",
        "never ⟨*⟩ when deceased",
    ),
    Hint(
        around(r"(?P<mark>\bnothing\s+(?:is\s+)?(?:allowed|permitted))\b"),
        "a rule that does not allow has a word of its own",
        "write `forbid everything`, or `never everything`",
        "rule r: ⟨nothing allowed⟩ when deceased",
    ),
    *[
        Hint(
            around(rf"{BEGINS}(?P<mark>(?P<action>{FREE_NAME})\s+(?:is\s+|are\s+)?{said}\s+(?:allowed|permitted))\b"),
            "what a rule does comes before the action",
            f"write `{written}`",
            f"rule r: ⟨email {said} allowed⟩",
        )
        for said, written in (("never", "never {action}"), ("always", "allow {action} when always"))
    ],
    Hint(
        around(
            rf"{BEGINS}(?P<mark>(?P<action>{FREE_NAME})\s+(?:only\s+with|requires?|needs?|must\s+have)\s+(?P<companion>{FREE_NAME}))"
        ),
        "what goes along with an action, and what has to hold for it, are two things",
        "if `{companion}` is an action, write `require {companion} with {action}`; if it is a fact, write"
        " `forbid {action} when not {companion}`",
        "rule r: ⟨sms requires opt_out_notice⟩",
    ),
    Hint(
        around(
            rf"(?P<mark>\brequire\s+(?P<event>{NAME})\s+(?P<number>{NUMBER})\s+days?\s+before\s+(?P<action>{NAME}))"
        ),
        "`require` says what has to be done, and not what comes before what",
        "write `forbid {action} when not {event}_before`, and declare {uses}`event {event}_done` and"
        " `fact {event}_before any {event}_done at least {number} days ago`",
        "rule r: ⟨require letter 14 days before visit⟩",
    ),
    # statements
    Hint(
        at(rf"(?:\A|\n)(?P<mark>(?P<name>{FREE_NAME})\s*)", r"(?P<mark>:)", "THEN"),
        "the name of a rule follows `rule`",
        "write `rule {name}:`",
        "⟨remind:⟩ never sms",
    ),
    Hint(
        at("", r"(?P<mark>,)\s*(?P<word>overrides|because|unless|source)\b", "AND -COMMA"),
        "no comma goes before `{word}`",
        "leave it out",
        'rule r: allow visit when deceased⟨,⟩ because "x"',
    ),
    Hint(
        at(r"\bensure\s+", rf"(?P<mark>(?:never|forbid)\s+(?P<action>{NAME}))"),
        "an `ensure` has the action first",
        "write `{action} not allowed`, or `{action} forbidden` if a rule has to forbid it",
        "ensure ⟨never sms⟩ when deceased",
    ),
    Hint(
        at("", r"(?P<mark>(?:is|are)\s+never\s+(?:allowed|permitted))\b", "ALLOWED"),
        "an expectation has no `is`",
        "write `not allowed`",
        "ensure sms ⟨is never allowed⟩",
    ),
)
