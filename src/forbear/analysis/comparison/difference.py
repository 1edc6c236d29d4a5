"""The difference between two policies: for each action, exactly the cases whose verdict differs.

A verdict can differ only where a rule differs: where a rule holds that the other policy lacks, or where the condition,
the dates or the overriding rules of a rule were changed. The search is restricted to these cases.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice, permutations

from attrs import define, evolve, field, frozen

from forbear.analysis.comparison.coming import BROKEN, Coming
from forbear.analysis.comparison.pair import ChangeEffect, Pair, called, effect_of, paired
from forbear.analysis.comparison.telling.between import by_verdict
from forbear.analysis.comparison.telling.by_cases import edits_on, told_by_cases
from forbear.analysis.comparison.telling.consequence import Consequence
from forbear.analysis.comparison.telling.edits import Edit, Edits, edits_between
from forbear.analysis.comparison.telling.promises import change_of, edit_of_broken, promises_between
from forbear.analysis.comparison.telling.teller import Known, Teller
from forbear.analysis.comparison.telling.where import Where, periods, together, where_rules_differ, widened
from forbear.analysis.engine.space import BOUND, Point, Witness, check_witness
from forbear.base.diagnostic import Diagnostic
from forbear.kernel.cases import Verdict
from forbear.language.model.conditions import Always
from forbear.language.model.policy import Effect, Rule, TypedPolicy
from forbear.language.model.values import fields_json, plain_json
from forbear.semantics.composition.union import EVERYWHERE, Domain, Redeclared, union
from forbear.space.formulas import FALSE, TRUE, All, Any, Formula, Neither
from forbear.space.in_words import box_text
from forbear.space.regions import Box, TooManyBoxes
from forbear.space.search.bound import BoundReached
from forbear.space.search.witness import cover

ACTION_BOUND = BOUND
"""The number of boxes that the search for the changes of one action may compare before it is `undecided`: some
seconds.
"""
DIFF_BOUND = 10 * BOUND
"""The number of boxes that the searches for all actions may compare."""

SILENCE = "(silence)"
"""The name, which no author can write, of what permits in a standard that is compared: that no rule of it forbids."""

Days = tuple[int | None, int | None]
"""A first and a last day, as ordinals; None is an open end."""


@frozen
class Change:
    """Cases in which the verdict on an action changed from `before` to `after`, with a witness.

    `condition`, text of the language, holds in exactly these cases, from the day `since` until the day `until` if rules
    have dates."""

    action: str
    before: Verdict
    after: Verdict
    condition: str
    since: datetime.date | None
    until: datetime.date | None
    witness: Witness = field(hash=False)

    @property
    def effect(self) -> ChangeEffect:
        """The effect on the borrower."""
        return effect_of(self.before, self.after)

    def as_json(self) -> dict[str, object]:
        """Returns the change as `forbear diff` prints it."""
        where = Where(self.condition, self.since, self.until)
        changed = fields_json(self, "action", "before", "after", "effect")
        return {**changed, **where.as_json(), "witness": plain_json(self.witness)}


@frozen
class Difference:
    """All differences between two policies.

    The changes of one action are disjoint, and together exactly the cases whose verdict differs. Those of an action
    that is `undecided` may be incomplete. `facts`, `actions` and `settings` are those that the vocabularies and the
    settings declare differently, which alone changes no verdict.

    `consequences` describe the same changes by their effect on the borrower, the most dangerous first, each with the
    `edits` that cause it. They may be complete even if the changes are not; for the actions in `untold` they are
    incomplete.

    `promises` are those that are gone, changed or new: an `ensure`, a standard, the promise of a table, an `accept`, an
    example, an `omits`. They change no verdict, but the two policies are not equivalent.
    """

    old: TypedPolicy
    new: TypedPolicy
    facts: tuple[Redeclared, ...]
    actions: tuple[Redeclared, ...]
    settings: tuple[Redeclared, ...]
    changes: tuple[Change, ...]
    undecided: tuple[str, ...]
    edits: tuple[Edit, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    untold: Mapping[str, Sequence[int]] = field(factory=dict, hash=False)
    promises: tuple[Edit, ...] = ()
    findings: Coming | None = None
    """The findings that come and go; None where they were not looked for."""

    @property
    def equivalent(self) -> bool:
        """Whether it is proved that every case has the same verdicts, on whatever days the two are in force, and that
        both promise the same.
        """
        return self.same_verdicts and not self.promises and not self.broken

    @property
    def same_verdicts(self) -> bool:
        """Whether it is proved that every case has the same verdicts, on whatever days the two are in force."""
        return not self.changes and not self.undecided

    @property
    def broken(self) -> tuple[Diagnostic, ...]:
        """The promises that the new policy breaks, and the old one did not; empty unless findings were looked for."""
        return tuple([finding for finding in self.findings.come if finding.code in BROKEN] if self.findings else [])

    @property
    def come(self) -> tuple[Diagnostic, ...]:
        """The findings that only the new policy has, except for broken promises."""
        return tuple([each for each in self.findings.come if each.code not in BROKEN] if self.findings else [])

    @property
    def go(self) -> tuple[Diagnostic, ...]:
        """The findings that only the old policy had."""
        return self.findings.go if self.findings else ()

    @property
    def days(self) -> tuple[Days, Days] | None:
        """The first and the last day on which each is in force, as ordinals; None if these are the same. The comparison
        ignores them."""
        return other_days(self.old, self.new)

    def as_json(self) -> dict[str, object]:
        """Returns the difference as `forbear diff` prints it."""
        return {
            **fields_json(self, "equivalent", "same_verdicts"),
            "promises": [
                *[
                    {"change": "broken", **edit_of_broken(each).as_json()}
                    for finding in self.broken
                    for each in (finding, *finding.also)
                    if each.code in BROKEN
                ],
                *[{"change": change_of(edit), **edit.as_json()} for edit in self.promises],
            ],
            **fields_json(self, "changes", "undecided", "edits", "consequences"),
            "untold": list(self.untold),
            "facts": [{"name": fact.name, "old": fact.old, "new": fact.new, **fact.called()} for fact in self.facts],
            "actions": [
                {"name": action.name, "old": action.old is not None, "new": action.new is not None}
                for action in self.actions
            ],
            "settings": [fields_json(setting, "name", "old", "new") for setting in self.settings],
            "in_force": days_json(self.days),
        }


def other_days(old: TypedPolicy, new: TypedPolicy) -> tuple[Days, Days] | None:
    """The first and the last day on which each of two policies is in force, as ordinals; None where these are the
    same."""
    before, after = (old.since, old.until), (new.since, new.until)
    return None if before == after else (before, after)


def days_json(days: tuple[Days, Days] | None) -> dict[str, dict[str, str | None]] | None:
    """The days on which two policies are in force, as `forbear diff` prints them."""
    if days is None:
        return None
    old, new = [[None if day is None else datetime.date.fromordinal(day).isoformat() for day in ends] for ends in days]
    return {side: {"from": since, "until": until} for side, (since, until) in (("old", old), ("new", new))}


def difference(
    old: TypedPolicy,
    new: TypedPolicy,
    domain: Domain = EVERYWHERE,
    effort: int = 1,
    between: Callable[[], None] = lambda: None,
) -> Difference:
    """Returns the difference between two policies, in the cases of a domain. `effort` raises the bounds of the search,
    and `between` may raise an exception that ends it. Raises `Incomparable`. Two standards differ in what a policy
    under them may do: what neither forbids is allowed.
    """
    of_law = old.standard and new.standard
    spoken_of = {**new.actions, **old.actions}
    sides = (_letting_pass(old, spoken_of), _letting_pass(new, spoken_of)) if of_law else (old, new)
    both = union(*sides, domain)
    pair = paired(both, effort, between, each_day=of_law or _first_days(old) != _first_days(new))
    edits = edits_between(both, (*old.tables, *new.tables))
    changes: list[Change] = []
    consequences: list[Consequence] = []
    untold: dict[str, Sequence[int]] = {}
    undecided: list[str] = []
    search = _Search(pair, ACTION_BOUND * effort, DIFF_BOUND * effort)
    alike: dict[object, _Found] = {}
    for action in both.new.actions:
        pair.analysis.searcher.bound.left = search.of_formulas
        differing = [TRUE] if pair.blocks(action) else list(where_rules_differ(pair, edits, action))
        if not differing:
            continue
        rules = (pair.rules_on(action), action if pair.blocks(action) else None)
        if rules not in alike:
            where = Any(tuple(differing))
            its_changes, complete = search.of_action(action, where)
            told = _consequences(pair, edits, action, where, its_changes, complete)
            alike[rules] = _Found(its_changes, complete, *told)
        outcome = alike[rules]
        changes += [evolve(change, action=action) for change in outcome.changes]
        consequences += [_told_of(consequence, action) for consequence in outcome.consequences]
        undecided += [] if outcome.complete else [action]
        untold |= {} if outcome.untold is None else {action: outcome.untold}
    for name, outcome in _found_along(search, edits):
        changes += outcome.changes
        consequences += outcome.consequences
        undecided += [] if outcome.complete else [name]
        untold |= {} if outcome.untold is None else {name: outcome.untold}
    return Difference(
        old,
        new,
        both.facts,
        both.actions,
        both.settings,
        tuple(sorted(changes, key=lambda change: change.effect.rank)),
        tuple(undecided),
        edits.edits,
        tuple(sorted(consequences, key=lambda consequence: consequence.effect.rank)),
        untold,
        promises_between(old, new),
    )


def _told_of(consequence: Consequence, action: str) -> Consequence:
    """Returns a consequence as one for another action. The silence of a standard is not a rule that decides."""
    unless = consequence.unless
    by, holding, otherwise = (
        tuple([name for name in names if name != SILENCE])
        for names in (consequence.by, consequence.holding, unless.otherwise)
    )
    unless = evolve(unless, otherwise=otherwise, silent=SILENCE in unless.otherwise)
    return evolve(consequence, action=action, by=by, holding=holding, unless=unless)


def _first_days(policy: TypedPolicy) -> set[tuple[str, int | None]]:
    """Returns the day from which each rule of a standard refuses for good."""
    return {(rule.name, rule.since) for rule in policy.rules if rule.lasting}


def _letting_pass(standard: TypedPolicy, actions: Iterable[str]) -> TypedPolicy:
    """A standard with a rule that permits those actions of which the others do not speak: a policy under it may."""
    effects = dict.fromkeys(actions, Effect.ALLOW)
    ends = (None, None, None, None)
    rule = Rule(SILENCE, True, False, None, Always(), effects, {}, *ends, standard.place, standard.place)
    return evolve(standard, rules=(*standard.rules, rule))


@frozen
class _Found:
    """The outcome for an action: its changes, whether these are complete, and its consequences; `untold` are the edits
    that may have more of these."""

    changes: Sequence[Change]
    complete: bool
    consequences: Sequence[Consequence]
    untold: Sequence[int] | None


_Regions = Mapping[tuple[Verdict, Verdict], Formula]
"""The cases in which one verdict becomes another."""


@define(eq=False)
class _Search:
    """The searches for changes: each for one action may compare `most` boxes, and all together what is `left`."""

    pair: Pair
    most: int
    left: int

    @property
    def of_formulas(self) -> int:
        """The cost that making the formulas of an action may have, whatever the searches before have spent."""
        return BOUND * self.pair.analysis.space.effort

    def of_action(self, action: str, differing: Formula) -> tuple[list[Change], bool]:
        """The changes of an action, and whether these are all."""
        if self.pair.too_large(action):
            return [], False

        def regions() -> _Regions:
            old, new = by_verdict(self.pair.old(action)), by_verdict(self.pair.new(action))
            return {ends: All((differing, old[ends[0]], new[ends[1]])) for ends in permutations(Verdict, 2)}

        return self.changes((action,), regions)

    def changes(self, about: tuple[str, ...], regions: Callable[[], _Regions]) -> tuple[list[Change], bool]:
        """Returns the changes in some regions of an action, or of an action with a companion, and whether these are
        all. Making the regions may reach the bound too.
        """
        searcher = self.pair.analysis.searcher
        allowance = searcher.bound.left = min(self.left, self.most)
        changes: list[Change] = []
        complete = True
        in_order: list[tuple[tuple[Verdict, Verdict], Formula]] = []
        try:
            in_order += sorted(regions().items(), key=lambda region: effect_of(*region[0]).rank)
            for ends, region in in_order:
                for change in self._changes_in(region, about, ends):
                    if not changes:  # whether there is one is decided; what edits change is told without all
                        spared = max(searcher.bound.left - self.most // 4, 0)
                        searcher.bound.left, allowance = searcher.bound.left - spared, allowance - spared
                    changes.append(change)
        except (BoundReached, TooManyBoxes):
            complete = False
        self.left -= allowance - max(searcher.bound.left, 0)
        more = self.most  # for a case of each effect that has none yet, the most dangerous first
        for ends, region in in_order if not complete else ():
            if effect_of(*ends) not in [change.effect for change in changes]:
                searcher.bound.left = more // 2
                with suppress(BoundReached, TooManyBoxes):
                    changes += islice(self._changes_in(region, about, ends), 1)
                more -= more // 2 - max(searcher.bound.left, 0)
        return changes, complete

    def _changes_in(self, region: Formula, about: tuple[str, ...], ends: tuple[Verdict, Verdict]) -> Iterator[Change]:
        """Yields the changes in a region from one verdict to another, each with a case."""
        space = self.pair.analysis.space
        for box in cover(region, self.pair.analysis.searcher.search(), space.masks):
            for since, until, run in periods(box, space.cells):
                point = _point(self.pair, run)
                if point is not None:
                    check_witness(self.pair.verdicts(about, point) == ends, "a change", point)
                    where = box_text(run, space.cells)
                    yield Change(called(about), *ends, where, since, until, point.witness)


def _consequences(
    pair: Pair, edits: Edits, action: str, differing: Formula, changes: Sequence[Change], complete: bool
) -> tuple[list[Consequence], Sequence[int] | None]:
    """Returns the consequences of the edits for an action; and the edits that may have more, if the search for them
    reaches its bound. Then the changes that are known are described.
    """
    known = _known(changes)
    left = [effect for effect in ChangeEffect if effect in known or not complete]
    consequences: list[Consequence] = []
    if not pair.too_large(action) and not pair.blocks(action):
        with suppress(BoundReached):
            teller = Teller(pair, edits, action, differing)
            while left:
                consequences += teller.consequences(left[0], known[left[0]] if complete else None)
                del left[0]
    some = {effect: known[effect] for effect in left if effect in known}
    consequences += told_by_cases(pair, edits, (action,), some)  # rules on other actions may block it too
    is_told = not left or (complete and pair.blocks(action))
    return consequences, None if is_told else edits_on(pair, edits, action)


def _point(pair: Pair, box: Box) -> Point | None:
    """A minimal case of a box; None if nobody can have a case of it, since what it counts does not go together."""
    space = pair.analysis.space
    possible = space.possible_cases
    if possible.pairs and pair.analysis.searcher.search().find(possible.formula, box) is None:
        return None
    return space.point(box)


def _found_along(search: _Search, edits: Edits) -> Iterator[tuple[str, _Found]]:
    """Yields the outcomes for pairs of an action and a companion, in the cases in which both policies permit the
    action.
    """
    pair = search.pair
    for action in pair.union.new.actions if pair.analysis.space.companions else ():
        pair.analysis.searcher.bound.left = search.of_formulas
        permitted = All((pair.old(action).permitted, pair.new(action).permitted))
        old_along, new_along = pair.old_along(action), pair.new_along(action)
        for companion in dict.fromkeys((*old_along, *new_along)):
            old, new = old_along.get(companion, FALSE), new_along.get(companion, FALSE)
            regions = {
                (Verdict.UNSAID, Verdict.REQUIRED): All((permitted, new, Neither((old,)))),
                (Verdict.REQUIRED, Verdict.UNSAID): All((permitted, old, Neither((new,)))),
            }
            about = (action, companion)
            changes, complete = search.changes(about, lambda regions=regions: regions)  # type: ignore[misc]
            known: Mapping[ChangeEffect, Sequence[Known]] = _known(changes)
            with suppress(BoundReached):
                known = _where_permitted(pair, permitted, regions, known)
            consequences = told_by_cases(pair, edits, about, known)
            untold = None if complete else edits_on(pair, edits, action)
            yield called(about), _Found(changes, complete, consequences, untold)


def _where_permitted(
    pair: Pair, permitted: Formula, regions: _Regions, known: Mapping[ChangeEffect, Sequence[Known]]
) -> dict[ChangeEffect, Sequence[Known]]:
    """Returns the cases of each effect, by their properties other than that both policies permit the action. Raises
    `BoundReached`.
    """
    search = pair.analysis.searcher.search()
    shorter: dict[ChangeEffect, Sequence[Known]] = {}
    for effect, cases in known.items():
        region = regions[cases[0].before, cases[0].after]
        boxes = list(cover(region, search, pair.analysis.space.masks))
        wide = widened(boxes, Any((region, Neither((permitted,)))), search)
        shorter[effect] = [evolve(cases[0], where=where) for where in together(wide, pair.analysis.space.cells)]
    return shorter


def _known(changes: Iterable[Change]) -> dict[ChangeEffect, list[Known]]:
    known: dict[ChangeEffect, list[Known]] = {}
    for change in changes:
        where = Where(change.condition, change.since, change.until)
        known.setdefault(change.effect, []).append(Known(change.before, change.after, where, change.witness))
    return known
