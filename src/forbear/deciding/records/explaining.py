"""Why a recorded decision was made: it is made again from its entry, and explained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forbear.deciding.explain import Explanation, explain
from forbear.deciding.records.replay import (
    Decide,
    Reads,
    case_without_hidden,
    depends_on_hidden_events,
    hidden_read,
)
from forbear.language.model.policy import TypedPolicy
from forbear.semantics.composition.duties import alone

_OF_A_HISTORY = ("history", "history_from", "zone")


class NotExplained(Exception):
    """An entry does not have what explaining its decision needs, or has another decision than its policy gives."""


def explain_entry(policy: TypedPolicy, decide: Decide, document: Mapping[str, Any], action: str) -> Explanation:
    """Explains the decision of an entry on an action by a policy, the one that made it or another text of it, with
    `decide`, which decides that action alone.

    The document is one for which `is_record` is true, and not that of a case that was
    refused. Raises `NotExplained`, and `CaseError` for an action that the vocabulary lacks.
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
