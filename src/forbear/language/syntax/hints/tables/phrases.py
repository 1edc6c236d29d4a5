"""Hints for plain English, and for what other languages have: signs in words, other names of types."""

from __future__ import annotations

import re
from collections.abc import Mapping

from forbear.language.syntax.hints.forms import CURRENCY_NAMES, SHARED_NAMES, TYPES
from forbear.language.syntax.hints.hint import (
    BEGINS,
    DATE,
    DAY,
    DAYS,
    EFFECT,
    LITERAL,
    NAME,
    STATEMENT,
    STRING,
    TYPE,
    Hint,
    around,
    at,
)

_VALUE = rf"(?:{LITERAL}|{NAME})"

_NAMES = rf"{NAME}(?:\s*(?:,|\band\b)\s*{NAME})*"
_ONLY = (
    "a rule has no `only`: it says nothing outside its condition, and another rule may permit the action there",
    "leave the `only` out, and write the condition after `when`; if another rule may permit the action too, add "
    "the rule `never ACTION unless CONDITION`",
)


def _texts(words: Mapping[str, str]) -> str | None:
    """Several texts without quotation marks, of a fact that is a text."""
    texts = [f'"{one}"' for one in re.findall("[A-Z][A-Za-z]*", words["values"])]
    return f"write `{words['fact']} is one of {', '.join(texts)}`" if words["as"].startswith("text") else None


def _counted(words: Mapping[str, str]) -> str:
    """Returns the fact that counts, with its value, if there is one."""
    counts = [one.split(" ", 1) for one in words["counts"].split(";") if " " in one]
    named = [name for name, window in counts if window == words["window"] and words["what"].removesuffix("s") in name]
    return f"write `{named[0] if len(named) == 1 else 'FACT'} {words['number']}`, with the fact that counts them"


FIRST: tuple[Hint, ...] = (
    Hint(
        at(
            r"\b(?:because|source|version)\s*",
            rf"(?P<mark>(?::\s*)?(?P<text>[0-9][0-9.]*|(?![^\n]*\b(?:when|unless|then|overrides|source|{EFFECT})\b)[A-Za-z][^\n\"#:“”„»]*\s[^\n\"#:“”„»]*[^\n\"#:“”„»\s]))(?=\s*(?:\n|\Z))",
            "STRING -COMMA",
        ),
        "a text is written in quotation marks",
        'write `"{text}"`',
        "never sms because ⟨people are left alone⟩",
        more=("policy p version ⟨3⟩\nnever sms",),
    ),
    Hint(
        at(r"\b(?P<word>because|source|version)\s+", r"[A-Za-z0-9]", "STRING -COMMA"),
        "what follows `{word}` is written in quotation marks",
        'write `{word} "..."`',
        "never sms because ⟨deceased⟩",
        more=("never sms because ⟨policy⟩\nrule r: never email",),
    ),
    Hint(
        around(rf"(?:\A|\n)(?P<mark>(?P<action>{NAME})\s*:\s*(?P<effect>{EFFECT}))(?=\s+(?:when|if|unless)\b)"),
        "what a rule does comes before the action",
        "write `{effect} {action}`",
        "⟨sms: never⟩ when deceased",
    ),
    Hint(
        at(
            rf"\bensure\s+(?P<mark>(?P<actions>{_NAMES})\s+)",
            r"(?P<mark>(?:only\s+(?:when|if)|requires|needs)\s+(?P<condition>[^\n#]*[^\s#]))",
        ),
        "an `ensure` says in which case an action is not allowed",
        "write `{actions} not allowed when {condition_denied}`",
        "ensure ⟨sms only when deceased⟩",
        more=("ensure ⟨visit requires manager_approved⟩",),
    ),
    Hint(
        at("", r"(?P<word>only)\s+(?:when|if|after|from|between|on|within|before|until|till|during|while)\b"),
        *_ONLY,
        "allow touch ⟨only⟩ when deceased",
    ),
)
"""These come before the rows about conditions: to mend the condition alone would make a permission of a restriction,
and a condition of a text without its quotation marks."""


def _listed(words: Mapping[str, str]) -> str | None:
    """Two names after an effect: an action and its condition, or two actions; not a verb before its action."""
    if words["of_second"] in ("action", "group") and words["of_first"] not in ("action", "group"):
        return None
    if words["of_second"] in ("yes/no", "any", "define", "holiday"):
        return "write `{first} when {second}`".format_map(words)
    return "write `{first}, {second}`; if this is one name, `{first}_{second}`".format_map(words)


HINTS = (
    # functions of sheets
    Hint(
        around(
            rf"(?P<mark>(?:=\s*)?\b[iI][fF]\s*\((?P<condition>[^,;\n]+)[,;]\s*(?P<effect>{EFFECT}\s+{_NAMES})\s*\))"
        ),
        "a rule has its condition, `then` and an effect",
        "write `{condition} then {effect}`",
        "rule r: ⟨IF(unreachable>3, allow sms)⟩",
    ),
    Hint(
        around(
            rf"{BEGINS}(?P<mark>(?P<joins>[aA][nN][dD]|[oO][rR])\s*\((?P<first>[^(),;\n]+)[,;]\s*(?P<second>[^(),;\n]+)\))"
        ),
        "`and` and `or` stand between two conditions",
        "write `({first} {joins_lower} {second})`",
        "never sms when ⟨AND(deceased, unreachable>3)⟩",
    ),
    # texts
    Hint(
        around(
            rf"{BEGINS}(?P<mark>(?P<fact>{NAME})\s*(?:=|\bis\s+in\b|\bis\b|\b[iI][nN]\b)\s*(?:either\s+|one\s+of\s+)?[(\[]?\s*"
            r"(?P<values>[A-Z][A-Za-z]*(?:\s*(?:,|/|\bor\b)\s*(?:or\s+)?[A-Z][A-Za-z]*)+)\s*[)\]]?)"
        ),
        "a text is written in quotation marks, and several are a list",
        _texts,
        "never sms when ⟨state in (CA, NV)⟩",
        more=("never sms when ⟨state = CA or NV⟩",),
    ),
    # the clock
    Hint(
        at("", rf"(?P<mark>day\s+(?P<number>{DAY})\+?)", "AFTER -EVER"),
        "a word before the day says on which days the rule holds",
        "write `on day {number}`, or `from day {number}`",
        "⟨day 9⟩ then allow sms",
    ),
    Hint(
        at("", rf"(?P<mark>(?P<number>{DAY})\s+{DAYS})", "AFTER -EVER"),
        "a word before the days says from when they are counted",
        "write `after {number} days`, or `within {number} days`",
        "⟨60 days⟩ then allow sms",
    ),
    # effects
    Hint(
        at("", rf"(?P<mark>(?P<sign>->|→|:|⇒)\s*)(?P<word>{EFFECT})\b", "THEN"),
        "`then` goes between the condition and the effect",
        "write `then`",
        "after 60 days ⟨->⟩ allow sms",
    ),
    Hint(
        at(r"\b(?P<mark>(?:else|otherwise)\s+)", rf"{EFFECT}\b"),
        "a rule has no `else`",
        "write a second rule, with its own condition, or a table with a last row `otherwise`",
        "allow sms when deceased ⟨else⟩ forbid sms",
    ),
    # dates
    Hint(
        at(
            r"\bsuspend\s[a-z0-9_,\s]*?(?P<mark>)",
            rf"(?P<mark>(?:until|on|since|after)\s+(?P<day>{DATE}))",
            "FROM COMMA",
        ),
        "a suspension begins on a day",
        "write `from {day}`, and `until` with its last day",
        "suspend sms ⟨until 2015-01-01⟩",
    ),
    # examples
    Hint(
        at(r"\bexample\s+", r"(?P<mark>(?P<title>\w[^\n:#\"]*?))(?=\s*(?::|\bgiven\b|\n))", "STRING"),
        "an example has a title in quotation marks",
        'write `"{title}"`',
        "example ⟨day 61⟩: given days_overdue 61 expect sms allowed",
        more=("example ⟨Without⟩: given days_overdue 3 expect sms allowed",),
    ),
    Hint(
        at(r"\bexample\s*", ":", "STRING"),
        "an example has a title in quotation marks",
        'write `example "..."` before the `:`',
        "example⟨:⟩ given days_overdue 3 expect sms allowed",
    ),
    Hint(
        at(rf"\bexample\s+{STRING}\s*:\s*", rf"(?P<mark>){NAME}\s", "GIVEN"),
        "what holds in an example comes after `given`",
        "write `given`",
        'example "e": ⟨⟩days_overdue 3 expect sms allowed',
    ),
    Hint(
        at(rf"\bgiven\s[^#:]*?(?P<mark>\b(?P<fact>{NAME}))\s*", r"(?:expect|on)\b|,", "UNKNOWN"),
        "a fact is given with its value",
        "write `{fact} yes`, if that is meant",
        'example "e": given ⟨deceased⟩ expect sms allowed',
    ),
    Hint(
        around(
            rf"\bgiven\s[^#:]*?(?P<mark>\b(?P<number>[0-9]+)\s+(?P<what>{NAME})\s+(?:in|within|over)\s+(?:the\s+)?(?:(?:last|past)\s+)?"
            r"(?P<window>[0-9]+\s+[a-z]+))\b"
        ),
        "a fact is given with its value",
        _counted,
        'example "e": given days_overdue 12, ⟨2 calls in 7 days⟩ expect phone_call unsaid',
    ),
    # words instead of texts
    Hint(
        at(r"\b(?:policy|standard|vocabulary|table)\s+", rf"(?P<mark>(?P<title>{STRING}))", "NAME"),
        "a name comes before the title",
        "write `{title_named} {title}`",
        'policy ⟨"Recovery 2026"⟩\nnever sms',
    ),
    Hint(
        at(r"\brule\s+", r"(?P<mark>(?P<title>\"[^\"\n]*\s[^\"\n]*\"))", "NAME"),
        "a name comes before the title",
        "write `{title_named} {title}`",
        'rule ⟨"no calls"⟩: never sms',
    ),
    Hint(
        at(r"\bcurrency\s+", rf"(?P<mark>(?i:(?P<name>{'|'.join(CURRENCY_NAMES)})))(?!\w)"),
        "a currency is written as three capitals",
        "write `{name_currency}`",
        "policy p currency ⟨Euro⟩\nnever sms",
    ),
    Hint(
        at(r"\bcurrency\s+", rf"(?P<mark>(?i:(?P<name>{'|'.join(SHARED_NAMES)})))(?!\w)"),
        "a currency is written as three capitals, and several are called `{name}`",
        "write {name_codes}",
        "policy p currency ⟨pesos⟩\nnever sms",
    ),
    # types
    Hint(
        at(rf"(?:\bfact|\bhas)\s+{NAME}\s+(?P<mark>(?P<word>{'|'.join(TYPES)})\b)\s*", rf"(?!{NAME}\.)", "OF"),
        "a type has another name here",
        "write `{word_type}`",
        "fact grace ⟨int⟩",
        more=tuple(f"fact grace ⟨{name}⟩" for name in TYPES),
    ),
    *[
        Hint(
            at(rf"(?:\bfact|\bhas)\s+{NAME}\s+", rf"(?P<mark>{said})\b"),
            "a type has another name here",
            f"write `{type}`",
            f"fact grace ⟨{ones[0]}⟩",
            more=tuple(f"fact grace ⟨{one}⟩" for one in ones[1:]),
        )
        for type, said, *ones in (
            ("yes/no", r"[Yy]es\s*(?:or|/)\s*[Nn]o|[Yy]\s*/\s*[Nn]", "Y/N"),
            ("money", "currency", "currency"),
        )
    ],
    Hint(
        around(
            rf"\bfact\s+{NAME}\s+(?P<type>{TYPE})\s*(?P<mark>\(?\s*(?:optional,?\s*)?(?:can|may)\s+be\s+(?:empty|missing|blank|null)"
            rf"\b\s*\)?|\(\s*(?:optional|nullable)\s*\)|\(\s*(?P<written>private|usually\s+{LITERAL}|usually\s+{NAME})\s*\))"
        ),
        "what is said of a fact has no brackets",
        lambda words: (
            f"write `{words.get('written', 'optional')}`"
            + (
                ", or `or none` if there may be no such date"
                if words["type"] == "date" and "written" not in words
                else ""
            )
        ),
        "fact seen_on date ⟨(optional, can be empty)⟩",
        more=("fact seen count ⟨(optional)⟩", "fact seen count ⟨(usually 0)⟩"),
    ),
    Hint(
        at(rf"(?:\bfact|\bhas)\s+{NAME}\s+(?P<mark>(?:datetime|timestamp)\b)\s*", "", "OF"),
        "a day and a time of day are two types",
        "write `date`, or `time` for the time of day",
        "fact seen ⟨datetime⟩",
    ),
    Hint(
        at(rf"(?:\bfact|\bhas)\s+{NAME}\s+(?P<mark>(?:enum|choice)\b)\s*", "", "OF"),
        "a type has another name here",
        "write `one of a, b`",
        "fact grace ⟨enum⟩",
        exact=False,
    ),
    Hint(
        at(
            rf"(?:\bfact|\bhas)\s+{NAME}\s+(?:count|number|days|percent|money)\s+(?P<mark>(?:from\s+)?)",
            rf"(?P<mark>(?:>=?\s*)?(?P<low>{LITERAL})(?:\s+to\s+(?P<high>{LITERAL}))?)",
        ),
        "the range of a fact is written by `between`",
        lambda words: f"write `between {words['low']} and {words.get('high', 'HIGHEST')}`",
        "fact grace count ⟨from 0 to 5⟩",
    ),
    Hint(
        at(
            rf"(?:\bfact|\bhas)\s+{NAME}\s+(?P<mark>(?:in|from|between|range)?)\s*",
            rf"(?P<mark>(?P<low>{LITERAL})\s*(?:to|and|\.\.|[-\u2013])\s*(?P<high>{LITERAL}))",
        ),
        "the range of a fact is written by `between`, after its type",
        "write `count between {low} and {high}`, or `number between {low} and {high}` if it may have decimals",
        "fact score ⟨300 to 850⟩",
    ),
    # heads and comments
    Hint(
        around(
            rf"\bsetting\s+(?P<mark>(?P<name>{NAME})\s+(?P<more>(?!open\b|is\b){NAME})(?P<is>\s*(?:[:=]|is\b)|))"
            rf"(?=\s*{LITERAL})"
        ),
        "a setting has one word as its name, and no type",
        "write `{name} is`, or `{name}_{more} is`",
        "setting ⟨fee amount:⟩ CNY 3",
        more=("setting ⟨grace days⟩ 3",),
    ),
    Hint(
        around(rf"\bdefine\s+(?P<mark>(?P<name>{NAME})\s+(?P<more>(?!is\b){NAME}))(?=\s+is\b)"),
        "a definition has one word as its name",
        "write `{name}_{more}`",
        "define ⟨early stage⟩ is days_overdue between 5 and 30",
    ),
    Hint(
        around(rf"(?:\A|\n)(?P<mark>(?:set|let|const)\s+(?P<name>{NAME})\s+(?:to|be|:?=))\s*(?={LITERAL})"),
        "a number with a name is a `setting`",
        "write `setting {name} is`",
        "⟨set many_tries to⟩ 5",
        more=("⟨let many_tries be⟩ 5",),
    ),
    Hint(
        at(rf"\b(?:setting|define)\s+(?P<mark>(?P<name>{NAME})\s+)", rf"(?P<mark>(?P<first>{_VALUE}))", "IS -COMPARE"),
        "an `is` is missing after `{name}`",
        "write `{name} is {first}`",
        "setting ⟨grace 3⟩",
    ),
    Hint(
        at(rf"(?P<mark>\bsetting\s+(?P<name>{NAME})\s+is\s+(?P<first>{_VALUE})\s+open)\s+", ""),
        "`open` goes after the name of a setting",
        "write `setting {name} open is {first}`",
        "⟨setting grace is 5 open⟩\nrule r: never sms",
    ),
    Hint(
        at(r"(?P<mark>\bopen)\s+", rf"setting\s+(?P<name>{NAME})"),
        "`open` goes after the name of a setting",
        "write `setting {name} open is ...`",
        "⟨open⟩ setting grace is 5",
    ),
    Hint(
        at(r"\buses\s+", rf"(?P<mark>(?P<name>{NAME})\.forbear)\b"),
        "a file is written in quotation marks",
        'write `"{name}.forbear"`, or `{name}` for a bundled vocabulary',
        "uses ⟨collections.forbear⟩",
    ),
    Hint(
        at(r"\brule\s*", ":", "NAME -COLON"),
        "a rule needs a name after `rule`",
        "write `rule NAME:`",
        "rule⟨:⟩ never sms",
    ),
    Hint(
        at("", r"(?P<word>//|/\*|--|\*)"),
        "a comment begins with `#`",
        "write `# ...`, on each line of the comment",
        "never sms ⟨/⟩/ comment",
    ),
    Hint(
        at("", r"(?P<word>[-*•]|[(]?[0-9]+[.)])(?=\s)", "RULE"),
        "a statement has no sign before it",
        "leave the `{word}` out",
        "⟨-⟩ rule r: never sms",
        more=("⟨1.⟩ rule r: never sms",),
    ),
    Hint(
        at(r"\b(?P<number>[0-9][0-9_.]*)\s*", r"(?P<mark>°\s*[CFK]?|(?:degrees?|km|m2|m²|pts?)\b)"),
        "a number is written without its unit",
        "leave the `{mark}` out",
        "fact outside number between 0 and 50⟨°C⟩",
    ),
    # brackets
    Hint(
        at(r"(?P<mark>\([^()\n<>=]*[-+][^()\n<>=]*)", r"(?P<mark>\))", "-RPAR"),
        "a sum has no brackets",
        "a part of a fact is `N% of FACT`, a sum `FACT + FACT`; declare any other result as a fact of its own",
        "⟨(overdue_amount + balance)⟩ / credit_limit > 1.5 * 2 then allow sms",
        more=("never sms when ⟨(overdue_amount - balance)⟩ * 2 > CNY 5",),
    ),
    Hint(
        at("", r"\)", "-RPAR"),
        "no bracket is open here",
        "take the `)` out, or write `(` where the group begins",
        "(deceased or after 3 days)⟨)⟩ then allow sms",
    ),
    Hint(
        at("", r"(?P<word>then|when|[a-z]+|\Z)", "RPAR -NAME"),
        "a bracket is still open here",
        "write `)` where the group ends",
        "(deceased or after 3 days ⟨then⟩ allow sms",
    ),
    # lists
    *[
        Hint(
            at(
                before,
                rf"{here}(?:\s*(?:{STATEMENT}|unless|because|overrides|source|when)\b|[ \t]*(?:[\r\n]|\Z))",
                fits,
            ),
            "nothing joins `{first}` and `{second}`",
            _listed,
            example,
            more=tuple(more),
        )
        for before, here, fits, example, *more in (
            (
                rf"(?:\b{EFFECT}|\bgroup\s+{NAME}\s+is|,|\bexcept|\bexpect|\baction)\s+(?P<mark>(?P<first>{NAME})\s+(?P<second>{NAME}))\s*",
                "",
                "THEN",
                "group g is ⟨sms email⟩",
                "never ⟨sms vulnerable⟩",
            ),
            (
                rf"\b{EFFECT}\s+(?:{NAME}\s*,\s*)*(?P<mark>(?P<first>{NAME})\s+)",
                rf"(?P<mark>(?P<second>{NAME}))",
                "WHEN -RULE",
                "allow ⟨sms email⟩ when always",
                "allow ⟨visit vulnerable⟩",
            ),
        )
    ],
)
