"""Recorded decisions, decided again.

Where the record hides a private value that rules read, all values are tried that the rules can tell apart. So it is
proven that a decision is the same, or that it differs, whatever was hidden; else it is said what it depends on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, product
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
"""How many cases are tried for one record."""

Said: TypeAlias = Mapping[str, object]
"""What a record says of an action: its verdict, its rules and the unknown facts that took part."""
_UNSAID: Said = {"verdict": Verdict.UNSAID.value, "rules": []}

Decide: TypeAlias = Callable[[Mapping[str, object], Any, Any], Decision]


@frozen
class Replayed:
    """What a recorded decision comes to. `changes` has each action that differs, as recorded and as decided now."""

    result: Literal["same", "differs", "undecided", "unreadable"]
    changes: Mapping[str, tuple[Said, Said]] = {}
    reason: str | None = None
    other_digest: bool = False
    """Whether another text of the policy decided it."""

    def as_json(self) -> dict[str, object]:
        """As `forbear replay` prints it."""
        record: dict[str, object] = {"result": self.result}
        if self.changes:
            record["changes"] = {action: {"recorded": old, "now": new} for action, (old, new) in self.changes.items()}
        if self.reason is not None:
            record["reason"] = self.reason
        return record


def replay(policy: TypedPolicy, digest: str, decide: Decide, document: Mapping[str, Any]) -> Replayed:
    """Decides the case of a record again. The document is one for which `is_record` holds."""
    other = document["policy"].get("digest") != digest
    if document["policy"]["name"] != policy.name:
        reason = f"policy `{document['policy']['name']}` decided it, and this is `{policy.name}`"
        return Replayed("undecided", reason=reason, other_digest=other)
    hidden = [name for name, value in document["case"].items() if _is_hidden(value)]
    hindrance = _depends_on_hidden_events(policy, document["case"], hidden)
    if hindrance is not None:
        return Replayed("undecided", reason=hindrance, other_digest=other)
    read = [name for name in facts_read(policy) if name in hidden]
    values = boundary_values(policy, read)
    if prod(len(some) for some in values.values()) > MOST_TRIED:
        reason = f"{_listed(read)} {_is_private(read)}, and too many values would have to be tried"
        return Replayed("undecided", reason=reason, other_digest=other)
    case = {
        name: [_shown(policy, event) for event in value] if name == "history" and isinstance(value, list) else value
        for name, value in document["case"].items()
        if name not in hidden or name not in policy.facts
    }
    found = []
    faults = None
    for chosen in product(*values.values()):
        tried = {name: value_json(policy.facts[name], value) for name, value in zip(values, chosen, strict=True)}
        try:
            decision = decide({**case, **tried}, document.get("on"), document.get("at"))
        except CaseError as error:
            faults = str(error)
            continue
        found.append(_changes(document["decisions"], decision))
    if not found:
        return Replayed("undecided", reason=faults, other_digest=other)
    if not any(found):
        return Replayed("same", other_digest=other)
    if not all(found):
        reason = f"it depends on {_listed(read)}, which {_is_private(read)}"
        return Replayed("undecided", reason=reason, other_digest=other)
    return Replayed("differs", min(found, key=len), other_digest=other)


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
        and all(isinstance(said, Mapping) and "verdict" in said and "rules" in said for said in decisions.values())
        and all(isinstance(event, Mapping) and isinstance(event.get("event"), str) for event in _events(case))
    )


def _events(case: Mapping[str, Any]) -> Sequence[Any]:
    history = case.get("history")
    return history if isinstance(history, list) else ()


def _changes(recorded: Mapping[str, Said], decision: Decision) -> dict[str, tuple[Said, Said]]:
    now: dict[str, Said] = {}
    for action, its in decision.items():
        now[action] = {"verdict": its.verdict.value, "rules": list(its.rules)}
        if its.unknown:
            now[action] = {**now[action], "unknown": list(its.unknown)}
    # An action that one of the two does not know is not permitted there.
    pairs = {action: (recorded.get(action, _UNSAID), now.get(action, _UNSAID)) for action in {**recorded, **now}}
    return {action: (old, new) for action, (old, new) in pairs.items() if old != new}


def _is_hidden(value: object) -> bool:
    return isinstance(value, Mapping) and value.keys() == {HIDDEN}


def _depends_on_hidden_events(policy: TypedPolicy, case: Mapping[str, Any], hidden: Sequence[str]) -> str | None:
    """Why the events of a case cannot be counted again, None where they can."""
    history = case.get("history")
    if not isinstance(history, list):
        return None
    found = {(event["event"], name) for event in history for name, value in event.items() if _is_hidden(value)}
    read = list(islice(((event, name) for event, name in _attributes_read(policy) if (event, name) in found), 1))
    if read:
        return f"`{read[0][1]}` of `{read[0][0]}` is private, and what is counted depends on it"
    compared = {fact for event in policy.events.values() for _, fact in event.same.values()} & set(hidden)
    return f"`{min(compared)}` is private, and events are compared with it" if compared else None


def _attributes_read(policy: TypedPolicy) -> Iterator[tuple[str, str]]:
    """The events and attributes on which it depends what is counted."""
    needed = facts_read(policy)
    for name, its in policy.derived.items():
        if name in needed:
            for selection in selections(its):
                same = policy.events[selection.event].same
                for atom in atoms(selection.where):
                    yield selection.event, same[atom.fact][0] if atom.fact in same else atom.fact


def _shown(policy: TypedPolicy, event: Mapping[str, Any]) -> dict[str, object]:
    """An event with some value in place of each hidden one, none of which matters."""
    declared = policy.events.get(event["event"])
    attributes = {} if declared is None else declared.attributes
    shown: dict[str, object] = {}
    for name, value in event.items():
        if name == "id" and isinstance(value, Mapping) and _is_hidden(value):
            shown[name] = str(value[HIDDEN])  # ids that are equal are hidden alike
        elif _is_hidden(value) and name in attributes:
            shown[name] = value_json(attributes[name], boundary_values_of(attributes[name], ())[0])
        else:
            shown[name] = value
    return shown


def _listed(names: Sequence[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)


def _is_private(names: Sequence[str]) -> str:
    return "is private" if len(names) == 1 else "are private"
