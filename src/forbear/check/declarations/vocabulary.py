"""Declarations to a vocabulary: what its files declare together, and that no name is declared twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import evolve

from forbear.base.diagnostic import Label, Report
from forbear.base.source import Place
from forbear.check.declarations.actions import actions_of, groups_of, ladders_of
from forbear.check.declarations.facts import facts_of
from forbear.check.declarations.settings import Declared, Given, settings_of
from forbear.check.files.locations import STANDARD_NAME
from forbear.check.scope import Scope, Vocabulary
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import CODE
from forbear.language.model.messages import diagnosis
from forbear.language.model.names import bundled_in
from forbear.language.model.policy import Terms
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Module, Name


def vocabulary(modules: Sequence[Module], currency: str | None, given: Given, report: Report) -> Vocabulary:
    """The vocabulary of all files together."""
    statements = [(module, node) for module in modules for node in module.statements]
    scope = Scope(modules[-1].source, Vocabulary(currency), report)
    _report_duplicates(statements, scope)
    scope = scope.knowing(settings=settings_of(statements, given, scope))
    scope = scope.knowing(facts=facts_of(statements, scope), actions=actions_of(statements, given))
    ladder_names = frozenset(node.name.text for _, node in statements if isinstance(node, nodes.Ladder))
    scope = scope.knowing(groups=groups_of(statements, given, scope.knowing(ladder_names=ladder_names)))
    _report_taken(statements, given, scope)
    clock = _clock(scope)
    return evolve(
        scope.words,
        ladders=ladders_of(statements, scope),
        ladder_names=ladder_names,
        definitions={
            node.name.text: (module.source, node) for module, node in statements if isinstance(node, nodes.Define)
        },
        clock=clock,
        added_to=bool(given.terms.groups),
        declares_itself=not any(module.source.name == STANDARD_NAME for module in modules),
    )


def terms_of(modules: Sequence[Module], given: Given) -> Terms:
    """Returns the terms of these files to the standards over them, after those of the policies under them."""
    statements = [(module, node) for module in modules for node in module.statements]
    scope = Scope(modules[-1].source, Vocabulary(), lambda diagnostic: None)  # errors are reported elsewhere
    settings = settings_of(statements, given, scope)
    actions = actions_of(statements, given)
    groups = groups_of(statements, given, scope.knowing(actions=actions))
    return Terms(
        (*given.terms.groups, *groups.values()),
        {**given.terms.actions, **actions},
        {**given.terms.settings, **{name: setting for name, setting in settings.items() if "." in name}},
    )


def _clock(scope: Scope) -> Fact | None:
    """The fact that is the clock, the first one where several are declared so."""
    clocks = [fact for fact in scope.words.facts.values() if fact.clock]
    for second in clocks[1:]:
        if second.optional or second.or_none:
            continue  # that one cannot be a clock, and this is reported already
        related = (Label(clocks[0].place, "the first clock"),)
        scope.report(diagnosis("bad-fact.second-clock", second.place, fact=second.name, related=related))
    return clocks[0] if clocks else None


def policy_currency(modules: Sequence[Module]) -> str | None:
    """Returns the currency of sums without one: the policy's, else a used vocabulary's, else that of the first sum.

    A file of a few rules needs no head, so it may name its currency in its sums alone.
    """
    for module in reversed(modules):
        for kinds in ((nodes.PolicyHead, nodes.Uses), (nodes.VocabularyHead,)):
            for node in module.statements:
                if isinstance(node, kinds) and node.clauses.currency is not None:
                    return node.clauses.currency.text
    return next((module.currency for module in reversed(modules) if module.currency is not None), None)


# Names


_Space = dict[str, tuple[str, Place]]
"""A name space: for each name, its owner and the place of its declaration."""


def _report_duplicates(statements: Iterable[Declared], scope: Scope) -> None:
    """Reports names that are declared twice in one name space."""
    values: _Space = {}
    of_events: _Space = {}
    facts: _Space = {}
    actions: _Space = {}
    events: _Space = {}
    ladder_of_file: dict[str, Module] = {}
    for module, node in statements:
        file_scope = scope.within(module.source)
        match node:
            case nodes.DerivedFact():
                _declare(facts, node.name, "fact", file_scope)
            case nodes.Event():
                _declare(events, node.name, "event", file_scope)
                for attribute in node.attributes:
                    _take_values(of_events, attribute, file_scope)
            case nodes.Fact():
                _declare(facts, node.name, "fact", file_scope)
                _take_values(values, node, file_scope)
            case nodes.Define():
                _declare(facts, node.name, "definition", file_scope)
            case nodes.Setting():
                _declare(facts, node.name, "setting", file_scope)
            case nodes.Action():
                for name in node.names:
                    _declare(actions, name, "action", file_scope)
            case nodes.Group(also=False):
                _declare(actions, node.name, "group", file_scope)
            case nodes.Ladder():
                # The policy's ladder takes the place of one that it uses.
                if ladder_of_file.get(node.name.text) not in (None, module):
                    actions.pop(node.name.text, None)
                ladder_of_file[node.name.text] = module
                _declare(actions, node.name, "ladder", file_scope)
            case _:
                pass
    _report_names_of_values(values, facts, scope)
    # a condition on an event reads no facts and no definitions
    settings = {name: declared for name, declared in facts.items() if declared[0] == "setting" and name not in values}
    _report_names_of_values(of_events, settings, scope)


def _declare(space: _Space, name: Name, what: str, scope: Scope) -> None:
    """Adds a name to a space, or reports that something has the name already."""
    first = space.get(name.text)
    if first is None:
        space[name.text] = (what, scope.place(name.span))
        return
    variant = "declared-twice" if first[0] == what else "of-action" if first[0] == "action" else "of-another"
    scope.report_at(
        name.span,
        f"duplicate-name.{variant}",
        what=what,
        name=name.text,
        other=first[0],
        owner=bundled_in(first[1]),
        related=(Label(first[1], "declared here first"),),
    )


def _take_values(values: _Space, node: nodes.Fact, scope: Scope) -> None:
    """Takes the values of a fact, or of an attribute of an event, into a space, and reports those that it has twice."""
    so_far: set[str] = set()
    for value in node.values:
        if value.text in so_far:
            scope.report_at(value.span, "duplicate-name.value-twice", value=value.text, fact=node.name.text)
        so_far.add(value.text)
        if node.type != CODE.word:
            values.setdefault(value.text, (node.name.text, scope.place(value.span)))


def _report_names_of_values(values: _Space, facts: _Space, scope: Scope) -> None:
    """Reports facts, definitions and settings with the name of a value, which could not be distinguished from it."""
    for both in values.keys() & facts.keys():
        what, place = facts[both]
        primary, secondary = Label(place, f"a {what} here"), Label(values[both][1], "a value here")
        if bundled_in(primary.place) is not None:
            primary, secondary = secondary, primary
        scope.report(
            diagnosis(
                "duplicate-name.of-value",
                primary.place,
                what=what,
                name=both,
                of=values[both][0],
                owner=bundled_in(secondary.place),
                related=(secondary,),
            )
        )


def _report_taken(statements: Iterable[Declared], given: Given, scope: Scope) -> None:
    """Groups and ladders with the name of an action that a policy under this one adds to a group."""
    for module, node in statements if given.terms.groups else ():
        if isinstance(node, nodes.Group | nodes.Ladder) and node.name.text in scope.words.actions:
            scope.within(module.source).report_at(node.name.span, "duplicate-name.taken", name=node.name.text)
