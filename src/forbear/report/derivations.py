"""Writes derived facts as sentences: which events count, on which days, or from which other facts they follow."""

from __future__ import annotations

from typing import assert_never

from forbear.language.model.conditions import Always
from forbear.language.model.derived import Derived, Selection, Window
from forbear.language.model.policy import TypedPolicy
from forbear.report.sentences import clauses, in_words


def derivation_in_words(name: str, policy: TypedPolicy) -> str:
    """Returns the derivation of a fact in words: `how many times there was a contact, on the day of the decision or the
    6 calendar days before it, where outcome is reached`.
    """
    derived = policy.derived[name]
    if derived.events is None:
        return _of_the_day(derived)
    events = _events(derived.events, policy)
    last = f"the last {events}" if derived.measure != "days since first" else f"the first {events}"
    what = "" if derived.attribute is None else in_words(derived.attribute)
    match derived.measure:
        case "days since" | "days since first":
            return f"the calendar days up to the day of the decision, 0 on the day itself, since {last}"
        case "working days since":
            assert derived.calendar is not None
            days = f"the working days by the calendar {in_words(derived.calendar.name)}"
            return f"{days} up to the day of the decision, after the day of {last}"
        case "last" | "first":
            return f"{what} of the {derived.measure} {events}"
    assert derived.window is not None
    which = f"{in_words(derived.events.event)}, {_window(derived.window)}{_where(derived.events, policy)}"
    begins = []
    if derived.window.of is not None:
        begins.append(f"on the day of {in_words(derived.window.of)} or later")
    if derived.window.anchor is not None:
        begins.append(f"after the last {_events(derived.window.anchor, policy)}")
    if begins:
        which = events if derived.window.span == "since" else which
        which += f"; only those count that were {' and '.join(begins)}, or all where there was none"
    match derived.measure:
        case "sum":
            return f"the sum of {what} over each {which}"
        case "count":
            return f"how many times there was a {which}"
        case "days with":
            return f"on how many days there was a {which}"
        case "days in a row":
            return f"on how many days in a row, up to the day before the decision, there was a {which}"
        case _:
            return f"whether there was a {which}"


def _of_the_day(derived: Derived) -> str:
    if derived.of is not None:
        of = in_words(derived.of)
        if derived.measure == "days until":
            return f"the calendar days from the day of the decision to {of}: below 0 once it has passed"
        if derived.calendar is not None:
            days = f"the working days by the calendar {in_words(derived.calendar.name)}"
            return f"{days} after {of} up to the day of the decision: below 0 before it"
        return f"the whole {derived.measure.split()[0]} from {of} to the day of the decision"
    if derived.hours is not None:
        return f"whether the moment of the decision, where the borrower lives, is in {in_words(derived.hours)}"
    if derived.calendar is not None:
        what = "a holiday" if derived.measure == "holiday" else "worked"
        return f"whether the day of the decision is {what}, by the calendar {in_words(derived.calendar.name)}"
    return (
        f"{'time of day' if derived.measure == 'time' else derived.measure} of the decision, where the borrower lives"
    )


def _events(selection: Selection, policy: TypedPolicy) -> str:
    return in_words(selection.event) + _where(selection, policy).removeprefix(",")


def _where(selection: Selection, policy: TypedPolicy) -> str:
    if selection.where == Always():
        return ""
    return f", where {clauses(selection.where, policy.events[selection.event].facts)}"


def _window(window: Window) -> str:
    """Returns which events count, by their time."""
    number = window.number
    match window.span:
        case "days":
            before = {1: "", 2: " or the calendar day before it"}.get(
                number, f" or the {number - 1} calendar days before it"
            )
            return f"on the day of the decision{before}"
        case "working days":
            assert window.calendar is not None
            first = "the last" if number == 1 else f"the first of the last {number}"
            days = "working day" if number == 1 else "working days"
            return f"since {first} {days} by the calendar {in_words(window.calendar.name)}"
        case "hours":
            return f"in the {number} times 60 minutes before the decision"
        case "minutes":
            return f"in the {number} minutes before the decision"
        case "months":
            return f"less than {number} whole {'month' if number == 1 else 'months'} before the day of the decision"
        case "week":
            return "since Monday of the week of the decision"
        case "month":
            return "since the first of the month of the decision"
        case "quarter":
            return "since the first day of the quarter of the decision"
        case "at least":
            return f"at least {number} calendar days before the day of the decision"
        case "between":
            return f"from {number} to {window.least} calendar days before the day of the decision, both included"
        case "ever" | "since":
            return "at any time before the decision"
        case never:
            assert_never(never)
