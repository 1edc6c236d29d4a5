"""Examples, ensures and accepts as written to typed ones."""

from __future__ import annotations

from collections.abc import Mapping

from forbear.check.conditions.conditions import Definitions, typed_condition
from forbear.check.conditions.values import day_of
from forbear.check.declarations.facts import given_value
from forbear.check.declarations.vocabulary import Vocabulary, unfolded
from forbear.check.promises.given import derived_values
from forbear.diagnostic import ACCEPTABLE, CODES, Diagnostic, Report
from forbear.model.conditions import Always
from forbear.model.facts import Absent, Grid
from forbear.model.names import SEE_ALL, bundled_in, did_you_mean, listed
from forbear.model.policy import Accept, Ensure, Example, Expectation, Expected, TypedPolicy
from forbear.source import Place, Source, Span
from forbear.syntax import ast


def example(
    node: ast.Example,
    vocabulary: Vocabulary,
    read: tuple[str, ...],
    in_force: tuple[int | None, int | None],
    policy: TypedPolicy,
    source: Source,
    report: Report,
) -> Example:
    """An example, with every fact that the policy reads: what it leaves out follows from the events that it gives, or
    is unknown, or its usual value."""

    def bad(message: str, span: Span, help: str) -> None:
        report(Diagnostic(code="bad-example", message=message, place=Place(source, span), help=help))

    given: dict[str, Grid | Absent] = {}
    named: set[str] = set()
    mistaken = False
    for part in node.given:
        if isinstance(part, ast.GivenEvent):
            continue
        name = part.fact.text
        fact = vocabulary.facts.get(name)
        if fact is None:
            report(
                Diagnostic(
                    code="unknown-name",
                    message=f"there is no fact `{name}`",
                    place=Place(source, part.fact.span),
                    help=did_you_mean(name, vocabulary.facts)
                    or (f"known are {listed(vocabulary.facts)}" if vocabulary.declares_itself else SEE_ALL),
                )
            )
            mistaken = True
            continue
        if name in named:
            bad(f"`{name}` is given twice", part.span, "give each fact once")
        named.add(name)
        value = given_value(fact, part.value, vocabulary.settings, source, report)
        if value is not None:
            given[name] = value
    follows = derived_values(node, given, read, policy, source, report)
    if follows is None:
        mistaken = True
    else:
        given |= follows
        named |= follows.keys()
    for name in read:
        fact = vocabulary.facts[name]
        if name in named:
            continue
        if fact.usually is not None:
            given[name] = fact.usually
        elif not fact.optional and not mistaken:
            bad(
                f"the policy reads `{name}`, and this example does not give it",
                node.title.span,
                f"write `given {name} ...`"
                + ("" if bundled_in(fact.place) else f", or declare what it usually is: `fact {name} ... usually ...`"),
            )
        if fact.optional:
            given[name] = Absent.UNKNOWN
    return Example(
        node.title.text,
        given,
        _day(node.on, in_force, "bad-example", vocabulary, source, report),
        tuple([_expected(part, vocabulary, source, report) for part in node.expected]),
        Place(source, node.span),
    )


def _day(
    node: ast.Value | None,
    in_force: tuple[int | None, int | None],
    code: str,
    vocabulary: Vocabulary,
    source: Source,
    report: Report,
) -> int | None:
    """The day of a promise, on which the policy has to be in force."""
    on = day_of(node, vocabulary.settings, source, report)
    since, until = in_force
    if node is not None and on is not None and not (since or on) <= on <= (until or on):
        report(
            Diagnostic(
                code=code,
                message="the policy is not in force on this day",
                place=Place(source, node.span),
                help="choose a day on which it is",
            )
        )
    return on


def _expected(node: ast.Expected, vocabulary: Vocabulary, source: Source, report: Report) -> Expected:
    return Expected(
        unfolded(node.actions, vocabulary, source, report),
        Expectation(node.expectation),
        Place(source, node.span),
    )


def ensure(
    node: ast.Ensure,
    vocabulary: Vocabulary,
    known: Definitions,
    in_force: tuple[int | None, int | None],
    source: Source,
    report: Report,
) -> Ensure:
    when = None if node.when is None else typed_condition(node.when, vocabulary, known, source, report)
    return Ensure(
        node.any_of,
        _expected(node.expected, vocabulary, source, report),
        when or Always(),
        _day(node.on, in_force, "bad-ensure", vocabulary, source, report),
        Place(source, node.span),
    )


def accept(
    node: ast.Accept,
    vocabulary: Vocabulary,
    known: Definitions,
    rule_names: Mapping[str, object],
    source: Source,
    report: Report,
) -> Accept:
    code = node.code.text
    if code not in ACCEPTABLE:
        report(
            Diagnostic(
                code="bad-accept",
                message=f"no finding with the code `{code}` can be accepted",
                place=Place(source, node.code.span),
                help=did_you_mean(code, ACCEPTABLE) or f"these can be: {listed(ACCEPTABLE, 20)}",
            )
        )
    else:
        known_names: dict[str, object] = {**vocabulary.ladders, **vocabulary.facts, **vocabulary.actions}
        known_names |= {**vocabulary.groups, **rule_names, **dict.fromkeys(CODES)}
        for name in node.names:
            if name.text not in known_names:
                report(
                    Diagnostic(
                        code="bad-accept",
                        message=f"there is nothing called `{name.text}` that a finding could be about",
                        place=Place(source, name.span),
                        help=did_you_mean(name.text, known_names) or "write the names that the finding shows",
                    )
                )
    return Accept(
        code,
        tuple([name.text for name in node.names]),
        None if node.when is None else typed_condition(node.when, vocabulary, known, source, report),
        node.because.text,
        day_of(node.until, vocabulary.settings, source, report),
        Place(source, node.span),
    )
