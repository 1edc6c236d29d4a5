"""`masked-rule`: a rule that decides in no case, and without which every verdict would be the same.

It is judged as if `suspend` statements were not there: what is suspended comes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve

from forbear.analysis.containment import Speaking
from forbear.analysis.view import Candidate, View
from forbear.diagnostic import Diagnostic, Label
from forbear.policy.names import listed
from forbear.policy.typed import Effect, Rule, TypedPolicy
from forbear.space.regions import Box
from forbear.space.search import All, Any, Formula, Neither, inside


def masked_rules(view: View) -> Iterator[Candidate]:
    """A candidate for each rule that could be masked: a living one that has an effect other than `never`."""
    plain = _without_suspensions(view)
    speaking = Speaking(plain)
    for number, rule in enumerate(plain.policy.rules):
        if Effect.NEVER not in rule.effects.values() and number not in plain.dead:
            yield _candidate(plain, speaking, number)


def _without_suspensions(view: View) -> View:
    suspensions = {number for number, rule in enumerate(view.policy.rules) if rule.suspends}
    return _leaving_out(view, suspensions) if suspensions else view


def _leaving_out(view: View, left_out: set[int]) -> View:
    """The view without some rules, in the same space: a witness of it is a case of the whole policy."""
    kept = tuple(its for number, its in enumerate(view.regions) if number not in left_out)
    rest = without_rules(view.policy, left_out)
    return View(rest, view.cut, kept, view.too_large, view.masks, view.needed, view.bound)


def without_rules(policy: TypedPolicy, left_out: set[int]) -> TypedPolicy:
    """The policy without some of its rules."""
    kept = [number for number in range(len(policy.rules)) if number not in left_out]
    place = {number: index for index, number in enumerate(kept)}
    rules = tuple(
        evolve(
            policy.rules[number],
            overrides={
                action: tuple([place[other] for other in others if other in place])
                for action, others in policy.rules[number].overrides.items()
            },
        )
        for number in kept
    )
    return evolve(policy, rules=rules)


def _candidate(view: View, speaking: Speaking, number: int) -> Candidate:
    rule = view.policy.rules[number]
    stronger = {action: _meeting(view, speaking, number, action) for action in rule.effects}

    def find(more: Formula) -> Diagnostic | None:
        search = view.search()
        for action, effect in rule.effects.items():
            standing = view.standing(action)
            stands = standing[number][0 if effect.permits else 1]
            before = tuple([_standing(view, other, action) for other in stronger[action]])
            if search.find(All((stands, Neither(before)))) is not None:
                return None
        if rule.overrides and _changes_a_verdict(view, number):
            return None
        box = view.case_of_rule(number, more)
        if box is None:
            return None
        maskers = _maskers(view, number, stronger)
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
        by_kind.setdefault(_masking(rules, number, other), []).append(rules[other])
    narrow = f"narrow {listed([rules[other].name for other in maskers])}, or take `{rule.name}` out"
    if not any(effect.permits for effect in rule.effects.values()):
        return f"{narrow}: what it forbids is forbidden without it"
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


def _masking(rules: Sequence[Rule], number: int, other: int) -> str:
    """How a rule masks another: by its strongest effect on an action of both, or by overriding it."""
    rule, one = rules[number], rules[other]
    effects = {one.effects[action] for action in rule.effects if action in one.effects}
    if Effect.NEVER in effects:
        return "never"
    if any(number in others for others in one.overrides.values()):
        return "override"
    return "forbid" if Effect.FORBID in effects else "require"


_STRONGER = {
    Effect.FORBID: (Effect.NEVER,),
    Effect.REQUIRE: (Effect.NEVER, Effect.FORBID),
    Effect.ALLOW: (Effect.NEVER, Effect.FORBID, Effect.REQUIRE),
}


def _meeting(view: View, speaking: Speaking, number: int, action: str) -> list[int]:
    """The rules of stronger effects on an action that have a case in common with a rule."""
    effect = view.policy.rules[number].effects[action]
    boxes = view.of_effect(number, effect)
    found = 0
    for before in _STRONGER[effect]:
        speak = speaking.any_of([(action, before)])
        if speak:
            view.bound.spend(len(boxes) * view.side(before.permits).cost)
            found |= speak & view.side(before.permits).meeting(boxes)
    return view.row.numbers(found)


def _standing(view: View, number: int, action: str) -> Formula:
    return view.standing(action)[number][0 if view.policy.rules[number].effects[action].permits else 1]


def _changes_a_verdict(view: View, number: int) -> bool:
    """Whether some case has another verdict without the rule, which overrides others."""
    other = _leaving_out(view, {number})
    for action in view.policy.rules[number].overrides:
        with_it, without_it = view.verdicts(action), other.verdicts(action)
        for name in ("forbidden", "required", "permitted"):
            one, two = getattr(with_it, name), getattr(without_it, name)
            if view.search().find(Any((All((one, Neither((two,)))), All((two, Neither((one,))))))) is not None:
                return True
    return False


def _maskers(view: View, number: int, stronger: Mapping[str, list[int]]) -> list[int]:
    """Rules that mask a rule together, none of which can be left out: those that have the last word where it holds,
    and those that set it aside."""
    rule = view.policy.rules[number]
    candidates = {other for others in stronger.values() for other in others}
    for other, one in enumerate(view.policy.rules):
        if other not in view.dead and any(number in others for others in one.overrides.values()):
            candidates.add(other)
    search = view.search()

    def unmasked(chosen: set[int]) -> tuple[str, Box] | None:
        """An action, and a box of cases of the rule in which none of the chosen masks it there."""
        for action, effect in rule.effects.items():
            covering = tuple([_covering(view, number, other, action) for other in sorted(chosen)])
            box = search.find(All((inside(view.of_effect(number, effect)), Neither(covering))))
            if box is not None:
                return action, box
        return None

    chosen: set[int] = set()
    while (found := unmasked(chosen)) is not None:
        action, box = found
        point = {name: mask & -mask for name, mask in {**view.masks, **box}.items()}
        masking = [
            other
            for other in sorted(candidates - chosen)
            if search.holds(_covering(view, number, other, action), point)
        ]
        whole = [other for other in masking if search.holds(_covering(view, number, other, action), box)]
        chosen.add((whole or masking)[0])
    for other in sorted(chosen):
        if len(chosen) > 1 and unmasked(chosen - {other}) is None:
            chosen.discard(other)
    return sorted(chosen)


def _covering(view: View, number: int, other: int, action: str) -> Formula:
    """Where another rule keeps a rule from deciding on an action."""
    rule, one = view.policy.rules[number], view.policy.rules[other]
    if action not in one.effects:
        return Any(())
    formulas: list[Formula] = []
    if one.effects[action] in _STRONGER[rule.effects[action]]:
        formulas.append(_standing(view, other, action))
    if number in one.overrides.get(action, ()):
        # What sets a permitting rule aside is enough where it may stand; a `forbid` is set aside for certain only.
        formulas.append(view.standing(action)[other][1 if rule.effects[action].permits else 0])
    return Any(tuple(formulas))
