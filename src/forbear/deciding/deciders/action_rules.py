"""The rules on one action as bits in order of precedence, and decisions from the rules that hold.

The bits ascend from rules that only override to rules that allow, require, forbid, and never allow. Rules of one effect
are in reverse file order. So the highest bit that is set gives the verdict, and the bits from there down are the rules
that gave it, in file order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from attrs import frozen

from forbear.kernel import cases as kernel
from forbear.kernel.cases import ActionDecision, ActionSpec, RuleSpec, Verdict
from forbear.language.model.policy import Effect
from forbear.semantics.lowered.actions import PRECEDENCE, ActionTable
from forbear.space.masks import mask_of

Item = TypeVar("Item")


@frozen(eq=False)
class ActionRules:
    """The rules on one action, as bits of a row that several actions may share.

    `start` is the place of the first bit in the row. All other bits are counted from there.
    """

    start: int
    mask: int
    """All bits of the action."""
    spec: ActionSpec
    """How the action is decided where overrides matter, or where a fact is unknown."""
    rules: Sequence[RuleSpec]
    """The rule of each bit."""
    by_length: Sequence[tuple[Verdict, int]]
    """By the bit length of a set of active rules: the verdict of its highest bit, and the bit length down to which, not
    included, the rules give that verdict."""
    names: Sequence[str]
    """The name of the rule of each bit."""
    reasons: bool
    """Whether any of the rules has a reason."""
    sources: bool
    overridden: int
    """The bits of rules that others override."""
    overrides: Mapping[int, int]
    """For each of these bits, its index in `spec.overridden`."""


def ascending(table: ActionTable) -> list[int]:
    """The rules on an action, by their places in the policy, in the order of their bits."""
    strongest_last = [table.exempting, *[branch.rules for branch in reversed(table.branches)]]
    return [number for numbers in strongest_last for number in reversed(numbers)]


def action_rules(
    start: int, bits: Mapping[int, int], table: ActionTable, spec: ActionSpec, rules: Sequence[RuleSpec]
) -> ActionRules:
    """The rules on an action. `bits` has the bit of each rule, less `start`, in the order of `ascending`."""

    def moved(mask: int) -> int:
        return mask_of([bits[number] for number in kernel.bits(mask)])

    by_bit: list[RuleSpec] = []
    by_length = [(Verdict.UNSAID, 0)]
    last: Effect | None = None
    for number, bit in bits.items():
        effect = table.effects[number]
        added = bit + 1 - len(by_bit)  # the bits of a rule's boxes come before its own
        if effect not in PRECEDENCE:
            entry = (Verdict.UNSAID, bit + 1)
        elif effect is not last:
            entry = (PRECEDENCE[effect], len(by_bit))
        by_bit += [rules[number]] * added
        by_length += [entry] * added
        last = effect
    return ActionRules(
        start,
        (1 << len(by_bit)) - 1,
        ActionSpec(
            tuple([branch._replace(rules=moved(branch.rules)) for branch in spec.branches]),
            moved(spec.rules),
            tuple([(bits[number], moved(stronger)) for number, stronger in spec.overridden]),
        ),
        by_bit,
        by_length,
        [rule.name for rule in by_bit],
        any(rule.because is not None for rule in by_bit),
        any(rule.source is not None for rule in by_bit),
        mask_of([bits[number] for number, _ in spec.overridden]),
        {bits[number]: place for place, (number, _) in enumerate(spec.overridden)},
    )


def decide_action(rules: ActionRules, holding: int) -> ActionDecision:
    """Decides an action if no fact is unknown. `holding` are the rules that hold, as bits of the whole row."""
    left = holding >> rules.start & rules.mask
    if left & rules.overridden:
        left = kernel.resolve(_relevant(rules, left), left, left)[3]
    verdict, end = rules.by_length[left.bit_length()]
    if not rules.reasons and not rules.sources:
        return ActionDecision(verdict, tuple(_descending(rules.names, left, end)), (), (), ())
    deciding = _descending(rules.rules, left, end)
    because = tuple([rule.because for rule in deciding if rule.because is not None]) if rules.reasons else ()
    source = tuple([rule.source for rule in deciding if rule.source is not None]) if rules.sources else ()
    return ActionDecision(verdict, tuple([rule.name for rule in deciding]), because, source, ())


def _descending(by_bit: Sequence[Item], mask: int, end: int) -> list[Item]:
    """What belongs to the bits of a mask from the highest down to `end`."""
    items = []
    while (length := mask.bit_length()) > end:
        items.append(by_bit[length - 1])
        mask ^= 1 << length - 1
    return items


def decide_with_unknowns(rules: ActionRules, certain: int, possible: int, unknown: frozenset[str]) -> ActionDecision:
    """Decides an action from the rules that certainly and that possibly hold, as bits of the whole row.

    `unknown` names the unknown facts of the case.
    """
    certain, possible = certain >> rules.start & rules.mask, possible >> rules.start & rules.mask
    decided = kernel.decide_action(_relevant(rules, possible), rules.rules, certain, possible, unknown)
    # The kernel lists rules by ascending bits, which is reverse file order.
    return decided._replace(rules=decided.rules[::-1], because=decided.because[::-1], source=decided.source[::-1])


def permits(rules: ActionRules, certain: int, possible: int) -> bool:
    """Whether an action is permitted that is alone in its row."""
    if certain == possible and not possible & rules.overridden:
        return rules.by_length[possible.bit_length()][0] in kernel.PERMITTED
    return kernel.resolve(_relevant(rules, possible), certain, possible)[0] in kernel.PERMITTED


def _relevant(rules: ActionRules, possible: int) -> ActionSpec:
    """The tables of an action, with the overrides of possibly holding rules alone: no others can matter."""
    spec = rules.spec
    if not spec.overridden:
        return spec
    among = sorted([rules.overrides[bit] for bit in kernel.bits(possible & rules.overridden)])
    return spec._replace(overridden=tuple([spec.overridden[place] for place in among]))
