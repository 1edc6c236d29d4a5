"""The rules that a policy lacks to conform to a standard, as text that can be put into it.

A rule of the standard that is broken becomes a `never`, or a `require`, that holds where it gave the standard's
verdict: in its own condition, but not where a rule that overrides it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import evolve

from forbear.analysis.conformance import Conformance, Violation, conformance
from forbear.formatting.format import format_text
from forbear.kernel import Verdict
from forbear.policy import meaning
from forbear.policy.conditions import And, Condition, Not, atoms
from forbear.policy.files import STANDARD_VOCABULARY
from forbear.policy.names import shipped_in
from forbear.policy.to_text import rule_text, type_text
from forbear.policy.typed import Effect, Rule, TypedPolicy
from forbear.source import Source
from forbear.vocabulary.values import quoted

_DEEPEST = 10


def suggested_rules(found: Conformance) -> str:
    """The missing rules, laid out, behind the facts and actions of the standard that they need; empty if none is.

    A duty may permit what another rule of the standard forbids, which the policy has not needed so far. So the policy
    with its new rules is held against the standards once more, until no safeguard is missing.
    """
    rules: dict[tuple[str, Condition, Effect], Rule] = {}
    blocked: dict[str, None] = {}
    policy = found.policy
    left = found.violations
    while left:
        for violation in left:
            rule = _add(rules, violation, found.policy)
            if violation.kind == "omits required" and violation.verdict is Verdict.FORBIDDEN:
                blocked.update(
                    dict.fromkeys(
                        f"`{name}` forbids in some case what `{rule.name}` requires" for name in violation.policy_rules
                    )
                )
        policy = _with_rules(found, tuple(rules.values()))
        again = conformance(policy, found.standards).violations
        left = tuple([violation for violation in again if violation.kind == "permits forbidden"])
    if not rules:
        return ""
    lines = [
        *_declarations(found, list(rules.values())),
        *(f"# {remark}: it has to give way too." for remark in blocked),
    ]
    lines += [rule_text(rule, policy) for rule in rules.values()]
    formatted = format_text(Source("suggestion", "\n".join(lines) + "\n"))
    assert formatted.text is not None, formatted.diagnostics
    return formatted.text


def _add(rules: dict[tuple[str, Condition, Effect], Rule], violation: Violation, policy: TypedPolicy) -> Rule:
    """Adds the rule against a violation; those of one rule of the standard and one condition are one."""
    effect = Effect.REQUIRE if violation.kind == "omits required" else Effect.NEVER
    condition = _where_it_stands(violation)
    key = (f"{violation.standard.name} {violation.standard_rule.name}", condition, effect)
    if key not in rules:
        taken = {rule.name for rule in (*policy.rules, *rules.values())}
        rules[key] = _rule(violation, _free_name(violation.standard_rule, taken), condition)
    rules[key] = evolve(rules[key], effects={**rules[key].effects, violation.action: effect})
    return rules[key]


def _with_rules(found: Conformance, rules: tuple[Rule, ...]) -> TypedPolicy:
    """The policy with more rules, and with the facts and actions of the standards."""
    policy = found.policy
    facts = {name: fact for standard in found.standards for name, fact in standard.facts.items()}
    actions = {name: action for standard in found.standards for name, action in standard.actions.items()}
    return evolve(
        policy, facts={**facts, **policy.facts}, actions={**actions, **policy.actions}, rules=(*policy.rules, *rules)
    )


def _rule(violation: Violation, name: str, condition: Condition) -> Rule:
    its = violation.standard_rule
    source = its.source if its.source is not None else f"{violation.standard.name}, {its.name}"
    return evolve(its, name=name, named=True, condition=condition, effects={}, overrides={}, source=source)


def _free_name(rule: Rule, taken: set[str]) -> str:
    base = rule.name if rule.named else f"rule_{rule.name.rpartition(':')[2]}"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    return name


def _where_it_stands(violation: Violation) -> Condition:
    """Where a rule stands: in its condition, but not where a rule that overrides it does.

    An overriding rule of which that cannot be said is left out, which bounds more cases than the standard does, and
    none too few.
    """
    standard = violation.standard
    number = next(n for n, rule in enumerate(standard.rules) if rule is violation.standard_rule)
    stronger = meaning.overriders(standard, violation.action)
    parts = [violation.standard_rule.condition]
    for other in stronger.get(number, ()):
        stands = _standing(standard, stronger, other, 0)
        if stands is not None:
            parts.append(_negation(stands))
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _negation(condition: Condition) -> Condition:
    return condition.part if isinstance(condition, Not) else Not(condition)


def _standing(
    standard: TypedPolicy, stronger: Mapping[int, Sequence[int]], number: int, depth: int
) -> Condition | None:
    """The condition in which an overriding rule stands, exactly; None where dates or a long chain forbid to say it."""
    rule = standard.rules[number]
    if rule.since is not None or rule.until is not None or depth > _DEEPEST:
        return None
    parts = [rule.condition]
    for other in stronger.get(number, ()):
        stands = _standing(standard, stronger, other, depth + 1)
        if stands is None:
            return None
        parts.append(_negation(stands))
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _declarations(found: Conformance, rules: Iterable[Rule]) -> Iterator[str]:
    """What the policy must declare to hold the rules. Its own vocabulary is named where it had it without a word."""
    facts = {name: fact for standard in found.standards for name, fact in standard.facts.items()}
    actions = {name: action for standard in found.standards for name, action in standard.actions.items()}
    needed = {atom.fact: None for rule in rules for atom in atoms(rule.condition)}
    new_facts = [facts[name] for name in needed if name not in found.policy.facts]
    new_actions = [actions[name] for rule in rules for name in rule.effects if name not in found.policy.actions]
    if (new_facts or new_actions) and any(shipped_in(fact.place) for fact in found.policy.facts.values()):
        yield f"uses {STANDARD_VOCABULARY}"
    for fact in new_facts:
        described = f" {quoted(fact.description)}" if fact.description else ""
        yield f"fact {fact.name} {type_text(fact)}{described}"
    for action in dict.fromkeys(new_actions):
        described = f" {quoted(action.description)}" if action.description else ""
        yield f"action {action.name}{described}"
