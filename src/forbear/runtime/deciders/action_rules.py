"""The rules on one action as bits that stand in the order of what they say, and the verdict from those that hold.

The places go up from rules that only override to those that allow, require, forbid, and never allow; among those that
say the same, against file order. So the highest bit that is set tells the verdict, and from there down the bits are
the rules that gave it, in file order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from forbear import kernel
from forbear.kernel import ActionDecision, ActionSpec, RuleSpec, Verdict
from forbear.lowered.actions import PRECEDENCE, ActionTable
from forbear.model.policy import Effect
from forbear.predicates.specs import mask_of

_new = tuple.__new__
"""What makes a named tuple at once: its own `__new__` is a function of Python."""


@frozen(eq=False)
class Speaking:
    """The rules on one action. `start` is where they begin in the row of bits; their own places are counted from there.

    `lengths` has for each length of a number of these bits the verdict that its highest bit gives, and the length at
    which the rules end that give it. `overridden` are bits, `overrides` says of each in which place of `spec` it is.
    """

    start: int
    mask: int
    spec: ActionSpec
    rules: Sequence[RuleSpec]
    lengths: Sequence[tuple[Verdict, int]]
    names: Sequence[str]
    """By the length of the number of which the rule has the highest bit, as all that follow."""
    reasons: Sequence[str | None] | None
    sources: Sequence[str | None] | None
    overridden: int
    overrides: Mapping[int, int]
    permitting: int
    """From this number on a rule that permits or hinders is among the bits."""
    hindering: int
    """And from this one on a rule that hinders."""


def ascending(table: ActionTable) -> list[int]:
    """The rules on an action, in the order of their places."""
    strongest_last = [table.exempting, *[branch.rules for branch in reversed(table.branches)]]
    return [number for numbers in strongest_last for number in reversed(numbers)]


def speaking(
    start: int, bits: Mapping[int, int], table: ActionTable, spec: ActionSpec, rules: Sequence[RuleSpec]
) -> Speaking:
    """The tables of an action, from the bits of its rules in the order of `ascending`, `start` taken away; other rules
    are left out."""

    def moved(mask: int) -> int:
        return mask_of([bits[number] for number in kernel.bits(mask) if number in bits])

    by_bit: list[RuleSpec] = []
    lengths = [(Verdict.UNSAID, 0)]
    last: Effect | None = None
    for number, bit in bits.items():
        effect = table.effects[number]
        more = bit + 1 - len(by_bit)  # the places of its boxes come before its bit
        if effect not in PRECEDENCE:
            said = (Verdict.UNSAID, bit + 1)
        elif effect is not last:
            said = (PRECEDENCE[effect], len(by_bit))
        by_bit += [rules[number]] * more
        lengths += [said] * more
        last = effect
    overridden = [(number, stronger) for number, stronger in spec.overridden if number in bits]
    return Speaking(
        start,
        (1 << len(by_bit)) - 1,
        ActionSpec(
            tuple([branch._replace(rules=moved(branch.rules)) for branch in spec.branches]),
            moved(spec.rules),
            tuple([(bits[number], moved(stronger)) for number, stronger in overridden]),
        ),
        by_bit,
        lengths,
        ["", *[rule.name for rule in by_bit]],
        _any([None, *[rule.because for rule in by_bit]]),
        _any([None, *[rule.source for rule in by_bit]]),
        mask_of([bits[number] for number, _ in overridden]),
        {bits[number]: place for place, (number, _) in enumerate(overridden)},
        1 << _first(lengths, Verdict.ALLOWED, Verdict.REQUIRED, Verdict.FORBIDDEN),
        1 << _first(lengths, Verdict.FORBIDDEN),
    )


def _first(lengths: Sequence[tuple[Verdict, int]], *verdicts: Verdict) -> int:
    """The first place of a rule that gives one of these verdicts, or the place behind all."""
    return next((length for length, (verdict, _) in enumerate(lengths[1:]) if verdict in verdicts), len(lengths) - 1)


def _any(texts: Sequence[str | None]) -> Sequence[str | None] | None:
    return texts if any(text is not None for text in texts) else None


def settle(actions: Mapping[str, Speaking], holding: int, action: str) -> ActionDecision:
    """The verdict on an action where nothing is unknown, from the rules that hold: other bits of the row are passed
    over."""
    speaking = actions[action]
    left = holding >> speaking.start & speaking.mask
    if left & speaking.overridden:
        left = _standing(speaking, left)
    length = left.bit_length()
    verdict, end = speaking.lengths[length]
    if speaking.reasons is not None or speaking.sources is not None:
        return _with_texts(speaking, verdict, left, end)
    names = speaking.names
    rules = []
    while length > end:
        rules.append(names[length])
        left ^= 1 << length - 1
        length = left.bit_length()
    return _new(ActionDecision, (verdict, tuple(rules), (), (), ()))


def _with_texts(speaking: Speaking, verdict: Verdict, left: int, end: int) -> ActionDecision:
    lengths = []
    while (length := left.bit_length()) > end:
        lengths.append(length)
        left ^= 1 << length - 1
    names, reasons, sources = speaking.names, speaking.reasons, speaking.sources
    rules = tuple([names[length] for length in lengths])
    because = () if reasons is None else tuple([said for length in lengths if (said := reasons[length]) is not None])
    source = () if sources is None else tuple([said for length in lengths if (said := sources[length]) is not None])
    return _new(ActionDecision, (verdict, rules, because, source, ()))


def settle_open(speaking: Speaking, certain: int, possible: int, unknown: frozenset[str]) -> ActionDecision:
    """The verdict on an action, from the rules that hold for certain and those that may hold."""
    certain, possible = certain >> speaking.start & speaking.mask, possible >> speaking.start & speaking.mask
    spec = _that_matters(speaking, possible)
    decided = kernel.settle(spec, speaking.rules, certain, possible, unknown)
    # It names them from the lowest bit up, which is against file order.
    return decided._replace(rules=decided.rules[::-1], because=decided.because[::-1], source=decided.source[::-1])


def permits(speaking: Speaking, certain: int, possible: int) -> bool:
    """Whether the one action of a row is permitted."""
    if possible & speaking.overridden:
        spec = _that_matters(speaking, possible)
        return kernel.weigh(spec, certain, possible)[0] in (Verdict.ALLOWED, Verdict.REQUIRED)
    return possible < speaking.hindering and certain >= speaking.permitting


def _standing(speaking: Speaking, holding: int) -> int:
    """The rules that hold and that no other sets aside."""
    return kernel.weigh(_that_matters(speaking, holding), holding, holding)[3]


def _that_matters(speaking: Speaking, possible: int) -> ActionSpec:
    """The tables of an action with those of the overridden rules alone that may hold: no other can be set aside."""
    spec = speaking.spec
    if not spec.overridden:
        return spec
    among = sorted([speaking.overrides[number] for number in kernel.bits(possible & speaking.overridden)])
    return spec._replace(overridden=tuple([spec.overridden[place] for place in among]))
