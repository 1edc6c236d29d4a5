"""Small policies as text, for a brute force over all their cases: tiny ranges, few rules that get in each other's way.

They are made so that every finding is frequent. `small_policies` is for Hypothesis, which shrinks what it finds;
`small_policy` makes the same from a seed, fast and without shrinking, for long runs.
"""

from __future__ import annotations

import datetime
import itertools
import random
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from attrs import evolve, field, frozen
from hypothesis import strategies as st

import forbear
from forbear.base.diagnostic import Severity
from forbear.library.loading import check_file

T = TypeVar("T")


class Choices(Protocol):
    """Where choices come from."""

    def number(self, low: int, high: int) -> int: ...


class _Drawn:
    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def number(self, low: int, high: int) -> int:
        return self._draw(st.integers(low, high))


class _Random:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def number(self, low: int, high: int) -> int:
        return self._random.randint(low, high)


@st.composite
def small_policies(draw: st.DrawFn) -> str:
    """Small policies as text."""
    return Writer(_Drawn(draw)).policy()


def small_policy(seed: int, facts: Sequence[Fact] | None = None, last: int | None = None) -> str:
    """One small policy as text, over some of these facts, and with a clock that goes to the day `last`."""
    return Writer(_Random(seed), facts or FACTS, LAST if last is None else last).policy()


def spanning_policy(seed: int) -> str:
    """One small policy as text, with spans that leave their end out and may pass midnight."""
    return small_policy(seed, SPANNING, 2)


def dutiful_policy(seed: int) -> str:
    """One small policy as text, with actions that have to go along with others."""
    return Writer(_Random(seed), duties=True).policy()


def with_a_table(seed: int) -> tuple[str, str] | None:
    """A small policy with a table, and the same with its rules written out; None if it has no table."""
    writer = Writer(_Random(seed))
    text = writer.policy()
    table, rules = writer.table_text[0], writer.written_out[0]
    return (text, text.replace(table, rules)) if table else None


def related_policy(seed: int) -> str:
    """One small policy as text, with comparisons of facts: differences, percentages, sums and dates."""
    return Writer(_Random(seed), RELATED, 5, relations=RELATIONS).policy()


def summing_policy(seed: int) -> str:
    """One small policy as text, with sums of facts that have few values."""
    return Writer(_Random(seed), SUMMED, 2, relations={("misses", "extra", "cap"): SUMS}).policy()


def under_standards(seed: int, standards: int) -> dict[str, str]:
    """The files of a small policy that is subject to some standards, over few facts: the policy is the last."""
    facts = (COUNT, FLAG)
    clause = "\n  subject to " + ", ".join(f'"bound{number}"' for number in range(standards))
    files = {
        f"bound{number}": _headed(small_policy(7 * seed + number + 1, facts, 2), f"standard bound{number}")
        for number in range(standards)
    }
    for number, name in enumerate(files):
        if (seed + number) % 3 and "\n  in force" not in files[name]:  # a law that nobody has to ask about by its day
            files[name] = files[name].replace(name, f"{name}\n  in force from {DAYS[(seed + number) % 4]}", 1)
    return {**files, "small": _headed(small_policy(seed, facts, 2), f"policy small{clause}")}


def _headed(text: str, head: str) -> str:
    """A small policy with another head."""
    if not re.match("(policy|standard) small", text):
        return f"{head}\n{text}"
    return re.sub("(policy|standard) small", head, text, count=1)


def loaded(files: Mapping[str, str], folder: Path, *, known_only: bool = True) -> forbear.Policy | None:
    """The last of some files, with the others beside it; None where a fact means one thing here, another there, or a
    rule overrides all and there is nothing but what is a standard's, or an ensure is of a day before the policy; and,
    not `known_only`, where anything else is wrong with them."""
    for name, text in files.items():
        path = folder / f"{name}.forbear"
        path.write_text(text, encoding="utf-8")
    checked = check_file(path)
    if checked.policy is None:
        codes = {one.code for one in checked.diagnostics if one.severity is Severity.ERROR}
        assert codes <= {"bad-standard", "bad-override", "bad-ensure"} or not known_only
        return None
    return forbear.Policy(checked)


# What a policy is made of

ACTIONS = ("sms", "call", "relative", "visit", "court")
THIRD_PARTY = ("relative", "visit")
DAYS = tuple(datetime.date.fromisoformat(day) for day in ("2015-09-21", "2015-10-01", "2015-10-02", "2016-02-29"))
CLOCK = "late"
LAST = 6


@frozen
class Fact:
    """A fact: its declaration, and the conditions on it that may be drawn."""

    name: str
    declaration: str
    atoms: tuple[str, ...]
    size: int
    ordered: bool = False


def ordered_atoms(name: str, values: Sequence[str]) -> tuple[str, ...]:
    """Conditions on a fact that has an order, with the first, the last and a middle one of some values."""
    first, *middle, last = values
    inner = middle[0] if middle else last
    return (
        f"{name} >= {inner}",
        f"{name} < {inner}",
        f"{name} > {first}",
        f"{name} <= {first}",
        f"{name} = {last}",
        f"{name} is not {inner}",
        f"{name} between {first} and {inner}",
        f"{name} is not between {inner} and {last}",
        f"{name} is one of {first}, {last}",
        f"{name} is not one of {first}, {last}",
        f"{name} != {last}",
        f"{name} is {first}",
    )


COUNT = Fact("misses", "count between 0 and 3", ordered_atoms("misses", ("0", "2", "3")), 4, True)
FACTS = (
    COUNT,
    Fact("agreed", "yes/no", ("agreed", "not agreed", "agreed is no", "agreed = yes"), 2),
    Fact(
        "origin",
        "one of form, friend, web",
        ("origin is form", "origin is not web", "origin is one of form, web", "origin is not one of friend, web"),
        3,
    ),
    Fact("risk", "one of low < middle < high", ordered_atoms("risk", ("low", "middle", "high")), 3, True),
    Fact("share", "number between 0 and 1 in steps of 0.5", ordered_atoms("share", ("0", "0.5", "1")), 3, True),
    Fact(
        "promised",
        "date between 2015-09-20 and 2015-09-22",
        ordered_atoms("promised", ("2015-09-20", "2015-09-21", "2015-09-22")),
        3,
        True,
    ),
    Fact(
        "hour",
        "time between 08:00 and 08:00:02",
        (
            *ordered_atoms("hour", ("08:00", "08:00:01", "08:00:02"))[:-2],
            *("hour from 08:00:01 until 08:00:02", "hour from 08:00:02 until 08:00:01"),
            "hour between 08:00:02 and 08:00",
        ),
        3,
        True,
    ),
    Fact(
        "region",
        "text",
        ('region is "CA"', 'region is not "CA"', 'region is one of "CA", "NY"', 'region is not one of "CA", "NY"'),
        3,
    ),
)
FLAG = FACTS[1]
_ENDS = {"hour": ("08:00", "08:00:01", "08:00:02"), "misses": ("0", "1", "2", "3")}
SPANNING = (
    *[
        evolve(
            fact,
            atoms=tuple(
                f"{fact.name} from {first} until {last}"
                for first, last in itertools.permutations(_ENDS[fact.name], 2)
                if fact.name == "hour" or first < last  # only a time may pass the end of its range
            ),
        )
        for fact in FACTS
        if fact.name in _ENDS
    ],
    FLAG,
)
"""Facts that rules read by spans without their end."""
RELATED = (
    evolve(COUNT, declaration="count between 0 and 2", atoms=ordered_atoms("misses", ("0", "1", "2")), size=3),
    Fact("cap", "count between 0 and 3", ordered_atoms("cap", ("0", "1", "3")), 4, True),
    Fact("grace", "days between 0 and 4", ordered_atoms("grace", ("0", "2", "4")), 5, True),
    Fact("paid", "number between 0 and 2 in steps of 0.5", ordered_atoms("paid", ("0", "0.5", "2")), 5, True),
    Fact("fee", "number between 0 and 1 in steps of 0.5", ordered_atoms("fee", ("0", "0.5", "1")), 3, True),
    Fact("due", "number between 0 and 5 in steps of 1", ordered_atoms("due", ("1", "3", "5")), 6, True),
    Fact(
        "promised",
        "date between 2015-09-20 and 2015-09-22",
        ordered_atoms("promised", ("2015-09-20", "2015-09-21", "2015-09-22")),
        3,
        True,
    ),
    Fact(
        "runs_out",
        "date between 2015-09-19 and 2015-09-22",
        ordered_atoms("runs_out", ("2015-09-19", "2015-09-20", "2015-09-22")),
        4,
        True,
    ),
)
RELATIONS: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("misses", "cap"): (
        *("misses < cap", "misses >= cap", "misses = cap", "cap != misses + 1", "misses > cap - 2"),
        *("misses from 1 until cap", "not cap from misses until 3"),
    ),
    (CLOCK, "grace"): (
        f"{CLOCK} > grace",
        f"{CLOCK} <= grace",
        f"{CLOCK} = grace + 1",
        f"grace between {CLOCK} - 1 and {CLOCK} + 1",
        f"{CLOCK} >= 50% of grace",
        f"grace < {CLOCK} - 2",
    ),
    ("paid", "due"): (
        "paid < due",
        "paid >= 50% of due",
        "paid < 30% of due",
        "due between 150% of paid and 260% of paid",
        "due is not between paid and 200% of paid",
        "paid + 1 > due",
        "50% of due = paid",
    ),
    ("paid", "fee", "due"): (
        "paid + fee < due",
        "paid + fee >= 50% of due",
        "due - fee <= paid",
        "paid + fee >= 2.5",
        "300% of fee - paid < 1",
        "due - 150% of fee = paid + 1",
        "paid + 0.5 between fee and due - fee",
        "paid + 0.5 from fee until due - fee",
        "not paid + fee from 50% of due until due",
        "due != 200% of paid - fee",
        "30% of due + 70% of fee > paid",
    ),
    ("promised", "runs_out"): (
        "promised < runs_out",
        "promised >= runs_out",
        "promised + 1 day = runs_out",
        "runs_out - 1 day > promised",
        "promised != runs_out",
    ),
}
"""Facts, and conditions on all of them."""
SUMMED = (
    *RELATED[:2],
    Fact("extra", "count between 0 and 1", ("extra = 1", "extra is not 1", "extra < 1", "extra is 1"), 2, True),
)
SUMS = (
    *("misses + extra > cap", "cap - extra >= misses", "extra + misses = cap", "misses + extra != cap"),
    *("50% of misses + extra < cap", "cap - misses between extra and 2", "misses + extra from 1 until cap"),
    *("not cap - extra from misses until 200% of misses", "misses + extra + 1 <= 150% of cap", "misses + extra >= 2"),
)


@frozen
class Rule:
    """A rule that is being written. `effects` are what it says of single actions, `said` is how it says it."""

    name: str | None
    condition: str | None
    effects: dict[str, str]
    said: str
    unless: str | None = None
    dates: str = ""
    suspends: bool = False
    overrides: tuple[str, ...] = ()
    reason: bool = False
    limit: str | None = None
    """What follows the actions of a `limit`, whose condition says what that means."""

    def text(self) -> str:
        lines = [f"rule {self.name}:"] if self.name else []
        if self.suspends:
            lines.append(f"suspend {self.said}{self.dates}")
        elif self.limit is not None:
            lines.append(f"limit {self.said.removeprefix('never ')} {self.limit}")
        elif self.condition is None:
            lines.append(self.said)
        elif self.reason:
            lines.append(f"{self.said} when {self.condition}")
        else:
            lines.append(f"{self.condition} then {self.said}")
        if self.unless is not None:
            lines.append(f"unless {self.unless}")
        if self.overrides:
            lines.append(f"overrides {', '.join(self.overrides)}")
        if self.dates and not self.suspends:
            lines.append(f"in force{self.dates}")
        return "\n  ".join(lines)


@frozen
class Writer:
    """Draws a policy piece by piece."""

    choices: Choices
    catalogue: Sequence[Fact] = FACTS
    last: int = LAST
    facts: list[Fact] = field(factory=list)
    pool: list[str] = field(factory=list)
    days: list[datetime.date] = field(factory=list)
    in_force: list[datetime.date] = field(factory=lambda: [datetime.date.min, datetime.date.max])
    clocks: list[bool] = field(factory=lambda: [True])
    table_text: list[str] = field(factory=lambda: [""])
    written_out: list[str] = field(factory=lambda: [""])
    """The rules of the table."""
    relations: Mapping[tuple[str, ...], tuple[str, ...]] = field(factory=dict)
    """Pairs of facts of the catalogue, or of the clock and one, and conditions on both."""
    duties: bool = False
    """Whether rules ask for actions to go along with others."""

    # Drawing

    def pick(self, options: Sequence[T]) -> T:
        return options[self.choices.number(0, len(options) - 1)]

    def chance(self, percent: int) -> bool:
        """False is the simpler outcome."""
        return self.choices.number(0, 99) >= 100 - percent

    def subset(self, options: Sequence[T], least: int, most: int) -> list[T]:
        left = list(options)
        wanted = min(self.choices.number(least, most), len(left))
        return [left.pop(self.choices.number(0, len(left) - 1)) for _ in range(wanted)]

    # Conditions

    def clock_atom(self) -> str:
        low = self.choices.number(0, self.last)
        high = self.choices.number(low, self.last)
        return self.pick(
            (
                f"after {low} days",
                f"within {low} days",
                f"from day {low} to day {high}",
                f"from day {low}",
                f"before day {low}",
                f"on day {low}",
                f"{CLOCK} is not {low}",
                f"{CLOCK} is not between {low} and {high}",
                f"{CLOCK} is one of {low}, {high}",
            )
        )

    def fact_atom(self) -> str:
        return self.pick(self.pick(self.facts).atoms)

    def related_atoms(self) -> list[tuple[str, ...]]:
        """The conditions on several of the policy's facts at once, for each set of them."""
        names = {fact.name for fact in self.facts} | ({CLOCK} if self.clocks[0] else set())
        return [atoms for pair, atoms in self.relations.items() if names.issuperset(pair)]

    def atom(self) -> str:
        related = self.related_atoms()
        if related and self.chance(45):
            return self.pick(self.pick(related))
        if not self.facts or (self.clocks[0] and self.chance(50)):
            return self.clock_atom()
        return self.fact_atom()

    def condition(self, depth: int = 2) -> str:
        """A condition in which whatever binds loosely stands in brackets."""
        kind = self.choices.number(0, 99)
        if kind < 30 or depth == 0:
            return self.atom()
        if kind < 58 and self.pool:
            return self.pick(self.pool)
        if kind < 74:
            return f"{self.condition(depth - 1)} and {self.condition(depth - 1)}"
        if kind < 85:
            return f"(({self.condition(depth - 1)}) or ({self.condition(depth - 1)}))"
        if kind < 93:
            return f"not ({self.condition(depth - 1)})"
        if kind < 95:
            return "always"
        part = self.condition(depth - 1)
        # Contradictory, or so in Kleene's logic where the part may be unknown.
        return f"{part} and not ({part})" if kind < 98 else f"(({part}) or not ({part}))"

    # Actions

    def listed(self, free: set[str]) -> tuple[str, list[str]] | None:
        """Some actions of those that are free, as text and one by one."""
        ways: list[tuple[str, list[str]]] = []
        if set(THIRD_PARTY) <= free:
            ways.append(("third_party", list(THIRD_PARTY)))
        if set(ACTIONS) <= free:
            ways.append(("everything", list(ACTIONS)))
            ways.append(("everything except third_party", [one for one in ACTIONS if one not in THIRD_PARTY]))
        ordered = [action for action in ACTIONS if action in free]
        if not ordered:
            return None
        if ways and self.chance(25):
            return self.pick(ways)
        some = self.subset(ordered, 1, 1 + self.chance(25))
        return ", ".join(some), some

    def effects(self, words: Sequence[str]) -> tuple[dict[str, str], str]:
        free = set(ACTIONS)
        effects: dict[str, str] = {}
        texts: list[str] = []
        for index in range(1 + self.chance(20)):
            word = self.pick([one for one in words if not texts or not texts[0].startswith(one)] or list(words))
            some = self.listed(free)
            if some is None or (index and texts[0].startswith(word)):
                break
            free -= set(some[1])
            effects |= dict.fromkeys(some[1], word)
            texts.append(f"{word} {some[0]}")
        return effects, " and ".join(texts)

    def with_companions(self, effects: dict[str, str], said: str) -> tuple[dict[str, str], str]:
        """Effects, or a duty in their place, with actions that go along: later ones, so that no circle closes."""
        last = max(ACTIONS.index(action) for action in effects)
        later = ACTIONS[last + 1 :]
        if not later or " and " in said:
            return effects, said
        companions = ", ".join(self.subset(later, 1, 1 + self.chance(25)))
        if set(effects.values()) == {"allow"}:
            return effects, f"{said} with {companions}"
        return {}, f"require {companions} with {said.partition(' ')[2]}"

    # Rules

    def period(self) -> str:
        """From a day until a day, or one of the two; both may be one day."""
        since, until = sorted((self.pick(self.days), self.pick(self.days)))
        return self.pick((f" from {since}", f" until {until}", f" from {since} until {until}"))

    def suspension(self, name: str | None) -> Rule:
        since, until = sorted((self.pick(self.days), self.pick(self.days)))
        some = self.listed(set(ACTIONS))
        assert some is not None
        dates = f" from {since}" + (f" until {until}" if self.chance(60) else "")
        return Rule(name, None, dict.fromkeys(some[1], "never"), some[0], dates=dates, suspends=True)

    def rule(self, name: str | None) -> Rule:
        if self.days and self.chance(20):
            return self.suspension(name)
        effects, said = self.effects(
            ("allow", "allow", "allow", "allow", "forbid", "forbid", "require", "require", "never")
        )
        if self.duties and self.chance(50):
            effects, said = self.with_companions(effects, said)
        safeguard = set(effects.values()) == {"never"} or not effects
        bare = safeguard and self.chance(35)
        condition = None if bare else self.condition()
        limit = None
        count = next((fact for fact in self.facts if fact.name == COUNT.name), None)
        if safeguard and effects and " and " not in said and count is not None and self.chance(40):
            low, high = map(int, re.findall("[0-9]+", count.declaration))
            most = self.choices.number(max(low, 1), high)
            limit = f"to {most} by {COUNT.name}" + ("" if condition is None else f" when {condition}")
            condition = f"{COUNT.name} >= {most}" if condition is None else f"({condition}) and {COUNT.name} >= {most}"
        return Rule(
            name,
            condition,
            effects,
            said,
            limit=limit,
            unless=self.condition(1) if self.chance(20) else None,
            dates=self.period() if self.days and self.chance(40) else "",
            reason=self.chance(30),
        )

    def rules(self) -> list[Rule]:
        """Rules by themselves, and some that are made from others."""
        rules: list[Rule] = []
        numbers = iter(range(1, 100))

        def name() -> str | None:
            number = next(numbers)
            return None if self.chance(12) else f"r{number}"

        for _ in range(self.choices.number(2, 5)):
            rules.append(self.rule(name()))
        for make, percent in ((self.again, 25), (self.halves, 20), (self.gap, 20), (self.swallowed, 12)):
            if self.chance(percent):
                rules += [evolve(one, name=name()) for one in make(self.pick(rules))][: 7 - len(rules)]
        return self.with_overrides(rules)

    def again(self, rule: Rule) -> list[Rule]:
        """A rule once more, in other words or a little narrower."""
        if rule.condition is None or rule.suspends:
            return [rule]
        narrower = f"{rule.condition} and {self.atom()}" if self.chance(50) else f"not (not ({rule.condition}))"
        return [evolve(rule, condition=narrower, limit=None)]

    def halves(self, rule: Rule) -> list[Rule]:
        """Two rules that say the same, or something stronger, in both halves of where a rule speaks."""
        if not rule.effects:
            return self.again(rule)
        part, condition = self.atom(), rule.condition or "always"
        words = {
            "allow": ("allow", "require", "never", "forbid"),
            "require": ("require", "never"),
            "forbid": ("forbid", "never"),
            "never": ("never",),
        }
        made: list[Rule] = []
        for half in (part, f"not ({part})"):
            effects = {action: self.pick(words[word]) for action, word in rule.effects.items()}
            said = " and ".join(f"{word} {action}" for action, word in effects.items())
            made.append(
                evolve(
                    rule,
                    condition=f"{condition} and {half}",
                    effects=effects,
                    said=said,
                    suspends=False,
                    dates="",
                    limit=None,
                )
            )
        return made

    def gap(self, rule: Rule) -> list[Rule]:
        """A rule before and after a gap on the clock, for an action that may have been used elsewhere."""
        if not self.clocks[0]:
            return []
        action = self.pick(ACTIONS)
        before, after = self.choices.number(0, 2), self.choices.number(2, min(5, self.last))
        where = f" and {self.atom()}" if self.chance(40) else ""
        base = Rule(None, None, {action: "allow"}, f"allow {action}")
        return [
            evolve(base, condition=f"within {before} days{where}"),
            evolve(base, condition=f"after {after} days"),
        ]

    def swallowed(self, rule: Rule) -> list[Rule]:
        """A safeguard over all that a rule says."""
        if not rule.effects:
            return []
        return [Rule(None, rule.condition, dict.fromkeys(rule.effects, "never"), f"never {', '.join(rule.effects)}")]

    def with_overrides(self, rules: list[Rule]) -> list[Rule]:
        """Overrides by name go down a random order, so that they have no circle; at most one rule overrides all."""
        rank = self.subset(range(len(rules)), len(rules), len(rules))
        result: list[Rule] = []
        for number, rule in enumerate(rules):
            weaker = [
                other.name
                for place, other in enumerate(rules)
                if rank[place] < rank[number] and other.name is not None and _opposed(rule, other)
            ]
            chosen = [name for name in weaker if self.chance(40)]
            result.append(evolve(rule, overrides=tuple(chosen)) if chosen else rule)
        if self.chance(25):
            number = self.choices.number(0, len(rules) - 1)
            trial = list(result)
            trial[number] = evolve(result[number], overrides=("all",))
            if not rules[number].suspends and not _circular(trial):
                return trial
        return result

    # Promises

    def ensure(self) -> str:
        some = self.listed(set(ACTIONS))
        assert some is not None
        expectation = self.pick(
            ("not allowed", "allowed", "not allowed", "not unsaid", "forbidden", "required", "unsaid", "allowed")
        )
        any_of = "any of " if len(some[1]) > 1 and self.chance(60) else ""
        when = f" when {self.condition()}" if any_of or self.chance(75) else ""
        days = [day for day in self.days if self.in_force[0] <= day <= self.in_force[1]]
        on = f" on {self.pick(days)}" if days and self.chance(30) else ""
        return f"ensure {any_of}{some[0]} {expectation}{when}{on}"

    # Tables

    def table(self) -> tuple[str, str]:
        """A table over some of the facts, with few rows, so that it often is complete or has no overlap; and its rules,
        written out."""
        columns = [(fact.name, _with_cells(fact)) for fact in self.facts]
        if self.clocks[0]:
            low = self.choices.number(0, self.last)
            tests = (f"<= {low}", f"> {low}", f"is {low}", f"is not {low}", f"is one of 0, {low}")
            spans = (f"between {low} and {self.last}", f"is not between {low} and {self.last}")
            columns.append((CLOCK, [f"{CLOCK} {test}" for test in (*tests, *spans)]))
        columns = self.subset(columns, 1, 2)
        actions = self.subset(ACTIONS, 1, 2)
        tested: list[list[tuple[str, str]]] = []
        said: list[list[str]] = []
        for number in range(self.choices.number(1, 4)):
            if number and self.chance(30):  # the other half of the row before
                at = self.choices.number(0, len(columns) - 1)
                turned = [*tested[-1]]
                turned[at] = _turned(turned[at], *columns[at])
                tested.append(turned)
                said.append(said[-1])
            else:
                atoms = ["" if self.chance(30) else self.pick(atoms) for _, atoms in columns]
                tested.append([(cell_of(atom, name), atom) for atom, (name, _) in zip(atoms, columns, strict=True)])
                said.append([self.pick(("allow", "", "allow", "never", "require", "forbid")) for _ in actions])
        promises = self.pick(("complete", "no overlap", "complete, no overlap", "no overlap, complete", ""))
        clause = f"{self.pick(('when', 'unless'))} {self.condition(1)}" if self.chance(25) else ""
        if "(" in clause or "hard" in clause:
            clause = ""  # an `and` within an `and` stays in the canonical text, but not that of a table's clause
        conditions = [" and ".join([atom for _, atom in tests if atom]) for tests in tested]
        cells = [[cell for cell, _ in tests] for tests in tested]
        if all(conditions) and self.chance(50):
            cells.append(["otherwise", *[""] * (len(columns) - 1)])
            said.append([self.pick(("allow", "forbid", "never", "")) for _ in actions])
            conditions.append(f"not ({' or '.join([f'({one})' for one in conditions])})")
        rows = [["rule", *(name for name, _ in columns), *actions]]
        rules = []
        for number, (tests_, condition, effects) in enumerate(zip(cells, conditions, said, strict=True), 1):
            rows.append([f"row{number}", *tests_, *effects])
            condition = condition or "always"
            if clause.startswith("when "):
                part = clause.removeprefix("when ")
                condition = " and ".join([one for one in (part, condition) if one != "always"]) or "always"
            says = " and ".join([f"{word} {action}" for word, action in zip(effects, actions, strict=True) if word])
            if says:
                unless = f"\n  {clause}" if clause.startswith("unless ") else ""
                rules.append(f"rule row{number}: {condition} then {says}{unless}")
        lines = [f"| {' | '.join(cells)} |" for cells in rows]
        return "\n  ".join(["table early", *lines, *filter(None, (promises, clause))]), "\n".join(rules)

    # The whole

    def declared(self, fact: Fact) -> tuple[Fact, str]:
        absent = self.pick(("", " optional", " or none", " optional"))
        usually = " usually no" if fact is FLAG and self.chance(50) else ""
        atoms = fact.atoms
        if absent == " optional":
            atoms = (*atoms, f"{fact.name} is known", f"{fact.name} is unknown")
        elif absent:
            atoms = (*atoms, f"{fact.name} is none", f"{fact.name} is not none")
        return evolve(fact, atoms=atoms), f"fact {fact.name} {fact.declaration}{absent}{usually}"

    def ladder(self, rising: Sequence[str]) -> list[str]:
        rungs = [rung for rung in ("sms", "call", "third_party", "court") if not self.chance(15)] or ["sms"]
        if self.chance(15):
            rungs = [*rungs[1:], rungs[0]]
        named = f"\n  rising with {', '.join(rising)}" if rising else ""
        texts = [f"ladder pressure: {', '.join(rungs)}{named}"]
        if self.chance(10):
            texts.append(f"ladder visits: {self.pick(('relative, visit', 'sms, visit, court', 'court, call'))}{named}")
        return texts

    def head(self) -> str:
        if not (self.days and self.chance(50)) and not self.chance(40):
            return ""
        word = "standard" if self.chance(12) else "policy"
        applies = f"\n  applies when {self.condition(1)}" if self.chance(20) else ""
        if not (self.days and self.chance(60)):
            return f"{word} small{applies}"
        period = self.period()
        for number, before in enumerate((" from ", " until ")):
            if before in period:
                self.in_force[number] = datetime.date.fromisoformat(period.partition(before)[2][:10])
        return f"{word} small{applies}\n  in force{period}"

    def policy(self) -> str:
        if self.chance(40):
            self.days.extend(self.subset(DAYS, 2, 3))
        self.clocks[0] = not self.chance(7)
        wanted = self.subset(self.catalogue, 1, 1 if self.days and self.clocks[0] and self.chance(60) else 2)
        count = next(fact for fact in self.catalogue if fact.name == COUNT.name)
        if count not in wanted and self.chance(60):
            wanted.insert(0, count)
        if self.relations:
            pairs = [pair for pair in self.relations if self.clocks[0] or CLOCK not in pair]
            some = self.subset(pairs, 1, 1 if self.days else 1 + self.chance(30))
            chosen = {name for pair in some for name in pair}
            wanted = [fact for fact in self.catalogue if fact.name in chosen]
        declarations = [f"fact {CLOCK} days clock between 0 and {self.last}"] if self.clocks[0] else []
        for fact in wanted:
            with_absence, declaration = self.declared(fact)
            self.facts.append(with_absence)
            declarations.append(declaration)
        rising = [CLOCK] if self.clocks[0] else []
        rising += [fact.name for fact in self.facts if fact.ordered and not self.chance(25)]
        vocabulary = [
            *declarations,
            f"action {', '.join(ACTIONS)}",
            f"group third_party is {', '.join(THIRD_PARTY)}",
            *([] if self.chance(10) else self.ladder(rising)),
        ]
        if self.chance(20):
            vocabulary.append(f"define hard is {self.condition(1)}")
            self.pool.append("hard")
        self.pool.extend(self.condition() for _ in range(self.choices.number(1, 3)))
        head = self.head()
        rules = [rule.text() for rule in self.rules()]
        ensures = [self.ensure() for _ in range(self.choices.number(0, 2))]
        table, self.written_out[0] = self.table() if self.chance(35) else ("", "")
        tables = [table] if table else []
        self.table_text[0] = table
        return "\n".join([*([head] if head else []), *vocabulary, *rules, *tables, *ensures]) + "\n"


def _with_cells(fact: Fact) -> list[str]:
    """The conditions on a fact that a table is lowered to; of a `yes/no` that may be none, the cell `no` is not `yes`
    and not none."""
    no = "agreed is no" if f"{fact.name} is none" in fact.atoms else "not agreed"
    same = {"agreed is no": no, "not agreed": no, "agreed = yes": "agreed"}
    return [same.get(atom, atom) for atom in fact.atoms]


def _turned(cell: tuple[str, str], fact: str, atoms: Sequence[str]) -> tuple[str, str]:
    """The cell that holds where another does not, with its condition."""
    test, atom = cell
    if not atom:
        return cell
    flag = {"yes": "no", "no": "yes"}.get(test)
    if flag is not None:
        return flag, next(atom for atom in atoms if cell_of(atom, fact) == flag)
    turned = test.removeprefix("not ") if test.startswith("not ") else f"not {test}"
    if atom.startswith("not ("):
        return turned, atom.removeprefix("not (").removesuffix(")")
    name, _, rest = atom.partition(" ")
    if rest in ("is known", "is unknown"):  # the cell may say `not known`, which a condition does not
        return turned, f"{name} is {'known' if rest == 'is unknown' else 'unknown'}"
    if rest.startswith("is not "):
        return turned, f"{name} {rest.replace('is not between', 'between').replace('is not', 'is')}"
    if rest.startswith(("is ", "= ", "between ")):
        return turned, f"{name} is not {rest.removeprefix('is ').removeprefix('= ')}"
    return turned, f"not ({atom})"


def cell_of(atom: str, fact: str) -> str:
    """The cell of a table that tests what a condition on a fact does; `any` for none."""
    if not atom:
        return "any"
    if atom in (fact, f"not {fact}", f"{fact} is no"):
        return "yes" if atom == fact else "no"
    test = atom.removeprefix(f"{fact} ")
    negation = "not " if test.startswith("is not ") else ""
    test = re.sub("^(is not |is |= )?(between |one of |from )?", "", test)
    return negation + test.replace(" and ", " to ")


def _opposed(one: Rule, other: Rule) -> bool:
    """Whether one permits an action that the other forbids."""
    pair: Callable[[str], set[str]] = lambda action: {one.effects[action], other.effects.get(action, "")}  # noqa: E731
    return any(pair(action) in ({"allow", "forbid"}, {"require", "forbid"}) for action in one.effects)


def _circular(rules: Sequence[Rule]) -> bool:
    """Whether overrides go in a circle, over all actions together (which is more than is forbidden)."""
    edges: dict[int, set[int]] = {}
    for number, rule in enumerate(rules):
        edges[number] = {
            place
            for place, other in enumerate(rules)
            if other is not rule
            and _opposed(rule, other)
            and (other.name in rule.overrides or (rule.overrides == ("all",) and rule.name not in other.overrides))
        }
    while edges:
        free = [number for number, others in edges.items() if not others & edges.keys()]
        if not free:
            return True
        for number in free:
            del edges[number]
    return False
