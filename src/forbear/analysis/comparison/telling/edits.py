"""The edits between two policies: which rules differ, and by which edit of the text.

A rule differs by an edit of its own, or by one of a definition, setting or group that it uses, of the head, or of a
standard. Edits that meet in one rule cannot be separated, and form one step from the old policy to the new one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal, TypeAlias

from attrs import evolve, field, frozen

from forbear.analysis.written import Definitions, Written, definitions, in_one_line, text_of, used_in, written
from forbear.base.source import Place, Source
from forbear.language.model.policy import Rule, TypedPolicy
from forbear.language.model.tables import Table
from forbear.language.model.values import fields_json
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import And, Condition, Or, PolicyHead
from forbear.language.syntax.parser import parse
from forbear.semantics.composition.standards import all_standards
from forbear.semantics.composition.union import Union
from forbear.semantics.to_text import setting_text

# The edits by which a rule differs: of the rule itself, of what it uses, of the head, or of its standard.


EditKind: TypeAlias = Literal[
    "rule",
    "definition",
    "setting",
    "group",
    "head",
    "standard",
    "ensure",
    "table",
    "accept",
    "example",
    "omits",
    "read",
    "reviewed",
]


@frozen
class Edit:
    """An edit of the text: the edited part, its place, and the changes clause by clause.

    `rules` are the rules that differ because of it; none if it decides nothing. `before` is None for a new part, and
    `after` for one that is gone.
    """

    kind: EditKind
    name: str
    what: tuple[str, ...]
    before: Place | None = field(hash=False)
    after: Place | None = field(hash=False)
    rules: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Returns the edit as `forbear diff` prints it."""
        sides = {"before": self.before, "after": self.after}
        places = {
            side: {"file": place.source.name, "line": place.start.line}
            for side, place in sides.items()
            if place is not None
        }
        return {**fields_json(self, "kind", "name", "what"), **places, "rules": list(self.rules)}


def _edit(kind: EditKind, name: str, what: Iterable[str], before: Place | None, after: Place | None) -> Edit:
    """An edit, before it is known which rules it reaches."""
    return Edit(kind, name, tuple(what), before, after, ())


def causes_of(before: Rule | None, after: Rule | None, differs: bool, names: Names) -> Iterator[tuple[Edit, bool]]:
    """The edits by which a rule differs, or that are made to it, each with whether the rule differs by it."""
    said = ""
    if before is not None and after is not None and after.standard is None:
        said = ", ".join(_said_otherwise(before, after))
    for edit in _deciding(before, after, differs, names):
        if edit.kind == "rule" and said:
            edit, said = evolve(edit, what=(*edit.what, said)), ""
        yield edit, differs
    if said and after is not None and before is not None:
        yield _edit("rule", after.name, [said], before.place, after.place), False


def _deciding(before: Rule | None, after: Rule | None, differs: bool, names: Names) -> Iterator[Edit]:
    """The edits by which a rule may decide otherwise."""
    rule = after or before
    assert rule is not None
    places = [None if side is None else side.place for side in (before, after)]
    if rule.standard is not None:
        if differs:
            yield from names.of_standard(rule, before, after)
        return
    if before is None or after is None:
        yield _edit("rule", rule.name, ["the rule is new" if before is None else "the rule is gone"], *places)
        return
    if before.place.text == after.place.text and not differs:
        return
    sides = [written(text) for text in names.texts_of(before, after)]
    if sides[0] is None or sides[1] is None:
        if differs:
            yield _edit("rule", rule.name, ["rewritten"], *places)
        return
    what = list(edited_clauses(sides[0], sides[1]))
    if what:
        yield _edit("rule", rule.name, what, *places)
    if differs:
        used = list(names.used_by(sides[0], sides[1]))
        yield from used
        if not used and not what:
            yield names.head or _edit("rule", rule.name, ["decides otherwise by what it refers to"], *places)


def _said_otherwise(before: Rule, after: Rule) -> Iterator[str]:
    """Yields the differences of a rule of both policies that decide nothing: its name, its title, its reason, its
    source.
    """
    if before.name != after.name and not (before.by_place and after.by_place):
        yield f"renamed, was `{before.name}`"
    for what, old, new in (
        ("title", before.title, after.title),
        ("because", before.because, after.because),
        ("source", before.cited, after.cited),
    ):
        if old != new:
            yield f"{what} changed" if old and new else f"{what} {'added' if new else 'dropped'}"


class Names:
    """The definitions, settings and groups that differ, and who uses them."""

    def __init__(self, both: Union) -> None:
        self._both = both
        self._settings = {setting.name: setting for setting in both.settings}
        self._groups = {
            name
            for name in {**both.old.groups, **both.new.groups}
            if _members(both.old, name) != _members(both.new, name)
        }
        self._defined: tuple[Definitions, ...] | None = None

    def texts_of(self, before: Rule, after: Rule) -> tuple[str, str]:
        """The texts of a rule of both."""
        return text_of(before, self._both.old), text_of(after, self._both.new)

    @property
    def definitions(self) -> tuple[Definitions, ...]:
        """The definitions of both policies as they are written, by name."""
        if self._defined is None:
            self._defined = (definitions(self._both.old), definitions(self._both.new))
        return self._defined

    def used_by(self, old: Written, new: Written) -> Iterator[Edit]:
        """The edits of what a rule of both uses."""
        both = self._both
        used: set[str] = set()
        for side, policy in ((old, both.old), (new, both.new)):
            used |= used_in(side.node, self.definitions[policy is both.new])
        for name in sorted(used):
            if name in self._settings:
                if name in both.old.settings and name in both.new.settings:
                    yield self._setting(name)
            elif name in self._groups:
                yield self._group(name)
            else:
                yield from self._definition(name)

    def of_standard(self, rule: Rule, before: Rule | None, after: Rule | None) -> Iterator[Edit]:
        """The edits by which a rule of a standard differs."""
        name = rule.standard
        assert name is not None
        own = [setting for setting in self._settings if setting.startswith(f"{name}.")]
        if before is not None and after is not None and before.place.text == after.place.text and (own or self._groups):
            if before.condition == after.condition:
                yield from map(self._group, sorted(self._groups))
            else:
                yield from map(self._setting, own)
            return
        sides = [
            next((over.standard for over in all_standards(policy.subject_to) if over.standard.name == name), None)
            for policy in (self._both.old, self._both.new)
        ]
        places = [None if side is None else side.place for side in sides]
        if sides[0] is None or sides[1] is None:
            yield _edit("standard", name, ["subject to it" if sides[0] is None else "no longer subject to it"], *places)
            return
        versions = [side.version or "without a version" for side in sides if side is not None]
        what = f"version {versions[0]} → {versions[1]}" if versions[0] != versions[1] else "its text differs"
        yield _edit("standard", name, [what], *places)

    @property
    def head(self) -> Edit | None:
        """The edit of `applies when`, if there is one."""
        old, new = _head(self._both.old), _head(self._both.new)
        if old is None or new is None or old[0].clauses.applies == new[0].clauses.applies:
            return None
        texts = []
        for head, source in (old, new):
            applies = head.clauses.applies
            texts.append("" if applies is None else source.text[applies.span[0] : applies.span[1]])
        what = " → ".join(in_one_line(text) or "nothing" for text in texts)
        return _edit("head", self._both.new.name, [what], self._both.old.place, self._both.new.place)

    def _setting(self, name: str) -> Edit:
        old, new = (policy.settings.get(name) for policy in (self._both.old, self._both.new))
        what = " → ".join("open" if setting is None else setting_text(setting) for setting in (old, new))
        return _edit("setting", name, [what], *(None if setting is None else setting.place for setting in (old, new)))

    def _group(self, name: str) -> Edit:
        old, new = _members(self._both.old, name), _members(self._both.new, name)
        what = [
            f"{', '.join(actions)}   {word}"
            for actions, word in (
                ([action for action in old if action not in new], "dropped"),
                ([action for action in new if action not in old], "added"),
            )
            if actions
        ]
        groups = [policy.groups.get(name) for policy in (self._both.old, self._both.new)]
        return _edit("group", name, what, *(None if group is None else group.place for group in groups))

    def _definition(self, name: str) -> Iterator[Edit]:
        old, new = (
            (side.get(name) for side in self.definitions)
            if (name in self._both.old.definitions or name in self._both.new.definitions)
            else (None, None)
        )
        if old is None or new is None or old[0].condition == new[0].condition:
            return
        sides = [Written(node, source) for node, source in (old, new)]  # type: ignore[arg-type]
        what = edited_condition("", old[0].condition, sides[0], new[0].condition, sides[1])
        places = [Place(source, node.span) for node, source in (old, new)]
        yield _edit("definition", name, what, *places)


def _members(policy: TypedPolicy, name: str) -> tuple[str, ...]:
    return policy.groups[name].actions if name in policy.groups else ()


def _head(policy: TypedPolicy) -> tuple[PolicyHead, Source] | None:
    source = policy.place.source
    heads = [statement for statement in parse(source)[0].statements if isinstance(statement, PolicyHead)]
    return (heads[0], source) if heads else None


@frozen(eq=False)
class Matched:
    """A rule of both policies, by its places in them; one of the two is None if a policy lacks it.

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


def edits_between(both: Union, tables: Iterable[Table]) -> Edits:
    """Returns the edits that turn the old policy of a union into the new one. `tables` are those of both: an edit of a
    row is also one of the row `otherwise` below it.
    """
    old, new = both.old, both.new
    matched = list(_matched(old, new))
    places = {number: at for at, rule in enumerate(matched) for number in [("old", rule.old), ("new", rule.new)]}
    edits: list[tuple[Edit, list[int]]] = []
    by_edit: dict[Edit, list[int]] = {}
    names = Names(both)
    above = {table.rows[-1].name: {row.name for row in table.rows} for table in tables if table.rows[-1].otherwise}
    for at, rule in enumerate(matched):
        before = None if rule.old is None else old.rules[rule.old]
        after = None if rule.new is None else new.rules[rule.new]
        if before is not None and after is not None and before.condition != after.condition:
            rows = above.get(after.name, ())
            of_rows = [edit for edit, reached in by_edit.items() if edit.name in rows and reached]
            for edit in of_rows:
                by_edit[edit].append(at)
            if of_rows:
                before = evolve(before, condition=after.condition)
        differs = before is None or after is None or _differs(before, after, matched, places, old, new)
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
    before: Rule,
    after: Rule,
    matched: Sequence[Matched],
    places: Mapping[tuple[str, int | None], int],
    old: TypedPolicy,
    new: TypedPolicy,
) -> bool:
    """Returns true if a rule of both policies decides differently, other rules aside."""
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
    """Groups the edits in steps: those that reach a rule in common form one step."""
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


# What an author edited in a rule, clause by clause, in the words of the two texts: `after 3 days → after 2 days`.


def edited_clauses(old: Written, new: Written) -> Iterator[str]:
    """The clauses that decide and that differ, each in words."""
    before, after = old.node, new.node
    if before.limited_by is not None or after.limited_by is not None:
        if (before.limited_by, before.condition) != (after.limited_by, after.condition):
            yield f"{old.text(before.body)} → {new.text(after.body)}"
    elif before.condition != after.condition:
        yield from edited_condition("", before.condition, old, after.condition, new)
    if before.unless != after.unless:
        yield from edited_condition("unless ", before.unless, old, after.unless, new)
    yield from _effects_of(before.effects, old, after.effects, new)
    if (before.overrides, before.overrides_all) != (after.overrides, after.overrides_all):
        yield from _overrides(before, after)
    if before.in_force != after.in_force or (before.order == "suspend") != (after.order == "suspend"):
        texts = ["" if side.node.in_force is None else side.text(side.node.in_force.span) for side in (old, new)]
        yield _changed("" if all(text.startswith("in force") for text in texts if text) else "in force ", *texts)


def edited_condition(
    word: str, before: Condition | None, old: Written, after: Condition | None, new: Written
) -> Iterator[str]:
    """Yields the parts of a condition that differ. `word` precedes it, such as `unless `."""
    if before is None or after is None:
        texts = ["" if part is None else side.text(part.span) for part, side in ((before, old), (after, new))]
        yield _changed(word, *texts)
        return
    for joined, joint in ((And, ""), (Or, "or ")):
        if not (isinstance(before, joined) or isinstance(after, joined)) or (joined is And and word):
            continue
        parts = [part.parts if isinstance(part, joined) else (part,) for part in (before, after)]
        dropped = [part for part in parts[0] if part not in parts[1]]
        added = [part for part in parts[1] if part not in parts[0]]
        if len(dropped) == len(parts[0]) and len(added) == len(parts[1]):
            continue
        if len(dropped) == 1 and len(added) == 1:
            yield from edited_condition(word, dropped[0], old, added[0], new)
        else:
            for part in dropped:
                yield f"{word}{joint}{old.text(part.span)}   dropped"
            for part in added:
                yield f"{word}{joint}{new.text(part.span)}   added"
        return
    yield _changed(word, old.text(before.span), new.text(after.span))


def _changed(word: str, before: str, after: str) -> str:
    if not before:
        return f"{word}{after}   added"
    return f"{word}{before}   dropped" if not after else f"{word}{before} → {word}{after}"


def _effects_of(
    before: Sequence[nodes.Effect], old: Written, after: Sequence[nodes.Effect], new: Written
) -> Iterator[str]:
    """The effects that differ: their words, or the actions that they list."""
    dropped = [effect for effect in before if effect not in after]
    added = [effect for effect in after if effect not in before]
    if len(dropped) == 1 and len(added) == 1 and not dropped[0].companions and not added[0].companions:
        old_effect, new_effect = dropped[0], added[0]
        if old_effect.actions == new_effect.actions:
            yield f"{old_effect.word} → {new_effect.word} {new.text(new_effect.actions.span)}"
            return
        if old_effect.word == new_effect.word and old_effect.actions.excepted == new_effect.actions.excepted:
            listed = [{name.text for name in effect.actions.listed} for effect in (old_effect, new_effect)]
            names = [
                [name.text for name in effect.actions.listed if name.text not in listed_there]
                for effect, listed_there in ((old_effect, listed[1]), (new_effect, listed[0]))
            ]
            for gone, what in zip(names, ("dropped", "added"), strict=True):
                if gone:
                    yield f"{old_effect.word} {', '.join(gone)}   {what}"
            if any(names):
                return
    texts = [
        ", ".join(side.text(effect.span) for effect in effects) for effects, side in ((dropped, old), (added, new))
    ]
    if any(texts):
        yield _changed("", *texts)


def _overrides(before: nodes.Rule, after: nodes.Rule) -> Iterator[str]:
    names = [
        ["all"] if rule.overrides_all is not None else [name.text for name in rule.overrides]
        for rule in (before, after)
    ]
    for gone, remaining, what in ((names[0], names[1], "dropped"), (names[1], names[0], "added")):
        left = [name for name in gone if name not in remaining]
        if left:
            yield f"overrides {', '.join(left)}   {what}"
