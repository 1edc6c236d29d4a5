"""Settings: literals with a name, and the values that whoever loads a policy gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal

from attrs import evolve, frozen

from forbear.base.source import Place
from forbear.check.circles import circular, in_order
from forbear.check.conditions.conditions import measured
from forbear.check.scope import Definition, Definitions, Scope, parts_of
from forbear.kernel.cases import MAXIMUM_DIGITS, shown
from forbear.language.model.facts import Group
from forbear.language.model.messages import diagnosis
from forbear.language.model.policy import Setting, Terms
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Literal, Module, Name, Statement
from forbear.language.syntax.parser import parse_literal

# What a file is given from outside: by whoever loads it, and by the policies that are subject to it.


NO_TERMS = Terms((), {}, {})


@frozen
class Given:
    """Values for settings, from the caller that loads a policy, and its terms, from the policies that are subject to
    it.

    `name` is that of the policy.
    """

    name: str
    settings: Mapping[str, object]
    terms: Terms = NO_TERMS

    def by_policy(self, setting: str) -> Literal | None:
        """The value that a policy under this one gives to a setting. One of a standard over this one is STANDARD.NAME
        here too."""
        setting_given = self.terms.settings.get(setting if "." in setting else f"{self.name}.{setting}")
        return None if setting_given is None else setting_given.value

    def added_to(self, group: str, declared: Place) -> tuple[str, ...]:
        """The actions that policies under this one have in a group, by its name and the place of its declaration."""
        return added_to(group, declared, self.terms)


def added_to(name: str, declared: Place, terms: Terms) -> tuple[str, ...]:
    """Returns the actions that these terms add to a group, if it is declared in a file that both use."""
    return tuple(
        dict.fromkeys(
            action
            for group in terms.groups
            if group.name == name and _is_one(group, declared)
            for action in group.actions
        )
    )


def _is_one(group: Group, declared: Place) -> bool:
    """Returns true if a group is declared at this place. One file may have two names, seen from two folders."""
    return group.place.span == declared.span and group.place.source.text == declared.source.text


Declared = tuple[Module, Statement]
"""A statement with its file."""


def settings_of(statements: Sequence[Declared], given: Given, scope: Scope) -> dict[str, Setting]:
    """The settings, with the values in effect: whoever loads the policy goes before the policies under it."""
    settings: dict[str, Setting] = {}
    for module, node in statements:
        if not isinstance(node, nodes.Setting) or node.name.text in settings:
            continue
        name = node.name.text
        file_scope = scope.within(module.source)
        if isinstance(node.value, Name):
            file_scope.report_at(node.value.span, "bad-setting.no-literal", written=node.value.text)
            settings[name] = Setting(name, Literal("bad", 0, span=node.value.span), None, file_scope.place(node.span))
            continue
        value = node.value
        by_policy = given.by_policy(name) if node.open else None
        if by_policy is not None and is_alike(by_policy, value):  # else that is an error of the policy, reported there
            value = evolve(by_policy, span=value.span)
        if name in given.settings:
            literal = _given_literal(given.settings[name], node.value)
            if literal is None:
                file_scope.report_at(
                    node.span,
                    "bad-setting.value-given",
                    setting=name,
                    value=shown(given.settings[name]),
                    like=file_scope.text(node.value.span),
                )
            else:
                value = literal
        description = None if node.description is None else node.description.text
        settings[name] = Setting(name, value, description, file_scope.place(node.span), node.open)
    for name in given.settings:
        if name not in settings:
            scope.report(diagnosis("unknown-name.setting-given", scope.place((0, 0)), unknown=name, known=settings))
    return settings


def is_alike(first: Literal, second: Literal) -> bool:
    """Returns true if two literals are of one type, so that one may replace the other."""
    return (first.kind, first.currency) == (second.kind, second.currency)


def _given_literal(given: object, declared: Literal) -> Literal | None:
    """Returns the value that the caller gives, as a literal of the declared kind, or None if it is not of that kind.

    A text is a literal as the language writes it, such as `CNY 5000`; for a setting that is a text, it is that text.
    """
    span = declared.span
    if isinstance(given, str):
        if declared.kind == "text":
            return Literal("text", given, span=span)
        literal = parse_literal(given)
        if literal is None or not is_alike(literal, declared):
            return None
        return Literal(literal.kind, literal.value, span=span, currency=literal.currency)
    if isinstance(given, bool):
        return Literal("flag", given, span=span) if declared.kind == "flag" else None
    if isinstance(given, (int, Decimal)) and declared.kind in ("number", "percent", "money"):
        if isinstance(given, int) and abs(given) >= 10**MAXIMUM_DIGITS:
            return None
        number = Decimal(given)
        if not number.is_finite() or abs(number.adjusted()) >= MAXIMUM_DIGITS:
            return None
        if len(number.as_tuple().digits) > MAXIMUM_DIGITS:
            return None
        return Literal(declared.kind, Decimal(given), span=span, currency=declared.currency)
    if isinstance(given, date) and not isinstance(given, datetime) and declared.kind == "date":
        return Literal("date", given, span=span)
    if isinstance(given, time) and declared.kind == "time" and not given.microsecond and given.tzinfo is None:
        return Literal("time", given.hour * 3600 + given.minute * 60 + given.second, span=span)
    return None


# Definitions as written to typed conditions, each after those that it uses.


def definitions(scope: Scope) -> Definitions:
    """Returns all definitions, each after those that it uses. Reports every circle of them."""
    written = scope.words.definitions
    done: dict[str, Definition | None] = {}
    scope = evolve(scope, defined=done)
    for each in in_order(
        written, lambda name: [used for used in _names_alone(written[name][1].condition) if used in written]
    ):
        if isinstance(each, str):
            source, node = written[each]
            done[each] = measured(node.condition, scope.within(source))
        else:
            text = f"circular-definition.{'definition' if len(each) > 1 else 'itself'}"
            scope.report(circular(text, each, lambda name: Place(written[name][0], written[name][1].name.span)))
            done |= dict.fromkeys(each)
    return done


def _names_alone(condition: nodes.Condition) -> Iterator[str]:
    return (part.name.text for part in parts_of(condition) if isinstance(part, nodes.NameAlone))
