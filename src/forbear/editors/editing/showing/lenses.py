"""Lenses above statements: whether an example holds, how often a rule decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from attrs import frozen

from forbear.base.source import Span
from forbear.check.files.gather import Checked
from forbear.check.promises.promises import case_of_example
from forbear.editors.editing.reading import Reading
from forbear.kernel.cases import CaseError
from forbear.language.model.names import counted
from forbear.language.model.policy import own_rules

if TYPE_CHECKING:
    from forbear.analysis.findings.promises.failed_example import Outcome

# The modules that try and explain examples are imported on use: a server has enough to load at the start.
RUN, EXPLAIN, EXAMPLES = "forbear.runExample", "forbear.explainExample", "forbear.examplesOfRule"
"""What somebody may ask by a lens, each of one name: to try an example, to explain it, and which examples a rule, or a
table, decides."""


@frozen
class Lens:
    """Words above a span, and what they ask when they are chosen: a command, and the name that it is about."""

    span: Span
    text: str
    command: str
    about: str


def lenses(reading: Reading) -> list[Lens]:
    """The lenses of a text in its order; none while it has errors."""
    policy = reading.policy
    if policy is None or reading.module is None:
        return []
    outcomes = _outcomes(reading)
    shown = [lens for outcome in outcomes for lens in _of_example(outcome, reading)]
    if outcomes:
        shown += _of_rules(reading, outcomes)
    return sorted(shown, key=lambda lens: lens.span)


def example_text(reading: Reading, title: str) -> str:
    """Returns whether an example holds, and what fails if not."""
    outcome = next((outcome for outcome in _outcomes(reading) if outcome.example.title == title), None)
    if outcome is None:
        return f"there is no example “{title}” in a text without errors"
    if not outcome.failures:
        return f"“{title}” holds"
    return "\n".join([failure.message for failure in outcome.failures])


def explanation_text(reading: Reading, title: str) -> str:
    """Explains the verdict of each action that an example has an expectation for, in its case."""
    from forbear.analysis.findings.promises.failed_example import shown_day
    from forbear.library.policy import Policy

    policy = reading.policy
    example = (
        None if policy is None else next((candidate for candidate in policy.examples if candidate.title == title), None)
    )
    if policy is None or example is None:
        return f"there is no example “{title}” in a text without errors"
    loaded = Policy(Checked(policy, ()))
    case, day = case_of_example(example, policy), shown_day(example, policy)
    actions = dict.fromkeys(action for expected in example.expected for action in expected.actions)
    texts = []
    for action in actions:
        try:
            texts.append(loaded.explain(action, case, day).text())
        except CaseError as error:
            texts.append(f"{action}: {error}")
    return "\n\n".join(texts)


def examples_text(reading: Reading, name: str) -> str:
    """The examples that a rule, or any row of a table, decides, and the others."""
    names = rules_of(reading, name)
    decided = [outcome.example.title for outcome in _outcomes(reading) if not outcome.deciding.isdisjoint(names)]
    if not decided:
        return f"`{name}` decides in no example"
    return "\n".join([f"`{name}` decides in:", *[f"- {title}" for title in decided]])


def _of_example(outcome: Outcome, reading: Reading) -> Iterator[Lens]:
    place = outcome.example.place
    if place.source.name == reading.source.name:
        holds = "fails" if outcome.failures else "holds"
        yield Lens(place.span, f"{holds}: run again", RUN, outcome.example.title)
        yield Lens(place.span, "explain", EXPLAIN, outcome.example.title)


def _of_rules(reading: Reading, outcomes: tuple[Outcome, ...]) -> Iterator[Lens]:
    policy = reading.policy
    assert policy is not None
    numbers: dict[str, set[int]] = defaultdict(set)
    for number, outcome in enumerate(outcomes):
        for name in outcome.deciding:
            numbers[name].add(number)
    of = counted(len(outcomes), "example")
    rows: set[str] = set()
    for table in policy.tables:
        row_names = [row.name for row in table.rows]
        rows.update(row_names)
        if table.place.source.name == reading.source.name:
            number = len(set().union(*[numbers[row] for row in row_names]))
            yield Lens(table.place.span, f"its rows decide in {number} of {of}", EXAMPLES, table.name)
    for rule in own_rules(policy):
        if rule.place.source.name == reading.source.name and rule.name not in rows:
            yield Lens(rule.place.span, f"decides in {len(numbers[rule.name])} of {of}", EXAMPLES, rule.name)


def rules_of(reading: Reading, name: str) -> dict[str, None]:
    """The rule of a name, or the rows of the table of that name, by their names."""
    tables = () if reading.policy is None else reading.policy.tables
    rows = [row.name for table in tables if table.name == name for row in table.rows]
    return dict.fromkeys(rows or [name])


@lru_cache(maxsize=4)
def _outcomes(reading: Reading) -> tuple[Outcome, ...]:
    """Returns the outcomes, kept for the most recent texts."""
    from forbear.analysis.findings.promises.failed_example import try_examples

    return () if reading.policy is None else tuple(try_examples(reading.policy))
