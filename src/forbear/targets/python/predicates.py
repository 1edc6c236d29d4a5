"""The predicates of a compiled module: one a rule, and one for the events of each derived fact that some rule reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from attrs import frozen

from forbear.kernel.history.readings import HistorySpec
from forbear.language.model.conditions import Condition
from forbear.language.model.derived import known_in_part, same_name
from forbear.language.model.facts import Fact
from forbear.language.model.policy import TypedPolicy
from forbear.semantics.lowered.from_conditions import guards
from forbear.semantics.lowered.from_policy import Lowered
from forbear.semantics.lowered.guards import Guards, leaves, tested
from forbear.semantics.to_text import selection_text

EVENTS: Final = "events_of_"
ANCHOR: Final = "anchor_of_"


@frozen
class Predicate:
    """A function of `parameters`, which are of `facts`; `text` is what the author wrote, for its docstring. Those that
    are also `in_part` may be known in part."""

    name: str
    condition: Condition
    guards: Guards
    text: str
    parameters: tuple[str, ...]
    facts: Mapping[str, Fact]
    in_part: frozenset[str] = frozenset()


def rule_predicates(lowered: Lowered) -> list[Predicate]:
    """Returns one predicate per rule, in file order.

    It is called `rule_` and the rule's name, or `unnamed_` and the rule's line. For a rule of a standard, the name of
    the standard follows, after a word in capitals, which no name has: `rule_cease_OF_us_reg_f`. So does the number of a
    row of a table: `rule_early_ROW_3`. The predicate for when a rule asks for a forbidden companion is
    `rule_NAME_BLOCKED_` and a number.
    """
    policy = lowered.policy
    in_part = known_in_part(policy.derived)
    predicates = []
    for number, (rule, of_rule) in enumerate(zip(policy.rules, lowered.guards, strict=True)):
        own = rule.name.removeprefix(f"{rule.standard}.").replace(".", "_ROW_")
        name = f"rule_{own}" if rule.named else "unnamed_" + rule.name.partition(":")[2].replace(":", "_")
        name += f"_OF_{rule.standard}" if rule.standard is not None else ""
        name += f"_BLOCKED_{number}" if number >= lowered.own else ""
        read = {name for leaf in leaves(of_rule.certain) for name in tested(leaf)}
        parameters = tuple([fact for fact in policy.facts if fact in read]) if read else ()
        text = rule.place.text.replace("\r\n", "\n")
        predicates.append(Predicate(name, rule.condition, of_rule, text, parameters, policy.facts, in_part))
    return predicates


def event_predicates(policy: TypedPolicy, tables: HistorySpec) -> Iterator[Predicate]:
    """The predicates that select events. The parameters are all attributes of an event, and then its flags."""
    for name, derived in policy.derived.items():
        if name not in tables.needed:
            continue
        anchor = None if derived.window is None else derived.window.anchor
        for role, selection in ((EVENTS, derived.events), (ANCHOR, anchor)):
            if selection is not None:
                event = policy.events[selection.event]
                attributes = tuple(event.attributes)
                flags = [same_name(attributes[at], fact, sign) for at, fact, sign in tables.events[event.name].same]
                text = selection_text(selection, policy)
                where, parameters = selection.where, (*attributes, *flags)
                yield Predicate(role + name, where, guards(where, event.facts), text, parameters, event.facts)
