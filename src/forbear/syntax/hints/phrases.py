"""Slips of authors who write plain English, or what another language has: signs in words, other names of types.

The first row that matches is told.
"""

from __future__ import annotations

from forbear.syntax.hints.hint import DATE, DAY, DAYS, EFFECT, LITERAL, NAME, NUMBER, STRING, slip

_VALUE = rf"(?:{LITERAL}|{NAME})"
_NO_FACT = r"(?:is|when|and|or|not|unless|then|where|no|more|less|at)\b"
_PHRASES = {
    ">=": ("at least", "no less than", "not less than", "no fewer than", "not fewer than"),
    "<=": ("at most", "no more than", "not more than", "up to"),
    ">": ("more than", "greater than", "higher than", "later than", "over", "above", "exceeds"),
    "<": ("less than", "fewer than", "lower than", "earlier than", "under", "below"),
    "=": ("equals", "equal to"),
}
_TYPES = {
    "count": r"(?:int|integer|whole)",
    "yes/no": r"(?:bool|boolean|flag|yes_no)",
    "text": r"(?:string|str)",
    "number": r"(?:float|double|decimal|numeric)",
    "money": r"(?:amount|sum)",
    "percent": r"(?:percentage|pct)",
    "one of a, b": r"(?:enum|choice)",
}
_EXPECTED = {"allowed": "allow", "forbidden": "forbid", "required": "require"}

EARLY = (
    # comparisons in words; the parser may have taken the first of the words for a name
    *[
        slip(
            rf"(?P<mark>\b(?P<fact>(?!{_NO_FACT}){NAME})\s+(?:is\s+)?{taken}{' ' if taken else ''})",
            rf"(?P<mark>{rest}\s+(?P<value>{_VALUE}))",
            "a comparison is written with a sign",
            f"write `{{fact}} {sign} {{value}}`",
            fits="-COLON -UNKNOWN",
        )
        for sign, phrases in _PHRASES.items()
        for words in (phrase.split() for phrase in phrases)
        for taken, rest in [(" ".join(words[:number]), r"\s+".join(words[number:])) for number in range(len(words))]
    ],
    slip(
        rf"(?P<mark>\b(?P<fact>{NAME})\s+is\s+)",
        rf"(?P<mark>(?P<sign>[<>]=?|=|!=)\s*(?P<value>{_VALUE}))",
        "`is` is a comparison by itself",
        "write `{fact} {sign} {value}`",
    ),
    slip(
        r"(?P<mark>\bmore\s+)",
        rf"(?P<mark>than\s+(?P<number>{NUMBER})\s+{DAYS})",
        "days past due are counted by the clock",
        "write `after {number} days`",
    ),
    slip(
        rf"\bfact\s+{NAME}\s+",
        r"(?P<mark>days?\s+of\s+(?:the\s+)?decision)\b",
        "the day of a decision is its date or its weekday",
        "write `date of decision` or `weekday of decision`",
    ),
)
"""These are looked at before all others: `than` is no misspelt `then`."""

SLIPS = (
    # the clock
    slip(
        "",
        rf"(?P<mark>(?:on\s+)?days?\s+(?P<first>{DAY})\s+(?:to|until|-)\s+(?:day\s+)?(?P<last>{DAY}))",
        "a span of days is written otherwise",
        "write `from day {first} to day {last}`",
        fits="AFTER -EVER",
    ),
    slip(
        "",
        rf"(?P<mark>(?P<word>until|by)\s+day\s+(?P<number>{DAY}))",
        "the days up to one are said by `within`",
        "write `within {number} days`",
        fits="AFTER -EVER",
    ),
    slip(
        "",
        rf"(?P<mark>day\s+(?P<number>{DAY}))",
        "on which days the rule holds is said before the day",
        "write `on day {number}`, or `from day {number}`",
        fits="AFTER -EVER",
    ),
    slip(
        "",
        rf"(?P<mark>(?P<number>{DAY})\s+{DAYS})",
        "from when on the days are counted is not said",
        "write `after {number} days`, or `within {number} days`",
        fits="AFTER -EVER",
    ),
    slip(
        rf"\b(?:after|within)\s+(?:{NUMBER}|{NAME})\s+",
        rf"(?P<word>calendar|business|working|full|whole)\s+{DAYS}",
        "the days of the clock are days of the calendar",
        "leave the `{word}` out",
    ),
    # effects
    slip(
        "",
        rf"(?P<mark>(?P<sign>->|→|:|⇒)\s*)(?P<word>{EFFECT})\b",
        "between condition and effect stands `then`",
        "write `then {word}`",
        fits="THEN",
    ),
    slip(
        "",
        rf",\s*(?P<word>{EFFECT})\b",
        "between condition and effect stands `then`",
        "write `then {word}` instead of the comma",
        fits="THEN",
    ),
    *[
        slip(
            rf"\b(?P<mark>(?P<action>(?!then\b|and\b|or\b|{EFFECT}\b){NAME})\s+(?:is\s+|are\s+)?)",
            rf"(?P<mark>{expected}\b)",
            "what a rule does stands before the action",
            f"write `{effect} {{action}} when CONDITION`",
            fits="THEN",
        )
        for expected, effect in _EXPECTED.items()
    ],
    slip(
        rf"\b(?P<mark>(?P<action>{NAME})\s+(?:is\s+|are\s+)?)",
        r"(?P<mark>not\s+(?:allowed|permitted))\b",
        "what a rule does stands before the action",
        "write `forbid {action} when CONDITION`, or `never {action}`",
        fits="THEN",
    ),
    slip(
        r"(?P<mark>\b(?:do\s+)?)",
        r"(?P<mark>not\s+(?:allow|require))\b",
        "a rule that does not allow has a word of its own",
        "write `forbid`, or `never`",
        fits="THEN",
    ),
    slip(
        r"(?P<mark>\b(?:do\s+)?not\s+)",
        r"(?P<mark>(?:allow|require))\b",
        "a rule that does not allow has a word of its own",
        "write `forbid`, or `never`",
    ),
    slip(
        "",
        r"(?P<word>only)\s+(?:when|if)\b",
        "a rule has no `only`: it says nothing elsewhere",
        "leave the `only` out",
        fits="WHEN",
    ),
    slip(
        r"(?P<mark>\bexcept\s+)",
        r"(?P<mark>when|if)\b",
        "what is left out is said by `unless`",
        "write `unless CONDITION` behind the condition of the rule",
        fits="EVERYTHING",
    ),
    slip(
        r"\b(?P<mark>(?:else|otherwise)\s+)",
        rf"{EFFECT}\b",
        "a rule has no `else`",
        "write a second rule, with its own condition",
    ),
    slip(
        r"\band\s+",
        rf"(?P<word>{EFFECT})\b",
        "between condition and effect stands `then`",
        "write `then {word}`, without the `and`",
        fits="AFTER -RULE",
    ),
    # dates
    slip(
        r"\bsuspend\s[a-z0-9_,\s]*?(?P<mark>)",
        rf"(?P<mark>(?:until|on|since|after)\s+(?P<day>{DATE}))",
        "a suspension begins on a day",
        "write `from {day}`, and `until` with its last day",
        fits="FROM COMMA",
    ),
    slip(
        r"(?P<mark>\bfrom\s+)",
        rf"(?P<mark>(?P<day>{DATE}))",
        "the days of a rule stand behind `in force`",
        "write `in force from {day}`",
        fits="DAY",
    ),
    slip(
        r"\b(?:rule\b[^:#]*:|never|allow|forbid|require)\s[^:#]*",
        rf"(?P<mark>until\s+(?P<day>{DATE}))",
        "the days of a rule stand behind `in force`",
        "write `in force until {day}`",
        fits="IN",
    ),
    # examples
    slip(
        r"\bexample\s*",
        rf"(?P<word>:|{NAME})",
        "an example has a title in quotation marks",
        'write `example "day 34":`',
        fits="STRING",
    ),
    slip(
        rf"\bexample\s+{STRING}\s*:\s*",
        rf"(?P<fact>{NAME})\s",
        "what holds in an example stands behind `given`",
        "write `given {fact} ...`",
        fits="GIVEN",
    ),
    slip(
        "",
        r"(?P<word>then)\b",
        "what an example expects stands behind `expect`",
        "write `expect` for `{word}`",
        fits="EXPECT",
    ),
    slip(
        rf"\bgiven\s[^#:]*?(?P<mark>\b(?P<fact>{NAME}))\s*",
        r"(?:expect|on)\b|,",
        "a fact is given with its value",
        "write `{fact} yes`, if that is meant",
        fits="UNKNOWN",
    ),
    # words instead of texts
    slip(
        r"\b(?P<word>because|source|version)\s+",
        r"[A-Za-z0-9]",
        "what follows `{word}` stands in quotation marks",
        'write `{word} "..."`',
        fits="STRING -COMMA",
    ),
    # types
    *[
        slip(
            rf"(?:\bfact|\bhas)\s+{NAME}\s+(?P<mark>{word}\b)\s*",
            "",
            "a type has another name here",
            f"write `{type_}`",
            fits="OF",
        )
        for type_, word in _TYPES.items()
    ],
    slip(
        rf"(?:\bfact|\bhas)\s+{NAME}\s*",
        r"(?P<word>:|is\b|as\b|=)",
        "between a name and its type stands no sign",
        "leave the `{word}` out",
        fits="COUNT MONEY",
    ),
    slip(
        rf"\bfact\s+{NAME}\s+[a-z/]+\s+(?P<mark>default\s+)",
        r"",
        "what a fact usually is says `usually`",
        "write `usually VALUE`",
    ),
    slip(
        rf"(?:\bfact|\bhas)\s+{NAME}\s+(?:count|number|days|percent|money)\s+(?P<mark>(?:from\s+)?)",
        rf"(?P<mark>(?:>=?\s*)?(?P<low>{LITERAL})(?:\s+to\s+{LITERAL})?)",
        "the range of a fact is written by `between`",
        "write `between {low} and 100`, with its highest value",
    ),
    slip(
        rf"\bone\s+of\s+(?:{NAME}\s*[,<]\s*)*(?P<first>{NAME})\s+(?P<mark>or\s+)",
        rf"(?P<second>{NAME})",
        "the values of a fact have commas between them",
        "write `{first}, {second}`",
        fits="NONE -AFTER",
    ),
    slip(
        rf"\bfact\s+{NAME}\s+(?P<mark>(?P<first>{NAME}))",
        r"\s*,\s*(?P<second>{NAME})",
        "the values of a fact stand behind `one of`",
        "write `one of {first}, {second}`",
        fits="OF",
    ),
    # heads and comments
    slip(
        rf"\b(?:setting|define)\s+(?P<name>{NAME})\s+",
        rf"(?P<first>{_VALUE})",
        "an `is` is missing behind `{name}`",
        "write `{name} is {first}`",
        fits="IS -COMPARE",
    ),
    slip(
        rf"\baction\s+(?:{NAME}\s*,\s*)*{NAME}\s*",
        rf"(?P<mark>:)\s*{STRING}",
        "before a description stands no sign",
        "leave the `{mark}` out",
    ),
    slip(
        r"\buses\s+",
        rf"(?P<mark>(?P<name>{NAME})\.forbear)\b",
        "a file stands in quotation marks",
        'write `uses "{name}.forbear"`, or `uses {name}` for what is shipped',
    ),
    slip(r"\brule\s*", ":", "a rule needs a name behind `rule`", "write `rule NAME:`", fits="NAME -COLON"),
    slip("", r"(?P<word>//|/\*|--|\*)", "a comment begins with `#`", "write `# ...`, on each line of the comment"),
    slip("", r"(?P<word>[-*•])(?=\s)", "a statement has no sign before it", "leave the `{word}` out", fits="RULE"),
    # brackets
    slip("", r"\)", "no bracket is open here", "take the `)` out, or write `(` where the group begins", fits="-RPAR"),
    slip(
        "",
        r"(?P<word>then|when|[a-z]+|\Z)",
        "a bracket is still open here",
        "write `)` where the group ends",
        fits="RPAR -NAME",
    ),
    # lists
    slip(
        rf"(?:\b{EFFECT}|\bgroup\s+{NAME}\s+is|,|\bexcept|\bexpect|\baction)\s+(?P<first>{NAME})\s+(?P<mark>(?P<second>{NAME}))\s*",
        r"(?:rule|fact|event|action|group|ladder|define|setting|example|ensure|accept|suspend|unless|because|overrides|source|when)\b|\Z",
        "a comma is missing before `{second}`",
        "write `{first}, {second}`",
        fits="THEN",
    ),
)
