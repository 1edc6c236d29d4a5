"""Hints for what authors say naturally and the language says in another way: calculations, ranges, sums and limits as
they are spoken."""

from __future__ import annotations

import re

from forbear.language.syntax.hints.forms import COMPARED, EFFECTS_IN_WORDS
from forbear.language.syntax.hints.hint import (
    BEGINS,
    DAY,
    DAYS,
    DECLARING,
    DIGITS,
    EFFECT,
    EFFECTS,
    FREE_NAME,
    KEYWORD,
    LITERAL,
    NAME,
    NEXT,
    NUMBER,
    STATEMENT,
    STRING,
    TIME,
    TYPE,
    UNIT,
    Hint,
    around,
    at,
)

_CONDITION = r"(?:\b(?:when|unless|and|or|not)|[:(])\s*"
"""The text before a condition."""
_FACT = (
    r"(?!(?:when|unless|and|or|not|if|then|where|given|is|no|from|after|before|within|between|unknown|known|none|working"
    r"|business)\b)"
    rf"{NAME}"
)
_NO_COMPARISON = (
    "two words follow each other, `{fact}` and `{value}`, and nothing joins or compares them",
    "write `{fact}_{value}` if they are one name, and `FACT is {fact}_{value}` if that is a value; otherwise join two"
    " conditions with `and` or `or`, or compare with `is`, `>=` or another sign",
)
_EFFECT_WORDS = "|".join(EFFECTS_IN_WORDS)
HINTS = (
    # the number before its fact
    Hint(
        at(_CONDITION, rf"(?P<mark>(?P<phrase>(?P<sign>[<>]=?|=)\s*(?P<number>{DAY}))\s*{DAYS})", "AFTER"),
        "a comparison begins with its fact",
        "write `{phrase_clock}`, or `FACT {sign} {number}`",
        "never sms when ⟨>=60 days⟩",
        more=tuple(f"never sms when ⟨{sign}60 days⟩" for sign in (">", "<=", "<", "=")),
    ),
    Hint(
        around(rf"{BEGINS}(?P<mark>(?:the\s+)?day\s*(?P<phrase>(?:[<>]=?|=)\s*{DAY}))"),
        "days past due are counted by the clock",
        "write `{phrase_clock}`",
        "rule r: ⟨day >= 2⟩ then allow sms",
    ),
    Hint(
        around(
            rf"\b(?P<fact>{NAME})\s*(?:(?:[<>]=?|=|is)\s*{LITERAL}|is\s+not\s+none)\s+(?:and|or)\s+"
            rf"(?P<mark>(?P<said>[<>]=?|=|{COMPARED}|(?:after|before)(?=\s+{TIME}))\s*(?P<value>{LITERAL}|(?<=[<>=]\s){NAME}))"
        ),
        "a comparison begins with its fact",
        "write `{fact} {said_sign} {value}`",
        "never sms when (unreachable < 2 or ⟨> 5⟩)",
        more=(
            "never sms when unreachable < 2 or ⟨more than 5⟩",
            "never sms when promised_on is not none and ⟨<= agreed_on⟩",
        ),
    ),
    Hint(
        at(_CONDITION, rf"(?P<mark>(?P<sign>[<>]=?|=)\s*(?P<value>{LITERAL}))", "AFTER"),
        "a comparison begins with its fact",
        "write `FACT {sign} {value}`, with the fact that is meant",
        "never sms when ⟨>= 60⟩",
    ),
    Hint(
        around(
            rf"(?P<mark>\b(?:(?:{EFFECT})\s+)?neither\s+(?P<fact>{NAME})\s+n?or\s+(?P<second>{NAME}))(?=\s*(?:\Z|[\n)]|(?:then|when|unless|because|source)\b))"
        ),
        "the language has no `neither`",
        lambda words: (
            "write `never {fact}, {second}`, which no rule overrides, or `forbid {fact}, {second}`".format_map(words)
            if words["as"] in ("action", "group")
            else "write `not ({fact} or {second})`".format_map(words)
        ),
        "rule r: ⟨neither deceased nor bankruptcy⟩ then allow sms",
        more=("rule r: ⟨neither sms nor email⟩ when deceased", "rule r: ⟨allow neither sms nor email⟩ when deceased"),
    ),
    Hint(
        around(
            rf"(?P<mark>\b(?P<fact>{_FACT})\s+(?:(?P<no>do(?:es)?(?:\s+not|n['\u2019]t))\s+exist|exists?))\b(?:\s+(?:and|or)\b[^\n#]*)?\s*"
        ),
        "what is not there is none",
        lambda words: (
            None
            if words["as"] in ("", "action", "group", "event", "count")
            else f"write `{'not ' if 'no' in words else ''}{words['fact']}`"
            if words["as"] in ("any", "yes/no", "define")
            else f"write `{words['fact']} is {'' if 'no' in words else 'not '}none`"
        ),
        "never sms when ⟨promised_on does not exist⟩ or deceased",
        more=("never sms when ⟨promised_on exists⟩ and deceased", "never sms when ⟨deceased doesn't exist⟩"),
    ),
    Hint(
        around(
            rf"{BEGINS}(?P<mark>neither\s+(?P<first>[^\n:#,()]+?)\s+nor\s+(?P<second>[^\n:#,()]+?))"
            r"(?=\s*(?:\Z|[\n,)]|(?:then|because|overrides|and|unless|source)\b))"
        ),
        "the language has no `neither`",
        "write `not ({first} or {second})`",
        "never sms when ⟨neither unreachable > 3 nor deceased⟩",
    ),
    Hint(
        around(rf"{BEGINS}(?P<mark>(?P<said>{COMPARED})\s+(?P<number>{NUMBER})\s+(?P<fact>{_FACT}))"),
        "a comparison begins with its fact",
        "write `{count} {said_sign} {number}`",
        "never sms when ⟨exactly 3 unreachable⟩",
        more=tuple(
            f"never sms when ⟨{said} 3 unreachable⟩" for said in ("at least", "at most", "more than", "less than")
        ),
    ),
    Hint(
        at(r"(?P<mark>\balready\s+)?", rf"(?P<mark>(?P<number>{NUMBER})\s+(?P<fact>{_FACT}))", "AFTER"),
        "a comparison begins with its fact",
        "write `{count} >= {number}`, or `{count} = {number}` for that number alone",
        "never sms when ⟨3 unreachable⟩",
    ),
    Hint(
        around(rf"{BEGINS}(?P<mark>after\s+(?P<number>{NUMBER})\s+(?!{DAYS}|{UNIT})(?P<fact>{_FACT}))(?!\s+days)"),
        "a comparison begins with its fact",
        lambda words: (
            f"write `{words['count']} >= {words['number']}`"
            + (", with a fact that counts them" if words["count"] == words["fact"] and words["as"] != "count" else "")
        ),
        "uses collections\nfact letters_sent count\n⟨after 3 letters⟩ then allow sms",
        more=("⟨after 5 unsuccessful attempts⟩ then allow sms",),
    ),
    Hint(
        at(
            rf"\b(?:given\s+|given\s[^:#]*,\s*)(?<![0-9],)(?P<mark>(?P<number>{DIGITS})\s+)",
            rf"(?P<mark>{DAYS}(?:\s+(?:overdue|late|past\s+due))?)",
        ),
        "a fact is given before its value",
        "write `days_overdue {number}`, if that is the fact",
        'example "e": given ⟨61 days overdue⟩ expect sms allowed',
    ),
    Hint(
        at(
            rf"\b(?:given\s+|given\s[^:#]*,\s*|example\s+{STRING}\s*:\s*(?P<first>))(?<![0-9],)",
            rf"(?P<mark>(?:on\s+)?day\s+(?P<number>{DIGITS}))",
        ),
        "a fact is given by its name",
        lambda words: f"write `{'given ' * ('first' in words)}days_overdue {words['number']}`, if that is the fact",
        'example "e": given ⟨day 61⟩ expect sms allowed',
        more=('example "e": ⟨on day 61⟩ expect sms allowed',),
    ),
    Hint(
        around(
            rf"(?P<mark>\bafter\s+(?P<first>{NUMBER})\s+{DAYS}\s+(?:but\s+)?(?P<end>(?:until|to)\s+(?:day\s+)?{NUMBER})(?:\s+{DAYS})?)"
        ),
        "two conditions are joined with `and`",
        "write `after {first} days and {end_clock}`",
        "⟨after 60 days until 90 days⟩ then allow sms",
        more=("⟨after 60 days to 90 days⟩ then allow sms",),
    ),
    # characters of other keyboards
    Hint(
        at(rf"\b{NAME}\s*", r"(?P<mark>（\s*(?P<word>[＞＜＝≥≤>=<]+\s*[0-9０-９]+)\s*）)"),
        "full-width characters are not part of the language, and a comparison needs no brackets",
        "write `{word_plain}`",
        "unreachable ⟨（＞６０）⟩ then allow sms",
    ),
    Hint(
        at("", r"(?P<mark>(?P<word>(?![，：])[\uff01-\uff5e](?:[^\n\"#：]*(?![，：])[\uff01-\uff5e])?))"),
        "full-width characters are not part of the language",
        "write `{word_plain}`",
        "⟨（unreachable ＞ ６０）⟩ then allow sms",
    ),
    Hint(
        at(
            rf"\b{DECLARING}\s+(?P<mark>(?P<begin>[a-z0-9_]*))",
            r"(?P<mark>(?P<word>[^\W\d_a-zA-Z][\wʼ’]*))(?=\s*[:\s\"(])",
        ),
        "a name has letters from a to z, digits and `_`",
        "write `{begin}{word_ascii}`",
        "rule ⟨ligação⟩: never sms",
        names=True,
    ),
    Hint(
        at(rf"\b{DECLARING}\s+", r"(?P<mark>(?P<word>[^\W\d_a-zA-Z]\w*))"),
        "a name has letters from a to z, digits and `_`",
        'choose such a name, and write this after it in quotation marks: `"{word}"`',
        "rule ⟨催收⟩: never sms",
    ),
    # effects
    *[
        Hint(
            at(before, here),
            "the effects are `allow`, `forbid`, `require` and `never`",
            "write `{word_effect}`",
            f"{start}⟨permit⟩ sms{end}",
            more=(f"{start}⟨ban⟩ sms{end}", f"{start}⟨oblige⟩ sms{end}"),
        )
        for before, here, start, end in (
            (r"\bthen\s+", rf"(?P<mark>(?P<word>{_EFFECT_WORDS}))\b", "after 60 days then ", ""),
            (rf":\s*(?P<mark>(?P<word>{_EFFECT_WORDS})\s+)", NAME, "rule r: ", " when deceased"),
        )
    ],
    Hint(
        at(rf"{EFFECTS}(?P<mark>\b(?P<action>{NAME})\s+)", rf"(?P<mark>of\s+(?P<value>{LITERAL}))"),
        "an action has no amount",
        "write `{action} when {action}_amount <= {value}`, and declare {uses}`fact {action}_amount money`",
        "allow ⟨fee of CNY 15⟩",
    ),
    Hint(
        at(rf"{EFFECTS}\b(?P<first>{NAME})\s+(?P<mark>and)\s+", r"(?:after|within|before|from|on|if|when)\b"),
        "a second rule begins here",
        "write `when always`, or the condition under which {first} is meant, and on the next line `rule NAME:`",
        "allow letter ⟨and⟩ after 90 days then allow visit",
        exact=False,
    ),
    Hint(
        at(
            r"\bensure\s+[a-z0-9_,\s]+?\b(?:allowed|forbidden|required|unsaid)\s+"
            r"(?P<mark>(?P<condition>(?:after|within|from|before|on)\s[a-z0-9_ ]*?))\s*",
            NEXT,
            "THEN",
        ),
        "the condition of an `ensure` begins with `when`",
        "write `when {condition}`",
        "ensure sms not allowed ⟨within 60 days⟩\n",
    ),
    Hint(
        around(
            rf":\s*(?P<mark>(?P<verb>{FREE_NAME})\s+(?P<fact>{FREE_NAME}))"
            r"(?=\s*(?:,|\n|\Z|(?:when|if|unless|then|because|source|overrides)\b))"
        ),
        "`{verb}` is no effect",
        lambda words: (
            "write `never {fact}`, `forbid {fact}`, `allow {fact}` or `require {fact}`".format_map(words)
            if words["as"] in ("action", "group")
            else None
        ),
        "rule r: ⟨hold sms⟩, email when deceased",
        exact=False,
    ),
    # conditions that go on where a bare rule begins
    Hint(
        around(
            rf"\b(?:when|(?P<but>unless)|and|or)\s+(?:not\s+)?(?!today\b){FREE_NAME}"
            rf"(?:\s+is\s+(?:not\s+)?{FREE_NAME})?[ \t]+"
            rf"(?P<mark>(?P<clock>(?:after|within)\s+{DAY}\s+days|(?:from|before|on)\s+day\s+{DAY}))\b"
            r"(?!\s+(?:of|after|since|from|before|past)\s)[^\n#]*\s*",
            "THEN",
        ),
        "two conditions are joined with `and`",
        lambda words: (
            "if the exception begins then, it is `and {clock}`; if the rule does, `when {clock}` before `unless`"
            if "but" in words
            else "write `and {clock}`"
        ).format_map(words),
        "rule r: allow sms when not deceased ⟨after 9 days⟩ and unreachable > 3\n",
        more=("rule r: never sms unless deceased ⟨after 9 days⟩\n",),
    ),
    Hint(
        around(
            rf"{BEGINS}(?P<mark>(?P<first>{FREE_NAME})[ \t]+(?P<second>{FREE_NAME}))\s*"
            r"(?:[<>=!]|is\b|between\b)[^\n#]*\s*"
        ),
        "two words follow each other, `{first}` and `{second}`, and a name is one word",
        "write `{first}_{second}` if they are one name; otherwise join two conditions with `and` or `or`",
        "never sms when ⟨wealth index⟩ < CNY 3",
    ),
    Hint(
        at(
            rf"\b(?:when|unless|and|or|not)\s+"
            rf"(?P<mark>(?P<fact>{_FACT})[ \t]+(?P<value>(?!(?:else|otherwise)\b){_FACT}))\s*",
            NEXT,
            "THEN",
        ),
        *_NO_COMPARISON,
        "never sms when ⟨plan agreed⟩\n",
    ),
    Hint(
        at(
            rf"{_CONDITION}(?P<mark>(?P<fact>(?!(?:limit|{EFFECT})\b){_FACT})[ \t]+)",
            rf"(?P<mark>(?P<value>(?!(?:else|otherwise|allowed|forbidden|required|unsaid|{EFFECT}|{STATEMENT})\b){_FACT}))",
            "THEN",
        ),
        *_NO_COMPARISON,
        "rule r: ⟨plan agreed⟩ then never sms",
    ),
    Hint(
        at(
            rf"\b(?:since\s+last|count\s+of|any)\s+(?P<event>{NAME})\s+(?P<mark>(?P<attribute>(?!where\b|in\b|this\b|since\b|ever\b){NAME})"
            rf"\s+(?:is|[<>=])[^\n#]*?)\s*",
            NEXT,
            "THEN",
        ),
        "a condition on events follows `where`",
        "write `{event} where {attribute} ...`",
        "event touch has medium one of call, letter\nfact spoken days since last touch ⟨medium is call⟩\n",
    ),
    Hint(
        at(
            rf"[^\s:]\s*\n[ \t]+(?P<mark>(?P<known>(?!(?:else|otherwise|{STATEMENT})\b){NAME}))\b"
            r"[^\n#]*?\s*",
            NEXT,
            "THEN",
        ),
        "a condition begins here, and nothing joins it to the one before",
        "write `and {known}` or `or {known}`",
        "never sms when unreachable > 3\n  ⟨overdue_amount⟩ > CNY 3\n",
    ),
    # names and types
    Hint(
        at(rf"\b(?P<kind>{DECLARING})\s+", rf"(?P<mark>(?P<word>{NUMBER}))", "NAME"),
        "a name begins with a letter from a to z",
        "write `{kind}_{word_joined}`",
        "rule ⟨3.1⟩: never sms",
    ),
    Hint(
        at(r"\bexpect\s+(?:[^:#]*,\s*)?", rf"(?P<mark>(?P<effect>allow|forbid|require)\s+(?P<action>{NAME}))"),
        "an expectation has the action first",
        "write `{action} {effect_expected}`",
        'example "e": given days_overdue 61 expect ⟨allow sms⟩',
        more=('example "e": given days_overdue 61 expect ⟨forbid sms⟩',),
    ),
    Hint(
        around(rf"\bfact\s+{NAME}\s+(?P<mark>(?:public|bank|national)\s+holidays?)\b"),
        "whether a day is a holiday follows from a calendar",
        "write `holiday of {calendar}`, with the name of the calendar that is meant",
        "fact rest ⟨public holiday⟩ usually no",
        exact=False,
        more=("fact rest ⟨bank holiday⟩\n",),
    ),
    Hint(
        around(
            rf"\bfact\s+{NAME}\s+{TYPE}\s+(?P<mark>(?:for\s+)?today|daily|each\s+day|on\s+(?:the|this|that)\s+day)\b"
        ),
        "a fact is of the day of the decision alone, or it is not",
        "write `this day` if nobody knows it for another day",
        "fact bank_holiday yes/no ⟨today⟩\n",
        exact=False,
    ),
    Hint(
        around(rf"\bfact\s+{NAME}\s+{TYPE}\s+(?P<mark>confidential|secret|sensitive|hidden)\b"),
        "a fact that is never shown is `private`",
        "write `private`",
        "fact income money ⟨confidential⟩\n",
    ),
    Hint(
        at(
            rf"\bfact\s+(?P<fact>{NAME})\s+(?P<type>{TYPE})\s+(?P<mark>{_FACT}\s*)",
            rf"(?P<mark>(?:{_FACT}[ \t]*)*)(?:\n|\Z|{NEXT})",
            "THEN",
        ),
        "what a fact means is written in quotation marks",
        'write it as a text: `fact {fact} {type} "What it means"`',
        "fact lateness days ⟨past due⟩\n",
    ),
    Hint(
        around(rf"\b(?:fact|has)\s+{NAME}\s+(?P<mark>hours\s+(?:per|each|every|by|a|in\s+a)\s+week)\b"),
        "a type has another name here",
        "write `weekly hours`",
        "fact rest ⟨hours per week⟩ or none",
    ),
    Hint(
        at(
            rf"\b(?:fact|has)\s+{NAME}\s+(?:{TYPE}|weekly\s+hours)\s*(?P<mark>(?:or\s+)?)",
            r"(?P<mark>,?\s*(?:(?:can|may|could)\s+be\s+(?:empty|blank|missing|null|none)|null(?:able)?\b|(?:or\s+)?(?:null|empty|blank|unknown|missing)\b))",
        ),
        "a fact whose value may not be known, and one that may have none, are two things",
        "write `optional` if it may not be known, `or none` if there may be none",
        "fact agreed_on date⟨, can be empty⟩",
        exact=False,
        more=("fact agreed_on date ⟨or null⟩", "fact agreed yes/no ⟨unknown⟩"),
    ),
    Hint(
        at(
            rf"\bfact\s+{NAME}\s+(?P<mark>(?P<first>(?!{TYPE}){NAME})\s*)",
            rf"(?P<mark><\s*(?P<second>{NAME}))",
            "OF",
        ),
        "the values of a fact follow `one of`",
        "write `one of {first} < {second}`",
        "fact grade ⟨low < high⟩",
    ),
    Hint(
        around(
            rf"\bone\s+of\s+(?P<mark>(?P<values>{NAME}(?:\s*,\s*{NAME})+)\s+(?:in\s+(?:this\s+|that\s+|rising\s+|ascending\s+)?order|(?:ordered|ranked|rising|ascending)))\b"
        ),
        "values that have an order have `<` between them",
        lambda words: f"write `{' < '.join(re.split(r'[, ]+', words['values']))}`, from the lowest to the highest",
        "fact grade one of ⟨low, middle, high in order⟩",
    ),
    Hint(
        at(rf"\bgroup\s+(?P<name>{NAME})\s+", rf"(?P<mark>(?P<first>{NAME}))", "IS ALSO"),
        "an `is` is missing after `{name}`",
        "write `is {first}`",
        "group g ⟨sms⟩, email",
    ),
    *[
        Hint(
            at(
                rf"\b(?P<fact>{NAME})\s+is\s+(?:not\s+)?one\s+of\s+(?:(?:{NAME}|{LITERAL})\s*,\s*)*",
                rf"(?P<mark>(?P<word>{words}))\b",
                "STRING",
            ),
            "a list holds values only, and `{word}` is not one",
            "leave it out, and add a comparison of its own: `{fact} is {word}`; "
            f"the fact is then declared `{clause}`",
            example,
        )
        for words, clause, example in (
            ("unknown|known", "optional", "never sms when contact_source is one of ⟨unknown⟩, declared"),
            ("none", "or none", "never sms when promised_on is one of ⟨none⟩, 2026-03-01"),
        )
    ],
    Hint(
        at(
            rf"\bone\s+of\s+(?:{NAME}\s*[,<]\s*)*",
            rf"(?P<mark>(?P<word>{NAME})\s*[,<]\s*(?:{NAME}\s*[,<]\s*)*(?P<second>{KEYWORD}))(?=\s*[,<]|\s+(?:or|optional|usually)\b|\s*\n|\Z)",
            "NAME -RULE",
        ),
        "`{word}` and `{second}` are words of the language, so they cannot be values",
        "choose others, such as `{word}_` and `{second}_`; `or none` after the values says that there may be none",
        "fact segment one of ⟨none, standard⟩, prime",
    ),
    Hint(
        at(
            rf"\bone\s+of\s+(?:{NAME}\s*[,<]\s*)*",
            rf"(?P<mark>(?P<word>{NAME}))(?=\s*[,<]|\s+(?:or|optional|usually)\b|\s*\n|\Z)",
            "NAME -RULE",
        ),
        "`{word}` is a word of the language, so it cannot be a value",
        "choose another, such as `{word}_`",
        "fact segment one of prime, ⟨standard⟩",
        names=True,
    ),
)
