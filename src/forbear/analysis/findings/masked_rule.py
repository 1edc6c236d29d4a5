"""`masked-rule`: a rule that decides in no case, and without which every verdict would be the same.

The policy is analysed without its `suspend` statements, as a suspension is temporary.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

from attrs import evolve

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding, last_word
from forbear.base.diagnostic import Code, Diagnostic, Label, Severity
from forbear.language.model.messages import diagnosis
from forbear.language.model.policy import Effect, Rule, TypedPolicy, renumbered
from forbear.semantics.lowered.actions import stronger
from forbear.space.formulas import FALSE, All, Formula, Neither, any_of, differing, inside
from forbear.space.regions import Box
from forbear.space.search.bound import BoundReached


def masked_rules(analysis: Analysis) -> Iterator[Candidate]:
    """Yields a candidate for each of the policy's own rules that is not dead, does not say `never`, and asks for no
    companion.
    """
    unsuspended = _without_suspensions(analysis)
    space = unsuspended.space
    for number, rule in enumerate(unsuspended.policy.rules):
        has_last_word = Effect.NEVER in rule.effects.values() or rule.along
        if space.is_own(number) and not has_last_word and number not in space.dead:
            yield _candidate(unsuspended, number)


def _without_suspensions(analysis: Analysis) -> Analysis:
    suspensions = {number for number, rule in enumerate(analysis.policy.rules) if rule.suspends}
    return _leaving_out(analysis, suspensions) if suspensions else analysis


def _leaving_out(analysis: Analysis, left_out: set[int]) -> Analysis:
    """The analysis without some rules, in the same space, so that its witnesses are cases of the whole policy."""
    regions = tuple(region for number, region in enumerate(analysis.space.regions) if number not in left_out)
    return analysis.of(evolve(analysis.space, policy=without_rules(analysis.policy, left_out), regions=regions))


def without_rules(policy: TypedPolicy, left_out: set[int]) -> TypedPolicy:
    """The policy without some of its rules."""
    remaining = [number for number in range(len(policy.rules)) if number not in left_out]
    rules = renumbered(
        [policy.rules[number] for number in remaining], {number: place for place, number in enumerate(remaining)}
    )
    return evolve(policy, rules=rules)


def _candidate(analysis: Analysis, number: int) -> Candidate:
    rule = analysis.policy.rules[number]

    def find(more: Formula) -> Diagnostic | None:
        for action in rule.effects:
            if analysis.searcher.holds(analysis.formulas.active(action).gives_verdict(number)):
                return None
        if rule.overrides and _changes_a_verdict(analysis, number):
            return None
        box = analysis.searcher.in_rule(number, more)
        if box is None:
            return None
        numbers = _maskers(analysis, number) if _is_reported(analysis, rule) else []
        maskers = {masker: analysis.policy.rules[masker] for masker in numbers}
        names = [masker.name for masker in maskers.values()]
        how, masking = _masking_most(analysis, number, maskers)
        return diagnosis(
            f"masked-rule.{how}",
            rule.body,
            code=MASKED_RULE.code,
            related=tuple([Label(masker.body, f"`{masker.name}`") for masker in [*maskers.values()][:3]]),
            rules=(rule.name,),
            actions=tuple(rule.effects),
            by=tuple(names),
            witness=analysis.space.witness(box),
            rule=rule.name,
            maskers=names,
            own=[masker.name for masker in maskers.values() if masker.standard is None],
            masking=[masker.name for masker in masking],
            overridden=", ".join(masker.name for masker in masking) if all(it.named for it in masking) else "all",
        )

    return Candidate((rule.name,), find)


def _masking_most(analysis: Analysis, number: int, maskers: Mapping[int, Rule]) -> tuple[str, list[Rule]]:
    """Returns how a rule is masked, by the way that is hardest to change if there are several, and the rules that mask
    it so.

    Only a `forbid` can be overridden; if a safeguard masks an action, only the safeguard itself can permit it.
    """
    by_kind: dict[str, list[Rule]] = {}
    for masker, masking in maskers.items():
        by_kind.setdefault(_masking(analysis, number, masker), []).append(masking)
    if not any(effect.permits for effect in analysis.policy.rules[number].effects.values()):
        return "forbids", []
    kind = next((kind for kind in ("standard", "duty", "never", "override", "forbid") if kind in by_kind), "require")
    return kind, by_kind.get(kind, [])


def _masking(analysis: Analysis, number: int, masker: int) -> str:
    """Returns how a rule masks another: by its strongest effect on a common action, or by overriding it."""
    rule, masking = analysis.policy.rules[number], analysis.policy.rules[masker]
    if masking.standard is not None:
        return "standard"
    actions = [action for action in rule.effects if action in masking.effects]
    effects = {masking.effects[action] for action in actions}
    if Effect.NEVER in effects:
        return "never"
    if not actions or set(rule.effects) & set(masking.along):
        return "duty"
    if any(number in masking.overridden(action) for action in actions):
        return "override"
    return "forbid" if Effect.FORBID in effects else "require"


def _is_reported(analysis: Analysis, rule: Rule) -> bool:
    """Returns true if a finding is reported. If it is only counted, the masking rules need not be found."""
    code = MASKED_RULE.code
    accepted = any(accept.code == code and accept.names == (rule.name,) for accept in analysis.policy.accepts)
    return accepted or code not in analysis.searcher.counting


def _changes_a_verdict(analysis: Analysis, number: int) -> bool:
    """Returns true if some case has another verdict without a rule that overrides others."""
    for action in analysis.policy.rules[number].overrides:
        with_it, without_it = (
            analysis.formulas.verdicts(action),
            analysis.formulas.verdicts_without(action, frozenset((number,))),
        )
        for name in ("forbidden", "required", "permitted"):
            before, after = getattr(with_it, name), getattr(without_it, name)
            if analysis.searcher.holds(differing(before, after)):
                return True
    return False


def _maskers(analysis: Analysis, number: int) -> list[int]:
    """Rules that together mask a rule: rules that take precedence where it holds, and rules that override it.

    None of them can be left out, unless the search for that reaches its bound.
    """
    rule, search = analysis.policy.rules[number], analysis.searcher.spare_search()
    covering = {action: _covering(analysis, number, action) for action in rule.effects}

    def unmasked(chosen: set[int]) -> tuple[str, Box] | None:
        """Returns an action, and cases of the rule in which none of the chosen rules masks it on that."""
        for action, effect in rule.effects.items():
            masking = tuple([formula for masker, formula in covering[action].items() if masker in chosen])
            holds = inside(analysis.space.of_effect(number, effect))
            box = search.find(All((holds, Neither(masking), analysis.space.possible_cases.formula)))
            if box is not None:
                return action, box
        return None

    maskers: set[int] = set()
    try:
        while (left := unmasked(maskers)) is not None:
            action, box = left
            its = covering[action].items()
            maskers.add(next(masker for masker, formula in its if search.find(formula, box) is not None))
    except BoundReached:
        return sorted({masker for formulas in covering.values() for masker in formulas})
    with suppress(BoundReached):
        for masker in sorted(maskers):
            if unmasked(maskers - {masker}) is None:
                maskers -= {masker}
    return sorted(maskers)


def _covering(analysis: Analysis, number: int, action: str) -> dict[int, Formula]:
    """Returns, for each other rule, the formula for when it keeps a rule from deciding an action, by itself or by a
    companion that it asks for.
    """
    formulas, active = analysis.formulas, analysis.formulas.active(action)
    by_rules = active.preventing(number, {*_stronger(analysis, number, action), *active.overriders(number)})
    by_duties = {masker: formulas.blocked_by(masker, action) for masker in formulas.asking(action)}
    maskers = sorted({*by_rules, *by_duties} - analysis.space.dead)
    return {masker: any_of((by_rules.get(masker, FALSE), by_duties.get(masker, FALSE))) for masker in maskers}


def _stronger(analysis: Analysis, number: int, action: str) -> list[int]:
    """The rules of stronger effects on an action that have a case in common with a rule."""
    effect = analysis.policy.rules[number].effects[action]
    boxes = analysis.space.of_effect(number, effect)
    meeting = 0
    for preceding in stronger(effect):
        having = analysis.by_effect.having(action, preceding)
        if having:
            meeting |= having & analysis.searcher.side(preceding.permits).meeting(boxes)
    return analysis.space.row.numbers(meeting)


MASKED_RULE = Finding(
    Code("masked-rule", Severity.WARNING, acceptable=True), masked_rules, causes=lambda finding: last_word(finding.by)
)
