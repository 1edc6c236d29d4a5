"""Declarations to a vocabulary: facts, actions, groups, ladders and settings, names looked up and values checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import cast

from attrs import evolve, frozen

from forbear.diagnostic import Diagnostic, Label
from forbear.policy.names import did_you_mean, listed
from forbear.policy.typed import Setting
from forbear.policy.values_from_ast import Report, on_grid
from forbear.source import Place, Source, Span
from forbear.syntax import ast
from forbear.syntax.literals import MAXIMUM_DIGITS
from forbear.syntax.parser import parse_literal
from forbear.vocabulary.facts import (
    DEFAULT_RANGE,
    DEFAULT_STEP,
    NUMERIC,
    Absent,
    Action,
    Fact,
    Grid,
    Group,
    Kind,
    Ladder,
)

Declared = tuple[ast.Module, ast.Statement]


@frozen
class Vocabulary:
    """What conditions and rules may speak of. `definitions` holds the definitions as written."""

    facts: Mapping[str, Fact]
    actions: Mapping[str, Action]
    groups: Mapping[str, Group]
    ladders: Mapping[str, Ladder]
    settings: Mapping[str, Setting]
    definitions: Mapping[str, tuple[Source, ast.Define]]
    clock: Fact | None
    declares_itself: bool
    """Whether the files declare facts or actions and leave the standard vocabulary out."""


def vocabulary(
    modules: Sequence[ast.Module], currency: str | None, given: Mapping[str, object], report: Report
) -> Vocabulary:
    """The vocabulary of all files together; `given` are the settings of whoever loads the policy."""
    statements = [(module, node) for module in modules for node in module.statements]
    _report_duplicates(statements, modules[-1], report)
    settings = _settings(statements, given, modules[-1], report)
    facts = _facts(statements, currency, settings, report)
    actions = _actions(statements)
    groups = _groups(statements, actions, report)
    clocks = [fact for fact in facts.values() if fact.clock]
    for second in clocks[1:]:
        report(
            Diagnostic(
                code="bad-fact",
                message=f"`{second.name}` is a second clock",
                place=second.place,
                help="a policy has one clock: take `clock` away from one of the two",
                related=(Label(clocks[0].place, "the first clock"),),
            )
        )
    return Vocabulary(
        facts,
        actions,
        groups,
        _ladders(statements, facts, actions, groups, report),
        settings,
        {node.name.text: (module.source, node) for module, node in statements if isinstance(node, ast.Define)},
        clocks[0] if clocks else None,
        not any(module.source.name == "pack:vocabulary/collections" for module in modules),
    )


def policy_currency(modules: Sequence[ast.Module]) -> tuple[str | None, Place | None]:
    """The currency of sums without one: the policy's, else a used vocabulary's, else the only one that is written.

    A file of a few rules needs no head, so it may name its currency in its sums alone.
    """
    for module in reversed(modules):
        for node in module.statements:
            clauses = getattr(node, "clauses", None)
            if isinstance(clauses, ast.HeadClauses) and clauses.currency is not None:
                return clauses.currency.text, Place(module.source, clauses.currency.span)
    for module in reversed(modules):
        for match in _SUM.finditer(module.source.text):
            if match["currency"]:
                return match["currency"], None
    return None, None


_SUM = re.compile(r'"(?:[^"\\\n]|\\[^\n])*"|#[^\n]*|\b(?P<currency>[A-Z]{3})\s+-?\s*[0-9]')


# Names


def _report_duplicates(statements: Iterable[Declared], last: ast.Module, report: Report) -> None:
    """A name declared twice in one of the two name spaces of declarations."""
    values: dict[str, tuple[str, Place]] = {}
    things: dict[str, tuple[str, Place]] = {}
    deeds: dict[str, tuple[str, Place]] = {}
    ladder_of_file: dict[str, ast.Module] = {}

    def declare(space: dict[str, tuple[str, Place]], name: ast.Name, what: str, source: Source) -> None:
        first = space.get(name.text)
        place = Place(source, name.span)
        if first is None:
            space[name.text] = (what, place)
            return
        report(
            Diagnostic(
                code="duplicate-name",
                message=f"the {what} `{name.text}` has the name of a{'n' if first[0] == 'action' else ''} {first[0]}"
                if first[0] != what
                else f"the {what} `{name.text}` is declared twice",
                place=place,
                help="choose another name for one of the two",
                related=(Label(first[1], "declared here first"),),
            )
        )

    for module, node in statements:
        source = module.source
        match node:
            case ast.Fact():
                declare(things, node.name, "fact", source)
                seen: set[str] = set()
                for value in node.values:
                    if value.text in seen:
                        report(
                            Diagnostic(
                                code="duplicate-name",
                                message=f"`{value.text}` stands twice among the values of `{node.name.text}`",
                                place=Place(source, value.span),
                                help="name each value once",
                            )
                        )
                    seen.add(value.text)
                    values.setdefault(value.text, ("value of a fact", Place(source, value.span)))
            case ast.Define():
                declare(things, node.name, "definition", source)
            case ast.Setting():
                declare(things, node.name, "setting", source)
            case ast.Action():
                for name in node.names:
                    declare(deeds, name, "action", source)
            case ast.Group(also=False):
                declare(deeds, node.name, "group", source)
            case ast.Ladder():
                # The policy's ladder takes the place of one that it uses.
                if ladder_of_file.get(node.name.text) not in (None, module):
                    deeds.pop(node.name.text, None)
                ladder_of_file[node.name.text] = module
                declare(deeds, node.name, "ladder", source)
            case _:
                pass
    for name in values.keys() & things.keys():
        what, place = things[name]
        report(
            Diagnostic(
                code="duplicate-name",
                message=f"the {what} `{name}` has the name of a value of a fact",
                place=place,
                help="choose another name for one of the two",
                related=(Label(values[name][1], "a value here"),),
            )
        )


# Settings


def _settings(
    statements: Sequence[Declared], given: Mapping[str, object], last: ast.Module, report: Report
) -> dict[str, Setting]:
    settings: dict[str, Setting] = {}
    for module, node in statements:
        if not isinstance(node, ast.Setting) or node.name.text in settings:
            continue
        name = node.name.text
        place = Place(module.source, node.span)
        if isinstance(node.value, ast.Name):
            report(
                Diagnostic(
                    code="bad-setting",
                    message=f"`{node.value.text}` is no literal, so it cannot be the value of a setting",
                    place=Place(module.source, node.value.span),
                    help="write a number, a percentage, a sum, a date, a time, `yes`, `no` or a text in quotation marks",
                )
            )
            continue
        value = node.value
        if name in given:
            wanted = _given_literal(given[name], node.value)
            if wanted is None:
                report(
                    Diagnostic(
                        code="bad-setting",
                        message=f"the setting `{name}` cannot be {given[name]}: it is given as another type here",
                        place=place,
                        help=f"give a value like the one in the file, `{place.source.text[slice(*node.value.span)]}`",
                    )
                )
            else:
                value = wanted
        description = None if node.description is None else node.description.text
        settings[name] = Setting(name, value, description, place)
    for name in given:
        if name not in settings:
            report(
                Diagnostic(
                    code="unknown-name",
                    message=f"there is no setting `{name}` to give a value",
                    place=Place(last.source, Span(0, 0)),
                    help=did_you_mean(name, settings)
                    or (f"the settings are {listed(settings)}" if settings else "the policy has no settings"),
                )
            )
    return settings


def _given_literal(given: object, declared: ast.Literal) -> ast.Literal | None:
    """What whoever loads the policy gives, as a literal of the declared kind, or None if it is not of that kind.

    A text is a literal as the language writes it, such as `CNY 5000`; for a setting that is a text, it is that text.
    """
    span = declared.span
    if isinstance(given, str):
        if declared.kind == "text":
            return ast.Literal("text", given, span)
        literal = parse_literal(given)
        if literal is None or literal.kind != declared.kind or literal.currency != declared.currency:
            return None
        return ast.Literal(literal.kind, literal.value, span, literal.currency)
    if isinstance(given, bool):
        return ast.Literal("flag", given, span) if declared.kind == "flag" else None
    if isinstance(given, (int, Decimal)) and declared.kind in ("number", "percent", "money"):
        if not Decimal(given).is_finite() or len(Decimal(given).as_tuple().digits) > MAXIMUM_DIGITS:
            return None
        return ast.Literal(declared.kind, Decimal(given), span, declared.currency)
    if isinstance(given, date) and not isinstance(given, datetime) and declared.kind == "date":
        return ast.Literal("date", given, span)
    if isinstance(given, time) and declared.kind == "time":
        return ast.Literal("time", given.hour * 3600 + given.minute * 60 + given.second, span)
    return None


# Facts


def _facts(
    statements: Iterable[Declared], currency: str | None, settings: Mapping[str, Setting], report: Report
) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for module, node in statements:
        if isinstance(node, ast.Fact) and node.name.text not in facts:
            facts[node.name.text] = _fact(node, module.source, currency, settings, report)
    return facts


def _fact(
    node: ast.Fact, source: Source, currency: str | None, settings: Mapping[str, Setting], report: Report
) -> Fact:
    kind = Kind(node.type)
    name = node.name.text

    def bad(message: str, place: Place, help: str) -> None:
        report(Diagnostic(code="bad-fact", message=message, place=place, help=help))

    here = Place(source, node.name.span)
    names = tuple(dict.fromkeys(value.text for value in node.values))
    low, high = DEFAULT_RANGE.get(kind, (0, len(names) - 1 if kind is Kind.ORDER else 0))
    fact = Fact(
        name=name,
        kind=kind,
        step=DEFAULT_STEP.get(kind, Fraction(1)),
        low=low,
        high=high,
        names=names,
        currency=(node.currency.text if node.currency else currency) if kind is Kind.MONEY else None,
        optional=node.optional,
        or_none=node.or_none and not node.optional,
        clock=node.clock and kind is Kind.DAYS,
        usually=None,
        description=None if node.description is None else node.description.text,
        place=here,
    )
    if node.optional and node.or_none:
        bad(f"`{name}` is both optional and `or none`", here, "keep one: unknown, or known not to exist")
    if node.clock and kind is not Kind.DAYS:
        bad(f"`{name}` is the clock and not of type `days`", here, f"write `fact {name} days clock`")
    if node.clock and (node.optional or node.or_none):
        bad(f"`{name}` is the clock and may be missing", here, "the clock is always known: take the word away")
    if node.steps is not None:
        fact = _with_steps(fact, node.steps, source, settings, report)
    if node.range is not None:
        fact = _with_range(fact, node.range, source, settings, report)
    if node.usually is not None:
        fact = evolve(fact, usually=given_value(fact, node.usually, settings, source, report))
    return fact


def _with_steps(
    fact: Fact, steps: ast.Value, source: Source, settings: Mapping[str, Setting], report: Report
) -> Fact:
    place = Place(source, steps.span)
    if fact.kind not in NUMERIC:
        report(
            Diagnostic(
                code="bad-fact",
                message=f"`{fact.name}` has steps, and its type has none",
                place=place,
                help="`in steps of` goes with days, count, number, percent and money",
            )
        )
        return fact
    # Read on the finest grid that there is, so that any step can be written.
    finest = Fraction(1, 10**15) if fact.kind not in (Kind.DAYS, Kind.COUNT) else Fraction(1)
    number = on_grid(evolve(fact, step=finest), steps, settings, source, report, ranged=False)
    if number is None:
        return fact
    step = cast(int, number) * finest
    if step <= 0:
        report(
            Diagnostic(code="bad-fact", message="a step must be more than 0", place=place, help="write `in steps of 5`")
        )
        return fact
    return evolve(fact, step=step)


def _with_range(
    fact: Fact, bounds: tuple[ast.Value, ast.Value], source: Source, settings: Mapping[str, Setting], report: Report
) -> Fact:
    place = Place(source, bounds[0].span)
    if fact.kind not in DEFAULT_RANGE:
        report(
            Diagnostic(
                code="bad-fact",
                message=f"`{fact.name}` has a range, and its type has none",
                place=place,
                help="`between` goes with days, count, number, percent, money, date and time",
            )
        )
        return fact
    low, high = (on_grid(fact, bound, settings, source, report, ranged=False) for bound in bounds)
    if low is None or high is None:
        return fact
    if cast(int, low) > cast(int, high):
        report(
            Diagnostic(
                code="empty-span",
                message=f"the range of `{fact.name}` ends before it begins",
                place=place,
                help="write the lower end first; both ends are in the range",
            )
        )
        return fact
    return evolve(fact, low=cast(int, low), high=cast(int, high))


def given_value(
    fact: Fact, value: ast.Value | ast.Special, settings: Mapping[str, Setting], source: Source, report: Report
) -> Grid | Absent | None:
    """A value where `none` and `unknown` may stand too: in `usually` and in the `given` of an example."""
    if not isinstance(value, ast.Special):
        return on_grid(fact, value, settings, source, report)
    allowed = fact.or_none if value.word == "none" else fact.optional
    if allowed:
        return Absent(value.word)
    report(
        Diagnostic(
            code="wrong-type",
            message=f"`{fact.name}` is never {value.word}",
            place=Place(source, value.span),
            help=f"a fact that may be {value.word} is declared "
            + ("`or none`" if value.word == "none" else "`optional`"),
        )
    )
    return None


# Actions, groups, ladders


def _actions(statements: Iterable[Declared]) -> dict[str, Action]:
    actions: dict[str, Action] = {}
    for module, node in statements:
        if isinstance(node, ast.Action):
            description = None if node.description is None else node.description.text
            for name in node.names:
                actions.setdefault(name.text, Action(name.text, description, Place(module.source, name.span)))
    return actions


def _groups(statements: Iterable[Declared], actions: Mapping[str, Action], report: Report) -> dict[str, Group]:
    """Groups may hold groups; each is unfolded when those that it holds are."""
    declared: dict[str, list[tuple[Source, ast.Group]]] = {}
    for module, node in statements:
        if isinstance(node, ast.Group):
            if node.also and node.name.text not in declared:
                report(
                    Diagnostic(
                        code="unknown-action",
                        message=f"there is no group `{node.name.text}` to add to",
                        place=Place(module.source, node.name.span),
                        help=did_you_mean(node.name.text, declared) or f"write `group {node.name.text} is ...`",
                    )
                )
                continue
            declared.setdefault(node.name.text, []).append((module.source, node))
    groups: dict[str, Group] = {}
    waiting = dict(declared)
    while waiting:
        ready = [
            name
            for name, parts in waiting.items()
            if not any(used.text in waiting for _, part in parts for used in _named(part.actions))
        ]
        for name in ready:
            members: set[str] = set()
            for source, part in waiting[name]:
                members.update(unfold(part.actions, actions, groups, source, report))
            groups[name] = Group(name, tuple(action for action in actions if action in members))
        if not ready:
            name, parts = next(iter(waiting.items()))
            source, part = parts[0]
            report(
                Diagnostic(
                    code="circular-definition",
                    message=f"the group `{name}` holds itself",
                    place=Place(source, part.name.span),
                    help="take it out of the groups that it names",
                )
            )
            for stuck in waiting:
                groups[stuck] = Group(stuck, ())
            break
        for name in ready:
            del waiting[name]
    return groups


def _named(actions: ast.Actions) -> tuple[ast.Name, ...]:
    return actions.listed + actions.excepted


def unfold(
    actions: ast.Actions,
    known: Mapping[str, Action],
    groups: Mapping[str, Group],
    source: Source,
    report: Report,
    *,
    standard_left_out: bool = False,
) -> tuple[str, ...]:
    """The actions of a list, groups unfolded, in the order of the vocabulary."""
    chosen: set[str] = set()
    left_out: set[str] = set()
    complete = True
    for names, into in ((actions.listed, chosen), (actions.excepted, left_out)):
        for name in names:
            if name.text == "everything":
                into.update(known)
            elif name.text in groups:
                into.update(groups[name.text].actions)
            elif name.text in known:
                into.add(name.text)
            else:
                complete = False
                report(unknown_action(name, known, groups, source, standard_left_out))
    if complete and not chosen - left_out:
        report(
            Diagnostic(
                code="no-action",
                message="no action is left in this list",
                place=Place(source, actions.span),
                help="what follows `except` is left out, to the end of the list: name fewer actions there",
            )
        )
    return tuple([name for name in known if name in chosen and name not in left_out])


def unknown_action(
    name: ast.Name,
    known: Mapping[str, Action],
    groups: Mapping[str, Group],
    source: Source,
    standard_left_out: bool,
) -> Diagnostic:
    names = [*known, *groups]
    if standard_left_out:
        otherwise = "declare it with `action`, or add `uses collections` for the standard vocabulary"
    else:
        otherwise = f"known are {listed(names)}"
    return Diagnostic(
        code="unknown-action",
        message=f"there is no action or group `{name.text}`",
        place=Place(source, name.span),
        help=did_you_mean(name.text, names) or otherwise,
    )


def _ladders(
    statements: Iterable[Declared],
    facts: Mapping[str, Fact],
    actions: Mapping[str, Action],
    groups: Mapping[str, Group],
    report: Report,
) -> dict[str, Ladder]:
    ladders: dict[str, Ladder] = {}
    for module, node in statements:
        if not isinstance(node, ast.Ladder):
            continue

        def bad(message: str, name: ast.Name, help: str, code: str = "bad-ladder", source: Source = module.source) -> None:
            report(Diagnostic(code=code, message=message, place=Place(source, name.span), help=help))

        rung_of: dict[str, str] = {}
        for rung in node.rungs:
            if rung.text not in actions and rung.text not in groups:
                report(unknown_action(rung, actions, groups, module.source, False))
            members = groups[rung.text].actions if rung.text in groups else (rung.text,)
            for action in members:
                if action in rung_of:
                    bad(
                        f"`{action}` stands on two rungs, `{rung_of[action]}` and `{rung.text}`",
                        rung,
                        "each action stands on one rung of a ladder",
                    )
                    break
                rung_of[action] = rung.text
        for fact_name in node.rising:
            fact = facts.get(fact_name.text)
            if fact is None:
                bad(
                    f"there is no fact `{fact_name.text}`",
                    fact_name,
                    did_you_mean(fact_name.text, facts) or f"known are {listed(facts)}",
                    "unknown-name",
                )
            elif not fact.ordered:
                bad(f"`{fact.name}` has no order to rise in", fact_name, "name a fact of an ordered type", "not-ordered")
        ladders[node.name.text] = Ladder(
            node.name.text,
            tuple(rung.text for rung in node.rungs),
            tuple(fact.text for fact in node.rising),
            Place(module.source, node.span),
        )
    return ladders
