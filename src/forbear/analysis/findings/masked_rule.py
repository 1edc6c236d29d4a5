"""`masked-rule`: a rule that decides in no case, and without which every verdict would be the same.

It is judged as if `suspend` statements were not there: what is suspended comes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding
from forbear.diagnostic import Diagnostic, Label
from forbear.lowered.actions import stronger
from forbear.model.names import listed
from forbear.model.policy import Effect, Rule, TypedPolicy, renumbered
from forbear.space.formulas import All, Any, Formula, Neither, any_of, but_not, inside
from forbear.space.regions import Box
from forbear.space.search.bound import BoundReached
from forbear.space.search.search import Search


def masked_rules(analysis: Analysis) -> Iterator[Candidate]:
    """A candidate for each rule that could be masked: a living one that has an effect other than `never`, and that is
    no standard's."""
    plain = _without_suspensions(analysis)
    for number, rule in enumerate(plain.policy.rules):
        its = plain.space
        if its.is_own(number) and Effect.NEVER not in rule.effects.values() and number not in its.dead:
            yield _candidate(plain, number)


def _without_suspensions(analysis: Analysis) -> Analysis:
    suspensions = {number for number, rule in enumerate(analysis.policy.rules) if rule.suspends}
    return _leaving_out(analysis, suspensions) if suspensions else analysis


def _leaving_out(analysis: Analysis, left_out: set[int]) -> Analysis:
    """The analysis without some rules, in the same space: a witness of it is a case of the whole policy."""
    kept = tuple(its for number, its in enumerate(analysis.space.regions) if number not in left_out)
    return analysis.of(evolve(analysis.space, policy=without_rules(analysis.policy, left_out), regions=kept))


def without_rules(policy: TypedPolicy, left_out: set[int]) -> TypedPolicy:
    """The policy without some of its rules."""
    kept = [number for number in range(len(policy.rules)) if number not in left_out]
    rules = renumbered([policy.rules[number] for number in kept], {number: place for place, number in enumerate(kept)})
    return evolve(policy, rules=rules)


def _candidate(analysis: Analysis, number: int) -> Candidate:
    rule = analysis.policy.rules[number]

    def find(more: Formula) -> Diagnostic | None:
        for action, effect in rule.effects.items():
            standing = analysis.formulas.active(action)
            if (
                analysis.searcher.search().find(but_not(standing.decides_as(number), standing.stronger(effect)))
                is not None
            ):
                return None
        if rule.overrides and _changes_a_verdict(analysis, number):
            return None
        box = analysis.searcher.case_of_rule(number, more)
        if box is None:
            return None
        maskers = _maskers(analysis, number) if _is_told(analysis, rule) else []
        names = tuple(analysis.policy.rules[other].name for other in maskers)
        return Diagnostic(
            code="masked-rule",
            message=f"`{rule.name}` decides in no case: where it holds, {listed(names)} "
            f"{'has' if len(names) == 1 else 'have'} the last word",
            place=rule.body,
            help=_what_to_do(analysis, number, maskers),
            related=tuple(
                Label(analysis.policy.rules[other].body, f"`{analysis.policy.rules[other].name}`")
                for other in maskers[:3]
            ),
            rules=(rule.name,),
            actions=tuple(rule.effects),
            by=names,
            witness=analysis.space.witness(box),
        )

    return Candidate((rule.name,), find)


def _what_to_do(analysis: Analysis, number: int, maskers: list[int]) -> str:
    """Only a `forbid` can be overridden; what a safeguard masks can only be let through by the safeguard."""
    rules = analysis.policy.rules
    rule = rules[number]
    by_kind: dict[str, list[Rule]] = {}
    for other in maskers:
        by_kind.setdefault(_masking(analysis, number, other), []).append(rules[other])
    narrow = f"narrow {listed([rules[other].name for other in maskers])}, or take `{rule.name}` out"
    if not any(effect.permits for effect in rule.effects.values()):
        return f"{narrow}: what it forbids is forbidden without it"
    if "standard" in by_kind:
        names = [one.name for one in by_kind["standard"]]
        stands = "comes from a standard and stands" if len(names) == 1 else "come from standards and stand"
        return f"{listed(names)} {stands} over this policy: take `{rule.name}` out, or let it hold elsewhere too"
    if "never" in by_kind:
        return f"nothing overrides a `never`: {narrow}"
    if "override" in by_kind:
        names = [one.name for one in by_kind["override"]]
        return f"{listed(names)} {'overrides' if len(names) == 1 else 'override'} it: {narrow}"
    if "forbid" in by_kind:
        named = all(one.named for one in by_kind["forbid"])
        what = ", ".join(one.name for one in by_kind["forbid"]) if named else "all"
        return f"if `{rule.name}` is to win, write `overrides {what}` in it; else {narrow}"
    return f"{narrow}: what it allows is required already"


def _masking(analysis: Analysis, number: int, other: int) -> str:
    """How a rule masks another: by its strongest effect on an action of both, or by overriding it."""
    rule, one = analysis.policy.rules[number], analysis.policy.rules[other]
    if one.standard is not None:
        return "standard"
    actions = [action for action in rule.effects if action in one.effects]
    effects = {one.effects[action] for action in actions}
    if Effect.NEVER in effects:
        return "never"
    if any(number in one.overridden(action) for action in actions):
        return "override"
    return "forbid" if Effect.FORBID in effects else "require"


def _is_told(analysis: Analysis, rule: Rule) -> bool:
    """Whether a finding is told, or only counted: then it does not matter what masks the rule."""
    accepted = any(accept.code == "masked-rule" and accept.names == (rule.name,) for accept in analysis.policy.accepts)
    return accepted or "masked-rule" not in analysis.searcher.counting


def _changes_a_verdict(analysis: Analysis, number: int) -> bool:
    """Whether some case has another verdict without the rule, which overrides others."""
    for action in analysis.policy.rules[number].overrides:
        with_it, without_it = analysis.formulas.verdicts(action), analysis.formulas.verdicts_without(action, number)
        for name in ("forbidden", "required", "permitted"):
            one, two = getattr(with_it, name), getattr(without_it, name)
            if (
                analysis.searcher.search().find(Any((All((one, Neither((two,)))), All((two, Neither((one,)))))))
                is not None
            ):
                return True
    return False


def _maskers(analysis: Analysis, number: int) -> list[int]:
    """Rules that mask a rule together: those that have the last word where it holds, and those that set it aside.

    None of them can be left out, if that can be found out in the bound for it.
    """
    rule = analysis.policy.rules[number]
    covering = {action: _covering(analysis, number, action) for action in rule.effects}
    search = Search(analysis.space.masks, analysis.searcher.spare.part())
    found: set[int] = set()
    try:
        for action, effect in rule.effects.items():
            for box in analysis.space.of_effect(number, effect):
                _cover(search, box, covering[action], found)
    except BoundReached:
        return sorted({other for its in covering.values() for other in its})
    try:
        for other in sorted(found):
            fewer = found - {other}
            if fewer and not any(
                _unmasked(analysis, search, number, action, covering[action], fewer) for action in covering
            ):
                found = fewer
    except BoundReached:
        pass
    return sorted(found)


def _cover(search: Search, box: Box, covering: Mapping[int, Formula], found: set[int]) -> None:
    """Adds rules to those that are found, until they cover a box of cases, which all of them together do."""
    stack = [(box, covering)]
    while stack:
        here, before = stack.pop()
        left: dict[int, Formula] = {}
        whole: list[int] = []
        for other, formula in before.items():
            simpler = search.simplified(formula, here)
            if simpler is True:
                whole.append(other)
                if other in found:
                    break
            elif simpler is not False:
                left[other] = simpler
        if whole:
            found.add(whole[-1] if whole[-1] in found else whole[0])
            continue
        name, mask = search.split(list(left.values())[len(left) // 2], here)
        mine = here.get(name, search.masks[name])
        stack += [({**here, name: mine & ~mask}, left), ({**here, name: mine & mask}, left)]


def _unmasked(
    analysis: Analysis, search: Search, number: int, action: str, covering: Mapping[int, Formula], chosen: set[int]
) -> bool:
    """Whether there is a case of a rule in which none of the chosen rules masks it for an action."""
    holds = inside(analysis.space.of_effect(number, analysis.policy.rules[number].effects[action]))
    masking = tuple([formula for other, formula in covering.items() if other in chosen])
    return search.find(All((holds, Neither(masking)))) is not None


def _covering(analysis: Analysis, number: int, action: str) -> dict[int, Formula]:
    """For each rule that has to do with it, where it keeps a rule from deciding on an action."""
    rules, standing = analysis.policy.rules, analysis.formulas.active(action)
    effect = rules[number].effects[action]
    overriding = standing.overriders(number)
    found: dict[int, Formula] = {}
    for other in sorted({*_stronger(analysis, number, action), *overriding} - analysis.space.dead):
        formulas = []
        if rules[other].effects[action] in stronger(effect):
            formulas.append(standing.decides_as(other))
        if other in overriding:
            # What sets a permitting rule aside is enough where it may stand; a `forbid` is set aside for certain only.
            formulas.append(standing.of(other, not effect.permits))
        found[other] = any_of(formulas)
    return found


def _stronger(analysis: Analysis, number: int, action: str) -> list[int]:
    """The rules of stronger effects on an action that have a case in common with a rule."""
    effect = analysis.policy.rules[number].effects[action]
    boxes = analysis.space.of_effect(number, effect)
    found = 0
    for before in stronger(effect):
        speak = analysis.by_effect.having(action, before)
        if speak:
            found |= speak & analysis.searcher.side(before.permits).meeting(boxes)
    return analysis.space.row.numbers(found)


MASKED_RULE = Finding("masked-rule", masked_rules)
