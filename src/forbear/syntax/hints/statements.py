"""Hints in statements: effects, conditions of rules, promises, heads, names and signs."""

from __future__ import annotations

from forbear.syntax.hints.hint import EFFECT, EFFECTS, LITERAL, NAME, NUMBER, STRING, hint

HINTS = (
    # examples and ensures
    hint(
        rf"\b(?P<fact>{NAME})\s*",
        rf"(?P<mark>[<>=!]+|is\b|:)\s*(?P<value>{LITERAL}|[^\s,]+)",
        "between a fact and its value stands no sign",
        "write `{fact} {value}`",
        'example "e": given days_overdue ⟨=⟩ 9 expect sms unsaid',
        fits="UNKNOWN -KNOWN",
    ),
    hint(
        "",
        r"(?P<mark>is|are)\s+(?:not\s+)?(?:allowed|forbidden|required|unsaid)\b",
        "an expectation has no `is`",
        "leave the `{mark}` out",
        "ensure sms ⟨is⟩ allowed",
        fits="ALLOWED",
    ),
    # limits
    hint(
        r"\blimit\s+[a-z0-9_,\s]*\sto\s+",
        rf"(?P<mark>[A-Z]{{3}}\s+{NUMBER})",
        "a limit counts by a whole number, and this is a sum",
        "write `never ... when FACT >= {mark}`",
        "limit phone_call to ⟨CNY 3⟩ by overdue_amount",
    ),
    *[
        hint(
            rf"\blimit\s+[a-z0-9_,\s]*\sto\s+(?:{NUMBER}|{NAME}){before}(?P<mark>)\s*",
            "",
            "a limit says by which fact it counts",
            f"write `{help}`",
            example,
            fits="NAME -ALLOW",
        )
        for before, help, example in (
            (r"\s+by", "by FACT", "limit sms to 7 by⟨⟩\nrule r: never email"),
            (rf"\s+(?P<fact>{NAME})", "by {fact}", "limit sms to 7 unreachable⟨⟩"),
            ("", "by FACT", "limit sms to 7⟨⟩"),
        )
    ],
    *[
        hint(
            before,
            here,
            "a limit is written otherwise",
            "write `limit ACTIONS to N by FACT when CONDITION`, such as `limit phone_call to 7 by calls_in_7_days`",
            example,
            fits=fits,
        )
        for before, here, example, fits in (
            (r"(?<![<>=] )\blimit\s+", NAME, "limit ⟨sms⟩ by unreachable to 7", "THEN"),
            (r"\bthen\s+", r"limit\b", "after 3 days then ⟨limit⟩ sms to 7 by unreachable", "ALLOW"),
        )
    ],
    hint(
        rf"\blimit\s+[a-z0-9_,\s]*\sto\s+(?:{NUMBER}|{NAME})\s+(?P<mark>(?P<word>{NAME})\s+)by\s+(?P<fact>{NAME})\s*",
        "",
        "behind the number of a limit stands `by`",
        "leave the `{word}` out: `by {fact}`",
        "limit phone_call to 7 ⟨calls⟩ by calls_in_7_days",
        fits="THEN",
    ),
    # effects and their actions
    hint(
        rf"\bthen\s+{EFFECT}\s[a-z0-9_,\s]*?\s(?P<mark>(?P<word>allow|forbid|require))\s+[a-z0-9_,\s]*",
        "",
        "an `and` is missing before `{word}`",
        "write `and {word}`",
        "after 60 days then allow sms ⟨forbid⟩ letter",
        fits="WHEN",
    ),
    hint(
        rf"{EFFECTS},\s*",
        rf"(?P<word>{EFFECT})\b",
        "effects are joined with `and`",
        "write `and {word}`, without the comma",
        "after 3 days then allow sms, ⟨forbid⟩ visit",
    ),
    hint(
        r"\bnever\s+",
        rf"(?:allow|forbid|require|never)\s+(?P<action>{NAME})",
        "a `never` has no other effect beside it",
        "one effect is enough: write `never {action}`",
        "never ⟨allow⟩ sms",
    ),
    hint(
        rf"\b(?P<first>{EFFECT})\s+",
        rf"(?P<second>{EFFECT})\b",
        "two effects stand side by side",
        "one effect is enough: keep `{first}` or `{second}`",
        "after 3 days then allow ⟨forbid⟩ sms",
    ),
    hint(
        r",\s*",
        r"(?P<mark>and|or)\b",
        "a list has commas only",
        "leave the `{mark}` out",
        "after 3 days then allow sms, ⟨and⟩ email",
        fits="NAME -LPAR",
    ),
    hint(
        rf"{EFFECTS}\b(?P<first>{NAME})\s+(?P<mark>and)\s+",
        rf"(?P<second>{NAME})\b",
        "`and` joins effects, not actions",
        "actions are joined with commas: `{first}, {second}`",
        "allow sms ⟨and⟩ phone_call when after 3 days",
        fits="ALLOW -RULE",
    ),
    *[
        hint(
            rf"\b(?P<first>{NAME})\s+",
            rf"(?P<word>and|or)\s+(?P<second>{NAME})\b",
            "`{word}` joins no actions",
            "actions are joined with commas: `{first}, {second}`",
            example,
            fits=fits,
        )
        for example, fits in (
            ("after 3 days then allow sms ⟨or⟩ email", "COMMA EXCEPT"),
            ("ensure sms ⟨and⟩ email not allowed", "ALLOWED"),
        )
    ],
    hint("", r"(?P<word>and|or)\b", "a list has commas only", "write a comma", 'uses "a" ⟨and⟩ "b"', fits="COMMA"),
    hint(
        r"\bthen\s+",
        rf"(?!{EFFECT}\b)[a-z]",
        "`then` is not followed by what the rule does",
        "write `then allow`, `then forbid`, `then require` or `then never`, and the actions",
        "after 60 days then ⟨sms⟩",
    ),
    hint(
        "",
        rf"(?P<word>{EFFECT})\b",
        "a `then` is missing",
        "write `then {word}`",
        "after 3 days ⟨allow⟩ sms",
        fits="THEN",
    ),
    # conditions of rules
    hint(
        rf"\b{EFFECT}\b[a-z0-9_,\s]*",
        r"if\b",
        "a rule has no `if`",
        "write `when`: `allow sms when after 60 days`",
        "allow sms ⟨if⟩ deceased",
    ),
    hint(
        r"(?:\bnever\s[a-z0-9_, ]*?|\b(?:allowed|forbidden|required|unsaid)\s+)\b(?P<mark>if)\s+",
        "",
        "a rule has no `if`",
        "write `when`: `never sms when deceased`",
        "never sms ⟨if⟩ deceased",
    ),
    hint(
        r"\b(?P<mark>if)\s+",
        "",
        "a rule has no `if`",
        "leave the `if` out, and begin with the condition: `after 60 days then allow sms`",
        "⟨if⟩ deceased then allow sms",
    ),
    hint(
        rf'\bthen\s+{EFFECT}\b[^:"#]*[a-z0-9_]\s+',
        r"when\b",
        "a rule has one condition",
        "join both with `and`: `CONDITION and CONDITION then allow sms`",
        "after 60 days then allow sms ⟨when⟩ deceased",
    ),
    hint(
        "",
        r"\Z|[a-z]",
        "this rule has no condition; only `never` may go without one",
        "write `allow sms when CONDITION`; for every case write `when always`",
        "allow sm⟨s⟩",
        fits="WHEN -RULE",
    ),
    hint(
        "",
        r"when\b",
        "a condition comes first, or behind the actions",
        "leave the `when` out",
        "⟨when⟩ after 60 days then allow sms",
        fits="AFTER",
    ),
    hint(
        rf"\b(?P<fact>{NAME})\s+is\s+(?P<no>not\s+|)(?P<first>{NAME}|{STRING})\s*",
        rf",\s*(?P<second>{NAME}|{STRING})",
        "conditions are joined with `and`",
        "write `and`, or for several values `{fact} is {no}one of {first}, {second}`",
        "contact_source is referee⟨,⟩ declared then allow sms",
        fits="AND -COMMA",
    ),
    hint(
        "",
        r"[,，、]",
        "conditions are joined with `and`",
        "write `and`",
        "after 3 days⟨,⟩ deceased then allow sms",
        fits="AND -COMMA",
    ),
    hint(
        r"(?P<mark>,)\s*",
        r"(?P<word>[a-z]+)\b",
        "a comma too many before `{word}`",
        "take the comma out",
        "after 3 days then allow sms⟨,⟩ when deceased",
        fits="NAME -RULE",
    ),
    # heads and names
    hint(
        rf"\b(?:policy|standard)\s+{NAME}(?:\s+{STRING})?\s+applies\s+",
        "",
        "`applies` is followed by `when`",
        "write `applies when CONDITION`",
        "policy p applies ⟨if⟩ deceased\nnever sms",
        fits="THEN",
    ),
    hint(
        r"\b(?:policy|standard)\s[^:]*\bsubject\s+",
        r"to\b",
        "a standard is named by its path, or the name of its pack, in quotation marks",
        'write `subject to "regulation/us-reg-f"`',
        "policy p subject ⟨to⟩ regulation/us-reg-f",
        fits="THEN",
    ),
    hint(
        "",
        r"(?P<word>version|currency|applies|subject\s+to)\b",
        "`{word}` stands under no head",
        "write it below `policy NAME`, before the rules",
        '⟨version⟩ "2"',
        fits="RULE",
        code="misplaced-head",
    ),
    hint(
        rf"\b(?:rule|ladder)\s+(?P<mark>(?P<name>{NAME}))",
        r"(?P<mark>-(?P<more>[a-z0-9_]+(?:-[a-z0-9_]+)*))",
        "a name has no hyphen",
        "write `{name}_{more_joined}`",
        "rule ⟨r-2⟩: never sms",
        fits="COLON",
    ),
    hint(
        rf"\b(?:rule|ladder)\s+(?P<mark>(?P<name>{NAME})\s+)",
        rf"(?P<mark>(?P<more>{NAME}))\s*:",
        "a name is one word",
        "write `{name}_{more}`",
        "rule ⟨remind sms⟩: never sms",
        fits="COLON",
    ),
    hint(
        rf"\b(?P<word>rule|ladder)\s+(?P<name>{NAME})(?:\s+{STRING})?(?P<mark>)\s*",
        "",
        "a `:` is missing here",
        "write `{word} {name}:`",
        "rule r⟨⟩ never sms",
        fits="COLON",
    ),
    hint(
        rf"\bexample\s+{STRING}(?P<mark>)\s*",
        "",
        "a `:` is missing here",
        'write `example "title":`',
        'example "e"⟨⟩ expect sms allowed',
        fits="COLON",
    ),
    hint(
        "",
        r"(?P<name>[a-z][a-z0-9_]*(?:-[a-z0-9_]+)+)",
        "a name has no hyphen",
        "write `{name_joined}`",
        "never ⟨phone-call⟩",
        fits="NAME",
    ),
    hint(
        "",
        rf"(?P<mark>{NAME}\.{NAME})",
        "a name has no dot",
        "only a rule of a standard is named so, behind `overrides` or in an `accept`; choose another name",
        "fact ⟨credit.score⟩ count",
        fits="NAME",
    ),
    hint(
        rf"\b(?:rule|fact|event|has|group|ladder|define|setting|policy|standard|vocabulary|action\s+(?:{NAME}\s*,\s*)*"
        rf"|one\s+of\s+(?:{NAME}\s*[,<]\s*)*)\s*",
        rf"(?P<word>{NAME})\b",
        "`{word}` is a word of the language, so it cannot be a name",
        "choose another name",
        "fact ⟨days⟩ count",
        fits="NAME -RULE",
    ),
    hint(
        "",
        r"(?P<word>[A-Z]{3})\b",
        "`{word}` has capital letters",
        "only currencies do; write `{word_lower}`",
        "never ⟨SMS⟩",
    ),
    hint(
        "",
        r"(?P<word>(?=[a-z0-9_.]*[A-Z])[A-Za-z_][A-Za-z0-9_]*)",
        "`{word}` has capital letters",
        "write `{word_lower}`",
        "⟨After⟩ 60 days then allow sms",
    ),
    hint(
        rf"\bfact\s+{NAME}\s+(?P<mark>(?P<word>(?!count\b){NAME}))\s*",
        "",
        "`{word}` does not fit here: it is no type",
        "expected a type such as `count`",
        "fact grace ⟨foo⟩",
        fits="OF",
    ),
    # signs
    hint("", r"[.;。；](?=\s|\Z)", "a rule ends without a sign", "leave it out", "never sms⟨.⟩"),
    hint(
        "",
        r"(?P<word>=|are\b|:)",
        "`{word}` does not stand here",
        "write `is`",
        "group g⟨:⟩ sms, email",
        fits="IS -COMPARE",
    ),
    hint(
        "", r"[，、]", "a comma that is no plain comma", "write a plain comma", "after 3 days then allow sms⟨，⟩ email"
    ),
    hint("", r"：", "a colon that is no plain colon", "write `:`", "group g⟨：⟩ sms, email"),
    hint(
        "",
        r"[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff]",
        "a space that is no plain space",
        "replace it by a plain space",
        "after 60⟨\u00a0⟩days then allow sms",
    ),
    hint("", r"[‐-―−－]", "a dash that is no plain minus", "write `-`", "unreachable > ⟨−⟩3 then allow sms"),
)
