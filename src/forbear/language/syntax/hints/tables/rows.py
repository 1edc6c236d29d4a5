"""Hints in the rows of tables, which authors know from spreadsheets and from Markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping

from forbear.language.syntax.grammar import effect_words
from forbear.language.syntax.hints.forms import COMPARED, OR_MORE, TIMED
from forbear.language.syntax.hints.hint import DIGITS, KEYWORD, NAME, STRING, Hint, around, at

_VALUE = rf"(?:[A-Z]{{3}}\s+)?{DIGITS}%?(?:\s+[A-Z]{{3}}\b)?"
_CELL = "ANY ROW_END"
"""The terminals that fit at the beginning of a cell."""
_UNDER = r"\|[ \t]*\n\s*(?:source|because|unless|overrides|when|in\s+force)\b[^|]*?"
"""From the end of the last row on, with another clause."""
_TABLE = "table t\n| days_overdue | sms |\n"


def _tests_nothing(words: Mapping[str, str]) -> str:
    if words["heading"] in ("action", "group"):
        return "leave it out"
    return "write `any`" if words["heading"] else "write `any`; under an action, leave the cell empty"


_TESTS_NOTHING = ("a cell that tests nothing says `any`, and one under an action is empty", _tests_nothing)
_DONE = {"allowed": "allow", "permitted": "allow", "forbidden": "forbid", "prohibited": "forbid", "required": "require"}


def _row(words: Mapping[str, str]) -> str:
    """Returns a line with signs between its cells as a row; a text may contain such signs."""
    cells = re.split(r"[ ]?[,;][ ]?(?=(?:[^\"]*\"[^\"]*\")*[^\"]*\Z)", words["row"])
    return f"write `| {' | '.join(cells)} |`"


_HEADED = "a column is headed by a fact, a definition or an action"
_BEFORE_ROWS = rf"\btable\s+{NAME}(?:\s+{STRING})?\s*"

HINTS = (
    Hint(
        at(r"\|[ \t]*(?P<mark>[^|\s][^|\n]*?\s*)", r"(?P<mark>[-+]\s+[^|\n]*[^|\s])(?=[ \t]*\|)"),
        "a heading and a cell have one fact or value, and no sum",
        "compare the sum in a rule, as in `FACT + FACT >= VALUE`",
        "table t\n| ⟨overdue_amount + balance⟩ | sms |\n| under CNY 5 | allow |\n",
    ),
    Hint(
        at(_BEFORE_ROWS, r"(?P<mark>(?P<word>when|if|for|unless|because|source|overrides)\b[^\n|]*[^\s|])", "ROW"),
        "what holds for all rows of a table stands under them",
        lambda words: "move it there" + (", as `when CONDITION`" if words["word"] in ("if", "for") else ""),
        "table t ⟨when hardship⟩\n| days_overdue | sms |\n",
    ),
    Hint(
        at(
            r"\|[ \t]*",
            r"(?P<mark>(?i:dpd|days?(?:[ _](?:past[ _]due|late|overdue|in[ _]arrears))?))(?=[ \t]*\|)",
            "EVERYTHING THEN RULE -ANY",
        ),
        _HEADED,
        "write the name of the fact, such as `days_overdue`",
        "table t\n| ⟨days past due⟩ | sms |\n| 9 to 13 | allow |\n",
        exact=False,
    ),
    Hint(
        at(
            r"\|[ \t]*",
            r"(?P<mark>(?i:actions?|effects?|outcome|decision|result))(?=[ \t]*\|)",
            "EVERYTHING THEN RULE -ANY",
        ),
        _HEADED,
        "write `then`, with `allow ACTION` and the like under it, or head a column with each action",
        "table t\n| days_overdue | ⟨action⟩ |\n| 9 to 13 | allow sms |\n",
        exact=False,
    ),
    Hint(
        around(
            rf"(?:\btable\s+{NAME}(?:\s+{STRING})?[ \t]*\n|\|[ \t]*\n(?![^\n]*\b(?:then|when|if|unless)\b))[ \t]*"
            rf"(?P<mark>(?!{KEYWORD})(?P<row>[^|\n#,;]+[,;][^|\n#]*[^|\n#\s,;]))(?=[ \t]*(?:\n|\Z))"
        ),
        "a row has a `|` before, between and behind its cells",
        _row,
        'table t\n| state | sms |\n⟨"CA", allow⟩\n',
    ),
    Hint(
        around(
            rf"\|[ \t]*(?P<mark>(?:(?P<between>between|from)\s+(?:day\s+)?)?(?P<low>{_VALUE})\s*"
            rf"(?:to\b|(?(between)and\b|(?!))|\.\.+|[-\u2013\u2014~])\s*(?:day\s+)?(?P<high>{_VALUE}))(?=[ \t]*\|)"
        ),
        "a span of a table is written with `to`, and no word before it",
        "write `{low_value} to {high_value}`",
        f"{_TABLE}| ⟨9-13⟩ | allow |\n",
        more=tuple(f"{_TABLE}| ⟨{span}⟩ | allow |\n" for span in ("9..13", "from day 9 to day 13", "between 9 and 13")),
    ),
    Hint(
        around(r"\|[ \t]*(?P<mark>[*\u2013\u2014-]|[nN]/[aA]|(?:all|each|every|always|whatever)\b)(?=[ \t]*\|)"),
        *_TESTS_NOTHING,
        f"{_TABLE}| ⟨*⟩ | allow |\n",
        more=(
            *(f"{_TABLE}| ⟨{cell}⟩ | allow |\n" for cell in ("n/a", "-", "all")),
            "fact n count\naction a\ntable t\n| n | a |\n| 3 | ⟨*⟩ |\n",
        ),
    ),
    Hint(
        around(rf"{_UNDER}\b(?P<mark>complete|no\s+overlap)\b"),
        "what a table promises stands right under its rows",
        "move it there, before the other clauses",
        f'{_TABLE}| 9 to 13 | allow |\nsource "x"\n⟨complete⟩\n',
        more=(f'{_TABLE}| 9 to 13 | allow |\nsource "x"\n⟨no overlap⟩\n',),
    ),
    Hint(
        around(
            r"\|[ \t]*(?P<mark>(?P<no>not\s+|never\s+|)(?P<word>allowed|permitted|forbidden|prohibited|required))\b",
        ),
        "a cell under an action says what the rule does",
        lambda words: (
            f"write `{_DONE[words['word']]}`"
            if not words["no"]
            else "write `forbid`"
            if _DONE[words["word"]] == "allow"
            else None
        ),
        f"{_TABLE}| over 13 | ⟨not allowed⟩ |\n",
        more=(f"{_TABLE}| over 13 | ⟨required⟩ |\n",),
    ),
    Hint(
        around(
            rf"\|[ \t]*(?P<mark>(?P<value>{_VALUE})\s+(?P<said>{OR_MORE}))",
        ),
        "a comparison of a table is a sign and a value",
        "write `{said_sign} {value}`",
        f"{_TABLE}| ⟨60 or more⟩ | allow |\n",
    ),
    Hint(
        at(rf"\|[^|\n]*?(?P<mark>\b(?P<low>{_VALUE})\s*)", r"(?P<mark>\+)", "ROW_END"),
        "a number with all above it is a comparison",
        "write `>= {low}`",
        f"{_TABLE}| ⟨60+⟩ | allow |\n",
    ),
    Hint(
        at(
            rf"\|[^|\n]*?(?P<mark>(?P<test>(?:[<>]=?\s*|over\s+|under\s+)?\b{DIGITS})\s+)",
            r"(?P<mark>days?\b)",
            "ROW_END",
        ),
        "a number is written without its unit",
        "write `{test}`",
        f"{_TABLE}| ⟨>=60 days⟩ | allow |\n",
    ),
    Hint(
        around(rf"\|[ \t]*(?P<mark>(?:from|between)\s+(?P<low>{_VALUE})\s+until\s+(?P<high>{_VALUE}))"),
        "a span of a table has no word before it",
        "write `{low} until {high}`",
        f"{_TABLE}| ⟨from 9 until 13⟩ | allow |\n",
    ),
    Hint(
        around(
            rf"\|[ \t]*(?P<mark>(?!over\b|under\b)(?P<said>{COMPARED}|{TIMED})\s+(?:day\s+)?"
            rf"(?P<value>[$€£]{DIGITS}|{_VALUE})(?:\s+days?\b)?)"
        ),
        "a comparison of a table is a sign and a value",
        lambda words: (
            "write `{said_sign} {value_value}`"
            if words["said"] not in ("until", "till")
            else "write `< {value_value}`, as `until` leaves its end out, or `<= {value_value}`, which has it"
        ).format_map(words),
        f"{_TABLE}| ⟨at least 60⟩ | allow |\n",
        more=tuple(f"{_TABLE}| ⟨{said}⟩ | allow |\n" for said in ("within 60 days", "after 60 days", "before day 60")),
    ),
    Hint(
        at(r"\|[ \t]*(?P<mark>-)", r"(?P<mark>[-:]+[-:| \t]*)", "NUMBER"),
        "a table has no line under its headings",
        "take this line out",
        f"{_TABLE}| ⟨-----|-----|⟩\n| 9 to 13 | allow |\n",
    ),
    Hint(
        at(r"\|[ \t]*", r"(?P<mark>(?P<word>[A-Za-z]+|[xX✓✗✔✘]))[ \t]*\|", _CELL),
        "`{word}` is no effect, and under an action is one",
        lambda words: (
            "write `allow`, `forbid`, `require` or `never`, or leave the cell empty where the row says nothing"
            if words["heading"] in ("action", "group") and words["word"].lower() not in effect_words()
            else None
        ),
        "action a\ntable t\n| days_overdue | a |\n| 3 | ⟨OK⟩ |\n",
        exact=False,
    ),
    Hint(
        at(r"\|[ \t]*", r"(?P<mark>\|)", "EVERYTHING THEN RULE -ANY"),
        "a column has no heading",
        "head it with a fact or an action, or take it out",
        "table t\n| days_overdue | ⟨|⟩ sms |\n| 9 to 13 | any | allow |\n",
    ),
    Hint(
        at(r"\|[^\n]*[^|\s](?P<mark>)[ \t]*\n\s*", r"", "ROW_END"),
        "this row does not end with `|`",
        "write `|`",
        f"{_TABLE}| 9 to 13 | allow⟨⟩\n| over 13 | |\n",
    ),
    Hint(
        around(
            rf"(?:\btable\s+{NAME}(?:\s+{STRING})?\s*\n|\|[^\n]*\n)\s*"
            r"(?P<mark>(?P<row>(?![^|\n]*\b(?:then|when|if|unless)\b)[^|\s#][^|\n#]*\|[^\n#]*[^\n#\s]))(?=[ \t]*"
            r"(?:\n|\Z))"
        ),
        "this row does not begin with `|`",
        lambda words: f"write `| {words['row'].removesuffix('|').strip()} |`",
        "table t\n| days_overdue | sms |\n⟨9 to 13 | allow |⟩\n",
    ),
)
