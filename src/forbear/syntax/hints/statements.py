"""Slips in statements: effects, conditions of rules, promises, heads, names and signs.

The first row that matches is told, so that a narrow one stands before a wide one.
"""

from __future__ import annotations

from forbear.syntax.hints.hint import EFFECT, EFFECTS, LITERAL, NAME, NUMBER, STRING, slip

SLIPS = (
    # examples and ensures
    slip(
        rf"\b(?P<fact>{NAME})\s*",
        rf"(?P<mark>[<>=!]+|is\b|:)\s*(?P<value>{LITERAL}|[^\s,]+)",
        "between a fact and its value stands no sign",
        "write `{fact} {value}`",
        fits="UNKNOWN -KNOWN",
    ),
    slip(
        "",
        r"(?P<mark>is|are)\s+(?:not\s+)?(?:allowed|forbidden|required|unsaid)\b",
        "an expectation has no `is`",
        "leave the `{mark}` out",
        fits="ALLOWED",
    ),
    # limits
    slip(
        r"\blimit\s+[a-z0-9_,\s]*\sto\s+",
        rf"(?P<mark>[A-Z]{{3}}\s+{NUMBER})",
        "a limit counts by a whole number, and this is a sum",
        "write `never ... when FACT >= {mark}`",
    ),
    *[
        slip(
            rf"\blimit\s+[a-z0-9_,\s]*\sto\s+(?:{NUMBER}|{NAME}){before}(?P<mark>)\s*",
            "",
            "a limit says by which fact it counts",
            f"write `{help}`",
            fits="NAME -ALLOW",
        )
        for before, help in (
            (r"\s+by", "by FACT"),
            (rf"\s+(?P<fact>{NAME})", "by {fact}"),
            ("", "by FACT"),
        )
    ],
    *[
        slip(
            before,
            here,
            "a limit is written otherwise",
            "write `limit ACTIONS to N by FACT when CONDITION`, such as `limit phone_call to 7 by calls_in_7_days`",
            fits=fits,
        )
        for before, here, fits in ((r"(?<![<>=] )\blimit\s+", NAME, "THEN"), (r"\bthen\s+", r"limit\b", "ALLOW"))
    ],
    slip(
        rf"\blimit\s+[a-z0-9_,\s]*\sto\s+(?:{NUMBER}|{NAME})\s+(?P<mark>(?P<word>{NAME})\s+)by\s+(?P<fact>{NAME})\s*",
        "",
        "behind the number of a limit stands `by`",
        "leave the `{word}` out: `by {fact}`",
        fits="THEN",
    ),
    # effects and their actions
    slip(
        rf"\bthen\s+{EFFECT}\s[a-z0-9_,\s]*?\s(?P<mark>(?P<word>allow|forbid|require))\s+[a-z0-9_,\s]*",
        "",
        "an `and` is missing before `{word}`",
        "write `and {word}`",
        fits="WHEN",
    ),
    slip(
        rf"{EFFECTS},\s*",
        rf"(?P<word>{EFFECT})\b",
        "effects are joined with `and`",
        "write `and {word}`, without the comma",
    ),
    slip(
        r"\bnever\s+",
        rf"(?:allow|forbid|require|never)\s+(?P<action>{NAME})",
        "a `never` has no other effect beside it",
        "one effect is enough: write `never {action}`",
    ),
    slip(
        rf"\b(?P<first>{EFFECT})\s+",
        rf"(?P<second>{EFFECT})\b",
        "two effects stand side by side",
        "one effect is enough: keep `{first}` or `{second}`",
    ),
    slip(r",\s*", r"(?P<mark>and|or)\b", "a list has commas only", "leave the `{mark}` out", fits="NAME -LPAR"),
    slip(r",\s*", r"(?P<mark>and|or)\b", "a list has commas only", "leave the `{mark}` out", fits="YES"),
    slip(
        rf"{EFFECTS}\b(?P<first>{NAME})\s+(?P<mark>and)\s+",
        rf"(?P<second>{NAME})\b",
        "`and` joins effects, not actions",
        "actions are joined with commas: `{first}, {second}`",
        fits="ALLOW -RULE",
    ),
    *[
        slip(
            rf"\b(?P<first>{NAME})\s+",
            rf"(?P<word>and|or)\s+(?P<second>{NAME})\b",
            "`{word}` joins no actions",
            "actions are joined with commas: `{first}, {second}`",
            fits=fits,
        )
        for fits in ("COMMA EXCEPT", "ALLOWED")
    ],
    slip("", r"(?P<word>and|or)\b", "a list has commas only", "write a comma", fits="COMMA"),
    slip(
        r"\bthen\s+",
        rf"(?!{EFFECT}\b)[a-z]",
        "`then` is not followed by what the rule does",
        "write `then allow`, `then forbid`, `then require` or `then never`, and the actions",
    ),
    slip("", rf"(?P<word>{EFFECT})\b", "a `then` is missing", "write `then {word}`", fits="THEN"),
    # conditions of rules
    slip(rf"\b{EFFECT}\b[a-z0-9_,\s]*", r"if\b", "a rule has no `if`", "write `when`: `allow sms when after 60 days`"),
    slip(
        r"(?:\bnever\s[a-z0-9_, ]*?|\b(?:allowed|forbidden|required|unsaid)\s+)\b(?P<mark>if)\s+",
        "",
        "a rule has no `if`",
        "write `when`: `never sms when deceased`",
    ),
    slip(
        r"\b(?P<mark>if)\s+",
        "",
        "a rule has no `if`",
        "leave the `if` out, and begin with the condition: `after 60 days then allow sms`",
    ),
    slip(
        rf'\bthen\s+{EFFECT}\b[^:"#]*[a-z0-9_]\s+',
        r"when\b",
        "a rule has one condition",
        "join both with `and`: `CONDITION and CONDITION then allow sms`",
    ),
    slip(
        "",
        r"\Z|[a-z]",
        "this rule has no condition; only `never` may go without one",
        "write `allow sms when CONDITION`; for every case write `when always`",
        fits="WHEN -RULE",
    ),
    slip("", r"when\b", "a condition comes first, or behind the actions", "leave the `when` out", fits="AFTER"),
    slip(
        rf"\b(?P<fact>{NAME})\s+is\s+(?P<no>not\s+|)(?P<first>{NAME}|{STRING})\s*",
        rf",\s*(?P<second>{NAME}|{STRING})",
        "conditions are joined with `and`",
        "write `and`, or for several values `{fact} is {no}one of {first}, {second}`",
        fits="AND -COMMA",
    ),
    slip("", r"[,，、]", "conditions are joined with `and`", "write `and`", fits="AND -COMMA"),
    slip(
        r"(?P<mark>,)\s*",
        r"(?P<word>[a-z]+)\b",
        "a comma too many before `{word}`",
        "take the comma out",
        fits="NAME -RULE",
    ),
    # heads and names
    slip(
        rf"\b(?:policy|standard)\s+{NAME}(?:\s+{STRING})?\s+applies\s+",
        "",
        "`applies` is followed by `when`",
        "write `applies when CONDITION`",
        fits="THEN",
    ),
    slip(
        r"\b(?:policy|standard)\s[^:]*\bsubject\s+",
        r"to\b",
        "a standard is named by its path, or the name of its pack, in quotation marks",
        'write `subject to "regulation/us-reg-f"`',
        fits="THEN",
    ),
    slip(
        "",
        r"(?P<word>version|currency|applies|subject\s+to)\b",
        "`{word}` stands under no head",
        "write it below `policy NAME`, before the rules",
        fits="RULE",
        code="misplaced-head",
    ),
    slip(
        rf"\b(?:rule|ladder)\s+(?P<mark>(?P<name>{NAME}))",
        r"(?P<mark>-(?P<more>[a-z0-9_]+(?:-[a-z0-9_]+)*))",
        "a name has no hyphen",
        "write `{name}_{more_joined}`",
        fits="COLON",
    ),
    slip(
        rf"\b(?:rule|ladder)\s+(?P<mark>(?P<name>{NAME})\s+)",
        rf"(?P<mark>(?P<more>{NAME}))\s*:",
        "a name is one word",
        "write `{name}_{more}`",
        fits="COLON",
    ),
    slip(
        rf"\b(?P<word>rule|ladder)\s+(?P<name>{NAME})(?:\s+{STRING})?(?P<mark>)\s*",
        "",
        "a `:` is missing here",
        "write `{word} {name}:`",
        fits="COLON",
    ),
    slip(
        rf"\bexample\s+{STRING}(?P<mark>)\s*",
        "",
        "a `:` is missing here",
        'write `example "title":`',
        fits="COLON",
    ),
    slip(
        "",
        r"(?P<name>[a-z][a-z0-9_]*(?:-[a-z0-9_]+)+)",
        "a name has no hyphen",
        "write `{name_joined}`",
        fits="NAME",
    ),
    slip(
        "",
        rf"(?P<mark>{NAME}\.{NAME})",
        "a name has no dot",
        "only a rule of a standard is named so, behind `overrides` or in an `accept`; choose another name",
        fits="NAME",
    ),
    slip(
        rf"\b(?:rule|fact|event|has|group|ladder|define|setting|policy|standard|vocabulary|action\s+(?:{NAME}\s*,\s*)*"
        rf"|one\s+of\s+(?:{NAME}\s*[,<]\s*)*)\s*",
        rf"(?P<word>{NAME})\b",
        "`{word}` is a word of the language, so it cannot be a name",
        "choose another name",
        fits="NAME -RULE",
    ),
    slip("", r"(?P<word>[A-Z]{3})\b", "`{word}` has capital letters", "only currencies do; write `{word_lower}`"),
    slip(
        "",
        r"(?P<word>(?=[a-z0-9_.]*[A-Z])[A-Za-z_][A-Za-z0-9_]*)",
        "`{word}` has capital letters",
        "write `{word_lower}`",
    ),
    slip(
        rf"\bfact\s+{NAME}\s+(?P<mark>(?P<word>(?!count\b){NAME}))\s*",
        "",
        "`{word}` does not fit here: it is no type",
        "expected a type such as `count`",
        fits="OF",
    ),
    # signs
    slip("", r"[.;。；](?=\s|\Z)", "a rule ends without a sign", "leave it out"),
    slip("", r"(?P<word>=|are\b|:)", "`{word}` does not stand here", "write `is`", fits="IS -COMPARE"),
    slip("", r"[，、]", "a comma that is no plain comma", "write a plain comma"),
    slip("", r"：", "a colon that is no plain colon", "write `:`"),
    slip(
        "",
        r"[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff]",
        "a space that is no plain space",
        "replace it by a plain space",
    ),
    slip("", r"[‐-―−－]", "a dash that is no plain minus", "write `-`"),
)
