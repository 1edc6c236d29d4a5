"""Adds the rules of standards to a policy that is subject to them: stated with its facts, after its own rules.

What a standard forbids is `never` in the policy, and only rules of the standard override it. What a standard requires
is required, and overrides what the policy forbids. What a standard allows gives no permission: it only exempts from
what the standard itself forbids. A rule is called STANDARD.RULE.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import evolve, frozen

from forbear.base.diagnostic import Diagnostic, Label, Report
from forbear.language.model.messages import diagnosis
from forbear.language.model.policy import (
    Effect,
    Rule,
    RuleSet,
    Subject,
    TypedPolicy,
    actions_of,
    facts_read,
    lasts,
    own_rules,
)
from forbear.semantics.composition.rebasing import NEVER, rebased, renamed
from forbear.semantics.composition.union import (
    Domain,
    ImportConflict,
    Incomparable,
    common_fact,
    derived_otherwise,
    free_name,
    with_action,
    with_fact,
    with_private_of,
)
from forbear.semantics.to_text import setting_text

_OF_POLICY = Domain(of_new=True)


@frozen
class StandardRules:
    """The rules of a standard, stated with the facts of a policy that is subject to it."""

    standard: TypedPolicy
    rules: tuple[Rule, ...]


def all_standards(subjects: Sequence[Subject]) -> Iterator[Subject]:
    """Yields standards, each after those that it is subject to itself."""
    for subject in subjects:
        yield from all_standards(subject.standard.subject_to)
        yield subject


def actions_spoken_of(standards: Iterable[TypedPolicy]) -> frozenset[str]:
    """The actions that occur in rules of some standards, or of the standards that these are subject to."""
    actions: set[str] = set()
    for standard in standards:
        for policy in (standard, *[over.standard for over in all_standards(standard.subject_to)]):
            actions.update(action for rule in policy.rules for action in actions_of(rule))
    return frozenset(actions)


def with_standards(policies: Iterable[TypedPolicy]) -> tuple[TypedPolicy, ...]:
    """The policies, and after each the standards over it; each name once."""
    by_name: dict[str, TypedPolicy] = {}
    for root in policies:
        for policy in (root, *[over.standard for over in all_standards(root.subject_to)]):
            by_name.setdefault(policy.name, policy)
    return tuple(by_name.values())


def omissions(policies: Iterable[TypedPolicy]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The names and the omissions of the policies, and of the standards over them, that declare what they omit."""
    return tuple([(policy.name, policy.omits) for policy in with_standards(policies) if policy.omits])


def not_read(policy: TypedPolicy) -> dict[str, str]:
    """The policy's own rules that nobody has compared with the text of their source, and on what each rests instead."""
    return {rule.name: rule.basis for rule in own_rules(policy) if rule.basis is not None}


def provenance(policy: TypedPolicy) -> dict[str, object]:
    """Returns which texts the author of a policy has read, who has reviewed it, and which of its rules rest on another
    source.
    """
    review = policy.reviewed
    return {
        "read": [{"text": reading.text, "on": _iso(reading.on)} for reading in policy.read],
        "reviewed": None if review is None else {"by": review.by, "until": _iso(review.until)},
        "not_read": not_read(policy),
    }


def _iso(day: int | None) -> str | None:
    return None if day is None else datetime.date.fromordinal(day).isoformat()


def under_standards(
    policy: TypedPolicy, subjects: Sequence[Subject], report: Report
) -> tuple[TypedPolicy, tuple[StandardRules, ...]]:
    """A policy with the declarations that it lacks of standards, and the rules of each standard stated with its facts.

    `policy` has no rules yet. A standard that conflicts with it is reported, and left out.
    """
    named: dict[str, Subject] = {}
    accepted: list[Subject] = []
    stated: list[StandardRules] = []
    for subject in subjects:
        if not _is_named_alone(subject, policy, named, report):
            continue
        try:
            policy, rules = _with_declarations_of(policy, subject.standard)
        except ImportConflict as reason:
            report(_bad_standard(subject, f", since {reason}"))
        except Incomparable as reason:
            report(_bad_standard(subject, f": {reason}"))
        else:
            accepted.append(subject)
            stated.append(StandardRules(subject.standard, rules))
    return evolve(policy, subject_to=tuple(accepted)), tuple(stated)


def _is_named_alone(subject: Subject, policy: TypedPolicy, named: dict[str, Subject], report: Report) -> bool:
    """Returns true if the names of a standard, and of those that it is subject to, differ from those of the policy and
    of all other standards. Reports the names that do not.
    """
    for over in all_standards([subject]):
        name = over.standard.name
        known = named.setdefault(name, over)
        if name == policy.name or known.identity != over.identity:
            first = policy.place if name == policy.name else known.place
            report(
                diagnosis(
                    "duplicate-name.of-policy" if name == policy.name else "duplicate-name.of-standard",
                    subject.place,
                    standard=name,
                    related=(Label(first, "the other"),),
                )
            )
            return False
        if _settings(known.standard) != _settings(over.standard):
            related = (Label(known.place, "reached here with others"),)
            report(diagnosis("bad-standard.two-ways", subject.place, standard=name, related=related))
            return False
    return True


def _settings(standard: TypedPolicy) -> Mapping[str, str]:
    return {name: setting_text(setting) for name, setting in standard.settings.items()}


def _bad_standard(subject: Subject, reason: str) -> Diagnostic:
    return diagnosis("bad-standard.incompatible", subject.place, standard=subject.standard.name, reason=reason)


def _with_declarations_of(policy: TypedPolicy, standard: TypedPolicy) -> tuple[TypedPolicy, tuple[Rule, ...]]:
    """The policy with the facts and actions that the standard's rules need, and these rules rebased to its facts.

    A fact that the two derive from different events is two facts; the standard's is called STANDARD_FACT. Raises
    `ImportConflict` and `Incomparable`.
    """
    policy = with_private_of(policy, standard)
    read = facts_read(standard)
    names = {
        name: free_name(f"{standard.name}_{name}", standard, policy)
        for name in derived_otherwise(standard, policy)
        if name in read
    }
    facts = {names.get(name, name): evolve(fact, name=names.get(name, name)) for name, fact in standard.facts.items()}
    derived = {names.get(name, name): derivation for name, derivation in standard.derived.items()}
    renamed_standard = evolve(standard, facts=facts, derived=derived)
    has_clock = any(fact.clock for fact in policy.facts.values())
    offered = {
        name: evolve(
            fact,
            clock=fact.clock and not has_clock,
            currency=fact.currency or (policy.currency if fact.kind.currency else None),
        )
        for name, fact in facts.items()
    }
    for name in [names.get(name, name) for name in read]:
        if name in policy.facts:
            common = common_fact(facts[name], policy.facts[name], _OF_POLICY)
            policy = evolve(policy, facts={**policy.facts, name: common})
        else:
            policy = with_fact(policy, renamed_standard, offered, name)
    for action in standard.actions:
        if action not in policy.actions and any(action in actions_of(rule) for rule in standard.rules):
            policy = with_action(policy, standard, action)
    return policy, tuple(
        [
            evolve(rule, condition=rebased(renamed(rule.condition, names), facts, policy.facts))
            for rule in standard.rules
        ]
    )


def with_rules_of(own: tuple[Rule, ...], standards: Sequence[StandardRules]) -> tuple[Rule, ...]:
    """Returns the rules of a policy, followed by those of its standards.

    A rule that several standards share occurs once, with the actions that any of them adds to its groups.
    """
    if not standards:
        return own
    united: dict[str, Rule] = {}
    overridden: dict[str, dict[str, set[str]]] = {}
    for of_standard in standards:
        all_converted = [as_over_policy(rule, of_standard.standard) for rule in of_standard.rules]
        for rule, converted in zip(of_standard.rules, all_converted, strict=True):
            before = united.get(converted.name, converted)
            united[converted.name] = evolve(
                before,
                effects={**before.effects, **converted.effects},
                along={action: _united(before, converted, action) for action in {**before.along, **converted.along}},
            )
            names = overridden.setdefault(converted.name, {})
            for action, replaced in rule.overrides.items():
                names.setdefault(action, set()).update(all_converted[target].name for target in replaced.numbers)
    kept = [rule for rule in united.values() if rule.effects or rule.along]
    numbers = {rule.name: number for number, rule in enumerate(kept, start=len(own))}
    forbidding = _forbidding(own)

    def overrides(rule: Rule) -> Mapping[str, RuleSet]:
        overrides = {}
        for action, effect in rule.effects.items():
            names = overridden[rule.name].get(action, ())
            targets = sorted(numbers[name] for name in names if name in numbers and action in united[name].effects)
            if effect is Effect.REQUIRE:
                targets = [*forbidding.get(action, ()), *targets]
            if targets:
                overrides[action] = RuleSet(tuple(targets))
        return overrides

    return (*own, *[evolve(rule, overrides=overrides(rule)) for rule in kept])


def _united(first: Rule, second: Rule, action: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first.along.get(action, ()), *second.along.get(action, ()))))


def as_over_policy(rule: Rule, standard: TypedPolicy) -> Rule:
    """A rule of a standard as a rule of a policy, without overrides. A rule from a standard that this standard is
    subject to is already in that form."""
    if rule.standard is not None:
        return rule
    condition, since, until = rule.condition, rule.since, rule.until
    lasting = lasts(rule) and standard.until is None
    if standard.since is not None:
        since = max(standard.since, since or standard.since)
    if standard.until is not None:
        until = min(standard.until, until or standard.until)
    if since is not None and until is not None and since > until:
        condition, since, until = NEVER, None, None  # it is in force on no day
    return evolve(
        rule,
        name=f"{standard.name}.{rule.name}" if rule.named else rule.name,
        condition=condition,
        effects={
            action: _OVER_POLICY.get(effect, effect)
            for action, effect in rule.effects.items()
            if effect is not Effect.ALLOW or rule.overrides.get(action)
        },
        overrides={},
        since=since,
        until=until,
        lasting=lasting,
        standard=standard.name,
    )


_OVER_POLICY = {Effect.FORBID: Effect.NEVER, Effect.ALLOW: Effect.EXEMPT}


def _forbidding(rules: Sequence[Rule]) -> Mapping[str, tuple[int, ...]]:
    """Returns, for each action, the rules that `forbid` it and so may be overridden."""
    by_action: dict[str, list[int]] = {}
    for number, rule in enumerate(rules):
        for action, effect in rule.effects.items():
            if effect is Effect.FORBID:
                by_action.setdefault(action, []).append(number)
    return {action: tuple(numbers) for action, numbers in by_action.items()}
