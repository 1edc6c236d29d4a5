"""The errors of a case that the kernel itself does not find: in its text, in the question, in columns and files.

`cases.py` has the texts of its own errors, which compiled modules need.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from attrs import frozen

from forbear.kernel.cases import Fault, filled

TEXTS: Final[Mapping[str, str]] = {
    # JSON
    "no-utf8": "[the {document}][`{field}`] is not UTF-8 text",
    "too-long": "[the {document}][`{field}`] has more than {most} MB",
    "too-many-values": "[the {document}][`{field}`] has more than {most:,} values",
    "too-many-names": "[the {document}][`{field}`] holds an object of more than {most:,} names",
    "too-deep": "[the {document}][`{field}`] nests deeper than {most} lists and objects",
    "too-long-number": "[the {document}][`{field}`] holds a number with more digits than can be read",
    "no-json": "[the {document}][`{field}`] is no JSON: line {line}, column {column}: {problem}",
    "no-json-number": "[the {document}][`{field}`] holds `{word}`, which is not a JSON number",
    "half-character-in-json": "[the {document}][`{field}`] holds half a character: "
    "a `\\ud800` to `\\udfff` without its other half",
    "given-twice": "`{name}` is given twice",
    "two-names": "`{name}` is given by two names, `{first}` and `{second}`",
    "bad-key": "`{name}` needs 1 to {most:,} characters, for it names an entry of the record",
    "no-key-field": "no line has a field `{field}` to use as a key",
    # a case as a rule file has it
    "no-written-case": "a case is written as after `given` in an example: `days_overdue 14, plan broken`",
    "bad-written-case": "{message}; {help}",
    "written-day": "the case names its day, and `--on` a day; leave one of the two out",
    "written-moment": "the case names its day, and `--at` a moment; leave one of the two out",
    "nothing-to-decide": "the policy has no action to decide on",
    # the day and the moment
    "day-without-form": '`on` needs a date such as "2015-09-22"',
    "moment-without-form": '`at` needs a date and time such as "2026-03-01T09:30:00-05:00"',
    "no-moment-in-option": "{option!r} is not a date and time such as 2026-03-01T09:30:00-05:00",
    "two-days": "the case says `on` {day}, and the command line {other}",
    "two-moments": "the case says `at` {moment}, and the command line {other}",
    "book-without-day": "`{book}` has versions: say for which day or moment, with `on` or `at`",
    "no-version": "no version of `{book}` is in force on {day}[; there is {versions}][; the nearest are {nearest}]",
    "action-of-other-version": "{version}, which is in force on {day}, has no action `{action}`; {other} has it",
    "missing-moment": "`at` is missing: the moment of the decision",
    "decided-without-moment": "how long a decision is valid follows from its moment: decide with `at`",
    # when, plan
    "no-start": 'give the moment to begin at, under "at" in the case',
    "no-start-in-option": "give the moment to begin at, with `--at`",
    "no-start-at-all": 'give the moment to begin at: `--at`, or "at" in the case',
    "missing-start": "`at` is missing: the moment to begin at",
    "late-start": "`at` is after the year {year}, the last from which `when` looks ahead",
    "early-end": "`until` is not after `at`: name a later moment, or how long: `30 days`",
    "late-end": "`until` is more than {most:,} days after `at`: name an earlier one",
    "many-changes": "too much changes before {moment} to look further: ask again from then on",
    "policy-not-in-force": "policy `{policy}` is not in force on {day}",
    "day-and-moment": "`at` says the day too: leave out `on`",
    "no-day-and-time": '`at` needs a date and a time such as "2026-03-01T09:30:00-05:00", not {given}',
    "neither-day-nor-moment": "`when` needs the day or the moment to begin at: give `on` or `at`",
    "too-far": "the days ahead must be 1 to {most:,}, not {days:,}",
    "other-each-day": "`{name}` changes from day to day: give the moment, with `at`, and a column `zone`"
    "[; leave out `{column}`]",
    "parts-of-days": "`{name}` is counted in steps that do not divide a day, so it cannot be moved on by a day",
    "follows-from-events": "`{name}` follows from events and the moment: give the moment, with `at`"
    "[, and a column `{zone}`]",
    "follows-from-dates": "`{name}` follows from dates and the moment: give the moment, with `at`"
    "[, and a column `{zone}`]",
    # open facts
    "given-and-open": "`{name}` is given, and open as well: leave it out of the case, or do not open it",
    "open-for-events": "`{name}` cannot be open: it decides which events of `history` count",
    "open-date": "`{name}` cannot be open on a day: `{other}` follows from it, and is given: leave that out",
    "open-hours": "`{name}` cannot be open: open `{other}`, which follows from it",
    "open-after-open-date": "`{name}` cannot be open on a day: it follows from `{other}`, which is open",
    "open-after-history": "`{name}` cannot be open: it follows from `history`; open it in a case without",
    "open-after-date": "`{name}` cannot be open: it follows from `{other}`; leave that out",
    "open-after-moment": "`{name}` cannot be open: it follows from `at`; leave `at` out, or ask `when`",
    "open-after-day": "`{name}` cannot be open: it follows from the day; leave the day out",
    "open-on-two-days": "`{name}` cannot be open: a rule compares `{other}` with an open fact, and in the time zones "
    "of the case it is not one day",
    "open-beside-private": "`{name}` cannot be open: a rule compares it with `{other}`, which is private, and the "
    "condition would reveal it; open `{other}` too, or ask `decide`",
    "open-without-value": "`{name}` is missing: an open fact has a value",
    "open-and-unknown": "`{name}` is unknown: an open fact has a value",
    "no-case-of-open": "no value of {facts}[ and {more} more] is possible in the case: something that is given follows "
    "from the same date or events",
    "too-many-cases": "there are too many cases of {facts}[ and {more} more]: open fewer facts",
    "cases-of-relations": "the possible values of {facts}[ and {more} more], which rules compare, were not found"
    "[, as {reason}]: give some of them",
    "cases-of-dates": "the possible values of {facts}[ and {more} more], dates and ages, were not found"
    "[, as {reason}]: give some of them",
    # changes that an explanation does not show
    "withheld-private": "what `{name}` would have to be is withheld: it is private",
    "withheld-beside-private": "what `{name}` would have to be is withheld: a rule compares it with `{other}`, "
    "which is private",
    # columns
    "no-column": "there is no column `{column}`",
    "column-for-fact": "`{column}={name}` is the wrong way round: `{column}` is a fact, and `{name}` is not; "
    "write `{name}={column}`, COLUMN=FACT",
    "no-key-column": "there is no column `{column}` to use as a key",
    "error-of-version": "this is an error under {version}[, in force from {day} on]",
    "column-missing": "`{name}` is missing: there is no column of that name"
    "[; it follows from `{other}` if `at` gives the moment]",
    "two-columns": "`{name}` is given by two columns, `{first}` and `{second}`",
    "two-answer-columns": "the answer would have two columns `{column}`",
    "not-none": "`{name}` may not be none",
    "derived-in-one-zone": "`zone` names {number} time zones, but facts are derived in one: give one at a time",
    "part-in-column": "`{name}` is known in part, which a column cannot hold",
}
_MOST_FACTS: Final = 8


def fault(fact: str | None, code: str, /, **arguments: Any) -> Fault:
    """The fault of a code of `TEXTS`."""
    return Fault(fact, filled(TEXTS[code], arguments), code, arguments)


def malformed(why: str) -> Fault:
    """The fault of a row of a file that cannot be read."""
    return Fault(None, why, "malformed-row", {"why": why})


class Reason(NamedTuple):
    """An error that rows have: its fact and code, how many rows, the message of the first, and whether all say that."""

    fact: str | None
    code: str
    rows: int
    message: str
    alike: bool


@frozen
class Tally:
    """Counts the rows of a batch by error. Errors with the same code and fact are one, whatever the values are."""

    entries: tuple[Reason, ...] = ()

    @classmethod
    def of(cls, faults: Iterable[tuple[Fault, int]]) -> Tally:
        """The tally of faults, each of so many rows."""
        return cls._together(Reason(fault.fact, fault.code, rows, fault.message, True) for fault, rows in faults)

    @classmethod
    def _together(cls, reasons: Iterable[Reason]) -> Tally:
        by_kind: dict[tuple[str | None, str], Reason] = {}
        for reason in reasons:
            first = by_kind.setdefault(reason[:2], reason)
            if first is not reason:
                alike = first.alike and reason.alike and first.message == reason.message
                by_kind[reason[:2]] = first._replace(rows=first.rows + reason.rows, alike=alike)
        return cls(tuple(by_kind.values()))

    def __add__(self, other: Tally) -> Tally:
        return self._together((*self.entries, *other.entries))

    @property
    def most(self) -> list[Reason]:
        """The most frequent first."""
        return sorted(self.entries, key=lambda reason: -reason.rows)


NO_ERRORS: Final = Tally()


def listed_facts(names: Iterable[str]) -> dict[str, Any]:
    """The arguments that name facts, the first eight of them."""
    facts = list(names)
    more = len(facts) - _MOST_FACTS
    return {"facts": facts[:_MOST_FACTS], **({"more": more} if more > 0 else {})}
