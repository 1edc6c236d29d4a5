"""`forbear facts`: what a case must hold."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import click

from forbear.cli.options import day_option, format_option, policy_argument, settings_option
from forbear.cli.printing import print_json, print_table
from forbear.cli.reading import read_policy
from forbear.policy.to_text import setting_text, type_text
from forbear.policy.typed import TypedPolicy, facts_read
from forbear.report.schema import case_schema
from forbear.vocabulary.facts import NUMERIC, Fact, Kind
from forbear.vocabulary.values import value_text


@click.command("facts")
@policy_argument
@click.option(
    "--all", "everything", is_flag=True, help="All facts of the vocabulary, read or not; its actions and groups."
)
@click.option("--json-schema", "schema", is_flag=True, help="A JSON Schema of a case.")
@day_option
@settings_option
@format_option()
def command(
    policy: str,
    everything: bool,
    schema: bool,
    on: datetime.date | None,
    settings: Mapping[str, object],
    output: str,
) -> None:
    """The facts that a policy reads, with type, unit, range and description, and its settings."""
    typed = read_policy(policy, settings, on).typed
    if schema:
        print_json(case_schema(typed))
        return
    read = facts_read(typed)
    shown = [fact for fact in typed.facts.values() if everything or fact.name in read]
    if output == "json":
        record = _record(typed, shown, read)
        print_json({**record, **_deeds(typed)} if everything else record)
        return
    if shown:
        rows = [[fact.name, type_text(fact), _unit(fact) or "", fact.description or ""] for fact in shown]
        print_table(["fact", "type", "unit", "what it is"], rows)
    else:
        click.echo("the policy reads no fact")
    if everything and typed.actions:
        click.echo()
        rows = [[action.name, action.description or ""] for action in typed.actions.values()]
        print_table(["action", "what it is"], rows)
    if everything and typed.groups:
        click.echo()
        rows = [[group.name, ", ".join(group.actions)] for group in typed.groups.values()]
        print_table(["group", "its actions"], rows)
    if typed.settings:
        click.echo()
        rows = [[setting.name, setting_text(setting), setting.description or ""] for setting in typed.settings.values()]
        print_table(["setting", "value", "what it is"], rows)


def _unit(fact: Fact) -> str | None:
    match fact.kind:
        case Kind.DAYS:
            return "days"
        case Kind.PERCENT:
            return "per cent"
        case Kind.MONEY:
            return fact.currency
        case _:
            return None


def _record(policy: TypedPolicy, facts: list[Fact], read: tuple[str, ...]) -> dict[str, object]:
    return {
        "facts": [
            {
                "name": fact.name,
                "type": type_text(fact),
                "unit": _unit(fact),
                "range": [value_text(fact, fact.low), value_text(fact, fact.high)]
                if fact.kind in NUMERIC or fact.kind in (Kind.DATE, Kind.TIME)
                else None,
                "values": list(fact.names) or None,
                "optional": fact.optional,
                "or_none": fact.or_none,
                "clock": fact.clock,
                "usually": None if fact.usually is None else value_text(fact, fact.usually),
                "read": fact.name in read,
                "description": fact.description,
            }
            for fact in facts
        ],
        "settings": [
            {"name": setting.name, "value": setting_text(setting), "description": setting.description}
            for setting in policy.settings.values()
        ],
    }


def _deeds(policy: TypedPolicy) -> dict[str, object]:
    return {
        "actions": [{"name": action.name, "description": action.description} for action in policy.actions.values()],
        "groups": {group.name: list(group.actions) for group in policy.groups.values()},
    }
