"""`forbear facts`: what a case must hold."""

from __future__ import annotations

import click
from attrs import evolve

from forbear.cli.support.options import Asked, day_option, format_option, policy_argument, settings_option, together
from forbear.cli.support.printing import print_json, print_table, print_text
from forbear.cli.support.project import project_options
from forbear.cli.support.reading import read_policy
from forbear.language.model.conditions import facts_in
from forbear.language.model.facts import Fact
from forbear.language.model.policy import TypedPolicy, facts_read
from forbear.language.model.values import range_text, step_text, value_text
from forbear.report.formats.schema import case_schema
from forbear.semantics.to_text import derivation_text, setting_text, silent_clauses, type_text

_MOST_VALUES = 12
"""Values of a fact in the table. A vocabulary has longer lists, such as of states, and no row should be so wide."""


@click.command("facts")
@policy_argument
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="All facts of the vocabulary, read or not; its actions, groups and events.",
)
@click.option("--json-schema", "schema", is_flag=True, help="A JSON Schema of a case.")
@click.option("--digest", is_flag=True, help="The digest of the policy, and nothing else.")
@day_option
@settings_option
@format_option()
@project_options
@together(asked=Asked)
def command(asked: Asked, everything: bool, schema: bool, digest: bool, output: str) -> None:
    """The facts that a policy reads, with type, unit, range and description, and its settings; or its digest.

    \b
    Exit code 0: printed, 1: the policy has errors, 2: wrong use.
    Example: forbear facts house.forbear
             forbear facts house.forbear --json-schema
             forbear facts house.forbear --digest
    """
    found = read_policy(asked)
    if digest:
        print_text(found.digest)
        return
    typed = found.typed
    if schema:
        print_json(case_schema(typed))
        return
    read = facts_read(typed)
    shown = [fact for fact in typed.facts.values() if everything or fact.name in read]
    if output == "json":
        record = _record(typed, shown, read)
        print_json({**record, **_actions_json(typed)} if everything else record)
        return
    if shown:
        rows = [
            [fact.name, _plain_type(fact), _unit(fact) or "", range_text(fact), fact.description or ""]
            for fact in shown
        ]
        print_table(["fact", "type", "unit", "range", "what it is"], rows)
    else:
        print_text("the policy reads no fact")
    _print_derived(typed, [fact.name for fact in shown if fact.name in typed.derived])
    if everything and typed.actions:
        print_text()
        rows = [[action.name, action.description or ""] for action in typed.actions.values()]
        print_table(["action", "what it is"], rows)
    if everything and typed.groups:
        print_text()
        rows = [[group.name, ", ".join(group.actions)] for group in typed.groups.values()]
        print_table(["group", "its actions"], rows)
    if everything and typed.events:
        print_text()
        rows = [
            [event.name, attribute.name, type_text(attribute, _MOST_VALUES), attribute.description or ""]
            for event in typed.events.values()
            for attribute in event.attributes.values()
        ]
        print_table(["event", "attribute", "type", "what it is"], rows)
    if typed.settings:
        print_text()
        rows = [[setting.name, setting_text(setting), setting.description or ""] for setting in typed.settings.values()]
        print_table(["setting", "value", "what it is"], rows)


def _print_derived(policy: TypedPolicy, names: list[str]) -> None:
    """Prints the facts that are derived from events or from the moment of the decision, and what each needs."""
    if names:
        print_text()
        rows = [[name, ", ".join(_needs(name, policy)), derivation_text(name, policy)] for name in names]
        print_table(["fact", "needs", "follows from"], rows)
        print_text()
        print_text("A case gives what such a fact needs, or else the fact itself.")


def _needs(name: str, policy: TypedPolicy) -> list[str]:
    """The entries that a case needs so that a fact is derived; empty for a fact that is not derived."""
    derived = policy.derived.get(name)
    if derived is None:
        return []
    if derived.hours is not None:
        return [derived.hours, "at", "zone"]
    if derived.of is not None:
        return [derived.of, "on"]
    if derived.events is None:
        return ["at", "zone"] if derived.calendar is None else ["on"]
    compared = [] if derived.date is None else [derived.date]
    for selection in derived.selections:
        same = policy.events[selection.event].same
        compared += [same[flag][1] for flag in facts_in(selection.where) if flag in same]
    return ["at", "zone", "history", "history_from", *dict.fromkeys(compared)]


def _plain_type(fact: Fact) -> str:
    """The type, without range and steps, which are in another column. JSON has all values of a long list."""
    low, high = fact.kind.limits
    plain = type_text(evolve(fact, low=low, high=high, step=fact.kind.step), _MOST_VALUES)
    return " ".join([plain, *silent_clauses(fact)])


def _unit(fact: Fact) -> str:
    return fact.currency or fact.kind.unit


def _record(policy: TypedPolicy, facts: list[Fact], read: tuple[str, ...]) -> dict[str, object]:
    return {
        "facts": [
            {
                "name": fact.name,
                "type": type_text(fact),
                "unit": _unit(fact) or None,
                "range": [value_text(fact, fact.low), value_text(fact, fact.high)] if fact.kind.ranged else None,
                "step": step_text(fact) if fact.kind.numeric else None,
                "values": list(fact.names) or None,
                "optional": fact.optional,
                "or_none": fact.or_none,
                "clock": fact.clock,
                "this_day": fact.this_day,
                "rising": fact.rising,
                "consent": fact.consent,
                "private": fact.private,
                "derived": derivation_text(fact.name, policy) if fact.name in policy.derived else None,
                "needs": _needs(fact.name, policy),
                "usually": None if fact.usually is None else value_text(fact, fact.usually),
                "read": fact.name in read,
                "description": fact.description,
                "not_so": fact.not_so,
            }
            for fact in facts
        ],
        "settings": [
            {"name": setting.name, "value": setting_text(setting), "description": setting.description}
            for setting in policy.settings.values()
        ],
    }


def _actions_json(policy: TypedPolicy) -> dict[str, object]:
    return {
        "actions": [{"name": action.name, "description": action.description} for action in policy.actions.values()],
        "groups": {group.name: list(group.actions) for group in policy.groups.values()},
        "events": [
            {
                "name": event.name,
                "attributes": [{"name": has.name, "type": type_text(has)} for has in event.attributes.values()],
                "description": event.description,
            }
            for event in policy.events.values()
        ],
    }
