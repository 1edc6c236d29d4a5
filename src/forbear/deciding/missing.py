"""What a condition lacks to hold of a case, and by how much, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from forbear.kernel import cases as kernel
from forbear.kernel.cases import GridValue, InPart, Value
from forbear.language.model.comparisons import Between, Compare, holds_for_none, ranges
from forbear.language.model.conditions import Always, And, Atom, Condition, Not, Or, negation
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import Storage
from forbear.language.model.relations import Related, Term
from forbear.language.model.values import difference_text, value_text
from forbear.semantics import meaning
from forbear.semantics.kernel_specs import fact_spec
from forbear.semantics.to_text import amount_text, condition_text, term_text


def missing_of(
    part: Condition, facts: Mapping[str, Fact], values: Mapping[str, Value], *, wanted: bool
) -> Iterator[str]:
    """What must change for a condition to have the truth `wanted`: a line for each change."""
    if meaning.truth(part, facts, values) is wanted:
        return
    match part:
        case Always():
            yield "holds in every case"
        case Not(inner):
            yield from missing_of(inner, facts, values, wanted=not wanted)
        case And(parts) | Or(parts):
            lines = [line for inner in parts for line in missing_of(inner, facts, values, wanted=wanted)]
            all_needed = isinstance(part, And) == wanted
            if all_needed:
                yield from lines
            else:
                yield ", or ".join(lines)
        case Related():
            needs = condition_text(part if wanted else negation(part), facts)
            sides = [_told(term, facts, values) for term in (part.left, part.right)]
            yield f"needs {needs}, where {' and '.join(sides)}"
        case atom:
            fact = facts[atom.fact]
            wanted_atom = atom if wanted else negation(atom)
            needs = f"needs {condition_text(wanted_atom, facts)}"
            value = values[atom.fact]
            if value is None or fact.private or isinstance(value, InPart):
                yield f"{needs}, is {stand_in(fact, value)}"
            else:
                distance = _distance(wanted_atom, fact, value)
                yield f"{needs}, is {value_text(fact, value)}" + (f": {distance}" if distance else "")


def _told(term: Term, facts: Mapping[str, Fact], values: Mapping[str, Value]) -> str:
    """What a side of a comparison of two facts is: `10% of credit_limit is CNY 300`."""
    fact, value = facts[term.fact], values[term.fact]
    if value is None or fact.private or isinstance(value, InPart):
        return f"{fact.name} is {stand_in(fact, value)}"
    if not fact.kind.numeric and term.offset:
        day = int(value) + int(term.offset)
        if fact.low <= day <= fact.high:
            return f"{term_text(term, facts)} is {value_text(fact, day)}"
    if not fact.kind.numeric:
        return f"{fact.name} is {value_text(fact, value)}"
    return f"{term_text(term, facts)} is {amount_text(fact, term.value(fact, value))}"


def _distance(atom: Atom, fact: Fact, value: GridValue) -> str | None:
    """How far a value is from what a comparison needs: `27 more days`, `CNY 200.01 less`."""
    if not isinstance(value, int) or isinstance(value, bool) or fact.kind.storage not in (Storage.NUMBER, Storage.DATE):
        return None
    if not isinstance(atom, (Compare, Between)) or holds_for_none(atom):
        return None
    target = next((low if value < low else high for low, high in ranges(atom, fact)), None)
    if target is None:
        return None
    steps = abs(target - value)
    if fact.kind.storage is Storage.DATE:
        return f"{difference_text(fact, steps)} {'later' if target > value else 'earlier'}"
    if fact.kind.counted:
        return difference_text(fact, steps, "more " if target > value else "fewer ")
    return f"{difference_text(fact, steps)} {'more' if target > value else 'less'}"


def stand_in(fact: Fact, value: Value) -> str:
    """What stands for a value that is absent, private or known in part."""
    if value is None and fact.optional:
        return "unknown"
    if fact.private:
        return kernel.PRIVATE
    return kernel.in_part_text(fact_spec(fact), value) if isinstance(value, InPart) else "none"
