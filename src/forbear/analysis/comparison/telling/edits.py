"""The edits between two policies: which rules differ, and by which edit of the text.

A rule differs by an edit of its own, or by one of a definition, setting or group that it uses, of the head, or of a
standard. Edits that meet in one rule cannot be told apart, and form one step from the old policy to the new one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

from attrs import evolve, frozen

from forbear.analysis.comparison.telling.causes import Edit, Names, causes_of
from forbear.analysis.written import in_one_line, text_of
from forbear.language.model.policy import Rule, TypedPolicy
from forbear.semantics.composition.union import Union


@frozen(eq=False)
class Matched:
    """A rule of both policies, by its places in them; one of the two is None where a policy lacks it.

    `step` is the step by which it differs, and None if it is the same.
    """

    old: int | None
    new: int | None
    step: int | None = None


@frozen(slots=False, eq=False)
class Edits:
    """The edits, the matched rules of both policies, and the steps: each the indices of the edits in it."""

    edits: tuple[Edit, ...]
    rules: tuple[Matched, ...]
    steps: tuple[tuple[int, ...], ...]

    @cached_property
    def places(self) -> tuple[Mapping[int, int], Mapping[int, int]]:
        """The places of the old policy's rules in `rules`, and those of the new one's, by their number."""
        return (
            {rule.old: at for at, rule in enumerate(self.rules) if rule.old is not None},
            {rule.new: at for at, rule in enumerate(self.rules) if rule.new is not None},
        )


def edits_between(both: Union) -> Edits:
    """The edits that make the new policy of a union from the old one."""
    old, new = both.old, both.new
    matched = list(_matched(old, new))
    places = {number: at for at, rule in enumerate(matched) for number in [("old", rule.old), ("new", rule.new)]}
    edits: list[tuple[Edit, list[int]]] = []
    by_edit: dict[Edit, list[int]] = {}
    names = Names(both)
    for at, rule in enumerate(matched):
        before = None if rule.old is None else old.rules[rule.old]
        after = None if rule.new is None else new.rules[rule.new]
        differs = before is None or after is None or _differs(rule, matched, places, old, new)
        for edit, reaches in causes_of(before, after, differs, names):
            by_edit.setdefault(edit, []).extend([at] if reaches else [])
    for edit, reached in by_edit.items():
        rules = [matched[at] for at in reached]
        called = [(new.rules[rule.new] if rule.new is not None else old.rules[rule.old or 0]).name for rule in rules]
        edits.append((evolve(edit, rules=tuple(called)), reached))
    return _in_steps(edits, matched)


def renamed(old: TypedPolicy, new: TypedPolicy) -> Mapping[str, str]:
    """The new names of the rules of the old policy that were renamed."""
    both = [rule for rule in _matched(old, new) if rule.old is not None and rule.new is not None]
    names = [(old.rules[rule.old or 0].name, new.rules[rule.new or 0].name) for rule in both]
    return {before: after for before, after in names if before != after}


# Rules of both


def _matched(old: TypedPolicy, new: TypedPolicy) -> Iterator[Matched]:
    """The rules of both by name; those without a name by their text. In the order of the new policy, then the old."""
    left = dict(enumerate(old.rules))
    by_name = {rule.name: number for number, rule in left.items() if not rule.by_place}
    of_new: dict[int, int] = {}
    for number, rule in enumerate(new.rules):
        if rule.name in by_name:
            of_new[number] = by_name[rule.name]
            del left[of_new[number]]
    for same in (_text, _meaning):
        alike: dict[object, list[int]] = {}
        for number, rule in left.items():
            alike.setdefault(same(rule), []).append(number)
        for number, rule in enumerate(new.rules):
            if number not in of_new and alike.get(same(rule)):
                of_new[number] = alike[same(rule)].pop(0)
                del left[of_new[number]]
    unnamed = [number for number, rule in left.items() if rule.by_place]
    for number, rule in enumerate(new.rules):
        if (
            number not in of_new
            and rule.by_place
            and unnamed
            and set(old.rules[unnamed[0]].effects) & set(rule.effects)
        ):
            of_new[number] = unnamed.pop(0)
            del left[of_new[number]]
    for number in range(len(new.rules)):
        yield Matched(of_new.get(number), number)
    for number in left:
        yield Matched(number, None)


def _text(rule: Rule) -> object:
    return (None, in_one_line(rule.place.text)) if rule.by_place else (rule.name, None)


def _meaning(rule: Rule) -> object:
    return rule.standard, rule.condition, rule.since, rule.until, *_effects(rule)


def _effects(rule: Rule) -> tuple[object, object]:
    return tuple(sorted(rule.effects.items())), tuple(sorted(rule.along.items()))


def _differs(
    rule: Matched,
    matched: Sequence[Matched],
    places: Mapping[tuple[str, int | None], int],
    old: TypedPolicy,
    new: TypedPolicy,
) -> bool:
    """Whether a rule of both decides differently, other rules aside."""
    assert rule.old is not None
    assert rule.new is not None
    before, after = old.rules[rule.old], new.rules[rule.new]
    for name in ("condition", "since", "until", "effects", "along"):
        if getattr(before, name) != getattr(after, name):
            return True
    if not (before.overrides or after.overrides) or text_of(before, old) == text_of(after, new):
        return False  # what an `overrides all` means differs by the edit of another rule
    for action in before.effects:
        sets = [
            {
                places[side, number]
                for number in version.overridden(action)
                if (target := matched[places[side, number]]).old is not None
                and target.new is not None
                and old.rules[target.old].effects.get(action) == new.rules[target.new].effects.get(action)
            }
            for side, version in (("old", before), ("new", after))
        ]
        if sets[0] != sets[1]:
            return True
    return False


# Steps


def _in_steps(edits: Sequence[tuple[Edit, Sequence[int]]], matched: list[Matched]) -> Edits:
    """The edits grouped in steps: those that reach a rule in common form one step."""
    step_of: dict[int, int] = {}
    steps: dict[int, list[int]] = {}
    for number, (_, reached) in enumerate(edits):
        if not reached:
            continue
        joined = {step_of[at] for at in reached if at in step_of}
        step = min(joined, default=number)
        steps.setdefault(step, []).append(number)
        for merged in joined - {step}:
            steps[step] += steps.pop(merged)
        for at, earlier in list(step_of.items()):
            step_of[at] = step if earlier in joined else earlier
        step_of.update(dict.fromkeys(reached, step))
    order = {step: number for number, step in enumerate(steps)}
    rules = [evolve(rule, step=order[step_of[at]] if at in step_of else None) for at, rule in enumerate(matched)]
    return Edits(
        tuple([edit for edit, _ in edits]), tuple(rules), tuple([tuple(sorted(numbers)) for numbers in steps.values()])
    )


def of_steps(edits: Edits, steps: Collection[int]) -> tuple[int, ...]:
    """The edits of some steps, by their index."""
    return tuple(sorted(number for step in steps for number in edits.steps[step]))
