"""A case as an author writes it, in the words of an example: `days_overdue 14, plan broken`."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import partial

from forbear.base.diagnostic import Diagnostic
from forbear.base.frozen import frozen
from forbear.base.source import Source
from forbear.check.conditions.values import day_of
from forbear.check.promises.given import tables_of
from forbear.check.promises.promises import examples
from forbear.check.scope import Scope, Vocabulary
from forbear.kernel.cases import CaseError, Fault
from forbear.kernel.faults import fault
from forbear.language.model.cases import plain_or_other, texts_like_other
from forbear.language.model.facts import Absent
from forbear.language.model.policy import Example, TypedPolicy, clock
from forbear.language.model.values import value_json, value_text
from forbear.language.syntax import nodes
from forbear.language.syntax.parser import parse


@frozen
class Assumed:
    """A fact that is taken at a value which nobody gave, in words: the usual one, or the mildest, or unknown."""

    name: str
    text: str
    usual: bool


@frozen
class WrittenCase:
    """A case in the form that `decide` takes, its day, what the text leaves out, and the case as an example."""

    case: dict[str, object]
    on: datetime.date | None
    assumed: tuple[Assumed, ...]
    example: Example


def written_case(
    text: str,
    policy: TypedPolicy,
    read: Sequence[str],
    moment: datetime.date | datetime.datetime | None = None,
    expect: str | None = None,
) -> WrittenCase:
    """The case of a text such as `days_overdue 14, plan broken on 2026-03-10 at 12:00`, with every fact in `read`.

    What it leaves out, which may be all, is as in the cases that are printed in short: usual, or unknown, or as mild as
    it can be.
    `moment` is the day, or the day and time, if the text names none. `expect` is what the example expects.
    Raises `CaseError`.
    """
    expect = expect or f"{next(iter(policy.actions), '')} unsaid"
    node = _parsed(text, expect, policy)
    if moment is not None:
        if node.on is not None:
            code = "written-moment" if isinstance(moment, datetime.datetime) else "written-day"
            raise CaseError([fault("on", code)])
        clock_time = f" at {moment:%H:%M:%S}" if isinstance(moment, datetime.datetime) else ""
        text = f"{text} on {moment.isoformat()[:10]}{clock_time}"
        node = _parsed(text, expect, policy)
    diagnostics: list[Diagnostic] = []
    plain = partial(plain_or_other, texts_like_other(policy))
    its_scope = _scope(text, expect, policy, diagnostics)
    [typed] = examples([node], tuple(read), policy, tables_of(policy), its_scope, plain)
    _fail(diagnostics)
    named = {part.fact.text for part in node.given if isinstance(part, nodes.Given)}
    follows = () if typed.past is None else typed.past.follows
    assumed = [
        Assumed(name, value_text(policy.facts[name], value), value == policy.facts[name].usually)
        for name, value in typed.given.items()
        if name not in named and (value is Absent.UNKNOWN or name not in follows)
    ]
    return WrittenCase(case_of_example(typed, policy), day_of_example(typed), tuple(assumed), typed)


def written_day(text: str, policy: TypedPolicy) -> datetime.date | None:
    """The day that a text names, before it is known which version of a book reads the rest. Raises `CaseError`."""
    expect = f"{next(iter(policy.actions), '')} unsaid"
    diagnostics: list[Diagnostic] = []
    day = day_of(_parsed(text, expect, policy).on, _scope(text, expect, policy, diagnostics))
    _fail(diagnostics)
    return None if day is None else datetime.date.fromordinal(day)


def case_of_example(example: Example, policy: TypedPolicy) -> dict[str, object]:
    """The values of all facts of an example, in the form that `decide` takes."""
    return {
        name: value_json(policy.facts[name], None if value is Absent.NONE else value)
        for name, value in example.given.items()
        if value is not Absent.UNKNOWN
    }


def day_of_example(example: Example) -> datetime.date | None:
    """The day of an example."""
    return None if example.on is None else datetime.date.fromordinal(example.on)


def _source(text: str, expect: str, policy: TypedPolicy) -> Source:
    """The example of a text."""
    if not policy.actions:
        raise CaseError([fault(None, "nothing-to-decide")])
    says_nothing = text.split()[:1] in ([], ["on"])  # but perhaps the day
    given = text if says_nothing else f"given {text}"
    return Source("case", f'example "case": {given} expect {expect}\n')


def _scope(text: str, expect: str, policy: TypedPolicy, diagnostics: list[Diagnostic]) -> Scope:
    """The scope of a text, of which the diagnostics go into a list."""
    words = Vocabulary(
        currency=policy.currency,
        settings=policy.settings,
        facts=policy.facts,
        actions=policy.actions,
        groups=policy.groups,
        clock=clock(policy),
    )
    return Scope(_source(text, expect, policy), words, diagnostics.append)


def _parsed(text: str, expect: str, policy: TypedPolicy) -> nodes.Example:
    module, diagnostics = parse(_source(text, expect, policy))
    _fail(diagnostics)
    if len(module.statements) != 1 or not isinstance(module.statements[0], nodes.Example):
        raise CaseError([fault(None, "no-written-case")])
    return module.statements[0]


def _fail(diagnostics: Sequence[Diagnostic]) -> None:
    if diagnostics:
        raise CaseError([_fault(diagnostic) for diagnostic in diagnostics])


def _fault(diagnostic: Diagnostic) -> Fault:
    about = {"diagnostic": str(diagnostic.code), "message": diagnostic.message, "help": diagnostic.help}
    return fault(None, "bad-written-case", **about)
