"""Slips that authors will make, each with a message and a help line of its own.

A slip is known by the text before and behind the place where the parser stopped, and by what would have fitted there.
The first row that matches is told, so that a narrow one stands before a wide one.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Slip(NamedTuple):
    """`before` must match up to the token that does not fit, `here` from it on.

    All terminals of `fits` would have fitted there, and none of `lacks`. What a group `mark` matches is underlined, in
    both patterns together from the one to the other; else it is the token. The texts may speak of the other groups:
    `{name}`, or `{name_upper}`, `{name_lower}` and `{name_joined}` (without hyphens or spaces).
    """

    before: re.Pattern[str]
    here: re.Pattern[str]
    message: str
    help: str
    fits: frozenset[str]
    lacks: frozenset[str]
    code: str


def _slip(before: str, here: str, message: str, help: str, fits: str = "", code: str = "syntax") -> Slip:
    """`fits` holds terminals; one with a `-` before it must not fit."""
    words = fits.split()
    return Slip(
        re.compile(rf"(?:{before})\Z"),
        re.compile(here),
        message,
        help,
        frozenset(word for word in words if word[0] != "-"),
        frozenset(word[1:] for word in words if word[0] == "-"),
        code,
    )


_NUMBER = r"[0-9][0-9_]*(?:\.[0-9]+)?(?![\w.])"
_DIGITS = r"[0-9][0-9_.]*"
_NAME = r"[a-z][a-z0-9_]*"
_STRING = r'"(?:[^"\\\n]|\\[^\n])*"'
_TIME = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_LITERAL = rf"(?:{_STRING}|{_DATE}|{_TIME}|(?:[A-Z]{{3}}\s+)?-?{_DIGITS}%?)"
_EFFECT = r"(?:allow|forbid|require|never)"
_EFFECTS = rf"\b{_EFFECT}\s[a-z0-9_,\s]*?"
_WORD = rf"(?:{_EFFECT}|if|when|unless|and|or|not|then)\b"
_UNIT = r"(?:times?|years?|months?|weeks?|hours?|minutes?)\b"
_DAYS = r"(?:days?)\b"
_DAY = rf"-?{_DIGITS}(?![\w:/-])"
_COMMA_IN_NUMBER = ("a comma inside a number", "write `1000` or `1_000`, and `12.50` with a point")
_DATE_FORM = ("a date has one form here", "write a date as `2015-09-21`: the year, the month, the day")
_CAPITALS = (
    "`{word}` is no value as the language writes it",
    'a text stands in quotation marks: `"{word}"`; a name has small letters: `{word_lower}`',
)
_NO_UNIT = "a number stands without its unit"

SLIPS = (
    # numbers, dates and times
    _slip(_DIGITS, r",\s?[0-9]", *_COMMA_IN_NUMBER),
    _slip(rf"{_DIGITS},", _DIGITS, *_COMMA_IN_NUMBER),
    _slip("", r"[A-Z]{3}[0-9]+,[0-9]", *_COMMA_IN_NUMBER),
    _slip("", r"(?P<mark>[0-9]{1,4}([./])[0-9]{1,2}\2[0-9]{1,4})\b", *_DATE_FORM, code="bad-literal"),
    _slip(r"(?P<mark>[0-9]{1,4}\s*)", r"(?P<mark>/\s*[0-9]{1,2}\s*/\s*[0-9]{1,4})\b", *_DATE_FORM, code="bad-literal"),
    _slip(
        r"(?P<mark>\b[0-9]{1,2}(?::[0-9]{2})?\s*)?",
        r"(?P<mark>(?:[0-9]{1,2})?(?::[0-9]{2})?\s?[apAP]\.?[mM]\b)",
        "a time has one form here, from 00:00 to 23:59",
        "write `21:00` for 9 pm, `09:00` for 9 am",
        code="bad-literal",
    ),
    _slip(
        "",
        rf"(?P<word>(?!{_NUMBER})[0-9][A-Za-z0-9_.]*)",
        "a name begins with a small letter, and `{word}` does not",
        "put a letter before it, such as `no_{word_lower}`",
        fits="NAME -NUMBER -RULE",
    ),
    _slip(
        "",
        rf"(?P<word>(?!{_NUMBER})[0-9][A-Za-z0-9_.]*)",
        "`{word}` is not a number as the language writes it",
        "write digits, with a point before decimals: `3`, `1_000`, `12.50`",
        code="bad-literal",
    ),
    # sums
    _slip(
        "",
        rf"(?P<currency>[A-Z]{{3}})(?P<number>{_DIGITS})",
        "a space is missing after the currency",
        "write `{currency} {number}`",
    ),
    _slip(
        r"(?:[<>=,]|\b(?:is|not|of|between|and|usually))\s*(?P<mark>(?P<currency>(?!day\b)[a-z]{3})\s+)",
        rf"(?P<mark>(?P<number>-?{_DIGITS}))",
        "a currency has three capitals",
        "write `{currency_upper} {number}`",
    ),
    _slip(
        "",
        rf"(?P<mark>(?P<currency>(?![A-Z]{{3}})(?=[a-z]*[A-Z])[A-Za-z]{{3}})\s*(?P<number>-?{_DIGITS}))",
        "a currency has three capitals",
        "write `{currency_upper} {number}`",
    ),
    _slip(rf"{_DIGITS}\s+", r"[A-Z]{3}\b", "the currency stands before the number", "write `CNY 1000`"),
    _slip(r"(?:\bis\s+(?:not\s+)?|=\s*)(?P<mark>(?P<word>[A-Z]{3}))\s+", "", *_CAPITALS, fits="NUMBER -YES -NAME"),
    _slip(
        r"(?P<mark>(?P<word>[A-Z]{3}))\s+",
        "",
        "a number is missing behind `{word}`",
        "write the sum, such as `{word} 1000`",
        fits="NUMBER -YES -NAME",
    ),
    _slip("", r"[$€£¥￥₹]", "a currency is written as three capitals", "write `USD 100`"),
    _slip(rf"(?P<number>{_DIGITS})\s+", r"per\s?cent\b", "per cent is written as a sign", "write `{number}%`"),
    # texts
    _slip(
        rf"(?P<mark>\b(?P<fact>{_NAME})\s+is\s+(?P<no>not\s+|)(?P<first>{_LITERAL})\s+(?:or|and)\s+)",
        rf"(?P<mark>(?P<second>{_LITERAL}))",
        "a value alone is no condition",
        "write `{fact} is {no}one of {first}, {second}`",
        fits="AFTER",
    ),
    _slip("", r"[“”„«»]", "a string stands in plain quotation marks", 'write `"like this"`'),
    _slip("", r"['‘’]", "a string stands in double quotation marks", 'write `"like this"`'),
    _slip("", rf'"(?P<name>{_NAME})"', "a name has no quotation marks", "write `{name}`", fits="NAME -RULE -YES"),
    _slip(
        "", _STRING, "a comma or a word is missing before this text", "join two texts with `,`, or take one of them out"
    ),
    _slip("", '"', "the string does not end on its line", 'end it with `"`; a quotation mark inside is written `\\"`'),
    _slip(
        "",
        r"(?P<word>YES|Yes|NO|No|NONE|None|UNKNOWN|Unknown)\b",
        "`{word}` has capital letters",
        "write `{word_lower}`",
    ),
    _slip(
        "",
        r"(?P<word>[A-Z][A-Za-z0-9_]*)\b",
        *_CAPITALS,
        fits="YES",
    ),
    # units
    _slip(
        rf"\b(?P<word>after|within)\s+(?:{_NUMBER}|{_NAME})\s+",
        _UNIT,
        "`{word}` counts days",
        "write how many days: `{word} 60 days`",
    ),
    _slip(
        rf"\b(?P<word>after|within)\s+(?P<number>-?{_DIGITS}|{_NAME})\s*",
        r"(?=[a-z),]|\Z)",
        "the word `days` is missing",
        "write `{word} {number} days`",
        fits="DAYS -COUNT",
    ),
    _slip(rf"\bsetting\s+{_NAME}\s+is\s+(?P<number>{_DIGITS})\s+", rf"{_DAYS}|{_UNIT}", _NO_UNIT, "write `{number}`"),
    _slip(
        rf"(?P<start>(?:\b{_NAME}\s*[<>=!]+|\b{_NAME}\s+is|\bbetween(?:\s+{_DIGITS}\s+and)?)\s*(?P<number>{_DIGITS}))\s+",
        _DAYS,
        _NO_UNIT,
        "write `{start}`; for the clock there is `after {number} days`",
    ),
    _slip(rf"(?P<number>{_DIGITS})\s+", rf"{_DAYS}|{_UNIT}", _NO_UNIT, "write `{number}`"),
    # conditions on the clock
    _slip(
        r"(?P<mark>\b(?P<word>after|within)\s+)",
        rf"(?P<mark>day\s+(?P<number>{_DAY}|{_NAME}))",
        "`{word}` counts days",
        "write `{word} {number} days`, or `from day {number}`",
    ),
    _slip(
        r"(?P<mark>\bfrom\s+)",
        rf"(?P<mark>(?P<first>{_DAY})\s+(?:to|until|-)\s+(?P<last>{_DAY})(?:\s+{_DAYS})?)",
        "a span of days is written otherwise",
        "write `from day {first} to day {last}`",
        fits="DAY",
    ),
    _slip(
        r"(?P<mark>\b(?P<word>from|before)\s+)",
        rf"(?P<mark>(?P<number>{_DAY}|{_NAME})(?:\s+{_DAYS})?)",
        "`{word}` names a day",
        "write `{word} day {number}`",
        fits="DAY",
    ),
    _slip("", rf"(?P<mark>on\s+(?P<number>{_DAY})(?:\s+{_DAYS})?)", "`on` names a day", "write `on day {number}`"),
    _slip(
        rf"(?P<mark>\b(?:from|on)\s+day\s+(?P<first>{_DAY})\s+)",
        rf"(?P<mark>(?:to|until|till|through|-)\s+(?:day\s+)?(?P<last>{_DAY}))",
        "a span of days is written otherwise",
        "write `from day {first} to day {last}`",
    ),
    _slip(
        "",
        rf"(?P<mark>between\s+(?:day\s+)?(?P<first>{_DAY})(?:\s+{_DAYS})?\s+and\s+(?:day\s+)?(?P<last>{_DAY})"
        rf"(?:\s+{_DAYS})?)",
        "a span of days is written otherwise",
        "write `from day {first} to day {last}`",
        fits="AFTER",
    ),
    *[
        _slip(
            rf"(?P<mark>\b(?P<fact>(?!{_WORD}){_NAME})\s+)",
            rf"(?P<mark>{word}\s+(?P<value>{_TIME}|{_DATE}|{_NUMBER}))",
            f"`{word}` counts days by the clock",
            f"write `{{fact}} {sign} {{value}}`",
            fits="-COLON",
        )
        for word, sign in (("after", ">"), ("before", "<"), ("within", "<="), ("from", ">="), ("until", "<="))
    ],
    *[
        _slip(
            rf"\b(?:when|unless|and|or|not|is)\s+(?P<mark>(?P<fact>{_NAME})\s+{word}\s+)",
            rf"(?P<mark>(?P<value>{_TIME}|{_DATE}))",
            f"`{word}` counts days by the clock",
            f"write `{{fact}} {sign} {{value}}`",
            fits="-DATE",
        )
        for word, sign in (("after", ">"), ("before", "<"), ("within", "<="))
    ],
    *[
        _slip(
            rf"\b(?P<mark>{word})\s+",
            rf"(?P<mark>(?P<value>{_TIME}|{_DATE}))",
            f"`{word}` counts days by the clock",
            f"write `local_time {sign} {{value}}`, with the fact that is meant",
            fits="-DATE",
        )
        for word, sign in (("after", ">"), ("before", "<"), ("within", "<="))
    ],
    # comparisons
    _slip("", r"=>", "`=>` is no comparison", "write `>=`"),
    _slip("", r"=<", "`=<` is no comparison", "write `<=`"),
    _slip("=", r"=", "`==` is no comparison", "write `=`, or `is`"),
    _slip("<", r">", "`<>` is no comparison", "write `!=`, or `is not`"),
    _slip("", r"≥", "`≥` is no comparison of the language", "write `>=`"),
    _slip("", r"≤", "`≤` is no comparison of the language", "write `<=`"),
    _slip("", r"≠", "`≠` is no comparison of the language", "write `!=`"),
    _slip("", r"&&?", "`&` is no word of the language", "write `and`"),
    _slip("", r"\|\|?", "`|` is no word of the language", "write `or`"),
    _slip("", r"!", "`!` is no word of the language", "write `not`"),
    _slip(r"\bis\s+not\s+", r"known\b", "`is not known` is not said", "write `is unknown`"),
    _slip(r"\bis\s+not\s+", r"unknown\b", "`is not unknown` is not said", "write `is known`"),
    *[
        _slip(before, here, "`in` is no comparison", "write `is one of a, b`", fits=fits)
        for before, here, fits in (("", r"in\b", "THEN"), (r"\b(?P<mark>in)\s+", r"(?!force\b)", "FORCE"))
    ],
    _slip(r"\s+", r"not\s+between\b", "`not between` lacks its `is`", "write `is not between`"),
    _slip(r"\s+", r"not\s+(?:one|in)\b", "`not` lacks its `is`", "write `is not one of`"),
    _slip(
        rf"(?P<mark>\b(?P<fact>{_NAME})\s+)",
        rf"(?P<mark>(?P<value>{_LITERAL}))",
        "a comparison is missing between a fact and its value",
        "write `{fact} >= {value}`, or with `>`, `=`, `<` or `<=`",
        fits="COMPARE",
    ),
    # examples and ensures
    _slip(
        rf"\b(?P<fact>{_NAME})\s*",
        rf"(?P<mark>[<>=!]+|is\b|:)\s*(?P<value>{_LITERAL}|[^\s,]+)",
        "between a fact and its value stands no sign",
        "write `{fact} {value}`",
        fits="UNKNOWN -KNOWN",
    ),
    _slip(
        "",
        r"(?P<mark>is|are)\s+(?:not\s+)?(?:allowed|forbidden|required|unsaid)\b",
        "an expectation has no `is`",
        "leave the `{mark}` out",
        fits="ALLOWED",
    ),
    # effects and their actions
    _slip(
        rf"\bthen\s+{_EFFECT}\s[a-z0-9_,\s]*?\s(?P<mark>(?P<word>allow|forbid|require))\s+[a-z0-9_,\s]*",
        "",
        "an `and` is missing before `{word}`",
        "write `and {word}`",
        fits="WHEN",
    ),
    _slip(
        rf"{_EFFECTS},\s*",
        rf"(?P<word>{_EFFECT})\b",
        "effects are joined with `and`",
        "write `and {word}`, without the comma",
    ),
    _slip(
        r"\bnever\s+",
        rf"(?:allow|forbid|require|never)\s+(?P<action>{_NAME})",
        "a `never` has no other effect beside it",
        "one effect is enough: write `never {action}`",
    ),
    _slip(
        rf"\b(?P<first>{_EFFECT})\s+",
        rf"(?P<second>{_EFFECT})\b",
        "two effects stand side by side",
        "one effect is enough: keep `{first}` or `{second}`",
    ),
    _slip(r",\s*", r"(?P<mark>and|or)\b", "a list has commas only", "leave the `{mark}` out", fits="NAME -LPAR"),
    _slip(r",\s*", r"(?P<mark>and|or)\b", "a list has commas only", "leave the `{mark}` out", fits="YES"),
    _slip(
        rf"{_EFFECTS}\b(?P<first>{_NAME})\s+(?P<mark>and)\s+",
        rf"(?P<second>{_NAME})\b",
        "`and` joins effects, not actions",
        "actions are joined with commas: `{first}, {second}`",
        fits="ALLOW -RULE",
    ),
    *[
        _slip(
            rf"\b(?P<first>{_NAME})\s+",
            rf"(?P<word>and|or)\s+(?P<second>{_NAME})\b",
            "`{word}` joins no actions",
            "actions are joined with commas: `{first}, {second}`",
            fits=fits,
        )
        for fits in ("COMMA EXCEPT", "ALLOWED")
    ],
    _slip("", r"(?P<word>and|or)\b", "a list has commas only", "write a comma", fits="COMMA"),
    _slip(
        r"\bthen\s+",
        rf"(?!{_EFFECT}\b)[a-z]",
        "`then` is not followed by what the rule does",
        "write `then allow`, `then forbid`, `then require` or `then never`, and the actions",
    ),
    _slip("", rf"(?P<word>{_EFFECT})\b", "a `then` is missing", "write `then {word}`", fits="THEN"),
    # conditions of rules
    _slip(
        rf"\b{_EFFECT}\b[a-z0-9_,\s]*", r"if\b", "a rule has no `if`", "write `when`: `allow sms when after 60 days`"
    ),
    _slip(
        r"(?:\bnever\s[a-z0-9_, ]*?|\b(?:allowed|forbidden|required|unsaid)\s+)\b(?P<mark>if)\s+",
        "",
        "a rule has no `if`",
        "write `when`: `never sms when deceased`",
    ),
    _slip(
        r"\b(?P<mark>if)\s+",
        "",
        "a rule has no `if`",
        "leave the `if` out, and begin with the condition: `after 60 days then allow sms`",
    ),
    _slip(
        rf'\bthen\s+{_EFFECT}\b[^:"#]*[a-z0-9_]\s+',
        r"when\b",
        "a rule has one condition",
        "join both with `and`: `CONDITION and CONDITION then allow sms`",
    ),
    _slip(
        "",
        r"\Z|[a-z]",
        "this rule has no condition; only `never` may go without one",
        "write `allow sms when CONDITION`; for every case write `when always`",
        fits="WHEN -RULE",
    ),
    _slip("", r"when\b", "a condition comes first, or behind the actions", "leave the `when` out", fits="AFTER"),
    _slip(
        rf"\b(?P<fact>{_NAME})\s+is\s+(?P<no>not\s+|)(?P<first>{_NAME}|{_STRING})\s*",
        rf",\s*(?P<second>{_NAME}|{_STRING})",
        "conditions are joined with `and`",
        "write `and`, or for several values `{fact} is {no}one of {first}, {second}`",
        fits="AND -COMMA",
    ),
    _slip("", r"[,，、]", "conditions are joined with `and`", "write `and`", fits="AND -COMMA"),
    # heads and names
    _slip(
        "",
        r"(?P<word>version|currency)\b",
        "`{word}` stands under no head",
        "write it below `policy NAME`, before the rules",
        fits="RULE",
        code="misplaced-head",
    ),
    _slip(
        rf"\b(?:rule|ladder)\s+(?P<mark>(?P<name>{_NAME}))",
        r"(?P<mark>-(?P<more>[a-z0-9_]+(?:-[a-z0-9_]+)*))",
        "a name has no hyphen",
        "write `{name}_{more_joined}`",
        fits="COLON",
    ),
    _slip(
        rf"\b(?:rule|ladder)\s+(?P<mark>(?P<name>{_NAME})\s+)",
        rf"(?P<mark>(?P<more>{_NAME}))\s*:",
        "a name is one word",
        "write `{name}_{more}`",
        fits="COLON",
    ),
    _slip(
        rf"\b(?P<word>rule|ladder)\s+(?P<name>{_NAME})(?:\s+{_STRING})?(?P<mark>)\s*",
        "",
        "a `:` is missing here",
        "write `{word} {name}:`",
        fits="COLON",
    ),
    _slip(
        rf"\bexample\s+{_STRING}(?P<mark>)\s*",
        "",
        "a `:` is missing here",
        'write `example "title":`',
        fits="COLON",
    ),
    _slip(
        "",
        r"(?P<name>[a-z][a-z0-9_]*(?:-[a-z0-9_]+)+)",
        "a name has no hyphen",
        "write `{name_joined}`",
        fits="NAME",
    ),
    _slip(
        rf"\b(?:rule|fact|group|ladder|define|setting|policy|standard|vocabulary|action\s+(?:{_NAME}\s*,\s*)*"
        rf"|one\s+of\s+(?:{_NAME}\s*[,<]\s*)*)\s*",
        rf"(?P<word>{_NAME})\b",
        "`{word}` is a word of the language, so it cannot be a name",
        "choose another name",
        fits="NAME -RULE",
    ),
    _slip("", r"(?P<word>[A-Z]{3})\b", "`{word}` has capital letters", "only currencies do; write `{word_lower}`"),
    _slip(
        "",
        r"(?P<word>(?=[a-z0-9_.]*[A-Z])[A-Za-z_][A-Za-z0-9_]*)",
        "`{word}` has capital letters",
        "write `{word_lower}`",
    ),
    _slip(r"^\s*event\s+", "", "events are not part of this version", "declare what you count as a `count` fact"),
    # signs
    _slip("", r"[.;。；](?=\s|\Z)", "a rule ends without a sign", "leave it out"),
    _slip("", r"(?P<word>=|are\b|:)", "`{word}` does not stand here", "write `is`", fits="IS -COMPARE"),
    _slip("", r"[，、]", "a comma that is no plain comma", "write a plain comma"),
    _slip("", r"：", "a colon that is no plain colon", "write `:`"),
    _slip(
        "",
        r"[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff]",
        "a space that is no plain space",
        "replace it by a plain space",
    ),
    _slip("", r"[‐-―−－]", "a dash that is no plain minus", "write `-`"),
)
