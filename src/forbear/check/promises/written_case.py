"""A case as an author writes it, in the words of an example: `days_overdue 14, plan broken`."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from attrs import frozen

from forbear.check.promises.promises import example
from forbear.check.scope import Scope, Vocabulary
from forbear.diagnostic import Diagnostic
from forbear.kernel import CaseError, Fault
from forbear.model.facts import Absent
from forbear.model.policy import Example, TypedPolicy, clock
from forbear.model.values import value_json, value_text
from forbear.source import Source
from forbear.syntax.ast import promises
from forbear.syntax.parser import parse


@frozen
class WrittenCase:
    """A case in the form that `decide` takes, with its day, and the facts that the text leaves out, as text."""

    case: dict[str, object]
    on: datetime.date | None
    assumed: tuple[str, ...]


def written_case(
    text: str, policy: TypedPolicy, read: Sequence[str], moment: datetime.date | datetime.datetime | None = None
) -> WrittenCase:
    """The case of a text such as `days_overdue 14, plan broken on 2026-03-10 at 12:00`, with every fact in `read`.

    What it leaves out is what an example would take. `moment` is the day, or the day and time, where the text names
    none. Raises `CaseError`.
    """
    node = _parsed(text, policy)
    if moment is not None and node.on is None:
        clock_time = f" at {moment:%H:%M:%S}" if isinstance(moment, datetime.datetime) else ""
        node = _parsed(f"{text} on {moment:%Y-%m-%d}{clock_time}", policy)
    found: list[Diagnostic] = []
    words = Vocabulary(
        currency=policy.currency,
        settings=policy.settings,
        facts=policy.facts,
        actions=policy.actions,
        groups=policy.groups,
        clock=clock(policy),
    )
    typed = example(node, tuple(read), policy, Scope(_source(text, policy), words, found.append), "case")
    _fail(found)
    named = {part.fact.text for part in node.given if isinstance(part, promises.Given)}
    assumed = [
        f"{name} {value_text(policy.facts[name], value)}"
        for name, value in typed.given.items()
        if name not in named and (name not in policy.derived or value is Absent.UNKNOWN)  # else it follows from events
    ]
    return WrittenCase(case_of_example(typed, policy), day_of_example(typed), tuple(assumed))


def case_of_example(example: Example, policy: TypedPolicy) -> dict[str, object]:
    """The case of an example, in the form that `decide` takes."""
    return {
        name: value_json(policy.facts[name], None if value is Absent.NONE else value)
        for name, value in example.given.items()
        if value is not Absent.UNKNOWN
    }


def day_of_example(example: Example) -> datetime.date | None:
    """The day of an example."""
    return None if example.on is None else datetime.date.fromordinal(example.on)


def _source(text: str, policy: TypedPolicy) -> Source:
    """The example of a text. What it expects does not matter."""
    if not policy.actions:
        raise CaseError([Fault(None, "the policy has no action to decide on")])
    return Source("case", f'example "case": given {text} expect {next(iter(policy.actions))} unsaid\n')


def _parsed(text: str, policy: TypedPolicy) -> promises.Example:
    module, diagnostics = parse(_source(text, policy))
    _fail(diagnostics)
    if len(module.statements) != 1 or not isinstance(module.statements[0], promises.Example):
        raise CaseError(
            [Fault(None, "a case is written as after `given` in an example: `days_overdue 14, plan broken`")]
        )
    return module.statements[0]


def _fail(diagnostics: Sequence[Diagnostic]) -> None:
    if diagnostics:
        raise CaseError([Fault(None, f"{found.message}; {found.help}") for found in diagnostics])
