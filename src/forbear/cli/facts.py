"""`forbear facts`: what a case must hold."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from attrs import evolve

from forbear.check.sheets.csv_file import csv_text
from forbear.cli.support import options
from forbear.cli.support.options import Asked, argument, declared, flag
from forbear.cli.support.printing import print_described, print_json, print_text
from forbear.cli.support.reading import read_policy
from forbear.language.model.facts import Fact
from forbear.language.model.names import one_of
from forbear.language.model.policy import TypedPolicy, facts_read
from forbear.language.model.values import range_text, step_text, value_text
from forbear.report.formats.schema import case_schema
from forbear.semantics.to_text import derivation_text, setting_text, silent_clauses, type_text

_MOST_VALUES = 12
"""The most values of a fact in the table. A vocabulary has longer lists, such as of states, and no row should be so
wide.
"""


@declared("facts")
def command(
    policy: str = options.policy,
    words: tuple[str, ...] = argument("[WORD]...", nargs=-1),
    everything: bool = flag("All facts of the vocabulary, read or not; its actions, groups and events.", "--all"),
    sheet: bool = flag("The header of a file for `apply`, and an ordinary row.", "--csv"),
    schema: bool = flag("A JSON Schema of a case.", "--json-schema"),
    digest: bool = flag("The digest of the policy, and nothing else."),
    on: datetime.date | None = options.day,
    settings: Mapping[str, object] = options.settings,
    output: str = options.formats(),
) -> None:
    """The facts that a policy reads, with type, unit, range and description, and its settings; or its digest.

    With words, only what has all of them in its name, type or description.

    \b
    Exit code 0: printed, 1: the policy has errors, 2: wrong use.
    Example: forbear facts house.forbear
             forbear facts house.forbear call days
             forbear facts house.forbear --csv > cases.csv
             forbear facts house.forbear --json-schema
             forbear facts house.forbear --digest
    """
    found = read_policy(Asked(policy, settings, on))
    if digest:
        print_text(found.digest)
        return
    typed = found.typed
    if schema:
        print_json(case_schema(typed))
        return
    read = facts_read(typed)
    if sheet:
        from forbear.analysis.engine.analysis import analyse
        from forbear.analysis.ordinary import ordinary_case
        from forbear.report.page.controls import given_text

        row = ordinary_case(analyse(typed))
        absent = {name: "none" if fact.or_none else "" for name, fact in typed.facts.items()}
        given = {name: given_text(typed.facts[name], value) for name, value in row.items() if value is not None}
        for cells in (read, [given.get(name, absent[name]) for name in read]):
            print_text(csv_text([cells]).rstrip())
        return

    def has(*texts: str | None) -> bool:
        text = " ".join(filter(None, texts)).lower()
        return all(word.lower() in text for word in words)

    rows = {
        fact.name: [fact.name, _plain_type(fact), _unit(fact) or "", range_text(fact), fact.description or ""]
        for fact in typed.facts.values()
        if everything or fact.name in read
    }
    shown = [typed.facts[name] for name, row in rows.items() if has(*row)]
    if output == "json":
        record = _record(typed, shown, read)
        print_json({**record, **_actions_json(typed)} if everything else record)
        return
    if shown:
        print_described(["fact", "type", "unit", "range", "what it is"], [rows[fact.name] for fact in shown])
    elif words:
        more = "" if everything else "; --all looks at the whole vocabulary"
        print_text(
            f"no fact has {one_of([repr(word) for word in words], 'and')} in its name, type or description{more}"
        )
    else:
        print_text("the policy reads no fact")
    _print_derived(typed, [fact.name for fact in shown if fact.name in typed.derived])
    tables: list[tuple[list[str], list[list[str]]]] = []
    if everything:
        events = [
            [event.name, attribute.name, type_text(attribute, _MOST_VALUES), attribute.description or ""]
            for event in typed.events.values()
            for attribute in event.attributes.values()
        ]
        tables += [
            (["action", "what it is"], [[action.name, action.description or ""] for action in typed.actions.values()]),
            (["group", "its actions"], [[group.name, ", ".join(group.actions)] for group in typed.groups.values()]),
            (["event", "attribute", "type", "what it is"], events),
        ]
    settings_rows = [[one.name, setting_text(one), one.description or ""] for one in typed.settings.values()]
    tables.append((["setting", "value", "what it is"], settings_rows))
    for header, its_rows in tables:
        kept = [row for row in its_rows if has(*row)]
        if kept:
            print_text()
            print_described(header, kept)


def _print_derived(policy: TypedPolicy, names: list[str]) -> None:
    """Prints the facts that are derived from events or from the moment of the decision, and what each needs."""
    if names:
        print_text()
        rows = [[name, ", ".join(_needs(name, policy)), derivation_text(name, policy)] for name in names]
        print_described(["fact", "needs", "follows from"], rows)
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
    return ["at", "zone", "history", "history_from", *derived.sources(policy.events)]


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
