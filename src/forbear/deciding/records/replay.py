"""Recorded decisions, decided again.

Where a record hides a private value that rules read, all its boundary values are tried. That proves that the decision
is the same, or that it differs, whatever was hidden. Otherwise the result says which hidden values it depends on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import permutations, product
from math import prod
from typing import Any, Literal, Self, TypeAlias

from attrs import evolve, frozen

from forbear.deciding.decision import Decision
from forbear.deciding.explain import Explanation, explain
from forbear.deciding.records.sink import FORMAT
from forbear.kernel.cases import ActionDecision, CaseError, GridValue, Verdict, Wrong, read_value
from forbear.language.model.conditions import atoms, facts_in
from forbear.language.model.policy import TypedPolicy, facts_read
from forbear.language.model.relations import Related
from forbear.language.model.values import HIDDEN, value_json
from forbear.semantics.composition.duties import alone
from forbear.semantics.kernel_specs import fact_spec
from forbear.space.boundaries import boundary_values, boundary_values_of

MOST_TRIED = 10_000
"""The most cases that are tried for one record."""

Entry: TypeAlias = Mapping[str, object]
"""A decision on an action, as recorded: its verdict, its rules, the unknown facts that took part, and the
companions.
"""
_UNSAID: Entry = {"verdict": Verdict.UNSAID.value, "rules": []}

Decide: TypeAlias = Callable[[Mapping[str, object], Any, Any], Decision]


@frozen
class Replayed:
    """The result for an entry of a record. `changes` has each action that differs, as recorded and as decided now."""

    result: Literal["same", "differs", "undecided", "unreadable"]
    changes: Mapping[str, tuple[Entry, Entry]] = {}
    reason: str | None = None
    other_digest: bool = False
    """Whether the policy that decided had another digest."""

    def as_json(self) -> dict[str, object]:
        """Returns the comparison as `forbear replay` prints it."""
        record: dict[str, object] = {"result": self.result}
        if self.changes:
            record["changes"] = {action: {"recorded": old, "now": new} for action, (old, new) in self.changes.items()}
        if self.reason is not None:
            record["reason"] = self.reason
        return record


@frozen
class Reads:
    """The inputs that the rules of a policy read: facts in the order of the vocabulary; the ages among them, each with
    the date from which it follows; events with their attributes; and the facts that events are compared with.
    """

    facts: Sequence[str]
    ages: Mapping[str, str]
    attributes: Sequence[tuple[str, str]]
    compared: Collection[str]

    @classmethod
    def of(cls, policy: TypedPolicy) -> Self:
        facts = facts_read(policy)
        derived = {name: policy.derived[name].of for name in facts if name in policy.derived}
        ages = {name: date for name, date in derived.items() if date is not None}
        counted = [its for name, its in policy.derived.items() if name in facts and its.selections]
        compared = {of for its in counted for of in its.sources(policy.events)}
        return cls(facts, ages, [*_attributes_read(policy, facts)], compared)


class Replayer:
    """Decides entries of a record again and compares the decisions: those on all actions, or the one on a single
    action, made by `decide`. It queries the policy once. `digest` is that of the policy.
    """

    def __init__(self, policy: TypedPolicy, digest: str, decide: Decide, action: str | None = None) -> None:
        self._policy = policy
        self._digest = digest
        self._decide = decide
        self._action = action

    @cached_property
    def _reduced(self) -> TypedPolicy:
        return self._policy if self._action is None else alone(self._policy, self._action)

    @cached_property
    def _reads(self) -> Reads:
        return Reads.of(self._reduced)

    @cached_property
    def _reads_of_all(self) -> Reads:
        return self._reads if self._action is None else Reads.of(self._policy)

    def replay(self, document: Mapping[str, Any]) -> Replayed:
        """The result for an entry. A case that was refused is the same if it is refused again, for whatever reason. The
        document is one for which `is_record` is true, of a policy of this name."""
        other_digest = document["policy"].get("digest") != self._digest
        if document["case"] is None:
            return Replayed("same", other_digest=other_digest)  # every policy refuses a document that is not a case
        replayed = self._replayed(document, hidden_facts(document))
        return evolve(replayed, other_digest=True) if other_digest else replayed

    def _replayed(self, document: Mapping[str, Any], hidden: Sequence[str]) -> Replayed:
        policy, refused, case = self._policy, "faults" in document, document["case"]
        if self._action is not None and self._action not in policy.actions:
            return _compared([] if refused else [_changes(document["decisions"], {})])
        read: list[str] = []
        values: Mapping[str, Sequence[GridValue]] = {}
        if hidden or any(map(_hides, _events(case))):
            hindrance = None if refused else depends_on_hidden_events(self._reads_of_all, document)
            if hindrance is not None:
                return Replayed("undecided", reason=hindrance)
            case = case_without_hidden(policy, document)
            read, ages = hidden_read(self._reads, document)
            known, unclear = _compared_with_hidden(self._reduced, {**dict.fromkeys(read), **ages}, case)
            hindrance = None if refused else _tied_to_hidden(read, ages, document) or unclear
            if hindrance is not None:
                return Replayed("undecided", reason=hindrance)
            # Of a date its age is tried, which a case may give in its place.
            values = boundary_values(policy, [*read, *ages], known)
            read += dict.fromkeys(ages.values())
        if prod(map(len, values.values())) > MOST_TRIED:
            reason = f"{_listed(read)} {_is_private(read)}, and too many values would have to be tried"
            return Replayed("undecided", reason=reason)
        results = []
        errors = None
        for chosen in product(*values.values()):
            tried = {name: value_json(policy.facts[name], value) for name, value in zip(values, chosen, strict=True)}
            try:
                decision = self._decide({**case, **tried}, document.get("on"), document.get("at"))
            except CaseError as error:
                errors = str(error)
                continue
            results.append(_changes(document.get("decisions", {}), decision))
        if refused:
            dates = self._reads_of_all.ages
            return _of_refused(document, hidden, dates, decides=bool(results))
        if not results:
            return Replayed("undecided", reason=errors)
        if any(results) and not all(results):
            return Replayed("undecided", reason=f"it depends on {_listed(read)}, which {_is_private(read)}")
        return _compared(results)


def _compared(results: Sequence[Mapping[str, tuple[Entry, Entry]]]) -> Replayed:
    """Returns the sum of all these changes, which are all empty or all not."""
    changes = min(results, key=len, default={})
    return Replayed("differs" if changes else "same", changes)


def hidden_facts(document: Mapping[str, Any]) -> list[str]:
    """The names of the values that are hidden in the case of an entry."""
    return [name for name, value in document["case"].items() if _is_hidden(value)]


def hidden_read(reads: Reads, document: Mapping[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Returns the inputs that rules read and an entry does not show: the hidden facts, and the ages that follow from
    hidden dates, each with its date.
    """
    hidden = hidden_facts(document)
    shown = document["case"].keys() - hidden
    ages = {age: date for age, date in reads.ages.items() if date in hidden and age not in shown}
    facts = [name for name in reads.facts if name in hidden and name not in ages]
    return [name for name in facts if reads.ages.get(name) not in shown], ages


def _tied_to_hidden(read: Sequence[str], ages: Mapping[str, str], document: Mapping[str, Any]) -> str | None:
    """Why ages of hidden dates cannot be tried: not one by one where rules read the date or another age of it too, or
    where there are several zones, in which they may differ. None where they can."""
    for date in dict.fromkeys(ages.values()):
        following = [age for age, of in ages.items() if of == date]
        if date in read or len(following) > 1 or isinstance(document["case"].get("zone"), list):
            return f"`{date}` is private, and {_listed(following)} follow{'s' * (len(following) == 1)} from it"
    return None


def _compared_with_hidden(
    policy: TypedPolicy, tried: Mapping[str, str | None], case: Mapping[str, object]
) -> tuple[dict[str, GridValue], str | None]:
    """Returns the values of the facts with which rules compare the facts that are tried (an age with its date), and so
    the values that they distinguish. The second result names a fact whose value the case does not show, or is None.
    """
    known: dict[str, GridValue] = {}
    for atom in [atom for rule in policy.rules for atom in atoms(rule.condition) if isinstance(atom, Related)]:
        for name, other in permutations(atom.facts, 2):
            if name not in tried:
                continue
            fact = policy.facts[other]
            try:
                if other in case or not fact.optional or other in policy.derived:
                    known[other] = read_value(fact_spec(fact), case[other])
            except (KeyError, Wrong):
                date = tried[name]
                with_it = "it" if date is None else f"`{name}`"
                return known, f"`{date or name}` is private, and `{other}` is compared with {with_it}"
    return known, None


def case_without_hidden(policy: TypedPolicy, document: Mapping[str, Any]) -> dict[str, object]:
    """The case of an entry without its hidden facts, and with any valid value for each hidden part of an event."""
    return {
        name: [_shown(policy, event) if _is_event(event) else event for event in value]
        if name == "history" and isinstance(value, list)
        else value
        for name, value in document["case"].items()
        if name not in policy.facts or not _is_hidden(value)
    }


def _of_refused(
    document: Mapping[str, Any],
    hidden: Sequence[str],
    dates: Mapping[str, str],
    *,
    decides: bool,
) -> Replayed:
    """The result for a case that was refused; `decides` is whether it is decided now, with some of what was hidden.
    `dates` are those from which ages follow."""
    events = _events(document["case"])
    if not decides and not any(map(_is_hidden, events)):  # no digest shows that its event has a name by now
        return Replayed("same")
    blamed = [fault.get("fact") for fault in document["faults"]]
    behind = [name for name in hidden if any(name in (fact, dates.get(fact)) for fact in blamed)]
    if behind:
        reason = f"it was refused for {_listed(behind)}, which {_is_private(behind)}"
        return Replayed("undecided", reason=reason)
    if any(map(_hides, events)):
        reason = "it was refused, and what is private of its events may be why"
        return Replayed("undecided", reason=reason)
    messages = "; ".join(str(fault.get("message")) for fault in document["faults"])
    return Replayed("differs", reason=f"it was refused, and is decided now: {messages}")


def is_record(document: object) -> bool:
    """Returns true if a document has the form of an entry of a record. The earliest ones had no `format`."""
    if not isinstance(document, Mapping):
        return False
    policy, case, faults = (document.get(name) for name in ("policy", "case", "faults"))
    names = (document.get(name) for name in ("key", "request", "permits"))
    return (
        document.get("format", FORMAT) == FORMAT
        and isinstance(policy, Mapping)
        and isinstance(policy.get("name"), str)
        and all(name is None or isinstance(name, str) for name in names)
        and (_is_decided(case, document.get("decisions")) if faults is None else _is_refused(case, faults))
    )


def _is_decided(case: object, decisions: object) -> bool:
    return (
        isinstance(case, Mapping)
        and isinstance(decisions, Mapping)
        and all(isinstance(entry, dict) and "verdict" in entry and "rules" in entry for entry in decisions.values())
        and all(_is_event(event) or _is_hidden(event) for event in _events(case))
    )


def _is_refused(case: object, faults: object) -> bool:
    return (
        (case is None or isinstance(case, Mapping))
        and isinstance(faults, list)
        and all(isinstance(fault, Mapping) for fault in faults)
    )


def _is_event(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("event"), str)


def _events(case: Mapping[str, Any]) -> Sequence[Any]:
    history = case.get("history")
    return history if isinstance(history, list) else ()


def _hides(event: object) -> bool:
    """Returns true if an event of a history, or a part of it, is hidden."""
    return isinstance(event, dict) and (_is_hidden(event) or any(map(_is_hidden, event.values())))


def _changes(recorded: Mapping[str, Entry], decision: Mapping[str, ActionDecision]) -> dict[str, tuple[Entry, Entry]]:
    now: dict[str, Entry] = {action: decided.as_entry() for action, decided in decision.items()}
    if recorded == now:
        return {}
    # An action that one of the two does not know is not permitted there.
    pairs = {action: (recorded.get(action, _UNSAID), now.get(action, _UNSAID)) for action in {**recorded, **now}}
    return {action: (old, new) for action, (old, new) in pairs.items() if old != new}


def _is_hidden(value: object) -> bool:
    return type(value) is dict and value.keys() == {HIDDEN}


def depends_on_hidden_events(reads: Reads, document: Mapping[str, Any]) -> str | None:
    """Why the events of an entry cannot be counted again; None where they can."""
    history = document["case"].get("history")
    if not isinstance(history, list):
        return None
    events = [event for event in history if _is_event(event)]  # `permits` may not have read the others
    hidden_ones = {(event["event"], name) for event in events for name, value in event.items() if _is_hidden(value)}
    read = next((pair for pair in reads.attributes if pair in hidden_ones), None)
    if read is not None:
        return f"`{read[1]}` of `{read[0]}` is private, and what is counted depends on it"
    compared = set(reads.compared) & set(hidden_facts(document))
    return f"`{min(compared)}` is private, and it decides which events count" if compared else None


def _attributes_read(policy: TypedPolicy, needed: Collection[str]) -> Iterator[tuple[str, str]]:
    """The attributes, each after its event, on which derived facts depend that some rule reads."""
    for name, fact in policy.derived.items():
        if name in needed:
            for selection in fact.selections:
                same = policy.events[selection.event].same
                for read in facts_in(selection.where):
                    yield selection.event, same[read][0] if read in same else read


def _shown(policy: TypedPolicy, event: Mapping[str, Any]) -> dict[str, object]:
    """Returns an event with some valid value in place of each hidden one. No decision depends on these values."""
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


# Why a recorded decision was made: it is made again from its entry, and explained.


_OF_A_HISTORY = ("history", "history_from", "zone")


class NotExplained(Exception):
    """An entry does not have what explaining its decision needs, or has another decision than its policy gives."""


def explain_entry(policy: TypedPolicy, decide: Decide, document: Mapping[str, Any], action: str) -> Explanation:
    """Explains the decision of an entry on an action by a policy: the one that made it, or another text of it. `decide`
    decides that action alone.

    The document must satisfy `is_record` and not be that of a refused case. Raises `NotExplained`, and `CaseError` for
    an action that the vocabulary lacks.
    """
    if action not in document["decisions"]:
        raise NotExplained(f"it has no decision on `{action}`, only on {', '.join(document['decisions'])}")
    reads = Reads.of(alone(policy, action))
    hidden, ages = hidden_read(reads, document)
    if hidden:
        names = ", ".join(f"`{name}`" for name in hidden)
        raise NotExplained(f"the rules on `{action}` read {names}, which the record leaves out as private")
    for age, date in ages.items():
        raise NotExplained(f"`{age}` follows from `{date}`, which the record leaves out as private")
    hindrance = depends_on_hidden_events(reads, document)
    if hindrance is not None:
        raise NotExplained(hindrance)
    names_read = {*reads.facts, *reads.ages.values(), *reads.compared, *_OF_A_HISTORY}
    case = {name: value for name, value in case_without_hidden(policy, document).items() if name in names_read}
    on, at = document.get("on"), document.get("at")
    return explain(policy, decide(case, on, at), action, case, on, at)


def check_explained(document: Mapping[str, Any], explanation: Explanation) -> None:
    """Raises `NotExplained` if an entry has another decision than the policy that made it gives now."""
    was, decided = document["decisions"][explanation.action], explanation.decision
    if (was["verdict"], was["rules"]) != (decided.verdict.value, list(decided.rules)):
        raise NotExplained(f"it says {was['verdict']}, and its policy says {decided.verdict.value} of its case")
