"""`masked-rule`: a rule that decides in no case, and without which every verdict would be the same.

It is judged as if `suspend` statements were not there: what is suspended comes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve

from forbear.analysis.view import Candidate, View
from forbear.diagnostic import Diagnostic, Label
from forbear.lowered.actions import stronger
from forbear.policy.names import listed
from forbear.policy.typed import Effect, Rule, TypedPolicy, renumbered
from forbear.space.bound import BoundReached
from forbear.space.formulas import All, Any, Formula, Neither, any_of, but_not, inside
from forbear.space.regions import Box
from forbear.space.search import Search


def masked_rules(view: View) -> Iterator[Candidate]:
    """A candidate for each rule that could be masked: a living one that has an effect other than `never`, and that is
    no standard's."""
    plain = _without_suspensions(view)
    for number, rule in enumerate(plain.policy.rules):
        if plain.is_own(number) and Effect.NEVER not in rule.effects.values() and number not in plain.dead:
            yield _candidate(plain, number)


def _without_suspensions(view: View) -> View:
    suspensions = {number for number, rule in enumerate(view.policy.rules) if rule.suspends}
    return _leaving_out(view, suspensions) if suspensions else view


def _leaving_out(view: View, left_out: set[int]) -> View:
    """The view without some rules, in the same space: a witness of it is a case of the whole policy."""
    kept = tuple(its for number, its in enumerate(view.regions) if number not in left_out)
    rest = without_rules(view.policy, left_out)
    return View(rest, view.cut, kept, view.too_large, view.masks, view.needed, view.bound, view.spare, view.counting)


def without_rules(policy: TypedPolicy, left_out: set[int]) -> TypedPolicy:
    """The policy without some of its rules."""
    kept = [number for number in range(len(policy.rules)) if number not in left_out]
    rules = renumbered([policy.rules[number] for number in kept], {number: place for place, number in enumerate(kept)})
    return evolve(policy, rules=rules)


def _candidate(view: View, number: int) -> Candidate:
    rule = view.policy.rules[number]

    def find(more: Formula) -> Diagnostic | None:
        for action, effect in rule.effects.items():
            standing = view.standing(action)
            if view.search().find(but_not(standing.decides_as(number), standing.stronger(effect))) is not None:
                return None
        if rule.overrides and _changes_a_verdict(view, number):
            return None
        box = view.case_of_rule(number, more)
        if box is None:
            return None
        maskers = _maskers(view, number) if _is_told(view, rule) else []
        names = tuple(view.policy.rules[other].name for other in maskers)
        return Diagnostic(
            code="masked-rule",
            message=f"`{rule.name}` decides in no case: where it holds, {listed(names)} "
            f"{'has' if len(names) == 1 else 'have'} the last word",
            place=rule.body,
            help=_what_to_do(view, number, maskers),
            related=tuple(
                Label(view.policy.rules[other].body, f"`{view.policy.rules[other].name}`") for other in maskers[:3]
            ),
            rules=(rule.name,),
            actions=tuple(rule.effects),
            by=names,
            witness=view.witness(box),
        )

    return Candidate((rule.name,), find)


def _what_to_do(view: View, number: int, maskers: list[int]) -> str:
    """Only a `forbid` can be overridden; what a safeguard masks can only be let through by the safeguard."""
    rules = view.policy.rules
    rule = rules[number]
    by_kind: dict[str, list[Rule]] = {}
    for other in maskers:
        by_kind.setdefault(_masking(view, number, other), []).append(rules[other])
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


def _masking(view: View, number: int, other: int) -> str:
    """How a rule masks another: by its strongest effect on an action of both, or by overriding it."""
    rule, one = view.policy.rules[number], view.policy.rules[other]
    if one.standard is not None:
        return "standard"
    actions = [action for action in rule.effects if action in one.effects]
    effects = {one.effects[action] for action in actions}
    if Effect.NEVER in effects:
        return "never"
    if any(number in one.overridden(action) for action in actions):
        return "override"
    return "forbid" if Effect.FORBID in effects else "require"


def _is_told(view: View, rule: Rule) -> bool:
    """Whether a finding is told, or only counted: then it does not matter what masks the rule."""
    accepted = any(accept.code == "masked-rule" and accept.names == (rule.name,) for accept in view.policy.accepts)
    return accepted or "masked-rule" not in view.counting


def _changes_a_verdict(view: View, number: int) -> bool:
    """Whether some case has another verdict without the rule, which overrides others."""
    for action in view.policy.rules[number].overrides:
        with_it, without_it = view.verdicts(action), view.verdicts_without(action, number)
        for name in ("forbidden", "required", "permitted"):
            one, two = getattr(with_it, name), getattr(without_it, name)
            if view.search().find(Any((All((one, Neither((two,)))), All((two, Neither((one,))))))) is not None:
                return True
    return False


def _maskers(view: View, number: int) -> list[int]:
    """Rules that mask a rule together: those that have the last word where it holds, and those that set it aside.

    None of them can be left out, if that can be found out in the bound for it.
    """
    rule = view.policy.rules[number]
    covering = {action: _covering(view, number, action) for action in rule.effects}
    search = Search(view.masks, view.spare.part())
    found: set[int] = set()
    try:
        for action, effect in rule.effects.items():
            for box in view.of_effect(number, effect):
                _cover(search, box, covering[action], found)
    except BoundReached:
        return sorted({other for its in covering.values() for other in its})
    try:
        for other in sorted(found):
            fewer = found - {other}
            if fewer and not any(
                _unmasked(view, search, number, action, covering[action], fewer) for action in covering
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
    view: View, search: Search, number: int, action: str, covering: Mapping[int, Formula], chosen: set[int]
) -> bool:
    """Whether there is a case of a rule in which none of the chosen rules masks it for an action."""
    holds = inside(view.of_effect(number, view.policy.rules[number].effects[action]))
    masking = tuple([formula for other, formula in covering.items() if other in chosen])
    return search.find(All((holds, Neither(masking)))) is not None


def _covering(view: View, number: int, action: str) -> dict[int, Formula]:
    """For each rule that has to do with it, where it keeps a rule from deciding on an action."""
    rules, standing = view.policy.rules, view.standing(action)
    effect = rules[number].effects[action]
    overriding = standing.overriders(number)
    found: dict[int, Formula] = {}
    for other in sorted({*_stronger(view, number, action), *overriding} - view.dead):
        formulas = []
        if rules[other].effects[action] in stronger(effect):
            formulas.append(standing.decides_as(other))
        if other in overriding:
            # What sets a permitting rule aside is enough where it may stand; a `forbid` is set aside for certain only.
            formulas.append(standing.of(other, not effect.permits))
        found[other] = any_of(formulas)
    return found


def _stronger(view: View, number: int, action: str) -> list[int]:
    """The rules of stronger effects on an action that have a case in common with a rule."""
    effect = view.policy.rules[number].effects[action]
    boxes = view.of_effect(number, effect)
    found = 0
    for before in stronger(effect):
        speak = view.speaking.having(action, before)
        if speak:
            found |= speak & view.side(before.permits).meeting(boxes)
    return view.row.numbers(found)
