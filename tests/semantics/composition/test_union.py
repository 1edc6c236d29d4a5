"""Policies whose vocabularies differ, compared over the union of both."""

from __future__ import annotations

import pytest

import forbear


def changes(old_fact: str, old_condition: str, new_fact: str, new_condition: str) -> list[tuple[str, str]]:
    """How a change of one fact and one rule changes the verdict on sms, and when."""
    old = forbear.loads(f"{old_fact}\naction sms\nrule r: {old_condition} then allow sms\n")
    new = forbear.loads(f"{new_fact}\naction sms\nrule r: {new_condition} then allow sms\n")
    assert not forbear.diff(old, old).changes
    return [(f"{one.before} -> {one.after}", one.condition) for one in forbear.diff(old, new).changes]


LESS, MORE = "allowed -> unsaid", "unsaid -> allowed"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # a wider range
        (("fact a count between 0 and 5", "a >= 3"), ("fact a count", "a >= 3"), []),
        (("fact a count between 0 and 5", "a >= 3"), ("fact a count", "a >= 4"), [(LESS, "a = 3")]),
        (
            ("fact a count", "a is not 9"),
            ("fact a count between 0 and 5", "a <= 5"),
            [(LESS, "a between 6 and 8 or a >= 10")],
        ),
        # a finer grid
        (("fact a number in steps of 1", "a > 3"), ("fact a number in steps of 0.5", "a > 3"), []),
        (("fact a number in steps of 1", "a > 3"), ("fact a number in steps of 0.5", "a > 3.5"), [(LESS, "a = 3.5")]),
        (
            ("fact a number in steps of 0.2", "a > 3"),
            ("fact a number in steps of 0.5", "a >= 3.5"),
            [(LESS, "a between 3.1 and 3.4")],
        ),
        (
            ("fact a number in steps of 0.2", "a is one of 3, 3.2"),
            ("fact a number in steps of 0.5", "a between 3 and 3.5"),
            [(MORE, "a = 3.1 or a between 3.3 and 3.5")],
        ),
        # more names, and other orders of the same
        (("fact a one of x, y", "a is not x"), ("fact a one of z, y, x", "a is y"), [(LESS, "a is z")]),
        (("fact a one of x < z", "a < z"), ("fact a one of x < y < z", "a < z"), []),
        (("fact a one of x < z", "a >= z"), ("fact a one of x < y < z", "a > x"), [(MORE, "a is y")]),
        (("fact a one of x < y < z", "a >= y"), ("fact a one of x < z", "a = z"), [(LESS, "a is y")]),
        # unknown and none
        (("fact a yes/no", "not a"), ("fact a yes/no optional", "not a"), []),
        (("fact a yes/no", "a"), ("fact a yes/no optional", "a or a is unknown"), [(MORE, "a is unknown")]),
        (
            ("fact a date", "a < 2015-09-22"),
            ("fact a date or none", "a is none"),
            [(LESS, "a <= 2015-09-21"), (MORE, "a is none")],
        ),
        # facts that only one side has
        (("fact a yes/no", "a"), ("fact b yes/no", "b"), [(LESS, "not b and a"), (MORE, "b and not a")]),
        (
            ("fact a days clock", "after 3 days"),
            ("fact b days clock", "after 3 days"),
            [(LESS, "within 3 days and a >= 4"), (MORE, "after 3 days and a <= 3")],
        ),
        # currencies that only one side names
        (
            ("fact a money USD", "a > USD 3"),
            ("fact a money USD in steps of USD 0.05", "a > USD 3.05"),
            [(LESS, "a between USD 3.01 and USD 3.05")],
        ),
    ],
)
def test_changes_over_the_union(old: tuple[str, str], new: tuple[str, str], expected: list[tuple[str, str]]) -> None:
    assert sorted(changes(*old, *new)) == sorted(expected)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("fact a count", "fact a days", "two types"),
        ("fact a one of x, y", "fact a one of x < y", "two types"),
        ("fact a money USD", "fact a money CNY", "two currencies"),
        ("fact a one of x < y", "fact a one of y < x", "order their values otherwise"),
        ("fact a one of x < y", "fact a one of y < z", "order their values otherwise"),
        ("fact a count optional", "fact a count or none", "for two reasons"),
    ],
)
def test_what_cannot_be_compared(old: str, new: str, why: str) -> None:
    one, other = [forbear.loads(f"{fact}\naction sms\nrule r: never sms\n") for fact in (old, new)]
    with pytest.raises(forbear.Incomparable, match=why):
        forbear.diff(one, other)
    with pytest.raises(forbear.Incomparable, match=why):
        forbear.conform(one, other)


def test_the_own_dates_of_policies_are_left_aside_and_those_of_rules_count() -> None:
    old = forbear.loads("policy p in force until 2015-09-30\nrule a: never sms\n")
    new = forbear.loads("policy p in force from 2015-10-01\nrule a: never sms in force until 2015-12-31\n")
    [change] = forbear.diff(old, new).changes
    assert (change.before, change.after, str(change.since), change.until) == ("forbidden", "unsaid", "2016-01-01", None)
    assert forbear.diff(old, new, on="2015-10-05").equivalent
    assert not forbear.diff(old, new, on="2016-10-05").equivalent


EVENT = "event contact has outcome one of reached, lost\naction sms\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("in last 7 days", "in last 8 days"),
        ("in last 7 days", "ever"),
        ("in last 7 days", "where outcome is lost in last 7 days"),
        ("where outcome is lost ever", "where outcome is not lost ever"),
    ],
)
def test_a_fact_that_is_derived_otherwise_is_another_fact(old: str, new: str) -> None:
    rule = "rule r: calls > 3 then allow sms\n"
    one, other = [forbear.loads(f"fact calls count of contact {its}\n{EVENT}{rule}") for its in (old, new)]
    found = forbear.diff(one, other)
    more, fewer = (
        ("unsaid", "allowed", "calls >= 4 and old_calls <= 3"),
        ("allowed", "unsaid", "calls <= 3 and old_calls >= 4"),
    )
    # What is counted in 7 days is counted in 8, or ever, and a part of it is no more than all.
    possible = {"in last 8 days": {more}, "ever": {more}, "where outcome is lost in last 7 days": {fewer}}
    changes = {(change.before.value, change.after.value, change.condition) for change in found.changes}
    assert changes == possible.get(new, {more, fewer})
    [fact] = found.facts
    assert (fact.name, fact.old, fact.new, fact.apart) == (
        "calls",
        f"count of contact {old}",
        f"count of contact {new}",
        "old_calls",
    )
    assert found.as_json()["facts"] == [
        {"name": "calls", "old": fact.old, "new": fact.new, "called": "old_calls"},
    ]
    house = forbear.loads(f"fact calls count of contact {new}\n{EVENT}rule r: calls <= 9 then allow sms\n")
    bounds = forbear.loads(f"standard s\nfact calls count of contact {old}\n{EVENT}rule r: never sms when calls > 9\n")
    cases = [violation.witness for violation in forbear.conform(house, bounds).violations]
    # Nine calls at most in 8 days, or ever, are nine at most in 7 days.
    assert cases == ([] if new in ("in last 8 days", "ever") else [{"standard_calls": 10, "calls": 0}])


def test_the_same_derivation_is_the_same_fact_however_it_is_laid_out() -> None:
    one, other = [
        forbear.loads(f"fact calls count of contact {its} in last 7 days\n{EVENT}rule r: calls > 3 then allow sms\n")
        for its in ("where outcome is lost", "# lost ones\n where (outcome is lost)")
    ]
    assert forbear.diff(one, other).equivalent
    assert not forbear.diff(one, other).facts


def test_a_derived_fact_and_one_that_is_given_are_the_same() -> None:
    derived, given = [
        forbear.loads(f"fact calls {its}\n{EVENT}rule r: calls > 3 then allow sms\n")
        for its in ("count of contact in last 7 days", "count")
    ]
    found = forbear.diff(derived, given)
    assert found.equivalent
    assert [(one.name, one.old, one.new) for one in found.facts] == [
        ("calls", "count of contact in last 7 days", "count")
    ]


@pytest.mark.parametrize("name", ["lost", "lost_lately"])
def test_what_a_standard_counts_is_related_to_what_the_policy_counts(name: str) -> None:
    head = EVENT + "fact debt text\n"
    house = forbear.loads(
        head + "fact lost count of contact where outcome is lost in last 7 days\n"
        "rule ask: always then allow sms\nrule often: limit sms to 7 by lost\n"
    )

    def standard(days: int) -> forbear.Policy:
        return forbear.loads(
            f"standard bounds\n{head}fact {name} count of contact where outcome is lost in last {days} days\n"
            f"rule often: limit sms to 7 by {name}\n"
        )

    assert forbear.conform(house, standard(5)).conforms
    (violation,) = forbear.conform(house, standard(8)).violations
    assert violation.witness[f"standard_{name}" if name == "lost" else name] == 7


def test_sums_without_a_currency_are_not_told_as_other_facts() -> None:
    old = forbear.loads("rule a: after 3 days then allow sms\n")
    new = forbear.loads("rule a: after 3 days then allow sms\nrule b: never sms when overdue_amount > CNY 1000\n")
    assert not forbear.diff(old, new).facts
    assert not forbear.diff(new, old).facts
    assert [change.condition for change in forbear.diff(old, new).changes] == [
        "after 3 days and overdue_amount > CNY 1000",
        "within 3 days and overdue_amount > CNY 1000",
    ]
