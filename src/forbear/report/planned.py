"""The workload ahead: by action and day, in short, as CSV and as JSON."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import asdict, evolve, frozen

from forbear.kernel.faults import Tally
from forbear.language.model.names import counted, many
from forbear.report.portfolio import lacking_text, reason_lines, reasons_json

if TYPE_CHECKING:
    from forbear.portfolio.ahead.counts import Counts


@frozen
class Series:
    """Numbers of accounts of an action by day, from day 0 on."""

    permitted: tuple[int, ...]
    due: tuple[int, ...]
    ended: tuple[int, ...]

    @property
    def total(self) -> int:
        """The number of accounts that become due."""
        return sum(self.due)

    @property
    def peak(self) -> int:
        """The day on which most become due; the first of several."""
        return max(range(len(self.due)), key=lambda day: self.due[day])


@frozen
class Action:
    """An action under a policy and, if there is one, under that which it is held against."""

    name: str
    now: Series
    before: Series | None
    alike: tuple[int, ...]
    """How many accounts become due by both policies on each day, on day 0 how many both permit."""

    @property
    def idle(self) -> bool:
        """Whether the action is never permitted for any account."""
        return not any(
            any((*series.permitted, *series.due)) for series in (self.now, self.before) if series is not None
        )

    @property
    def sides(self) -> tuple[Series, ...]:
        """The accounts that become due on each day, by the policy and by the one that it is compared with, if there is
        one. Then those of day 0 are the accounts that one of the two permits at once and the other does not.
        """
        if self.before is None:
            return (self.now,)
        both = (self.now, self.before)
        return tuple([evolve(each, due=(each.permitted[0] - self.alike[0], *each.due[1:])) for each in both])

    @property
    def newly(self) -> list[int]:
        """Returns how many accounts become due on each day that do not by the other policy, with those permitted at
        once.
        """
        return self._apart(self.sides[0])

    @property
    def no_longer(self) -> list[int]:
        """Returns how many accounts become due on each day by the other policy alone, with those that it permits at
        once.
        """
        return self._apart(self.sides[1])

    @property
    def most_changed(self) -> int:
        """The most accounts of a day that become due by one of the two policies alone."""
        return max(*self.newly, *self.no_longer)

    def _apart(self, series: Series) -> list[int]:
        return [series.due[0], *[due - both for due, both in zip(series.due[1:], self.alike[1:], strict=True)]]


@frozen
class Surge:
    """The effect of a change of policy on an action on a day, on day 0 with the accounts permitted at once."""

    action: str
    day: int
    newly_due: int
    no_longer_due: int


@frozen
class Counted:
    """A policy or a file by which accounts were counted, with everything that identifies it."""

    name: str
    title: str
    version: str | None
    digest: str


@frozen
class Promise:
    """A promise that is `broken`, `gone` or `changed`, and its name."""

    change: str
    text: str


@frozen
class Beginning:
    """The version of a policy from a day on, counted from day 0, and what it is called in sentences; None where none is
    in force."""

    day: int
    version: str | None
    label: str = "no version"


@frozen
class Plan:
    """The workload ahead of a policy, or of two: what they are called, day 0 if it was named, and what moved."""

    policies: tuple[str, ...]
    first: datetime.date | None
    rows: int
    undecided: tuple[tuple[int, ...], ...]
    """Accounts that cannot be decided, by policy and day."""
    moving: tuple[str, ...]
    held: tuple[str, ...]
    actions: tuple[Action, ...]
    versions: tuple[tuple[Beginning, ...], ...]
    """By policy, the versions of its book that decide in turn; one alone if it is not a book."""
    put_aside: str
    """The days of the own `in force` of the policy that it is held against, which were put aside; empty for always."""
    no_column: Mapping[str, str | None]
    """The optional facts that rules read and that have no column, with a column of nearly that name."""
    reasons: Tally
    """Why the policy cannot decide accounts on day 0."""
    promises: tuple[Promise, ...]
    """The promises of the policy that it is held against which it breaks, or no longer makes."""
    made_of: tuple[Counted, ...]
    """The policies, each with its versions, and at the end the file of the accounts."""

    @property
    def shown(self) -> list[Action]:
        """The actions that anybody is permitted; those first of which a change of policy changes most."""
        actions = [action for action in self.actions if not action.idle]
        return sorted(actions, key=lambda action: -action.most_changed) if len(self.policies) > 1 else actions

    @property
    def days(self) -> int:
        """The last day; the first is 0."""
        return len(self.undecided[0]) - 1

    @property
    def shown_days(self) -> range:
        """The days on which something may become due: with another policy that it is held against, day 0 too."""
        return range(0 if len(self.policies) > 1 else 1, self.days + 1)

    @property
    def surge(self) -> Surge | None:
        """The action and the day with most accounts that become due by one of the two policies alone."""
        if len(self.policies) < 2:
            return None
        surges = [
            Surge(action.name, day, newly, no_longer)
            for action in self.actions
            for day, (newly, no_longer) in enumerate(zip(action.newly, action.no_longer, strict=True))
        ]
        found = max(
            surges, key=lambda surge: (max(surge.newly_due, surge.no_longer_due), surge.newly_due), default=None
        )
        return found if found is not None and (found.newly_due or found.no_longer_due) else None

    @property
    def headline(self) -> str | None:
        """The worst effect of a change of policy, in a sentence, or that no account is decided; None for one policy
        alone that decides any.
        """
        numbers = Counter(promise.change for promise in self.promises)
        lost = [f"{counted(number, 'promise')} {change}" for change, number in numbers.items()]
        surge = self.surge
        if self.rows and self.undecided[0][0] == self.rows:
            said = f"all {many(self.rows, 'account')} are undecided on day 0, so nothing is counted"
        elif len(self.policies) < 2:
            return None
        elif surge is None:
            said = f"every account becomes due on the same days as by {self.policies[1]}"
        else:
            said = (
                f"largest change: {surge.action} on {self.day(surge.day)}, {many(surge.newly_due, 'account')} newly due"
                f" and {surge.no_longer_due:,} no longer, against {self.policies[1]}"
            )
        return "; ".join([*lost, said])

    @property
    def lost(self) -> list[str]:
        """The lost promises, each in a sentence."""
        return [f"promise {promise.change}: {promise.text}" for promise in self.promises]

    def day(self, number: int) -> str:
        """A day, in words."""
        return f"day {number}" if self.first is None else str(self.first + datetime.timedelta(number))

    @property
    def about(self) -> list[str]:
        """The basis of the plan, in sentences."""
        day = f", from {self.first} on" if self.first is not None else ""
        ahead = f"{many(self.rows, 'account')}, {counted(self.days, 'day')} ahead{day}"
        sentences = [*self.lost, f"{ahead}, if nothing else happens"]
        moving = f"time moves {', '.join(self.moving)}" if self.moving else "nothing of these cases moves with time"
        held = f"; {', '.join(self.held)} {'stay' if len(self.held) > 1 else 'stays'} as given" if self.held else ""
        sentences.append(moving + held)
        days = [self.day(number) for number in range(self.days + 1)]
        for name, begun in zip(self.policies, self.versions, strict=False):
            if len(begun) > 1:
                of = f"{name}: " if len(self.policies) > 1 else ""
                sentences.append(f"{of}decided {in_turn(begun, days)}")
        lacking = lacking_text(self.no_column)
        if lacking is not None:
            sentences.append(lacking)
        if self.put_aside:
            sentences.append(f"{self.policies[-1]}: its own `in force {self.put_aside}` is put aside")
        for name, numbers in zip(self.policies, self.undecided, strict=True):
            if any(numbers):
                most = max(numbers)
                later = f", {most:,} on {days[numbers.index(most)]}" if most > max(numbers[0], numbers[-1]) else ""
                later += f", {numbers[-1]:,} on the last day" if numbers[-1] != numbers[0] else ""
                by = f" by {name}" if len(self.policies) > 1 else ""
                why = "" if self.reasons.entries else ": `forbear apply` says why"
                sentences.append(f"{many(numbers[0], 'account')} undecided{by}{later}{why}")
        sentences += [f"  {line}" for line in reason_lines(self.reasons)]
        return sentences


def beginnings(versions: Iterable[Any], first: datetime.date | None, days: int) -> tuple[Beginning, ...]:
    """The versions in force on day 0, the day `first`, and on so many days after it, of some policies in the order of
    their days."""
    if first is None:
        return ()
    begun: list[Beginning] = []
    end = 0
    for policy in versions:
        since, until = policy.typed.since, policy.typed.until
        begin = 0 if since is None else max(since - first.toordinal(), 0)
        last = days if until is None else until - first.toordinal()
        if begin > days or last < 0:
            continue
        if begun and begin > end:
            begun.append(Beginning(end, None))
        called = policy.typed.called
        begun.append(Beginning(begin, policy.typed.version or called, called))
        end = last + 1
    return (*begun, Beginning(end, None)) if len(begun) > 1 and end <= days else tuple(begun)


def in_turn(begun: Sequence[Beginning], days: Sequence[str]) -> str:
    """The versions with the days from which on they decide: `by version 1, from 2027-01-01 on by version 2`."""
    first, *later = begun
    return ", ".join([f"by {first.label}", *[f"from {days[each.day]} on by {each.label}" for each in later]])


def actions_of(counts: Sequence[Counts], alike: Mapping[str, Any]) -> Iterator[Action]:
    """The actions of one policy, or of one and the policy that it is compared with: how many accounts become due
    `alike` by both on each day, by action.
    """
    for name in dict.fromkeys(name for counted_rows in counts for name in counted_rows.actions):
        now, *before = [_series(counted_rows, name) for counted_rows in counts]
        both = tuple(alike[name].tolist()) if name in alike else (0,) * len(now.due)
        yield Action(name, now, before[0] if before else None, both)


def _series(counts: Counts, action: str) -> Series:
    if action not in counts.actions:
        none = (0,) * len(counts.undecided)
        return Series(none, none, none)
    place = counts.actions.index(action)
    permitted, due, ended = (tuple(numbers[place].tolist()) for numbers in (counts.permitted, counts.due, counts.ended))
    return Series(permitted, due, ended)


def rows_of(plan: Plan) -> tuple[list[str], list[list[str]]]:
    """The plan in short: a row for each action, with the days on which most become due, or which change most."""
    both = len(plan.policies) > 1
    header = ["action", "permitted on day 0", "become due", "most on one day", "permitted at the end"]
    if both:
        header = ["action", "permitted on day 0", "become due", "permitted at the end", "newly due", "no longer due"]
    rows = []
    for action in plan.shown:
        now, before = action.now, action.before
        if before is None:
            cells = [f"{now.permitted[0]:,}", f"{now.total:,}", _most(plan, now), f"{now.permitted[-1]:,}"]
        else:
            numbers = [(its.permitted[0], its.total, its.permitted[-1]) for its in (now, before)]
            cells = [changed(*pair) for pair in zip(*numbers, strict=True)]
            cells[0] = beside(now.permitted[0], action.newly[0], action.no_longer[0])
            cells += [_largest(plan, action.newly), _largest(plan, action.no_longer)]
        rows.append([action.name, *cells])
    return header, rows


def changed(number: int, before: int) -> str:
    """A number, with its difference from what it was, if there is any."""
    return f"{number:,} ({number - before:+,})" if number != before else f"{number:,}"


def beside(number: int, newly: int, no_longer: int) -> str:
    """Returns a number of accounts, with how many of them are new, and how many are no longer there."""
    apart_from = [f"{sign}{accounts:,}" for sign, accounts in (("+", newly), ("-", no_longer)) if accounts]
    return f"{number:,} ({', '.join(apart_from)})" if apart_from else f"{number:,}"


def _largest(plan: Plan, numbers: Sequence[int]) -> str:
    """Returns how many there are in all, and the most on one day."""
    day = max(range(len(numbers)), key=lambda day: numbers[day])
    if not numbers[day]:
        return ""
    total = sum(numbers)
    return (f"{total:,}, of them " if total > numbers[day] else "") + f"{numbers[day]:,} on {plan.day(day)}"


def _most(plan: Plan, series: Series) -> str:
    return f"{series.due[series.peak]:,} on {plan.day(series.peak)}" if series.total else ""


_COLUMNS = ("permitted", "due", "ended")


def as_csv(plan: Plan) -> str:
    """Returns a line for each day and action; with another policy, its numbers, the difference of permitted accounts,
    and the accounts that become due by one of the two alone, on day 0 with those permitted at once.
    """
    dated, names = ["date"] if plan.first is not None else [], [*_COLUMNS]
    if len(plan.policies) > 1:
        names += [*[f"{name}_before" for name in _COLUMNS], "permitted_difference", "newly_due", "no_longer_due"]
    lines = [",".join(["day", *dated, "action", *names])]
    for day in range(plan.days + 1):
        date = [plan.day(day)] if plan.first is not None else []
        for action in plan.actions:
            numbers = [getattr(action.now, name)[day] for name in _COLUMNS]
            if action.before is not None:
                numbers += [getattr(action.before, name)[day] for name in _COLUMNS]
                numbers.append(action.now.permitted[day] - action.before.permitted[day])
                numbers += [action.newly[day], action.no_longer[day]]
            lines.append(",".join([str(day), *date, action.name, *map(str, numbers)]))
    return "\n".join(lines) + "\n"


def as_json(plan: Plan) -> dict[str, object]:
    """The plan as JSON: by action, the numbers of each day from day 0 on."""
    head: dict[str, object] = {"policy": plan.policies[0]}
    if len(plan.policies) > 1:
        head["against"] = plan.policies[1]
        head["promises"] = [asdict(promise) for promise in plan.promises]
        head["largest_change"] = asdict(surge) if (surge := plan.surge) else None
    if plan.put_aside:
        head["put_aside"] = f"in force {plan.put_aside}"
    if plan.first is not None:
        head["on"] = plan.first.isoformat()
    for name, begun in zip(("versions", "versions_before"), plan.versions, strict=False):
        if len(begun) > 1:
            head[name] = [{"day": each.day, "version": each.version} for each in begun]
    return {
        **head,
        "made_of": [asdict(each) for each in plan.made_of],
        "days": plan.days,
        "rows": plan.rows,
        "undecided": list(plan.undecided[0]),
        "reasons": reasons_json(plan.reasons),
        "moving": list(plan.moving),
        "held": list(plan.held),
        **({"no_column": dict(plan.no_column)} if plan.no_column else {}),
        "actions": {action.name: _json(action) for action in plan.actions},
    }


def _json(action: Action) -> dict[str, object]:
    document: dict[str, object] = {name: list(getattr(action.now, name)) for name in _COLUMNS}
    if action.before is not None:
        document["before"] = {name: list(getattr(action.before, name)) for name in _COLUMNS}
        permitted = [now - then for now, then in zip(action.now.permitted, action.before.permitted, strict=True)]
        both = {"newly_due": action.newly, "no_longer_due": action.no_longer}
        document["difference"] = {"permitted": permitted, **both}
    return document
