"""The results of a portfolio: how many rows have which verdict, which rules decided, and whether guards hold."""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal

from attrs import frozen

from forbear.kernel.cases import PERMITTED, Verdict
from forbear.kernel.faults import NO_ERRORS, Tally
from forbear.language.model.names import counted, listed, many, verdict_word

_REASONS = 3
"""The most errors of rows that are shown."""
UNDECIDED = "undecided"
VERDICTS = (*[verdict.value for verdict in Verdict], UNDECIDED)
_GUARD = re.compile(r"\s*([a-z][a-z0-9_]*)\s+([a-z]+)\s*(<=|>=|<|>)\s*([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*(%?)\s*")
_COMPARE = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}


@frozen
class Guard:
    """A limit for the rows that have a verdict on an action, as a number or in per cent of all rows."""

    text: str
    action: str
    verdict: str
    compare: str
    number: Decimal
    percent: bool


def read_guard(text: str) -> Guard | None:
    """Reads a guard such as `contact_related permitted <= 5%`; None if the text is not a guard."""
    match = _GUARD.fullmatch(text)
    if match is None or match[2] not in (*VERDICTS, "permitted"):
        return None
    return Guard(text, match[1], match[2], match[3], Decimal(match[4]), bool(match[5]))


class Summary:
    """The counts of rows, undecided rows, rows by action and verdict, rows by action and deciding rule, and the keys
    that the lines of each batch lack; and the optional facts that rules read and that have no column, with a column of
    nearly that name.
    """

    def __init__(self, actions: Sequence[str], rules: Sequence[str]) -> None:
        self.actions = actions
        self.rules = rules
        self.rows = 0
        self.undecided = 0
        self.verdicts: Counter[tuple[str, str]] = Counter()
        self.decided_by: Counter[tuple[str, int]] = Counter()
        self.lacking: list[frozenset[str] | None] = []
        self.no_column: Mapping[str, str | None] = {}
        self.reasons = NO_ERRORS

    def add(
        self,
        rows: int,
        undecided: int,
        verdicts: Mapping[tuple[str, str], int],
        by: Mapping[tuple[str, int], int],
        lacking: frozenset[str] | None,
        reasons: Tally,
    ) -> None:
        """Adds the counts of a batch."""
        self.rows += rows
        self.undecided += undecided
        self.verdicts.update(verdicts)
        self.decided_by.update(by)
        self.lacking.append(lacking)
        self.reasons += reasons

    @property
    def by_rule(self) -> Counter[str]:
        """The number of verdicts that each rule gave."""
        verdicts = Counter(dict.fromkeys(self.rules, 0))
        for (_, number), rows in self.decided_by.items():
            verdicts[self.rules[number]] += rows
        return verdicts


def lacking_text(no_column: Mapping[str, str | None]) -> str | None:
    """Returns the facts without a column, in words, those that may be misspelt first; None if there are none."""
    parts = [f"{fact} (did you mean `{near}`?)" for fact, near in no_column.items() if near is not None]
    parts += [fact for fact, near in no_column.items() if near is None]
    return f"no column for: {listed(parts, quote='')}" if parts else None


def reason_lines(reasons: Tally, or_none: Collection[str] = ()) -> Iterator[str]:
    """Why rows are undecided, the most frequent error first, and what to do about empty cells of facts `or_none`."""
    for reason in reasons.most[:_REASONS]:
        yield f"{many(reason.rows, 'row')}{'' if reason.alike else ', for example'}: {reason.message}"
    more = len(reasons.most) - _REASONS
    if more > 0:
        yield f"and {counted(more, 'more kind')} of error"
    nulls = [str(each.fact) for each in reasons.most if each.code == "no-null" and each.fact in or_none]
    if nulls:
        yield f"if an empty cell or null means that there is none: write `none`, or add --none {' --none '.join(nulls)}"


def held(guard: Guard, summary: Summary) -> tuple[bool, str]:
    """Returns whether a guard holds, and the rows that were counted, in words."""
    verdicts = PERMITTED if guard.verdict == "permitted" else (guard.verdict,)
    rows = sum(summary.verdicts[guard.action, verdict] for verdict in verdicts)
    most = guard.number * summary.rows / 100 if guard.percent else guard.number
    share = f", {Decimal(100 * rows) / summary.rows:.2f}%" if summary.rows else ""
    return _COMPARE[guard.compare](rows, most), f"{counted(rows, 'row')} of {summary.rows}{share}"


def reasons_json(reasons: Tally) -> list[dict[str, object]]:
    """Returns why rows are undecided, the most frequent error first, each with the message of the first row that has
    it.
    """
    return [{"rows": each.rows, "fact": each.fact, "code": each.code, "message": each.message} for each in reasons.most]


def summary_json(summary: Summary) -> dict[str, object]:
    """The counts of a summary as a JSON document."""
    rules: dict[str, dict[str, int]] = {name: {} for name in summary.rules}
    for (action, number), rows in summary.decided_by.items():
        if rows:
            rules[summary.rules[number]][action] = rows
    return {
        "rows": summary.rows,
        "undecided": summary.undecided,
        "reasons": reasons_json(summary.reasons),
        **({"no_column": dict(summary.no_column)} if summary.no_column else {}),
        "actions": {
            action: {verdict: summary.verdicts[action, verdict] for verdict in VERDICTS} for action in summary.actions
        },
        "rules": rules,
        "unused": [name for name, by_action in rules.items() if not by_action],
    }


def action_rows(summary: Summary) -> Iterator[list[str]]:
    """The head of a table with the verdicts that some row has, and a row for each action."""
    given = {verdict for (_, verdict), rows in summary.verdicts.items() if rows}
    verdicts = [verdict for verdict in VERDICTS if verdict in given]
    yield ["action", *map(verdict_word, verdicts)]
    for action in summary.actions:
        yield [action, *[f"{summary.verdicts[action, verdict]:,}" for verdict in verdicts]]


def rule_rows(summary: Summary, most: int) -> Iterator[list[str]]:
    """A row of a table for each of the `most` rules that gave most verdicts."""
    for name, verdicts in summary.by_rule.most_common(most):
        if verdicts:
            yield [name, f"{verdicts:,}"]
