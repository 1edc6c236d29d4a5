"""The edits by which a rule differs: of the rule itself, of what it uses, of the head, or of its standard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from attrs import field, frozen

from forbear.analysis.comparison.telling.clauses import edited_clauses, edited_condition
from forbear.analysis.written import Definitions, Written, definitions, in_one_line, text_of, used_in, written
from forbear.base.source import Place, Source
from forbear.language.model.policy import Rule, TypedPolicy
from forbear.language.syntax.nodes import PolicyHead
from forbear.language.syntax.parser import parse
from forbear.semantics.composition.standards import all_standards
from forbear.semantics.composition.union import Union
from forbear.semantics.to_text import setting_text

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
    """An edit of the text: what was edited, where, and how, clause by clause.

    `rules` are the rules that are different by it; none if it decides nothing. `before` is None for what is new, and
    `after` for what is gone.
    """

    kind: EditKind
    name: str
    what: tuple[str, ...]
    before: Place | None = field(hash=False)
    after: Place | None = field(hash=False)
    rules: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """As `forbear diff` prints it."""
        places = {"before": self.before, "after": self.after}
        return {
            "kind": self.kind,
            "name": self.name,
            "what": list(self.what),
            **{
                side: {"file": place.source.name, "line": place.start.line}
                for side, place in places.items()
                if place is not None
            },
            "rules": list(self.rules),
        }


def _edit(kind: EditKind, name: str, what: Iterable[str], before: Place | None, after: Place | None) -> Edit:
    """An edit, before it is known which rules it reaches."""
    return Edit(kind, name, tuple(what), before, after, ())


def causes_of(before: Rule | None, after: Rule | None, differs: bool, names: Names) -> Iterator[tuple[Edit, bool]]:
    """The edits by which a rule differs, or that are made to it, each with whether the rule differs by it."""
    for edit in _deciding(before, after, differs, names):
        yield edit, differs
    if before is not None and after is not None and after.standard is None:
        differences = list(_said_otherwise(before, after))
        if differences:
            yield _edit("rule", after.name, [", ".join(differences)], before.place, after.place), False


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
    """What differs in a rule of both and decides nothing: its name, its title, its reason, its source."""
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
