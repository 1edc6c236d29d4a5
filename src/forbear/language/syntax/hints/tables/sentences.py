"""Hints for words of a sentence that a rule writes in another form: `but never`, `only with`, `excluding`, `as long
as`. They precede the search for misspelt words: `every` is not a misspelt `never`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from forbear.language.model.names import did_you_mean
from forbear.language.syntax.hints.hint import (
    BEGINS,
    DAYS,
    EFFECT,
    FREE_NAME,
    LITERAL,
    NAME,
    NUMBER,
    ONLY_THESE,
    Hint,
    around,
    at,
)

_NAMES = rf"{FREE_NAME}(?:\s*(?:,|\band\b)\s*{FREE_NAME})*+"
_OVER = (
    r"(?:tak(?:es?|ing)|ha(?:s|ve|ving)|with)\s+(?:precedence|priority)\s+over|wins?\s+over|winning\s+over"
    r"|prevail(?:s|ing)?\s+over|override|overriding|overrides(?=\s+(?:(?:rule|table|ladder)s?\s|(?:everything|anything|all\s+(?:other\s+)?rules|every\s+(?:other\s+)?rule)\b))|supersed(?:es?|ing)|trump(?:s|ing)?|overrul(?:es?|ing)"
)
_ALL = r"(?:everything|anything|all|every)(?:\s+(?:other\s+)?(?:rules?|else))?\b"
_DESPITE = r"despite|notwithstanding|(?:regardless|irrespective)\s+of|in\s+spite\s+of"
_VALUE = rf"(?:{LITERAL}|{FREE_NAME})"
_ON_DAYS = "write `from day {number}`, `on day {number}`, `before day {number}` or `after {number} days`"
_GOES_BEFORE = "which rule goes before another is said at its end, with `overrides`"


def _overrides(words: Mapping[str, str]) -> str:
    rules = _listed(words["over"])
    return f"write `overrides {'all' if re.fullmatch(_ALL, rules) else rules}`"


def _done_to(written: str, words: Mapping[str, str]) -> str:
    return f"write `{written.format(action=_listed(words['actions']))}`"


_EFFECTS = {"allowed": "allow", "permitted": "allow", "required": "require"}


def _done_to_them(words: Mapping[str, str]) -> str | None:
    """Returns `sms, email allowed` as an effect; one that is denied has two possible meanings."""
    actions, effect, how = _listed(words["actions"]), _EFFECTS.get(words["said"], "forbid"), words["how"].strip()
    if how in ("not", "never") and effect != "allow":
        return None
    if how == "not":
        return f"write `forbid {actions}`, or `never {actions}`"
    if how == "never":
        return f"write `never {actions}`"
    when = " when always" if how == "always" else "" if "then" in words or "rest" in words else " when CONDITION"
    return f"write `{effect} {actions}{when}`"


def _listed(names: str) -> str:
    return ", ".join(re.split(r"\s*,\s*|\s+and\s+", names))


def _despite(words: Mapping[str, str]) -> str:
    if words["as"]:
        return "leave this out, or write `always` for it: a rule is for each value of a fact that it does not name"
    if words["rule"] in words["rules"].split():
        return f"leave this out, and end the rule with `overrides {words['rule']}`"
    return (
        "leave this out, and end the rule with `overrides RULE`, which names the rule that it goes before; `overrides"
        " all` is for every other"
    )


def _ladder(name: str, words: Mapping[str, str]) -> str | None:
    first, *rest = re.findall(NAME, words["fact"] + words["more"])
    if words["as"] not in ("action", "group") and name != ":":
        return None
    up, down = ", ".join([*rest[::-1], first]), ", ".join([first, *rest])
    return f"write `{name} {up}` if `{first}` is the harshest, or `{name} {down}` if it is the mildest"


def _each_of(words: Mapping[str, str]) -> str:
    joint = " and " if words["of"] in ("all", "both") else " or "
    no = "not " if words["of"] == "none" else ""
    facts = re.split(r"[,\s]+(?:(?:and|or)\s+)?", words["facts"])
    return f"write `{no}({joint.join(facts)})`"


def _on_days(words: Mapping[str, str]) -> str:
    """`on day 3, 7 and 14` as a condition for each day."""
    days = " or ".join(f"on day {number}" for number in re.findall("[0-9]+", words["days"]))
    return f"write `({days})`"


HINTS = (
    Hint(
        around(
            r"(?P<mark>\b(?:with\s+)?(?:the\s+)?(?:priority|prio|precedence|salience|rank"
            r"|weight)\s*[:=]?\s*[0-9]+)(?=[ \t]*(?:\n|\Z))"
        ),
        _GOES_BEFORE,
        "write `overrides all`, or `overrides RULE` with the rule that it goes before",
        "rule r: forbid sms when deceased\n⟨priority 1⟩\n",
        exact=False,
    ),
    *[
        Hint(
            around(rf"(?:\brule\s+{NAME}\s*:\s*|(?:\A|\n))(?P<mark>(?P<word>{word}))\s+(?:{NAME}|\(|[0-9]+)"),
            "a condition that comes before the effects has no `{word}`",
            "leave it out",
            example,
            more=tuple(more),
        )
        for word, example, *more in (
            ("[iI]f|IF", "rule r: ⟨if⟩ deceased then allow sms", "⟨If⟩ (deceased or bankruptcy) then never sms"),
            ("[wW]hen|WHEN", "⟨When⟩ deceased then allow sms"),
        )
    ],
    Hint(
        at("", r"(?P<mark>(?:(?:is|are)\s+)?never\s+(?:allowed|permitted))\b", "ALLOWED"),
        "an expectation has no `is`",
        "write `not allowed`",
        "ensure sms ⟨is never allowed⟩",
    ),
    Hint(
        around(rf"\baction\s+(?P<mark>{FREE_NAME}(?:(?:\s*,\s*|\s*\n[ \t]+){FREE_NAME})+)"),
        "actions are joined with commas",
        lambda words: f"write `{', '.join(re.split('[, ]+', words['mark']))}`" if "," not in words["mark"] else None,
        "action ⟨text_msg\n  home_visit\n  house_call⟩",
    ),
    # precedence
    Hint(
        around(
            rf"(?P<mark>(?:,\s*)?\b(?:{_OVER})\s+(?:the\s+)?(?:(?:rule|table|ladder)s?\s+)?(?P<over>{_ALL}|{_NAMES}))(?=\s*(?:\Z|\n|because\b|source\b))"
        ),
        _GOES_BEFORE,
        _overrides,
        "rule r: forbid sms when deceased ⟨wins over call and letters⟩",
        more=(
            "rule r: forbid sms when deceased⟨, overrides everything⟩",
            "rule r: forbid sms when deceased ⟨overrides table seize⟩",
        ),
    ),
    Hint(
        around(
            rf"(?P<mark>\b(?:{_DESPITE})\s+(?:the\s+)?(?P<rule>[a-z0-9_ ]*?[a-z0-9_])"
            rf"(?:\s*,|(?=\s+(?:then|{EFFECT}|after|when|if)\b)|(?=\s*(?:\Z|\n))))"
        ),
        _GOES_BEFORE,
        _despite,
        "rule r: ⟨despite first⟩ allow sms when deceased",
        more=("rule first: never sms when deceased\nrule r: ⟨despite first,⟩ allow sms when vulnerable",),
    ),
    Hint(
        around(r"(?P<mark>,?\s*\b(?:except|save|but|other)\s+that\b[^\n#]*[^\s#])"),
        "what differs for some of the actions is a rule of its own",
        "end this rule before it, and write a second one, such as `never ACTIONS when CONDITION`",
        "after 9 days then allow messages⟨, except that email needs consent⟩",
    ),
    # conditions
    Hint(
        around(
            rf"\b{EFFECT}\s+{FREE_NAME}(?:\s*,\s*{FREE_NAME})*+\s+(?P<mark>(?P<fact>{FREE_NAME}))"
            r"\s*(?:[<>=]|(?:is|between|from|at|not|more|less)\b)[^\n#]*\s*"
        ),
        "a condition behind an effect begins with `when`",
        lambda words: (
            None if words["as"] in ("", "action", "group", "event") else "write `when {fact}`".format_map(words)
        ),
        "never phone_call ⟨local_time⟩ between 21:00 and 08:00",
    ),
    Hint(
        around(r"(?P<mark>\bon\s+days?\s+(?P<days>[0-9]+(?:\s*,\s*[0-9]+)*(?:\s*,?\s*(?:and|or)\s+[0-9]+)))(?![\w.])"),
        "each day is a condition of its own",
        _on_days,
        "rule r: ⟨on day 3, 7 and 14⟩ then allow sms",
    ),
    Hint(
        around(rf"{BEGINS}(?P<mark>(?P<fact>{FREE_NAME})\s+day\s+(?P<number>[0-9]+))(?=\s)"),
        "no condition begins with `{fact} day`",
        lambda words: None if words["as"] or did_you_mean(words["fact"], ["before"]) else _ON_DAYS.format_map(words),
        "rule r: ⟨ab day 7⟩ then allow sms",
        exact=False,
    ),
    Hint(
        around(
            r"(?P<expected>\b(?:allowed|forbidden|required|unsaid)\s+)?"
            rf"(?P<mark>\b(?:in|during|for|within)\s+(?:the\s+)?first\s+(?P<number>{NUMBER})\s+{DAYS})"
        ),
        "the days up to one are written with `within`, or with `before`",
        lambda words: (
            "write `{when}within {number} days` if the due date is meant too, or `{when}from day 1 to day {number}`, or"
            " `{when}before day {number}` if day {number} is not"
        ).format(when="when " if "expected" in words else "", number=words["number"]),
        "rule r: ⟨during the first 30 days⟩ then allow sms",
        more=("ensure sms not allowed ⟨in the first 30 days⟩\n",),
    ),
    Hint(
        at("", r"(?P<mark>days\s+(?:past\s+due|late))\b", "AFTER -EVER"),
        "a name is one word",
        "write `days_overdue`, if that is the fact",
        "never sms when ⟨days late⟩ > 3",
    ),
    Hint(
        around(
            rf"\b(?:when|unless|if)\s+(?P<mark>(?P<first>{FREE_NAME})\s*,\s*(?P<second>{FREE_NAME}))(?:\s*,\s*{FREE_NAME})*\s*,?"
            rf"\s+(?P<word>and|or)\s+{FREE_NAME}(?=\s*(?:\Z|\n|(?:because|overrides|source)\b))"
        ),
        "conditions have `and` or `or` between each two of them",
        "write `{first} {word} {second}`",
        "never sms when ⟨deceased, bankruptcy⟩ or vulnerable",
    ),
    Hint(
        around(
            rf"{BEGINS}(?P<mark>(?P<of>any|(?<!not\s)one|either|all|none|both)\s+of\s+(?:the\s+)?"
            rf"(?P<facts>{FREE_NAME}(?:(?:\s*,\s*|\s+)(?:(?:and|or)\s+)?{FREE_NAME})+))(?=\s*(?:\Z|[\n)]|(?:then|and|or|unless)\b))"
        ),
        "each fact is a condition, and `and` or `or` stands between two of them",
        _each_of,
        "never sms when ⟨any of deceased, vulnerable⟩",
        more=("never sms when ⟨none of deceased, vulnerable⟩", "never sms when ⟨all of deceased and vulnerable⟩"),
    ),
    Hint(
        around(
            rf"\b{NAME}\s+(?P<mark>is\s+(?P<no>not\s+|)either\s+(?P<values>{_VALUE}(?:\s*,\s*{_VALUE})*+)\s+or\s+(?P<last>{_VALUE}))"
            r"(?!\s*(?:[<>=]|is\b))"
        ),
        "several values are a list",
        "write `is {no}one of {values}, {last}`",
        'state ⟨is either "CA" or "NV"⟩ then allow sms',
    ),
    Hint(
        around(
            r"(?<!ensure )(?<!expect )(?P<mark>\beither\s+(?P<first>[^\n:#,()]+?)\s*,?\s+or\s+(?P<second>[^\n:#,()]+?))"
            r"(?=\s*(?:\Z|[\n,)]|(?:then|because|overrides|and|or|unless|source)\b))"
        ),
        "two conditions of which one is enough stand in brackets",
        "write `({first} or {second})`",
        "never sms when ⟨either deceased or unreachable > 3⟩",
    ),
    Hint(
        around(
            rf"(?P<mark>\bonly\s+(?P<actions>{_NAMES})\s+(?:(?:(?:is|are)\s+)?(?P<said>allowed|permitted)\b\s*)?(?P<condition>(?:when|if)\s[^\n#]*[^\s#]|(?(said)(?=\s*(?:\n|\Z))|(?!))))"
        ),
        "a rule has no `only`: it says nothing of the other actions",
        lambda words: ONLY_THESE.format(
            words["actions_listed"], words["condition"] and f" {words['condition']}"
        ).replace(
            "`allow {actions_listed}`".format_map(words), "`allow {actions_listed} when always`".format_map(words)
        ),
        "rule r: ⟨only letter when deceased⟩",
        more=("rule r: ⟨only letter is allowed⟩",),
    ),
    Hint(
        at(
            rf"(?:{BEGINS}(?P<effect>allow|forbid|require)\s[^:\n]*?)?(?P<mark>\bexcept\s+)",
            r"(?:on|after|before|within|from|during|between)\b",
            "EVERYTHING",
        ),
        "`except` leaves out actions, and `unless` says under which condition a rule does not hold",
        lambda words: f"write `{'when always ' if 'effect' in words else ''}unless`",
        "never phone_call ⟨except⟩ after 60 days",
        more=("allow phone_call ⟨except⟩ after 60 days",),
    ),
    # effects and actions
    Hint(
        around(
            rf"(?P<mark>\b(?P<condition>(?:when|unless)\s(?:(?!\b{EFFECT}\b)[^\n:#])*?)\s+(?P<except>except\s+(?P<actions>{_NAMES})))(?=\s*(?:\Z|\n))"
        ),
        "what a list of actions leaves out stands right behind it",
        "write `except {actions_listed} {condition}`",
        "never everything ⟨when deceased except letter⟩",
    ),
    Hint(
        around(
            rf"\bthen\s[^\n:#]*?\band\s+(?P<mark>(?:neither|not)\s+(?P<first>{FREE_NAME})\s+n?or\s+(?P<second>{FREE_NAME}))"
        ),
        "what a rule leaves out and what it forbids are two things",
        "write `forbid {first}, {second}`, if this rule forbids them; leave them out with the `and`, if it only does"
        " not allow them",
        "after 9 days then allow sms and ⟨neither email nor letter⟩",
        exact=False,
    ),
    Hint(
        around(
            rf"(?:{BEGINS}|(?P<then>\bthen\s+))(?!nothing\b)(?P<mark>(?P<actions>{_NAMES})\s+(?:(?:is|are|be|may|shall|must|will|can)\s+)*"
            r"(?P<how>(?:never|always|not)\s+|)(?:be\s+)?(?P<said>allowed|permitted|forbidden|prohibited|required))\b(?P<rest>\s+[a-z])?"
        ),
        "what a rule does comes before the action",
        _done_to_them,
        "⟨sms allowed⟩ when deceased",
        more=(
            "⟨sms forbidden⟩ when deceased",
            "⟨sms is required⟩ when deceased",
            "⟨sms allowed⟩",
            "⟨sms not allowed⟩ when deceased",
            "after 3 days then ⟨sms, email allowed⟩",
            "after 3 days then ⟨sms forbidden⟩",
            "rule r: ⟨email never allowed⟩",
            "rule r: ⟨email always allowed⟩",
            "rule r: ⟨calls are prohibited⟩ when deceased",
        ),
    ),
    Hint(
        around(
            r"(?:\bthen\s+|:\s*|\A|\n)(?P<mark>(?:(?:do|may|can|must|shall|should)\s+not(?:\s+(?:allow|permit|require|do)\b)?"
            r"|not\s+(?:allow|permit|require)))\b"
        ),
        "a rule that does not allow has a word of its own",
        "write `forbid`, or `never`",
        "⟨not allow⟩ sms when deceased",
        more=(
            "⟨do not allow⟩ sms when deceased",
            "after 60 days then ⟨may not⟩ sms",
            "rule r: ⟨must not⟩ sms when deceased",
        ),
    ),
    Hint(
        around(rf":\s*(?P<mark>(?:!\s*(?=\w+\s+(?:when|unless|if)\b)|no\s+)(?P<action>(?!more\b){FREE_NAME}))"),
        "a rule that does not allow has a word of its own",
        "write `never {action}`",
        "rule r: ⟨!sms⟩ when deceased",
        more=("rule r: ⟨no sms⟩ when deceased",),
    ),
    Hint(
        around(r"(?P<mark>\bnothing\s+(?:is\s+)?(?:allowed|permitted))\b"),
        "a rule that does not allow has a word of its own",
        "write `forbid everything`, or `never everything`",
        "rule r: ⟨nothing allowed⟩ when deceased",
    ),
    Hint(
        around(rf"\brule\s+{NAME}\s*:\s*(?P<mark>(?P<actions>{_NAMES})\s*:?\s*never)(?=\s*(?:\n|\Z|(?:when|if)\b))"),
        "what a rule does comes before the action",
        partial(_done_to, "never {action}"),
        "rule r: ⟨email never⟩",
        more=("rule r: ⟨sms, email: never⟩",),
    ),
    Hint(
        around(
            rf"{BEGINS}(?P<mark>(?P<actions>{_NAMES})\s+(?:only\s+with|requires?|needs?|must\s+have)\s+(?P<companion>{FREE_NAME}))"
        ),
        "what must accompany an action, and what has to hold for it, are two things",
        "if `{companion}` is an action, write `require {companion} with {actions_listed}`; if it is a fact, write"
        " `forbid {actions_listed} when not {companion}`",
        "rule r: ⟨sms requires opt_out_notice⟩",
        more=("rule r: ⟨sms, email require opt_out_notice⟩",),
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
        around(rf"\bone\s+of\s+(?P<mark>{NAME}(?:\s*>\s*{NAME})+)"),
        "values that are ordered begin with the least",
        lambda words: f"write `{' < '.join(re.findall(NAME, words['mark'])[::-1])}`, the least first",
        "fact risk one of ⟨high > middle > low⟩",
    ),
    *[
        Hint(
            around(rf"{before}(?P<mark>{head}(?P<fact>{NAME})(?P<more>(?:\s*>\s*{NAME}){{2,}}))"),
            "a ladder goes from mild to harsh, and has commas",
            partial(_ladder, name),
            example,
        )
        for before, head, name, example in (
            (rf"\bladder\s+{NAME}", r"\s*(?::|=|is\b)\s*", ":", "ladder x⟨: visit > letter > sms⟩"),
            (r"(?:\A|\n)", rf"(?:(?:rule\s+)?{NAME}\s*:\s*)?", "ladder NAME:", "⟨rule r: visit > letter > sms⟩"),
        )
    ],
    Hint(
        at(rf"(?:\A|\n)(?P<mark>(?P<name>{FREE_NAME})\s*)", r"(?P<mark>:)", "THEN"),
        "the name of a rule follows `rule`",
        "write `rule {name}:`",
        "⟨remind:⟩ never sms",
    ),
    Hint(
        around(
            rf"\bensure\s+(?P<mark>(?P<actions>{_NAMES})\s+(?:is\s+|are\s+)?(?:only\s+allowed|allowed\s+only)\s+(?:when|if)"
            r"\s+(?P<condition>[^\n#]*[^\s#]))"
        ),
        "an `ensure` says what is never so",
        "write `{actions_listed} not allowed when not ({condition})`",
        "ensure ⟨sms allowed only when after 3 days⟩",
    ),
    Hint(
        around(
            rf"\bensure\s+(?P<mark>(?:no|never|not)\s+more\s+than\s+(?P<number>[0-9]+)\s+(?P<actions>(?!times\b){NAME})\s+"
            rf"(?P<window>[^\n#]*[^\s#]))"
        ),
        "an `ensure` says in which case an action is not allowed",
        "write `{actions} not allowed when FACT >= {number}`, with a fact that counts them {window}; `forbear facts"
        " FILE --all` lists those that there are",
        "ensure ⟨no more than 7 calls per week⟩",
    ),
)
