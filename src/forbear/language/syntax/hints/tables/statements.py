"""Hints in statements: effects, conditions of rules, promises, heads, names and signs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from forbear.language.syntax.hints.forms import A_TYPE, COMPARED
from forbear.language.syntax.hints.hint import (
    DECLARING,
    EFFECT,
    EFFECTS,
    FREE_NAME,
    LITERAL,
    NAME,
    NUMBER,
    STATEMENT,
    STRING,
    TYPE,
    Hint,
    around,
    at,
)

_NAMED = r"\brule\s+[a-z0-9_]+\s*:[ \t]*"
_NO_SENTENCE = rf"(?:{STATEMENT}|because|then|and|or|unless|when|if|source|overrides)\b"
_PLAIN = rf"(?:(?!{_NO_SENTENCE})[a-z][a-z0-9_]*[ \t]+)*"
_REST = r"[a-z][a-z0-9_]*\b[^\n#]*[^\s#]"
_LISTED = rf"{NAME}(?:\s*,\s*{NAME})*"
_DONE = rf"{EFFECT}\s+{_LISTED}(?:\s+(?:except|with)\s+{_LISTED})*"
_NO_CONDITION = "this rule has no condition; only `never` may go without one"


def _joined(words: Mapping[str, str]) -> str:
    """Returns two conditions of a rule as one, with an `or` in brackets."""
    condition = words["condition"]
    if re.search(r"\bor\b", condition):
        condition = f"({condition})"
    return f"write `and {condition} {words['then']}`; a condition before it that has an `or` stands in brackets"


def _with(words: Mapping[str, str]) -> str:
    if words["of_companion"] in ("yes/no", "any", "define"):
        return f"write `when {words['companion']}`"
    if words["of_companion"] == "action":
        return "write after it `when CONDITION`, or for every case `when always`"
    return (
        "if `{companion}` is a fact, write `when {companion}`; if it is an accompanying action, write after it"
        " `when CONDITION`, or for every case `when always`"
    ).format_map(words)


HINTS = (
    # examples and ensures
    Hint(
        at(
            rf"(?P<mark>\b(?P<fact>{NAME})\s*)",
            rf"(?P<mark>(?:==?|is\b|:)\s*(?P<value>{LITERAL}|[^\s,]+))",
            "UNKNOWN -KNOWN",
        ),
        "no sign goes between a fact and its value",
        "write `{fact} {value_value}`",
        'example "e": given ⟨days_overdue = 9⟩ expect sms unsaid',
    ),
    Hint(
        at(rf"(?P<mark>\b(?P<fact>{NAME})\s*)", rf"(?P<mark>[<>!]=?\s*(?:{LITERAL}|[^\s,]+))", "UNKNOWN -KNOWN"),
        "an example gives a fact one value, and compares it with none",
        "write `{fact} VALUE`, with the value that is meant",
        'example "e": given ⟨days_overdue > 9⟩ expect sms unsaid',
    ),
    Hint(
        at(rf"\bensure\s+(?P<mark>{NAME}\s*)", r"(?P<mark>:)"),
        "an `ensure` has no name",
        "leave it out",
        "ensure ⟨promise:⟩ sms not allowed when deceased",
    ),
    Hint(
        at(
            r"\bensure\s+",
            rf"(?P<mark>(?:never|no)\s+(?P<actions>{_LISTED})\s+(?:(?:when|if)\s+)?(?P<condition>[^\n#]*[^\s#]))",
        ),
        "an `ensure` says in which case an action is not allowed",
        "write `{actions_listed} not allowed when {condition}`",
        "ensure ⟨never sms within 60 days⟩",
        more=("ensure ⟨no sms, letter when deceased⟩",),
    ),
    Hint(
        around(
            rf"\bensure\s+(?P<mark>(?:(?:if|when)\s+)?(?P<condition>(?:not\s+)?{NAME})\s*,?\s*(?:\bthen\s+)?"
            rf"(?:never|no|forbid)\s+(?P<actions>{_LISTED}))(?=\s*(?:\n|\Z))"
        ),
        "an `ensure` says in which case an action is not allowed",
        "write `{actions_listed} not allowed when {condition}`",
        "ensure ⟨deceased never sms⟩",
        more=("ensure ⟨if deceased then no sms⟩",),
    ),
    Hint(
        around(
            rf"\bensure\s+(?P<mark>(?:if|when)\s+(?P<condition>[^\n#]+?)\s*,?\s*(?:\bthen\s+)?(?P<actions>\b{_LISTED})\s+"
            r"(?P<expected>(?:not\s+)?(?:allowed|forbidden|required)))\b"
        ),
        "an `ensure` has its case behind it",
        "write `{actions} {expected} when {condition}`",
        "ensure ⟨if deceased then sms not allowed⟩",
    ),
    Hint(
        at(
            r"\bensure\s+",
            rf"(?P<mark>(?:at\s+most|(?:no|never|not)\s+more\s+than|max(?:imum)?(?:\s+of)?|up\s*to)\s+(?P<number>{NUMBER})\s+(?P<action>{NAME})\b"
            r"[^\n#]*[^\s#])",
        ),
        "an `ensure` says in which case an action is not allowed",
        "write `{action} not allowed when FACT >= {number}`, with a fact that counts them over this time",
        "ensure ⟨at most 3 sms per week⟩",
        exact=False,
    ),
    Hint(
        around(
            rf"(?:\A|\n)calendar\s+(?P<mark>(?P<calendar>{NAME}))\s*?"
            r"(?=[ \t]*(?:#[^\n]*)?\n|\s+(?:weekend|holidays|is)\b)"
        ),
        "a calendar says which days it covers, right after its name",
        "write `{calendar} covers FIRST to LAST`, with the days that are meant",
        "calendar ⟨bank⟩\n  weekend saturday, sunday",
    ),
    Hint(
        around(
            rf"\bensure\s+(?P<mark>(?P<fact>{NAME})\s+(?:(?:is|may|must|can|shall)\s+)?(?:never|not)\s+(?:be\s+)?"
            rf"(?P<sign>[<>]=?|{COMPARED})\s*(?P<value>{LITERAL})(?P<more>\s+(?:when|if)\s+(?P<condition>[^\n#]*[^\s#]))?)"
        ),
        "an `ensure` says in which case an action is not allowed",
        lambda words: (
            "write `ACTIONS not allowed when {fact} {sign_sign} {value}".format_map(words)
            + (f" and {words['condition']}`" if "more" in words else "`")
        ),
        "ensure ⟨unreachable never > 3 when deceased⟩",
        exact=False,
        more=("ensure ⟨unreachable must not be more than 3⟩",),
    ),
    # limits
    Hint(
        around(rf"(?P<mark>\blimit\s+(?P<name>{NAME})\s*:)"),
        "a limit is an effect of a rule, which has the name",
        "write `rule {name}: limit`",
        "⟨limit weekly:⟩ sms to 7 by unreachable",
    ),
    Hint(
        at(r"\blimit\s+[a-z0-9_,\s]*\sto\s+", rf"(?P<mark>[A-Z]{{3}}\s+{NUMBER})"),
        "a limit counts by a whole number, and this is a sum",
        "write `never ... when FACT >= {mark}`",
        "limit phone_call to ⟨CNY 3⟩ by overdue_amount",
    ),
    *[
        Hint(
            at(rf"\blimit\s+[a-z0-9_,\s]*\sto\s+(?:{NUMBER}|{NAME}){before}(?P<mark>)\s*", "", "NAME -ALLOW"),
            "a limit says by which fact it counts",
            f"write `{help}`",
            example,
        )
        for before, help, example in (
            (r"\s+by", "by FACT", "limit sms to 7 by⟨⟩\nrule r: never email"),
            ("", "by FACT", "limit sms to 7⟨⟩"),
        )
    ],
    *[
        Hint(
            at(before, here, fits),
            "this is not how a limit is written",
            "write `limit ACTIONS to N by FACT when CONDITION`",
            example,
        )
        for before, here, example, fits in (
            (r"(?<![<>=] )\blimit\s+", NAME, "limit ⟨sms⟩ for unreachable to 7", "THEN"),
            (r"\bthen\s+", r"limit\b", "after 3 days then ⟨limit⟩ sms to 7 by unreachable", "ALLOW"),
        )
    ],
    # effects and their actions
    Hint(
        at(
            rf"\bthen\s+{EFFECT}\s[a-z0-9_,\s]*?[ \t](?P<mark>(?P<word>allow|forbid|require))\s+[a-z0-9_,\s]*",
            "",
            "WHEN",
        ),
        "an `and` is missing before `{word}`",
        "write `and {word}`",
        "after 60 days then allow sms ⟨forbid⟩ letter",
    ),
    Hint(
        at(r"\bnever\s+", rf"(?:allow|forbid|require|never)\s+(?P<action>{NAME})"),
        "a `never` has no other effect with it",
        "one effect is enough: write `never {action}`",
        "never ⟨allow⟩ sms",
    ),
    Hint(
        at(rf"\b(?P<first>{EFFECT})\s+", rf"(?P<second>{EFFECT})\b"),
        "two effects follow each other",
        "one effect is enough: keep `{first}` or `{second}`",
        "after 3 days then allow ⟨forbid⟩ sms",
    ),
    Hint(
        at(
            r"\bthen\s+",
            rf"(?P<mark>(?:(?:send|make|use|do|place|give)\s+(?:an?\s+|the\s+)?)?(?P<known>(?!{EFFECT}\b){NAME}))",
        ),
        "`then` is not followed by what the rule does",
        "write `allow {known}`, or `require {known}` if it has to be done, or `forbid {known}`",
        "after 60 days then ⟨sms⟩",
        more=("after 60 days then ⟨send sms⟩, email",),
    ),
    Hint(
        at(r"\bthen\s+", rf"(?!{EFFECT}\b)[a-z]"),
        "`then` is not followed by what the rule does",
        "write `then allow`, `then forbid`, `then require` or `then never`, and the actions",
        "after 60 days then ⟨nothing⟩",
        exact=False,
    ),
    Hint(
        at("", rf"(?P<word>{EFFECT})\b", "THEN"),
        "a `then` is missing",
        "write `then {word}`",
        "after 3 days ⟨allow⟩ sms",
    ),
    Hint(
        at(
            "",
            r"(?P<mark>(?P<clause>(?P<word>overrides|because|source|unless|in\s+force)\s+"
            rf"(?:{STRING}|(?!then\b)[^\s\"#:]|[ \t])+?)\s+(?P<then>then\s+{_DONE}(?:\s+and\s+{_DONE})*))",
            "THEN",
        ),
        "`{word}` comes after the effect",
        "write `{then} {clause}`",
        "rule d: after 9 days ⟨overrides all then forbid sms⟩",
        more=(
            'rule d: after 9 days ⟨because "why" then forbid sms, email⟩',
            'rule d: after 9 days ⟨source "Act 5" then forbid sms⟩',
            "rule d: after 9 days ⟨in force from 2026-03-01 then allow sms with email and forbid visit⟩",
            'rule d: after 9 days ⟨unless deceased then forbid sms⟩ because "why"',
        ),
    ),
    # conditions of rules
    Hint(
        at(rf"\bthen\s+{EFFECTS}\bexcept\s+(?P<action>{NAME})\s+", r"when\b"),
        "a rule has one condition, and this one would be for all of its actions",
        "write `and CONDITION` before `then` if it is for all; a rule of its own, such as `never {action} when"
        " CONDITION`, if it is for `{action}` alone",
        "after 9 days then allow messages except email ⟨when⟩ deceased",
    ),
    Hint(
        around(
            rf"(?P<mark>(?P<then>\bthen\s+{EFFECT}\b[^:\"#\n]*[a-z0-9_]),?(?:[ \t]*\n)?[ \t]+"
            r"(?:when|if|provided(?:\s+that)?|as\s+long\s+as)\s+"
            rf"(?P<condition>[^\n#\"]+?))(?=\s*(?:\Z|\n|(?:unless|because|overrides|source|in\s+force)\b))"
        ),
        "a rule has one condition",
        _joined,
        "after 60 days ⟨then allow sms when deceased⟩",
        more=("after 60 days ⟨then allow sms if not deceased⟩",),
    ),
    Hint(
        at(
            rf"(?P<mark>\brequire\s+(?P<event>{NAME})\s+)",
            rf"(?P<mark>(?:before|prior\s+to|ahead\s+of|in\s+advance\s+of)\s+(?P<action>{NAME}))",
            "WHEN -RULE",
        ),
        "`require` says what has to be done, and not what comes before what",
        "write `forbid {action} when not {event}_before`, and declare {uses}`event {event}_done` and"
        " `fact {event}_before any {event}_done ever`",
        "rule r: ⟨require letter before visit⟩",
        more=("rule r: ⟨require letter in advance of visit⟩", "rule r: ⟨require letter prior to visit⟩"),
    ),
    Hint(
        at("", r"unless\b", "WHEN -RULE"),
        _NO_CONDITION,
        "write `when always unless`",
        "rule r: forbid sms ⟨unless⟩ deceased",
    ),
    Hint(
        at(
            rf"\b(?P<effect>allow|require)\s+(?P<actions>{_LISTED})\s+(?P<mark>with\s+(?P<companion>{NAME}))\s*",
            r"\Z|[a-z]",
            "WHEN -RULE",
        ),
        _NO_CONDITION,
        _with,
        "allow visit ⟨with manager_approved⟩",
        more=("allow visit ⟨with opt_out_notice⟩",),
    ),
    Hint(
        at(rf"\b{EFFECT}\s+{_LISTED}(?P<mark>)\s*", r"\Z|(?!if\b)[a-z]", "WHEN -RULE"),
        _NO_CONDITION,
        "write `when always` if it is for every case, or `when CONDITION`",
        "allow sms⟨⟩",
    ),
    Hint(
        at("", r"\Z|(?!if\b)[a-z]", "WHEN -RULE"),
        _NO_CONDITION,
        "write `when CONDITION` after the actions; for every case write `when always`",
        "allow messages except sm⟨s⟩",
    ),
    Hint(
        at(
            rf"\b(?P<fact>{NAME})\s+is\s+(?P<no>not\s+|)(?P<first>{NAME}|{STRING})\s*",
            rf",\s*(?P<second>{FREE_NAME}|{STRING})",
            "AND -COMMA",
        ),
        "conditions are joined with `and`",
        "write `and`, or for several values `{fact} is {no}one of {first}, {second}`",
        "contact_source is referee⟨,⟩ declared then allow sms",
    ),
    Hint(
        at(rf"(?P<mark>\bnot\s+(?P<first>{NAME})\s*)", rf"(?P<mark>[,，、]\s*(?P<second>{NAME}))", "AND -COMMA"),
        "conditions are joined with `and` or `or`, and a `not` is for the first of them alone",
        "write `not ({first} or {second})` if neither may hold, or `not {first} and {second}` if the second has to",
        "⟨not deceased, bankruptcy⟩ then allow sms",
    ),
    Hint(
        at("", r"(?P<mark>[,，、])\s*(?P<word>then|and|or)\b", "AND -COMMA"),
        "a comma too many before `{word}`",
        "leave it out",
        "rule r: after 60 days⟨,⟩ then allow sms",
    ),
    Hint(
        at("", r"[,，、]", "AND -COMMA"),
        "conditions are joined with `and` or `or`",
        "write `and` if both have to hold, or `or` if one of them is enough",
        "after 3 days⟨,⟩ deceased then allow sms",
    ),
    Hint(
        at(r"(?P<mark>,)\s*", r"(?P<word>(?!no\b|not\b|without\b)[a-z]+)\b(?!-)", "NAME -RULE"),
        "a comma too many before `{word}`",
        "leave it out",
        "never sms⟨,⟩ when deceased",
    ),
    # heads and names
    *[
        Hint(
            at(
                r"\b(?:policy|standard)\s[^:]*\bsubject\s+", rf"(?P<mark>to\s+(?P<path>{path}))(?=\s*(?:\n|\Z))", "THEN"
            ),
            "a standard is named by its path, or the name of its pack, in quotation marks",
            help,
            f"policy p subject ⟨to {example}⟩",
        )
        for path, help, example in (
            (r"[\w.-]+/[\w./-]+", 'write `to "{path}"`', "regulation/us-reg-f"),
            (
                r"[^\n\"#]*[^\n\"#\s]",
                'write the name between two `"`; `forbear packs` lists the names of those that there are',
                "Regulation F",
            ),
        )
    ],
    Hint(
        around(rf"\bsource\s+{STRING}\s*,?\s*(?P<mark>second\s+hand|second_hand|secondhand|hearsay)\b"),
        "what a rule rests on has a hyphen, and stands right behind its source",
        "write `second-hand` or `from-memory`",
        'rule a: never sms source "Act 12" ⟨secondhand⟩',
    ),
    Hint(
        around(r"^\s*(?:policy|standard)\s[^:]*?\b(?P<mark>reviewed\s+by\s+(?:nobody|no\s+one)\b)"),
        "a review says by whom",
        'write `reviewed by "NAME" until DATE`, or `reviewed by none`',
        "standard s ⟨reviewed by nobody⟩",
    ),
    Hint(
        at("", r"(?P<word>version|currency|applies|omits|subject\s+to)\b", "RULE"),
        "`{word}` is not under a head",
        "write it below `policy NAME`, before the rules",
        '⟨version⟩ "2"',
        code="misplaced-head",
    ),
    Hint(
        at(
            rf"\b(?:rule|ladder)\s+(?P<mark>(?P<name>{NAME}))",
            r"(?P<mark>-(?P<more>[a-z0-9_]+(?:-[a-z0-9_]+)*))",
            "COLON",
        ),
        "a name has no hyphen",
        "write `{name}_{more_joined}`",
        "rule ⟨r-2⟩: never sms",
    ),
    *[
        Hint(
            at(rf"\b{named}\s+(?P<mark>(?P<name>{NAME})\s+)", rf"(?P<mark>(?P<more>{NAME})){ends}", fits),
            "a name is one word",
            "write `{name}_{more}`",
            example,
        )
        for named, ends, fits, example in (
            ("(?:rule|ladder)", r"\s*:", "COLON", "rule ⟨remind sms⟩: never sms"),
            ("table", r"[ \t]*\n", "ROW", "table ⟨by state⟩\n| state | sms |\n"),
        )
    ],
    Hint(
        at(rf"\b(?:rule|ladder)\s+{NAME}(?:\s+{STRING})?(?P<mark>)\s*", r"(?!is\b)[a-z0-9]", "COLON"),
        "a `:` is missing here",
        "write `:`",
        "rule r⟨⟩ never sms",
    ),
    Hint(
        at(rf"\bexample\s+{STRING}(?P<mark>)\s*", "", "COLON"),
        "a `:` is missing here",
        "write `:`",
        'example "e"⟨⟩ expect sms allowed',
    ),
    Hint(
        at("", r"(?P<name>[a-z][a-z0-9_]*(?:-[a-z0-9_]+)+)", "NAME"),
        "a name has no hyphen",
        "write `{name_joined}`",
        "never ⟨drone-call⟩",
    ),
    Hint(
        at("", rf"(?P<mark>{NAME}\.{NAME})", "NAME"),
        "a name has no dot",
        "only a rule of a standard is named so, after `overrides` or in an `accept`; choose another name",
        "fact ⟨credit.score⟩ count",
    ),
    Hint(
        at(
            rf"\b(?:{DECLARING}|action\s+(?:{NAME}\s*,\s*)*|one\s+of\s+(?:{NAME}\s*[,<]\s*)*)\s*",
            rf"(?P<word>{NAME})\b(?!-)",
            "NAME -RULE",
        ),
        "`{word}` is a word of the language, so it cannot be a name",
        "choose another name",
        "fact ⟨days⟩ count",
        names=True,
    ),
    Hint(
        at(r"\b[0-9]{1,2}:[0-9]{2}\s*", r"(?P<mark>(?:Uhr|uhr|hrs?|hours?|[Hh]|o.clock)\b)"),
        "a time of day has no unit",
        "leave `{mark}` out",
        "never sms when local_time > 20:00 ⟨Uhr⟩",
    ),
    Hint(
        at("", r"(?P<word>(?!A\s+[a-z])(?=[a-z0-9_.]*[A-Z])[A-Za-z_][A-Za-z0-9_]*)"),
        "`{word}` has capital letters",
        "write `{word_lower}`",
        "⟨After⟩ 60 days then allow sms",
    ),
    Hint(
        at(rf"\bfact\s+{NAME}\s+(?P<mark>(?P<word>(?!count\b|{TYPE}){NAME}))\s*", "", "OF"),
        "`{word}` does not fit here: it is no type",
        f"expected {A_TYPE}",
        "fact grace ⟨foo⟩",
    ),
    Hint(
        at(
            rf"\bis\s+(?:not\s+)?(?P<mark>(?P<first>{NAME})\s+)",
            rf"(?P<mark>(?P<known>(?!(?:when|unless|not|if|is|because|overrides|source)\b){NAME}))(?=\s*(?:\Z|[,)\n]|(?:then|and|or|unless)\b))",
            "THEN",
        ),
        "nothing joins `{known}` to the condition before it",
        "write `{first}_{known}` if this is one name; otherwise `{first} and {known}` or `{first} or {known}`",
        "hardship is ⟨plan deceased⟩ then allow sms",
    ),
    Hint(
        at(
            rf"(?:{LITERAL}|\bis\s+(?:not\s+)?{NAME}|\bdays|\bday\s+[0-9]+)\s+",
            rf"(?P<known>(?!(?:when|unless|not|if|is|because|overrides|source|{STATEMENT})\b){NAME})",
            "THEN",
        ),
        "nothing joins `{known}` to the condition before it",
        "write `and {known}` or `or {known}`",
        "after 60 days and unreachable >= 3 ⟨deceased⟩ then allow sms",
    ),
    Hint(
        around(
            r"(?:\A|\n)(?!define\b)(?P<mark>\"?(?P<name>[A-Za-z][\w ]*?)\"?\s+(?:means|is\s+defined\s+as|refers\s+to)\b"
            r"[^\n#]*[^\s#])"
        ),
        "a condition gets a name by `define`",
        "write `define {name_named} is CONDITION`, with facts that are declared",
        '⟨"Fragile" means any consumer who has died⟩\nrule r: never sms',
    ),
    # whatever else is written where a rule begins, or a cell
    *[
        Hint(
            at(rf"{begins}(?P<mark>{_PLAIN})", rf"(?P<mark>(?!{_NO_SENTENCE}){rest})", fits),
            "this reads as a sentence, and a rule has forms of its own",
            "write `CONDITION then allow ACTIONS`, `allow ACTIONS when CONDITION` or `never ACTIONS when CONDITION`,"
            " with facts and actions that are declared{own}",
            example,
        )
        for begins, rest, fits, example in (
            (_NAMED, _REST, "THEN -RULE", "rule r: ⟨once account matures then allow sms⟩"),
            (_NAMED, _REST, "AFTER ALLOW -RULE", "rule r: ⟨with consent then allow sms⟩"),
            (
                r"(?:\A|\n)",
                rf"(?=[^\n#]*\b(?:{EFFECT}|may|must|shall)\b){_REST}",
                "THEN -RULE",
                "⟨once account matures then allow sms⟩",
            ),
        )
    ],
    Hint(
        at(r"\n[ \t]*\|[^\n]*", r"(?P<mark>[^\s|][^|\n]*[^\s|]|[^\s|])", "ANY ROW_END"),
        "this is not how a cell is written",
        "a cell says `any`, a value or several with commas, `not VALUE`, `N to N`, or a sign and a value such as"
        " `>= N`; under an action it says what a rule does, such as `allow`, or is empty",
        "table t\n| days_overdue | sms |\n| ⟨[5;20]⟩ | allow |\n",
    ),
    # signs
    Hint(
        at(rf"{EFFECTS}{NAME}", rf";(?=[^;\n\"]*\b(?:then|{EFFECT})\b)"),
        "a rule ends here, and what follows is another one",
        "end the line here, and write `rule NAME:` before the next one",
        "after 3 days then allow sms⟨;⟩ after 9 days then allow email",
        more=("after 3 days then allow sms⟨;⟩ after 9 days late allow email",),
    ),
    Hint(at("", r"[.;。；](?=\s|\Z)"), "a rule ends without a sign", "leave it out", "never sms⟨.⟩"),
    Hint(
        at("", r"[，、]"),
        "a comma that is no plain comma",
        "write a plain comma",
        "after 3 days then allow sms⟨，⟩ email",
    ),
    Hint(
        at("", r"："),
        "a colon that is no plain colon",
        "write `:`",
        "rule r⟨：⟩ never sms",
    ),
    Hint(
        at("", r"[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff]"),
        "a space that is no plain space",
        "replace it by a plain space",
        "after 60⟨\u00a0⟩days then allow sms",
    ),
    Hint(at("", r"[‐-―−－]"), "a dash that is no plain minus", "write `-`", "unreachable > ⟨−⟩3 then allow sms"),
)
