"""Recorded decisions, decided again.

Where a record hides a private value that rules read, all its boundary values are tried. That proves that the decision
is the same, or that it differs, whatever was hidden. Otherwise the result says which hidden values it depends on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any, Literal, TypeAlias

from attrs import frozen

from forbear.kernel import CaseError, Verdict
from forbear.model.conditions import atoms
from forbear.model.policy import TypedPolicy, facts_read
from forbear.model.values import HIDDEN, value_json
from forbear.runtime.decision import Decision
from forbear.semantics.kernel_specs import selections
from forbear.space.boundaries import boundary_values, boundary_values_of

MOST_TRIED = 10_000
"""How many cases are tried for one record at most."""

Entry: TypeAlias = Mapping[str, object]
"""A decision on an action, as recorded: its verdict, its rules and the unknown facts that took part."""
_UNSAID: Entry = {"verdict": Verdict.UNSAID.value, "rules": []}

Decide: TypeAlias = Callable[[Mapping[str, object], Any, Any], Decision]


@frozen
class Replayed:
    """The result for a recorded decision. `changes` has each action that differs, as recorded and as decided now."""

    result: Literal["same", "differs", "undecided", "unreadable"]
    changes: Mapping[str, tuple[Entry, Entry]] = {}
    reason: str | None = None
    other_digest: bool = False
    """Whether the policy that decided had another digest."""

    def as_json(self) -> dict[str, object]:
        """As `forbear replay` prints it."""
        record: dict[str, object] = {"result": self.result}
        if self.changes:
            record["changes"] = {action: {"recorded": old, "now": new} for action, (old, new) in self.changes.items()}
        if self.reason is not None:
            record["reason"] = self.reason
        return record


def replay(policy: TypedPolicy, digest: str, decide: Decide, document: Mapping[str, Any]) -> Replayed:
    """Decides the case of a record again, with `decide`, and compares the decisions.

    `digest` is that of the policy. The document is one for which `is_record` is true.
    """
    other_digest = document["policy"].get("digest") != digest
    if document["policy"]["name"] != policy.name:
        reason = f"policy `{document['policy']['name']}` decided it, and this is `{policy.name}`"
        return Replayed("undecided", reason=reason, other_digest=other_digest)
    hidden = [name for name, value in document["case"].items() if _is_hidden(value)]
    hindrance = _depends_on_hidden_events(policy, document["case"], hidden)
    if hindrance is not None:
        return Replayed("undecided", reason=hindrance, other_digest=other_digest)
    read = [name for name in facts_read(policy) if name in hidden]
    values = boundary_values(policy, read)
    if prod(map(len, values.values())) > MOST_TRIED:
        reason = f"{_listed(read)} {_is_private(read)}, and too many values would have to be tried"
        return Replayed("undecided", reason=reason, other_digest=other_digest)
    case = {
        name: [_shown(policy, event) for event in value] if name == "history" and isinstance(value, list) else value
        for name, value in document["case"].items()
        if name not in hidden or name not in policy.facts
    }
    results = []
    errors = None
    for chosen in product(*values.values()):
        tried = {name: value_json(policy.facts[name], value) for name, value in zip(values, chosen, strict=True)}
        try:
            decision = decide({**case, **tried}, document.get("on"), document.get("at"))
        except CaseError as error:
            errors = str(error)
            continue
        results.append(_changes(document["decisions"], decision))
    if not results:
        return Replayed("undecided", reason=errors, other_digest=other_digest)
    if not any(results):
        return Replayed("same", other_digest=other_digest)
    if not all(results):
        reason = f"it depends on {_listed(read)}, which {_is_private(read)}"
        return Replayed("undecided", reason=reason, other_digest=other_digest)
    return Replayed("differs", min(results, key=len), other_digest=other_digest)


def is_record(document: object) -> bool:
    """Whether a document has the form of a record."""
    if not isinstance(document, Mapping):
        return False
    about, case, decisions = (document.get(name) for name in ("policy", "case", "decisions"))
    return (
        isinstance(about, Mapping)
        and isinstance(about.get("name"), str)
        and isinstance(case, Mapping)
        and isinstance(decisions, Mapping)
        and all(isinstance(entry, Mapping) and "verdict" in entry and "rules" in entry for entry in decisions.values())
        and all(isinstance(event, Mapping) and isinstance(event.get("event"), str) for event in _events(case))
    )


def _events(case: Mapping[str, Any]) -> Sequence[Any]:
    history = case.get("history")
    return history if isinstance(history, list) else ()


def _changes(recorded: Mapping[str, Entry], decision: Decision) -> dict[str, tuple[Entry, Entry]]:
    now: dict[str, Entry] = {}
    for action, decided in decision.items():
        now[action] = {"verdict": decided.verdict.value, "rules": list(decided.rules)}
        if decided.unknown:
            now[action] = {**now[action], "unknown": list(decided.unknown)}
    # An action that one of the two does not know is not permitted there.
    pairs = {action: (recorded.get(action, _UNSAID), now.get(action, _UNSAID)) for action in {**recorded, **now}}
    return {action: (old, new) for action, (old, new) in pairs.items() if old != new}


def _is_hidden(value: object) -> bool:
    return isinstance(value, Mapping) and value.keys() == {HIDDEN}


def _depends_on_hidden_events(policy: TypedPolicy, case: Mapping[str, Any], hidden: Sequence[str]) -> str | None:
    """Why the events of a case cannot be counted again; None where they can."""
    history = case.get("history")
    if not isinstance(history, list):
        return None
    hidden_ones = {(event["event"], name) for event in history for name, value in event.items() if _is_hidden(value)}
    read = next((pair for pair in _attributes_read(policy) if pair in hidden_ones), None)
    if read is not None:
        return f"`{read[1]}` of `{read[0]}` is private, and what is counted depends on it"
    compared = {fact for event in policy.events.values() for _, fact in event.same.values()} & set(hidden)
    return f"`{min(compared)}` is private, and events are compared with it" if compared else None


def _attributes_read(policy: TypedPolicy) -> Iterator[tuple[str, str]]:
    """The attributes, each after its event, on which derived facts depend that some rule reads."""
    needed = facts_read(policy)
    for name, fact in policy.derived.items():
        if name in needed:
            for selection in selections(fact):
                same = policy.events[selection.event].same
                for atom in atoms(selection.where):
                    yield selection.event, same[atom.fact][0] if atom.fact in same else atom.fact


def _shown(policy: TypedPolicy, event: Mapping[str, Any]) -> dict[str, object]:
    """An event with any valid value instead of each hidden one, on none of which a decision depends."""
    declared = policy.events.get(event["event"])
    attributes = {} if declared is None else declared.attributes
    shown: dict[str, object] = {}
    for name, value in event.items():
        if name == "id" and isinstance(value, Mapping) and _is_hidden(value):
            shown[name] = str(value[HIDDEN])  # equal ids have equal replacements
        elif _is_hidden(value) and name in attributes:
            shown[name] = value_json(attributes[name], boundary_values_of(attributes[name], ())[0])
        else:
            shown[name] = value
    return shown


def _listed(names: Sequence[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)


def _is_private(names: Sequence[str]) -> str:
    return "is private" if len(names) == 1 else "are private"
