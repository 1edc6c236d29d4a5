"""`contradiction`: one rule permits what another forbids, in one case, and neither overrides the other."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from forbear.analysis.containment import Speaking
from forbear.analysis.pairs import clashing_effects, common_boxes, common_case, pair_diagnostic
from forbear.analysis.view import Candidate, View
from forbear.diagnostic import Diagnostic, Label
from forbear.kernel import bits
from forbear.policy.names import listed
from forbear.policy.typed import Effect, Rule
from forbear.predicates.specs import mask_of
from forbear.space.search import Formula


def contradictions(view: View) -> Iterator[Candidate | int]:
    """A candidate for each pair, or a number that counts some exactly. Third rules and safeguards are left aside."""
    speaking = Speaking(view)
    rules = view.policy.rules
    plain = _plain_rules(view)
    for number, rule in enumerate(rules):
        if number in view.dead:
            continue
        permitted = [action for action, effect in rule.effects.items() if effect.permits]
        forbidding = speaking.any_of((action, Effect.FORBID) for action in permitted)
        if not forbidding:
            continue
        meeting = view.index.meeting(view.hulls[number]) & forbidding & ~(1 << number)
        if "contradiction" in view.counting and plain >> number & 1:
            yield (meeting & plain).bit_count()
            meeting &= ~plain
        for other in bits(meeting):
            # Rules of mixed effects may clash in both ways, and are one pair all the same.
            if number < other or not _clashes(view, other, number):
                yield _candidate(view, number, other)


def _plain_rules(view: View) -> int:
    """The rules of one box, with effects of one side, that neither override nor are overridden."""
    rules = view.policy.rules
    overridden = {other for rule in rules for others in rule.overrides.values() for other in others}
    return mask_of(
        [
            number
            for number, rule in enumerate(rules)
            if view.boxed[number]
            and not rule.overrides
            and number not in overridden
            and len({effect.permits for effect in rule.effects.values()}) == 1
        ]
    )


def _clash(effect: Effect, other: Effect) -> bool:
    return effect.permits and other is Effect.FORBID


def _candidate(view: View, one: int, other: int) -> Candidate:
    first, second = sorted((one, other))
    rules = view.policy.rules

    def find(more: Formula) -> Diagnostic | None:
        boxes = []
        forbidden_by: dict[int, list[str]] = {one: [], other: []}
        for permitting, forbidding in ((one, other), (other, one)):
            for action, effect, its in clashing_effects(view, permitting, forbidding, _clash):
                if forbidding in rules[permitting].overrides.get(action, ()):
                    continue
                if permitting in rules[forbidding].overrides.get(action, ()):
                    continue
                found = list(common_boxes(view, (permitting, effect), (forbidding, its)))
                boxes += found
                if found:
                    forbidden_by[forbidding].append(action)
        box = common_case(view, boxes, more)
        if box is None:
            return None
        shown = tuple(action for action in view.policy.actions if action in forbidden_by[one] + forbidden_by[other])
        permits, forbids = (one, other) if forbidden_by[other] else (other, one)
        weak, strong = rules[permits], rules[forbids]
        does = _what_it_does(weak, forbidden_by[forbids])
        back = forbidden_by[permits]
        message = f"{does}, and `{strong.name}` forbids it in the same case"
        if back:
            message += f"; of {listed(back)} it is the other way round"
        finding = pair_diagnostic(view, "contradiction", one, other, message, _ways_out(weak, strong), shown, box)
        label = Label(weak.body, does + (f" and forbids {listed(back)}" if back else ""))
        return evolve(finding, place=strong.body, related=(label,), by=(strong.name,))

    return Candidate((rules[first].name, rules[second].name), find)


def _what_it_does(rule: Rule, actions: list[str]) -> str:
    requires = any(rule.effects[action] is Effect.REQUIRE for action in actions)
    return f"`{rule.name}` {'requires' if requires else 'permits'} {listed(actions)}"


def _ways_out(permits: Rule, forbids: Rule) -> str:
    """What to do about two rules. What has no name cannot be overridden by name."""
    in_one = " or ".join(["`overrides all`", *([f"`overrides {permits.name}`"] if permits.named else [])])
    in_other = f"`overrides {forbids.name}`" if forbids.named else "`overrides all`"
    return f"write {in_one} in `{forbids.name}`, or {in_other} in `{permits.name}`, or narrow one of the two conditions"


def _clashes(view: View, one: int, other: int) -> bool:
    return any(True for _ in clashing_effects(view, one, other, _clash))
