"""Examples, ensures and accepts as written to typed ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from forbear.base.diagnostic import CODES, Code, Label
from forbear.base.source import Place
from forbear.check.conditions.conditions import typed_condition
from forbear.check.conditions.values import day_of
from forbear.check.declarations.actions import unfolded
from forbear.check.declarations.facts import given_value
from forbear.check.promises.given import Tables, day_given, derived_values, fitting_day
from forbear.check.scope import Scope
from forbear.language.model.conditions import Always
from forbear.language.model.facts import Absent, Fact, Grid
from forbear.language.model.names import SEE_ALL, did_you_mean, listed
from forbear.language.model.policy import Accept, Ensure, Example, Expectation, Expected, TypedPolicy
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Value

_MOST = 20


def examples(
    nodes: Iterable[nodes.Example],
    read: tuple[str, ...],
    policy: TypedPolicy,
    tables_for: Tables,
    scope: Scope,
    plain: Callable[[Fact], Grid | Absent | None] = lambda fact: fact.usually,
) -> tuple[Example, ...]:
    """Examples, with every fact that is `read`: what one leaves out follows from the events that it gives, or is
    unknown, or `plain`, which is its usual value if it has one. A fact without a plain value has to be given.
    `tables_for` is `tables_of` the policy."""
    lacking: dict[tuple[str, ...], list[Place]] = {}
    typed = tuple([_example(node, read, policy, tables_for, scope, plain, lacking) for node in nodes])
    for names, places in lacking.items():
        _report_missing(names, places, scope)
    return typed


def _example(
    node: nodes.Example,
    read: tuple[str, ...],
    policy: TypedPolicy,
    tables_for: Tables,
    scope: Scope,
    plain: Callable[[Fact], Grid | Absent | None],
    lacking: dict[tuple[str, ...], list[Place]],
) -> Example:
    written = _written(node, scope)
    given = {name: value for name, value in written.items() if value is not None}
    on = _day(node.on, policy, "bad-example", scope)
    on = day_given(given, policy) if node.on is None else on
    derived = derived_values(node, given, read, policy, tables_for, scope, on)
    follows, past = ({}, None) if derived is None else derived
    given |= follows
    missing = []
    assumed_day = None
    for name in read:
        fact = scope.words.facts[name]
        if name in given or name in written:
            pass
        elif fact.optional:
            given[name] = Absent.UNKNOWN
        elif (value := plain(fact)) is not None:
            given[name] = value
            if name in policy.derived and policy.derived[name].measure == "date":
                assumed_day = fact
        else:
            missing.append(name)
    if assumed_day is not None and not missing:
        for held in (given.keys(), written.keys()):  # what is assumed too follows where it is not so on any day
            if (day := fitting_day(given, held, assumed_day, policy, tables_for)) is not None:
                told = {name: value for name, value in given.items() if name in held} | {assumed_day.name: day}
                derived = derived_values(node, told, read, policy, tables_for, scope, day)
                given |= {assumed_day.name: day, **({} if derived is None else derived[0])}
                break
    if missing and derived is not None and written.keys() <= scope.words.facts.keys():
        lacking.setdefault(tuple(missing), []).append(scope.place(node.title.span))
    return Example(
        node.title.text,
        given,
        on,
        tuple([_expected(part, scope) for part in node.expected]),
        scope.place(node.span),
        past,
    )


def _written(node: nodes.Example, scope: Scope) -> dict[str, Grid | Absent | None]:
    """The facts that an example gives with their values; None where the value, or the fact, is in error."""
    written: dict[str, Grid | Absent | None] = {}
    for part in node.given:
        if isinstance(part, nodes.GivenEvent):
            continue
        name = part.fact.text
        fact = scope.words.facts.get(name)
        if fact is None:
            scope.report_unknown(
                part.fact,
                f"there is no fact `{name}`",
                did_you_mean(name, scope.words.facts)
                or (f"known are {listed(scope.words.facts)}" if scope.words.declares_itself else SEE_ALL),
            )
            written[name] = None
            continue
        if name in written:
            scope.report_at(
                part.span, code="bad-example", message=f"`{name}` is given twice", help="give each fact once"
            )
        value = given_value(fact, part.value, scope)
        if value is not None or name not in written:
            written[name] = value
    return written


def _report_missing(names: Sequence[str], places: Sequence[Place], scope: Scope) -> None:
    """One finding for all examples that lack the same facts."""
    own = [name for name in names if scope.words.facts[name].place.source.name == scope.source.name]
    lack = "this example does not give" if len(places) == 1 else f"{len(places)} examples do not give"
    scope.report_at(
        places[0].span,
        code="bad-example",
        message=f"the policy reads {listed(names)}, and {lack} " + ("it" if len(names) == 1 else "them"),
        help=f"write `given {', '.join(f'{name} ...' for name in names[:12])}`"
        + (" in each" if len(places) > 1 else "")
        + (f", or declare what it usually is: `fact {own[0]} ... usually ...`" if own else ""),
        related=tuple([Label(place, "nor does this one") for place in places[1:_MOST]]),
    )


def _day(node: Value | None, policy: TypedPolicy, code: str, scope: Scope) -> int | None:
    """The day of a promise, on which the policy has to be in force."""
    on = day_of(node, scope)
    since, until = policy.since, policy.until
    if node is not None and on is not None and not (since or on) <= on <= (until or on):
        scope.report_at(
            node.span, code=code, message="the policy is not in force on this day", help="choose a day on which it is"
        )
    return on


def _expected(node: nodes.Expected, scope: Scope) -> Expected:
    companions = () if node.companions is None else unfolded(node.companions, scope)
    return Expected(unfolded(node.actions, scope), Expectation(node.expectation), scope.place(node.span), companions)


def ensure(node: nodes.Ensure, policy: TypedPolicy, scope: Scope) -> Ensure:
    when = None if node.when is None else typed_condition(node.when, scope)
    return Ensure(
        node.any_of,
        _expected(node.expected, scope),
        when or Always(),
        _day(node.on, policy, "bad-ensure", scope),
        scope.place(node.span),
    )


_OF_STANDARDS = ("vacuous-standard", "not-read", "review-due")
"""The codes of findings about standards. One that the policy promises to conform to is not known yet."""
FindingCodes: TypeAlias = Callable[[], Sequence[Code]]
"""Gives the codes of the analyser, which is above the checker. Only an `accept` needs them."""


def accepts(
    node: nodes.Accept, rule_names: Mapping[str, object], finding_codes: FindingCodes, scope: Scope
) -> list[Accept]:
    """The accepts that an `accept` writes: one for each name, but for a code whose findings are about two names.

    A group stands for itself, where it is a rung, and for each of its actions.
    """
    code = node.code.text
    codes = (*finding_codes(), *CODES.values())
    acceptable: Mapping[str, Code] = {known: known for known in codes if known.acceptable}
    if code not in acceptable:
        help = did_you_mean(code, acceptable) or f"these can be: {listed(acceptable, len(acceptable))}"
        scope.report_unknown(node.code, f"no finding with the code `{code}` can be accepted", help, "bad-accept")
    elif code not in _OF_STANDARDS:
        words = scope.words
        known_names = {*words.ladders, *words.facts, *words.actions, *words.groups, *rule_names, *codes}
        for name in node.names:
            if name.text not in known_names:
                message = f"there is nothing called `{name.text}` that a finding could be about"
                help = did_you_mean(name.text, known_names) or "write the names that the finding shows"
                scope.report_unknown(name, message, help, "bad-accept")
    when = None if node.when is None else typed_condition(node.when, scope)
    until, place = day_of(node.until, scope), scope.place(node.span)

    def accept(names: tuple[str, ...], group: str | None = None) -> Accept:
        return Accept(code, names, group, when, node.because.text, until, place)

    written = [name.text for name in node.names]
    if code not in acceptable or acceptable[code].of_pair:
        return [accept(tuple(written))]
    groups = scope.words.groups
    return [
        accept((name,), written_name if written_name in groups else None)
        for written_name in dict.fromkeys(written)
        for name in (written_name, *(groups[written_name].actions if written_name in groups else ()))
    ]
