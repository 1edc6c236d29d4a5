"""What an author edited in a rule, clause by clause, in the words of the two texts: `after 3 days → after 2 days`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forbear.analysis.written import Written
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import And, Condition, Or


def edited_clauses(old: Written, new: Written) -> Iterator[str]:
    """The clauses that decide and that differ, each in words."""
    before, after = old.node, new.node
    if before.limited_by is not None or after.limited_by is not None:
        if (before.limited_by, before.condition) != (after.limited_by, after.condition):
            yield f"{_body(old)} → {_body(new)}"
    elif before.condition != after.condition:
        yield from edited_condition("", before.condition, old, after.condition, new)
    if before.unless != after.unless:
        yield from edited_condition("unless ", before.unless, old, after.unless, new)
    yield from _effects(before.effects, old, after.effects, new)
    if (before.overrides, before.overrides_all) != (after.overrides, after.overrides_all):
        yield from _overrides(before, after)
    if before.in_force != after.in_force or (before.order == "suspend") != (after.order == "suspend"):
        texts = ["" if side.node.in_force is None else side.text(side.node.in_force.span) for side in (old, new)]
        yield _changed("" if all(text.startswith("in force") for text in texts if text) else "in force ", *texts)


def edited_condition(
    word: str, before: Condition | None, old: Written, after: Condition | None, new: Written
) -> Iterator[str]:
    """The parts of a condition that differ. `word` stands before it, such as `unless `."""
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


def _body(side: Written) -> str:
    return side.text(side.node.body)


def _effects(
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
