"""The workload ahead is what `Policy.apply` says on each day, of the frame as it is then."""

from __future__ import annotations

import datetime
import gc
import random
import re
import tracemalloc
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest
from days_ahead import DAYS, answers, as_it_is, check_stretches, expected, expected_of
from strategies import examples

import forbear
from forbear.portfolio import applier
from forbear.portfolio.ahead import days as ahead
from forbear.portfolio.ahead.moving import moves, timeline
from forbear.portfolio.options import Given

VOCABULARY = """\
fact late days clock{late}
fact grace days optional
fact calls count between 0 and 9 optional
fact asked yes/no this day
fact risk one of low < medium < high
event talk
fact ago days since last talk
fact first days since first talk
fact due date
fact left days until due
fact talks count of talk in last 7 days
action a, b, c
"""
FORMS = (
    "late > {0}", "late between {0} and {1}", "late = {0}", "late > grace", "calls >= {2}", "asked", "risk >= medium",
    "ago <= {2}", "ago is none", "first > {2}", "left >= {2}", "left < -{2}", "talks < {2}", "late > ago",
)  # fmt: skip


BY_A_DAY = {"late": 1, "grace": 1, "ago": 1, "first": 1, "left": -1}
ALONE = ("ago <= {2}", "ago is none", "ago > 3", "calls >= {2}", "asked")


def written(generator: random.Random, forms: Sequence[str]) -> str:
    """A policy with rules of these forms."""
    lines = [VOCABULARY.format(late=generator.choice(["", " between 0 and 40"]))]
    if forms is not ALONE and generator.random() < 0.5:
        lines = [lines[0].replace("days optional", "days between 3 and 25 rising with days optional")]
    if generator.random() < 0.2:
        lines.insert(0, "policy p\n  in force from 2026-01-01 until 2026-01-05")
    names: list[str] = []
    for number in range(generator.randrange(1, 7)):
        day = generator.randrange(25)
        parts = [
            generator.choice(["", "not "])
            + f"({form.format(day, day + generator.randrange(9), generator.randrange(9))})"
            for form in generator.sample(forms, generator.choice([1, 1, 2, 3]))
        ]
        effect = generator.choice(["allow", "allow", "forbid", "require", "never"])
        over = f" overrides {generator.choice(names)}" if names and generator.random() < 0.2 else ""
        dates = generator.choice(["", "", "", "\n  in force from 2026-01-03", "\n  in force until 2026-01-06"])
        actions = ", ".join(generator.sample("abc", generator.randrange(1, 3)))
        join = generator.choice([" and ", " or "])
        lines.append(f"rule r{number}: {effect} {actions} when {join.join(parts)}{over}{dates}")
        names.append(f"r{number}")
    return "\n".join(lines)


def drawn(generator: random.Random, rows: int) -> pl.DataFrame:
    """Cases near the thresholds, some of which cannot be decided."""

    def some(*values: Any) -> list[Any]:
        return [generator.choice(values) for _ in range(rows)]

    late = some(*range(40), None) if generator.random() < 0.3 else some(*range(30))
    kind = generator.choice([pl.Int64, pl.String])
    return pl.DataFrame(
        {
            "late": pl.Series(late, dtype=pl.Int64).cast(kind),
            "grace": some(*range(20), None),
            "calls": some(*range(9), None, 12),
            "asked": some(True, False),
            "risk": some("low", "medium", "high", "high", "no"),
            "ago": some(*range(9), None),
            "first": some(*range(9), 3660, None),
            "left": some(*range(-9, 9)),
            "talks": some(*range(9)),
        }
    )


@pytest.mark.parametrize("seed", range(examples(24)))
def test_the_workload_is_what_is_decided_on_each_day(seed: int) -> None:
    """Where the clock moves alone, where `ago` does, which may be none, and where several facts move."""
    generator = random.Random(seed)
    forms = [ALONE, FORMS[:7], FORMS[:10], FORMS][seed % 4]
    policy = None
    while policy is None:
        with suppress(forbear.PolicyError):  # a rule overrides one of the same effect
            policy = forbear.loads(written(generator, forms))
    frame, on = drawn(generator, 150), datetime.date(2026, 1, 1)
    frame = frame.drop("late") if forms is ALONE else frame
    none = generator.choice([[], ["ago", "first"]])
    moves = policy.applier.ahead(Given(frame.columns, {}, none), on, DAYS)[0].moves.by_day
    assert moves == {name: by for name, by in BY_A_DAY.items() if name in moves}
    assert moves.keys() <= {"ago"} if forms is ALONE else "late" in moves
    rows = expected(policy, frame, on, moves, none=none)
    assert policy.plan(frame, DAYS, on, none=none).rows() == rows
    with patch.object(ahead, "_BLOCK", 33):
        assert policy.plan(frame, DAYS, on, none=none).rows() == rows


def book_of(generator: random.Random, folder: Path) -> forbear.Book:
    """Three versions, at times with a gap of days between two. The second lacks an action and a fact, and names others,
    and other ranges."""
    first = datetime.date(2026, 1, 1)
    ends = [first + datetime.timedelta(days) for days in (generator.randrange(5), generator.randrange(6, DAYS))]
    begins = [first, *[end + datetime.timedelta(generator.choice([1, 1, 2])) for end in ends]]
    for number, (since, until) in enumerate(zip(begins, [*ends, None], strict=True)):
        dates = f"from {since}" + (f" until {until}" if until else "")
        while True:
            text = re.sub(r"policy p\n.*\n", "", written(generator, FORMS))
            if number == 1:
                text = re.sub(r"\bcalls\b", "tries", text).replace("between 0 and 9", "between 0 and 7")
                text = re.sub(r"\bb\b", "d", text).replace("one of low < medium", "one of lower < medium")
            text = f'policy p\n  version "{number}"\n  in force {dates}\n{text}'
            with suppress(forbear.PolicyError):  # a rule overrides one of the same effect
                forbear.loads(text)
                (folder / f"{number}.forbear").write_text(text)
                break
    return forbear.load_book(folder)


@pytest.mark.parametrize("seed", range(examples(16)))
def test_a_book_counts_each_day_by_its_version(seed: int, tmp_path: Path) -> None:
    """And the first stretch of days of each row."""
    generator = random.Random(2_000 + seed)
    book, on = book_of(generator, tmp_path), datetime.date(2026, 1, 1)
    frame = drawn(generator, 90)
    frame = frame.with_columns(tries=frame["calls"].reverse())
    none = generator.choice([[], ["ago"]])
    moves = {
        version.version: version.applier.ahead(Given(frame.columns, {}, none), on + datetime.timedelta(day), 1)[0]
        for day in range(DAYS + 1)
        for version in book.versions
        if version.typed.since == (on + datetime.timedelta(day)).toordinal()
    }

    def in_force(day: datetime.date) -> tuple[forbear.Policy, Mapping[str, int]]:
        version = book.on(day)
        return version, moves[version.version].moves.by_day

    actions = list(dict.fromkeys(action for version in book.versions for action in version.actions))
    rows = expected_of(in_force, actions, frame, on, none=none)
    assert book.plan(frame, DAYS, on, none=none).rows() == rows
    with patch.object(ahead, "_BLOCK", 33):
        assert book.plan(frame, DAYS, on, none=none).rows() == rows
    found = book.apply(frame, on, none=none, when=actions, days=DAYS)
    permitted = [
        {action: [verdict in ("allowed", "required") for verdict in verdicts] for action, verdicts in answer.items()}
        for answer in answers(in_force, actions, frame, on, none=none)
    ]
    last = (on + datetime.timedelta(DAYS)).toordinal()
    check_stretches(found, permitted, on, frame, *[its for its in book.versions if (its.typed.since or 0) <= last])


def test_a_book_makes_what_it_decides_frames_by_once(tmp_path: Path) -> None:
    for number, dates in enumerate(("until 2026-01-03", "from 2026-01-04")):
        text = f"policy p\n  in force {dates}\nfact late days clock\naction a\nrule r: after {number} days then allow a"
        (tmp_path / f"{number}.forbear").write_text(text)
    book, frame, on = forbear.load_book(tmp_path), pl.DataFrame({"late": [1, 2]}), datetime.date(2026, 1, 1)
    assert book.apply(frame, on).height == book.plan(frame, 1, on)["permitted"][0] == 2
    book.plan(frame, DAYS, on)
    with patch.object(applier, "plan", side_effect=AssertionError), patch.object(applier, "specs"):
        assert book.apply(frame, on).height == book.plan(frame, DAYS, on)["permitted"][0] == 2


@pytest.mark.parametrize("seed", range(examples(12)))
def test_the_first_stretch_of_days_is_that_of_what_is_decided_on_each_day(seed: int) -> None:
    """Row by row: the first day on which the action is permitted, and the next on which it is not."""
    generator = random.Random(1_000 + seed)
    policy = None
    while policy is None:
        with suppress(forbear.PolicyError):  # a rule overrides one of the same effect
            policy = forbear.loads(written(generator, FORMS))
    frame, on = drawn(generator, 60), datetime.date(2026, 1, 1)
    moves = policy.applier.ahead(Given(frame.columns, {}), on, DAYS)[0].moves.by_day
    permitted = []
    for day in range(DAYS + 1):
        try:
            answer = policy.apply(as_it_is(policy, frame, moves, day), on + datetime.timedelta(day))
        except forbear.CaseError:  # the policy is no longer in force
            answer = pl.DataFrame({action: ["undecided"] * frame.height for action in policy.actions})
        permitted.append(answer.select(pl.all().cast(pl.String).is_in(["allowed", "required"])))
    with patch.object(ahead, "_BLOCK", 33):
        found = policy.apply(frame, on, when=["b", "a"], days=DAYS)
    assert found.columns == [*policy.actions, "b_from", "b_until", "b_held", "a_from", "a_until", "a_held"]
    assert found.select(policy.actions).equals(policy.apply(frame, on))
    check_stretches(found, permitted, on, frame, policy)


def test_the_answer_with_stretches_is_of_the_same_library() -> None:
    policy = forbear.loads("fact late days clock\naction call, sms\nrule r: after 5 days then allow call")
    frame = pl.DataFrame({"late": [3, 9]})
    days = [datetime.date(2026, 3, 4), datetime.date(2026, 3, 1)]
    asked: dict[str, Any] = {"on": "2026-03-01", "when": ["call"], "faults": True}
    assert policy.apply(frame, **asked)["call_from"].to_list() == days
    assert policy.apply(frame.lazy(), **asked).collect().equals(policy.apply(frame, **asked))
    assert policy.apply(frame.to_arrow(), **asked)["call_from"].to_pylist() == days
    assert policy.apply(frame.to_pandas(), **asked)["call_until"].isna().all()
    assert policy.apply(frame[:0], **asked)["call_from"].to_list() == []


def test_columns_are_never_cut_into_tasks_for_processes() -> None:
    """They are decided by threads; the processes are for rows that are decided one by one."""
    policy = forbear.loads("fact late days clock\naction call\nrule r: after 5 days then allow call")
    with patch("forbear.portfolio.applier.tasks", side_effect=AssertionError):
        frame = pl.DataFrame({"late": [3, 9]})
        assert policy.apply(frame, on="2026-03-01", when=["call"]).height == policy.apply(frame).height == 2


def test_what_has_no_stretches_is_refused_by_name() -> None:
    text = "event talk\nfact late days clock\nfact weekday weekday of decision\n"
    text += "fact talks count of talk in last 7 days\n"
    policy = forbear.loads(text + "action call\nrule r: allow call when weekday is sunday and talks < 3 and late > 2")
    frame = pl.DataFrame({"late": [3], "weekday": ["sunday"], "talks": [1]})
    for more, message in (
        ({"on": None}, "`when` needs the day or the moment to begin at"),
        ({"days": 0}, "the days ahead must be 1 to 3,650, not 0"),
        ({}, "`weekday` changes from day to day"),
    ):
        with pytest.raises(forbear.CaseError, match=message):
            policy.apply(frame, **{"on": "2026-03-01", "when": ["call"], **more})  # type: ignore[arg-type]
    with pytest.raises(
        forbear.CaseError, match=r"`weekday` changes from day to day.*, with `at`, and a column `zone`$"
    ):
        policy.plan(frame.drop("weekday"), on="2026-03-01")  # which does not ask for the column either
    with pytest.raises(forbear.CaseError, match="`history` follows from events and the moment"):
        policy.apply(frame.drop("talks").with_columns(history=pl.lit("[]")), "2026-03-01", when=["call"])
    policy = forbear.loads("fact term date or none\nfact left days until term\naction a\nrule r: allow a when left > 2")
    with pytest.raises(forbear.CaseError, match="`left` follows from dates"):
        policy.plan(pl.DataFrame({"term": ["none"], "left": [30]}))
    policy = forbear.loads("fact late days clock\naction a, a_from\nrule r: allow a, a_from when late > 2")
    with pytest.raises(forbear.CaseError, match="no action `a_form`; did you mean `a_from`"):
        policy.apply(frame, "2026-03-01", when=["a_form"])
    with pytest.raises(forbear.CaseError, match="two columns `a_from`"):
        policy.apply(frame, "2026-03-01", when=["a"])


@pytest.mark.parametrize("moved", [moves, timeline])
def test_a_plain_number_of_days_is_said_to_stay(moved: Any) -> None:
    policy = forbear.loads(
        "fact late days clock\nfact pause days\nfact unread days\nfact told days rising with days\n"
        "fact feast yes/no this day\naction call\n"
        "rule consent: late > pause and told < 9 and not feast then allow call"
    )
    found = moved(policy.typed, ["late", "pause", "unread", "told", "feast"], ["late", "pause", "told", "feast"])
    assert (found.held, found.by_day) == (("pause", "feast"), {"late": 1, "told": 1})


def test_what_is_known_of_a_block_goes_with_it() -> None:
    """More rows take no more memory, without a collection of cycles too."""
    rules = "rule r: allow a when late > 5 and calls > 2 and not asked\nrule s: allow b when "
    frame = drawn(random.Random(7), 1 << 12)
    for more in ("late > 20", "first > 3", "late > grace and left > 2"):
        policy = forbear.loads(VOCABULARY.format(late="") + rules + more)
        _, few, many = (_peak(policy, pl.concat([frame] * blocks)) for blocks in (1, 2, 8))  # the first one loads
        assert many < 1.5 * few


def _peak(policy: forbear.Policy, frame: pl.DataFrame) -> int:
    """The bytes of arrays and objects that a plan has at most, in blocks of few rows."""
    gc.disable()
    tracemalloc.start()
    try:
        with patch.object(ahead, "_BLOCK", 1 << 12):
            assert policy.plan(frame, DAYS).select("due", "ended").sum_horizontal().sum() > 5
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.enable()
