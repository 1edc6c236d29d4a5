"""A word or a sign in whose place the language has another one, or none: `reason "..."`, `the last`, `source: "..."`.

Whatever is put in its place, the statement has to go on with the word behind it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import product

from forbear.base.source import Span
from forbear.language.syntax.grammar import goes_on
from forbear.language.syntax.hints.forms import COMPARED, NUMBERS
from forbear.language.syntax.hints.hint import DATE, EFFECT, FREE_NAME, LITERAL, NAME, STRING, TYPE, Words
from forbear.language.syntax.hints.known import Known
from forbear.language.syntax.hints.needed import has_all, needed
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
    **{sign: [","] for sign in (*"+/;&", "y", "et", "und")},
    "to": ["until", ""],
    "and": [",", "until", "to", ""],
    "or": [","],
    "if": ["when", "", "and"],
    "when": ["given", "", "and"],
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
    **{word: ["forbidden"] for word in ("prohibited", "denied", "blocked", "banned", "refused")},
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
"""The replacements of a word, the likeliest first: empty if it is not needed. None makes an opposite."""
_SOMEBODY = r"(?:the\s+|an?\s+)?(?:(?:account|borrower|client|consumer|customer|debtor|loan)s?|people|those|anyone)"
_DAY = r"(?:day\s+)?[0-9]+(?:\s+days)?"
_FACT = rf"fact\s+{NAME}\s+"
_DATE_LETTERS = r"(?i:(?:dd?|mm?m?|tt|yyyy|yy|jjjj|aaaa|jj)(?:[/.-](?:dd?|mm?m?|yyyy|yy|jjjj|aaaa)){1,2})(?!\w)"
_VALUE = rf"(?:(?!{_DATE_LETTERS})(?!(?:defaults?|normally|by)\b){FREE_NAME}|{STRING})"
_VALUES = rf"{_VALUE}(?:(?:\s*,\s*(?:(?:and|or)\s+)?|\s*[|/]\s*|\s+(?:and|or)\s+){_VALUE})+"
_CHOICE = (
    r"\s*(?:(?:[:=]|(?:is|are|can\s+be|may\s+be|has)\b)\s*)?"
    r"(?:(?:(?:one|any|either)(?:\s+of)?|options?|choices?|values|enum|in)\b)?\s*:?\s*"
)
_USUAL = r"(?P<usual>\s*,?\s*\b(?:usually|normally|defaults?(?:\s+to)?|by\s+default)\b|)"
_WHICH = (
    rf"{_FACT}(?:count\s+of|any|sum\s+of|days\s+(?:in\s+a\s+row\s+)?with"
    rf"|(?:[a-z0-9_]+\s+)*since\s+(?:last|first))\s+{NAME}(?:\.{NAME})?"
)
_WINDOW = (
    r"(?:in\s+last\s+[0-9]+\s+[a-z]+|this\s+[a-z]+|ever|at\s+least\s+[0-9]+\s+days\s+ago"
    r"|between\s+[0-9]+\s+and\s+[0-9]+\s+days\s+ago)"
)
_CONDITION = r"(?P<condition>[^:#\"\n]+?)(?=\s*(?:\n|\Z|\"|(?:usually|default|optional|private)\b))"
PHRASES = tuple(
    (re.compile(rf"(?<!\bnot\s)(?:(?<!\w)|(?=\W))(?P<mark>{phrase})(?!\w)"), others)
    for phrase, others in (
        # conditions
        (
            rf"(?:except|but\s+not)\s+(?:(?:for|to)\s+)?{_SOMEBODY}\s+(?:who|that|with)(?:\s+(?:is|are|has|have)\b)?",
            ("unless",),
        ),
        (
            rf"(?:except|but\s+not)\s+(?:(?:for|to|of)\s+)?(?:an?\s+|the\s+)?(?P<flag>{NAME})\s+{_SOMEBODY}",
            ("unless {flag}",),
        ),
        (
            rf"(?:when|unless|and|or|not)\s+(?P<out>{_SOMEBODY}\s+(?:(?:that|which|who)\s+)?(?:is|are|has|have|was|were)(?:\s+an?)?)",
            ("",),
        ),
        (
            r"(?:when|unless|and|or|not)\s+(?P<out>(?:it(?:['\u2019]?s|\s+is|\s+was)|(?:this|that|there)\s+is)(?:\s+(?:an?|the))?)",
            ("",),
        ),
        (rf"for\s+(?:all\s+|any\s+|an?\s+)?(?P<fact>{NAME})\s+{_SOMEBODY}", ("when {fact}",)),
        (rf"(?:when|unless|and|or|not|[(])\s*{NAME}\s+(?P<out>yes|true)", ("",)),
        (rf"(?:when|unless|and|or|[(])\s*(?P<out>(?P<fact>{NAME})\s+(?:no|false))", ("not {fact}",)),
        (
            rf"(?:when|unless|and|or|not|[(])\s*(?P<out>{_SOMEBODY})(?=\s+{NAME}\s*(?:\n|[)]|(?:and|or|because|source)\b))",
            ("",),
        ),
        (rf"(?P<fact>{NAME})\s+(?P<word>unknown|none)", ("{fact} is {word}",)),
        (r"always", ("when always",)),
        (r"(?:,\s*)?(?:except|save|other\s+than|but\s+not)\s+(?:when|where|if)", ("unless", "when always unless")),
        (
            r"(?:provided|given|on\s+(?:the\s+)?condition|in\s+(?:the\s+)?event)\s+that|provided|assuming"
            r"|(?:as|so)\s+long\s+as|in\s+(?:the\s+event\s+of|case(?:\s+of)?)|whenever|while|where|during",
            ("when", "", "and"),
        ),
        (r"as\s+soon\s+as|once|subject\s+to|conditional\s+on", ("when",)),
        (
            rf"(?:for|to|of)\s+(?:all\s+|any\s+)?{_SOMEBODY}\s+(?:who|that|which)(?:\s+(?:is|are|has|have)\b)?",
            ("when",),
        ),
        (r"both|there\s+(?:is|are|was|were|has\s+been)(?:\s+(?:an?|any))?", ("",)),
        (r"(?<!thing\s)but|,\s*with", ("and",)),
        (r"(?:and|or)\s+(?P<out>when|if)", ("",)),
        (r",\s*(?:if|when|provided(?:\s+that)?)", ("and",)),
        (rf"(?!holidays?\b|weekends?\b){NAME}\s+(?P<out>was|were|are|ha(?:s|ve)\s+been)", ("is",)),
        (r"(?:is|are|was)(?:n['\u2019]t|\s+not)", ("is not", "not")),
        (r"not(?=\s+(?:between|one\s+of|none)\b)", ("is not",)),
        (r"(?:is|in)\s+(?:none|neither|not\s+any|not\s+either)\s+of", ("is not one of",)),
        (rf"{NAME}(?P<out>\(\s*\))", ("",)),
        (r"is\s+not\s+unknown", ("is known",)),
        (r"is\s+not\s+known", ("is unknown",)),
        (r"(?P<number>[0-9][0-9_.]*)\s+per\s?cent", ("{number}%",)),
        # days
        (
            r"(?:from\s+)?(?P<day>day\s+[0-9]+)(?:\s*,?\s*(?:and|or)\s+(?:after|beyond|later|onwards?|upwards?)"
            r"|\s+(?:onwards?|upwards?|forward|on))",
            ("from {day}",),
        ),
        (r"at\s+(?P<day>day\s+[0-9]+)", ("on {day}",)),
        (r"(?:after|within)\s+\w+\s+(?P<out>calendar|full|whole)", ("",)),
        (rf"(?P<out>at\s+the\s+earliest,?)\s+(?:after|from)\s+{_DAY}", ("",)),
        (rf"(?:after|from)\s+{_DAY}\s*(?P<out>,?\s*\bat\s+the\s+earliest)", ("",)),
        (rf"(?:within|before)\s+{_DAY}\s*(?P<out>,?\s*\bat\s+the\s+latest)", ("",)),
        (rf"\b(?:to|and)\s+{_DAY}\s*(?P<out>,?\s*\b(?:both\s+)?(?:inclusive(?:ly)?|included))", ("",)),
        (rf"in\s+force\s+(?P<out>(?P<day>{DATE}))", ("from {day}",)),
        (
            rf"(?P<out>,?\s*\b(?:and\s+)?(?:in\s+(?:effect|force)|effective|valid|applicable)\s+(?:from\s+|between\s+)?(?P<day>{DATE})"
            rf"\s*(?:\b(?:through|thru|to|till|until|and)\b|[-\u2013])\s*(?P<last>{DATE}))",
            ("in force from {day} until {last}",),
        ),
        (
            rf"(?P<out>,?\s*\b(?:(?:in\s+effect|effective|valid|applicable)\s+|(?=from\s|until\s))(?P<word>from|until)\s+(?P<day>{DATE}))",
            ("in force {word} {day}",),
        ),
        (rf"(?P<out>,?\s*\b(?:in\s+effect|effective|valid|applicable)\s+(?P<day>{DATE}))", ("in force from {day}",)),
        # effects
        (
            rf"{EFFECT}\s+{NAME}(?:\s*,\s*{NAME})*\s+"
            r"(?P<out>except\s+for|excluding|but\s+not|other\s+than|apart\s+from|save\s+for|minus)",
            ("except",),
        ),
        (r"(?:all|anything|everything)\s+(?:but|other\s+than|save|apart\s+from)", ("everything except",)),
        (
            rf"(?:ensure|expect)\s+(?:[^:#\"\n]*,\s*)?(?P<out>(?:no|not|never|(?<=ensure\s)forbid)\s+(?P<action>(?!more\b){NAME}))",
            ("{action} not allowed",),
        ),
        (rf"expect\s+(?:[^:#\"\n]*,\s*)?{NAME}\s+(?P<out>yes|true)", ("allowed",)),
        (rf"expect\s+(?:[^:#\"\n]*,\s*)?{NAME}\s+(?P<out>no|false)", ("not allowed",)),
        (r"(?:ensure|expect)\s+(?P<out>that)", ("",)),
        (
            r"ensure\s+(?P<out>(?:that\s+)?(?:at\s+least\s+one|one|some|either)(?:\s+of)?(?:\s+the)?)",
            ("any of",),
        ),
        (rf",(?=\s*{EFFECT}\b)", (" then", " and")),
        (rf"and(?=\s+{EFFECT}\b)", ("then",)),
        (r"(?:and|which|that|this)(?=\s+(?:overrides|because|unless|source)\b)", ("",)),
        (
            rf"{EFFECT}\s+{NAME}(?:\s*,\s*{NAME})*\s+(?P<out>(?:to\s+|with\s+)?(?:any(?:one|body)|some(?:one|body)|them|people|(?:the\s+|an?\s+|any\s+)?(?:borrower|customer|consumer|debtor|client)s?))",
            ("",),
        ),
        (rf"{EFFECT}\s+(?P<out>(?:all|any(?:thing)?|every|each|\*)(?:\s+actions)?)", ("", "everything")),
        (
            rf"(?:{EFFECT}\s+(?:{NAME}\s*,\s*)*|with\s+)(?P<out>(?:(?:every|each|all|any)\s+)?texts?(?:\s+messages?)?)",
            ("sms",),
        ),
        (r"(?:together|along)\s+with", ("with",)),
        (
            r"(?:(?:(?:to|will|should|must|shall)\s+be|is|are|be)(?:\s+always)?|always)(?=\s+(?:not\s+)?(?:allowed|forbidden|required|unsaid)\b)",
            ("",),
        ),
        # declarations
        (rf"define\s+{NAME}(?P<out>\s*,?\s*\b(?:when|if|whenever|where)\b)", (" is",)),
        (
            rf"event\s+{NAME}(?:\s+{STRING})?(?:[^\n]*+\n[ \t]++)*?[ \t]*+(?<=\s)(?P<out>"
            rf"(?:has\s+)?(?P<name>{FREE_NAME})\s*:\s*(?:one\s+of\s+)?(?P<values>{_VALUES})(?:\s*,(?=\s*has\b))?)",
            ("has {name} one of {values_values}",),
        ),
        (rf"event\s+{NAME}(?:\s+{STRING})?\s+(?P<out>(?P<name>(?!has\b){FREE_NAME}))(?=\s+{TYPE}\b)", ("has {name}",)),
        (
            rf"(?:fact|has)\s+{NAME}(?P<out>{_CHOICE}[(\[]?(?P<values>(?=[a-z]){_VALUES})[)\]]?\s*,?\s*"
            rf"\(?(?:ordered|ascending|rising|ranked|sorted|in\s+(?:this|that|rising|ascending)\s+order)\)?\s*(?:,(?=\s*(?:usually|default))|{_USUAL}))",
            ("one of {values_rising}{usual_usually}",),
        ),
        (
            rf"(?:fact|has)\s+{NAME}(?P<out>{_CHOICE}[(\[]?(?P<values>(?=[a-z]){_VALUES})[)\]]?(?:\s*,(?=\s*has\b)|{_USUAL}))",
            ("one of {values_values}{usual_usually}",),
        ),
        (
            rf"(?:fact|has)\s+{NAME}(?P<out>{_CHOICE}[(\[]?(?P<values>(?=\"){_VALUES})[)\]]?{_USUAL})",
            ("text one of {values_values}{usual_usually}",),
        ),
        (
            rf"{_FACT}(?P<out>(?:date\s+)?(?:,\s*)?(?:(?:in\s+)?(?:the\s+)?format\s+)?\(?{_DATE_LETTERS}\)?)",
            ("date",),
        ),
        (rf"{_FACT}(?P<out>(?:an?|the|birth|calendar|due)\s+date|date\s+of\s+birth)", ("date",)),
        (
            rf"(?<=\n)(?P<name>{FREE_NAME})\s*(?:\b(?:is|as)\b|[:=])\s*(?:an?\s+)?(?P<type>{TYPE})(?=\s*(?:\n|\Z))",
            ("fact {name} {type}",),
        ),
        (rf"{_FACT}(?P<out>yes\s*/\s*no\s*(?:/|,|or\b)\s*(?:unknown|unclear|maybe))", ("yes/no optional",)),
        (
            rf"{_FACT}(?P<out>(?P<word>optional|private)\s+(?P<type>(?:one\s+of\s+{NAME}(?:\s*[,<]\s*{NAME})*|yes/no|{TYPE})(?:\s+or\s+none|\s+[A-Z]{{3}})?))",
            ("{type} {word}",),
        ),
        (
            rf"fact\s+{NAME}(?P<out>\s*:?\s*(?:(?:is|whether|if|it)\s+)*now\s+(?:is\s+)?(?:inside|within|in|during))(?=\s+{NAME})",
            ("now within",),
        ),
        (rf"{_FACT}(?P<out>(?:the\s+)?day\s+of\s+(?:the\s+)?week(?:\s+of\s+decision)?)", ("weekday of decision",)),
        (rf"{_FACT}(?P<out>(?:the\s+)?(?:time|hour)\s+of\s+(?:the\s+)?day)", ("time of decision",)),
        (
            rf"{_FACT}(?P<out>(?:is\s+(?:it\s+)?(?:an?\s+)?)?(?:(?:public|bank|national)\s+)?holidays?\s+(?:in|of)\s+(?P<calendar>{NAME}))",
            ("holiday of {calendar}",),
        ),
        (
            rf"{_FACT}(?P<out>working\s+days\s+(?P<since>since\s+(?:last|first)\s+{NAME})\s+(?:in|by|per|of)\s+(?:the\s+)?(?P<calendar>{NAME}))",
            ("working days of {calendar} {since}",),
        ),
        (rf"{_FACT}(?P<has>{NAME})\s+(?P<out>from|in|on|at)(?=\s+(?:the\s+)?(?:last|first)\s)", ("of",)),
        (
            rf"{_FACT}(?P<out>(?:(?:whether|if)\s+)?(?:there\s+(?:is|was|were|are|has\s+been)|(?:is|was|were|are|has)\s+there(?:\s+been)?)\s+(?:any|an?))(?=\s+{NAME})",
            ("any",),
        ),
        (
            rf"add\s+(?P<actions>{NAME}(?:\s*,\s*{NAME})*)\s+to\s+(?:the\s+)?group\s+(?P<group>{NAME})",
            ("group {group} also {actions}",),
        ),
        (
            rf"group\s+{NAME}(?P<out>\s*[:=]\s*(?P<values>{NAME}(?:[ \t]+{NAME})+))(?=\s*(?:\n|\Z))",
            (" is {values_apart}",),
        ),
        (rf"group\s+{NAME}\s+(?P<out>includes|contains|comprises|consists\s+of|covers|means|has|are|of)", ("is",)),
        (
            rf"ladder\s+{NAME}(?P<out>\s*(?::|=|is\b)\s*(?P<values>{NAME}(?:\s*(?:->|=>|\u2192|,|<|then\b)\s*(?!rising\b){NAME})+)"
            r"(?:\s*,(?=\s*rising\b))?)",
            (": {values_values}",),
        ),
        (rf"(?:,\s*)?(?:and\s+)?holidays?(?:\s+(?:is|are|on)\b|\s*[:=])?(?=\s+{DATE})", ("holidays",)),
        # which events, and when
        (
            rf"{_WHICH}\s+(?P<out>(?P<window>{_WINDOW})\s+(?:where|when|if)\s+{_CONDITION})",
            ("where {condition} {window}",),
        ),
        (
            rf"{_WHICH}\s+(?P<out>(?P<window>{_WINDOW})\s+(?:unless|(?:except|but\s+not)\s+(?:when|where|if))\s+{_CONDITION})",
            ("where {condition_denied} {window}",),
        ),
        (
            rf"{_WHICH}\s+(?P<out>(?:unless|(?:except|but\s+not)\s+(?:when|where|if))\s+(?P<condition>[^:#\"\n]+?))(?=\s+{_WINDOW})",
            ("where {condition_denied}",),
        ),
        (
            rf"{_WHICH}(?P<out>\s*(?:,|\s(?:with|having|whose|and|when|if))\s*(?P<name>{FREE_NAME})\s+(?P<sign>{COMPARED}))(?=\s+{LITERAL})",
            ("where {name} {sign_sign}",),
        ),
        (
            rf"{_WHICH}(?P<out>\s*,|\s+(?:with|having|whose|and|when|if))(?=\s*{FREE_NAME}\s*(?:is\b|[=<>]))",
            ("where",),
        ),
        (
            rf"{_WHICH}\s+(?P<out>(?:(?:with|when|if|that\s+(?:is|was))\s+)?(?P<no>not\s+|)(?P<has>{FREE_NAME}))(?!\s*(?:is\b|[<>=]))",
            ("where {no}{has}",),
        ),
        (
            r"(?:from\s+)?(?P<low>[0-9]+)\s*(?:to|until|and|-)\s*(?P<high>[0-9]+)\s+(?P<unit>days)\s+ago",
            ("between {low} and {high} {unit} ago",),
        ),
        (
            rf"event\s+(?P<out>(?P<event>{NAME})\s*\(\s*(?P<name>{NAME})[\s:]+(?P<type>{NAME}(?:/no)?)\s*\))",
            ("{event} has {name} {type}",),
        ),
        (rf"one\s+of\s+(?P<out>[(\[{{]\s*(?P<values>{NAME}(?:\s*[,<]\s*{NAME})*)\s*[)\]}}])", ("{values}",)),
        (r"(?:number|count)\s+(?P<code>[A-Z]{3})", ("money {code}",)),
        (rf"since(?=\s+{NAME}\s+where\b)", ("since last",)),
        (
            rf"(?:the\s+)?(?P<which>last|first)\s+(?P<event>{NAME})(?:\.|['\u2019]?s\s+|\s+)(?P<name>(?!where\b){NAME})",
            ("{name} of {which} {event}",),
        ),
        (rf"sum\s+of\s+(?P<name>{NAME})\s+(?:of|from|in)\s+(?P<event>(?!last\b){NAME})", ("sum of {event}.{name}",)),
        (rf"(?:yes|true)\s*(?:or|,|\||/)\s*(?:no|false){_USUAL}", ("yes/no{usual_usually}",)),
        (r"(?:(?:the\s+)?number\s+of|how\s+many)(?=\s+(?:days|months|years)\s+since\b)", ("",)),
        (rf"{_FACT}(?P<out>(?:the\s+)?number\s+of|how\s+many|how\s+often)", ("count of",)),
        (rf"{_FACT}(?P<out>count)(?=\s+{NAME}\s+(?:in|since|this|ever|where|within|last|at|between)\b)", ("count of",)),
        (rf"{_FACT}(?P<out>sum)(?=\s+{NAME}\.)", ("sum of",)),
        (rf"{_FACT}days\s+(?P<out>of|on\s+which|when)(?=\s+{NAME}\s+(?:in|this|where)\b)", ("with",)),
        (rf"days\s+(?:of\s+{NAME}\s+)?(?P<out>after|from|following|of)", ("since",)),
        (r"(?:the\s+)?(?:latest|newest|most\s+recent)", ("last",)),
        (r"(?:the\s+)?(?:earliest|oldest)", ("first",)),
        (r"(?:,\s*(?:and\s+)?|but\s+)?since", ("and since",)),
        (r"(?P<number>[0-9]+)(?P<unit>(?:day|hour|minute|month)s?)", ("{number} {unit}",)),
        (
            r"(?:(?:in|for|over|during|within)\s+)?(?:the\s+)?(?:past\s+|last\s+)?(?P<number>[0-9]+)\s+(?P<unit>(?:day|hour|hr|minute|min|month|week)s?)",
            ("in last {number} {unit}",),
        ),
        (rf"{_WHICH}\s+(?P<out>(?:this\s+)?day|today)", ("in last 1 day",)),
        # examples and heads
        (rf"on\s+{DATE}\s+(?P<out>(?P<time>[0-9]+:[0-9:]+))", ("at {time}",)),
        (rf"on\s+{DATE}(?:\s+at\s+\S+)?\s+(?P<out>with|and|has|where)", ("",)),
        (rf"at(?=\s+{DATE}\b)", ("on",)),
        (r"(?:should|must|shall|will)\s+be|results?\s+in", ("expect",)),
        (r"applies\s+(?P<out>to|for|if|in|where|only\s+(?:to|for|if|in|when))", ("when",)),
        (r"(?:complies|compliant|comply|governed|bound)\s+(?:with|by|under)(?=\s*\")", ("subject to",)),
        (r"(?:leaves|does|silent)\s+(?:out|not\s+(?:say|cover)|on)(?=\s*\")", ("omits",)),
    )
)
"""The replacements of phrases, or of the part `out`: the first text with which the statement continues."""
_NEEDED = [needed(phrase.pattern) for phrase, _ in PHRASES]
_ONE_IS_ENOUGH = re.compile(r"\b(?:require|expect|ensure)\s(?!any\s+of\b)[^:#]*\Z")
"""The text before an `or` between actions that means one of them, and not each."""
_TOKEN = re.compile(rf'"(?:[^"\\\n]++|\\[^\n])*+"?|#[^\n]*|(?P<word>{NAME}|[^\s\w"#])')
_BACK = 2
_LONGEST = 2000
_BEGINS = re.compile(r"(?:[:(\n]\s*|\A)\Z")
_SIGN = re.compile(r"\s*[:=](?=\s)")


def other_word(text: str, at: int, ends: Sequence[int]) -> Broken | None:
    """Returns the error that another word mends: for the token that does not fit at `at`, those right before it, or the
    one after it.
    """
    begins = [end for end in ends if end <= at][-2:][::-1]  # the statement before may go on with the word
    return next(filter(None, [_other_word(text, at, begin) for begin in begins]), None)


def other_phrase(text: str, at: int, ends: Sequence[int], known: Known) -> Broken | None:
    """The same of a phrase that ends before the token that does not fit at `at`, or with it."""
    begins = [end for end in ends if end <= at and at - end <= _LONGEST][-2:][::-1]
    begin_of_all = min(begins, default=at)
    near = text[begin_of_all : at + 150]
    for (phrase, others), literals in zip(PHRASES, _NEEDED, strict=True):
        for match in phrase.finditer(text, begin_of_all, at + 150) if has_all(near, literals) else ():
            start, end = match.span("out" if "out" in match.groupdict() else "mark")
            start += len(text[start:end]) - len(text[start:end].lstrip())
            end = max(start, start + len(text[start:end].rstrip()))
            stops = [stop for stop in (at, ends[-1]) if not text[match.end() : stop].strip()]
            if match.start() > at or not stops:
                continue
            groups = match.groupdict()
            if "has" in groups and known.types.get(groups["has"]) != "has":
                continue
            if "flag" in groups and known.types.get(groups["flag"], "yes/no") not in (
                "yes/no",
                "define",
                "any",
                "holiday",
            ):
                continue
            for template, begin in product(others, begins):
                other = template.format_map(Words(groups))
                if other == text[start:end]:
                    continue
                other = f" {other}" if other[:1].isalnum() and text[start - 1 : start].isalnum() else other
                if not other and not text[end : end + 50].strip():
                    continue  # a statement that is not written to its end
                if other or others[0] != "when" or _BEGINS.search(text, begin, start):
                    put = text[begin:start] + other
                    place = max(len(put), at - begin - (end - start) + len(other))
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
        if match[0] == "+" and text[text.rfind("\n", 0, match.start()) + 1 : match.start()].lstrip().startswith("|"):
            continue  # a sum, and no list
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
