"""The witnesses of findings as examples in words of the language, for an author to settle what each should be.

What is written can be put behind the policy as it stands: each example expects what the policy says today.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import define, evolve, field

from forbear.diagnostic import Diagnostic
from forbear.kernel import GridValue, read_case, read_on, settle, truth_masks
from forbear.policy import meaning
from forbear.policy.typed import TypedPolicy
from forbear.predicates.specs import Specs, specs
from forbear.vocabulary.facts import Absent, Fact, Kind
from forbear.vocabulary.values import quoted, value_text

_HEAD = """\
# Cases that `forbear validate` found. Each example expects what the policy says of its case today. Move those that
# matter into the policy, and change what stands behind `expect` to what should be: allowed, not allowed, forbidden,
# required or unsaid.
"""


def witness_examples(found: Iterable[tuple[TypedPolicy, Iterable[Diagnostic]]]) -> str:
    """An example for each case that proves a finding of a policy; what is accepted, or an example already, has none."""
    return _HEAD + "".join(_of_policy(policy, diagnostics) for policy, diagnostics in found)


@define
class _Example:
    """One case, with all that was found in it."""

    case: Mapping[str, object]
    findings: list[Diagnostic] = field(factory=list)
    actions: dict[str, None] = field(factory=dict)


def _of_policy(policy: TypedPolicy, diagnostics: Iterable[Diagnostic]) -> str:
    examples: dict[str, _Example] = {}
    for diagnostic in diagnostics:
        if diagnostic.accepted is not None or diagnostic.code == "failed-example":
            continue
        for witness in diagnostic.witnesses or ((diagnostic.witness,) if diagnostic.witness is not None else ()):
            example = examples.setdefault(repr(sorted(witness.items())), _Example(witness))
            if diagnostic not in example.findings:
                example.findings.append(diagnostic)
            for name in diagnostic.actions:
                members = policy.groups[name].actions if name in policy.groups else (name,)
                example.actions.update(dict.fromkeys(members))
    tables = specs(policy)
    blocks = [_block(policy, tables, example) for example in examples.values() if example.actions]
    if not blocks:
        return ""
    where = " ".join(policy.place.source.name.split())  # a line end in it would end the comment
    return f"\n# Policy {policy.name}, {where}\n" + "".join(blocks)


def _block(policy: TypedPolicy, tables: Specs, example: _Example) -> str:
    case = {name: value for name, value in example.case.items() if name != "on"}
    on = example.case.get("on")
    values = read_case(tables.facts, (), case)
    given = ", ".join(_given(policy, values))
    first = [f"given {given}"] if given else []
    if on is not None:
        first.append(f"on {on}")
    lines = [f"# {finding.code}: {finding.message}" for finding in example.findings]
    lines.append(f"example {quoted(_title(example.findings))}:")
    if first:
        lines.append("  " + " ".join(first))
    day = None if on is None else read_on(on)
    by_verdict: dict[str, list[str]] = {}
    for action in (action for action in policy.actions if action in example.actions):
        by_verdict.setdefault(_verdict(policy, tables, action, values, day), []).append(action)
    lines.append("  expect " + ", ".join(f"{', '.join(names)} {verdict}" for verdict, names in by_verdict.items()))
    return "\n" + "\n".join(lines) + "\n"


def _title(findings: Sequence[Diagnostic]) -> str:
    titles = dict.fromkeys(" of ".join(filter(None, (one.code, ", ".join(_names(one))))) for one in findings)
    more = [f"{len(titles) - 3} more"] if len(titles) > 3 else []
    return "; ".join([*list(titles)[:3], *more])


def _names(finding: Diagnostic) -> Sequence[str]:
    """The names that an `accept` knows a finding by, or the next best."""
    if finding.ladder is not None and finding.fact is not None:
        return (finding.ladder, finding.fact)
    return finding.rules or finding.actions


def _given(policy: TypedPolicy, values: Mapping[str, GridValue]) -> Iterator[str]:
    """What must be given: an example takes the usual value of what it leaves out, and unknown where that may be."""
    for name, fact in policy.facts.items():
        if name not in values:
            continue
        value = values[name]
        absent = Absent.UNKNOWN if fact.optional else Absent.NONE
        if (absent if value is None else value) != (Absent.UNKNOWN if fact.optional else fact.usually):
            yield f"{name} {value_text(_in_some_currency(policy, fact), absent if value is None else value)}"


def _in_some_currency(policy: TypedPolicy, fact: Fact) -> Fact:
    """A sum cannot be written without a currency: where there is none, the one written first becomes the policy's."""
    if fact.kind is not Kind.MONEY or fact.currency is not None:
        return fact
    return evolve(fact, currency=next((one.currency for one in policy.facts.values() if one.currency), "CNY"))


def _verdict(policy: TypedPolicy, tables: Specs, action: str, values: Mapping[str, GridValue], day: int | None) -> str:
    case = {name: values.get(name) for name in tables.needed}
    truths = [
        action in rule.effects
        and meaning.rule_in_force(rule, day)
        and meaning.truth(rule.condition, policy.facts, case)
        for rule in policy.rules
    ]
    certain, possible = truth_masks(truths)
    return settle(tables.actions[action], tables.rules, certain, possible, frozenset()).verdict.value
