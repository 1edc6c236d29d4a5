"""The mutation score of a policy as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import itemgetter

from forbear.analysis.mutation.mutants import Mutant, SlipKind
from forbear.analysis.mutation.score import MutationScore
from forbear.language.model.names import counted
from forbear.language.model.policy import Example

_MOST = 10
"""The number of unnoticed cases that the text shows; of more cases it shows so many lines, so that a screen suffices.
"""
_MOST_SLIPS = 3
"""The number of slips that such a line shows."""


def slip_text(mutant: Mutant) -> str:
    """Returns a slip in words, such as `days_overdue > 13` as `days_overdue > 14`."""
    slip = mutant.slip
    match slip.kind:
        case SlipKind.RULE:
            return f"without the rule `{slip.before}`"
        case SlipKind.CONDITION:
            return "without its condition"
        case SlipKind.OVERRIDE:
            return f"without `overrides {slip.before}`"
        case _:
            return f"without `{slip.before}`" if slip.after is None else f"`{slip.before}` as `{slip.after}`"


def score_lines(file: str, score: MutationScore, examples: Sequence[str]) -> Iterator[str]:
    """A score in lines: first the score, and then the slips that are not noticed, the most dangerous first. If they are
    few, each comes with the example that would notice it.

    The percentage is rounded down: only a whole score is 100 %.
    """
    line = f"{file}: {score.noticed} of {score.counted} slips noticed ({int(score.percent)} %)"
    unchanged = len(score.equivalent) + len(score.requiring)
    yield line + (f"; {unchanged} more change nothing that an example could tell" if unchanged else "")
    many = len(score.unnoticed) > _MOST
    left = sum(len(unnoticed.mutants) for unnoticed in score.unnoticed)
    together = [(unnoticed.mutants, example) for unnoticed, example in zip(score.unnoticed, examples, strict=True)]
    if many:
        dangers = chain(*[zip(each.mutants, each.dangers, strict=True) for each in score.unnoticed])
        together = [(tuple([mutant for mutant, _ in sorted(dangers, key=itemgetter(1))]), "")]
    for mutants, example in together:
        by_rule: dict[str, list[Mutant]] = {}
        for mutant in mutants:
            by_rule.setdefault(_where(mutant), []).append(mutant)
        for where, of_rule in list(by_rule.items())[: _MOST if many else None]:
            shown = of_rule[:_MOST_SLIPS] if many else of_rule
            yield f"  not noticed in {where}: {'; '.join(map(slip_text, shown))}"
            left -= len(shown)
        yield from [f"    {line}" for line in example.strip().splitlines() if not line.startswith("#")]
    if left:
        yield f"  and {counted(left, 'more slip')}; --suggest prints an example for each"
    for mutant in score.windows:
        yield f"  not noticed in {_where(mutant)}: {slip_text(mutant)}; give an event that only one of the two counts"
    for mutant in score.undecided:
        yield f"  not settled within the bound of work, in {_where(mutant)}: {slip_text(mutant)}"


def idle_lines(idle: Iterable[Example]) -> Iterator[str]:
    """The examples that notice nothing, a line each."""
    for example in idle:
        line = example.place.start.line
        yield f'  idle: the example "{example.title}" (line {line}) holds after any slip in the rules'


def _where(mutant: Mutant) -> str:
    if mutant.fact is not None:
        return f"the fact `{mutant.fact.name}` (line {mutant.fact.place.start.line})"
    if mutant.table is not None:
        return f"what the rows of `{mutant.table.name}` (line {mutant.table.place.start.line}) share"
    return "`applies when`" if mutant.rule is None else f"`{mutant.rule.name}` (line {mutant.rule.place.start.line})"


def score_json(score: MutationScore, examples: Sequence[str]) -> dict[str, object]:
    """A score as JSON."""
    return {
        "percent": round(score.percent, 2),
        "noticed": score.noticed,
        "counted": score.counted,
        "equivalent": len(score.equivalent),
        "requiring": len(score.requiring),
        "unnoticed": [
            {"slips": [_json(mutant) for mutant in unnoticed.mutants], "example": example.strip()}
            for unnoticed, example in zip(score.unnoticed, examples, strict=True)
        ],
        "windows": [_json(mutant) for mutant in score.windows],
        "undecided": [_json(mutant) for mutant in score.undecided],
        "idle": [example.title for example in score.idle],
    }


def _json(mutant: Mutant) -> dict[str, object]:
    slip = mutant.slip
    record: dict[str, object] = {"rule": None, "line": None}
    if mutant.rule is not None:
        record = {"rule": mutant.rule.name, "line": mutant.rule.place.start.line}
    if mutant.table is not None:
        record = {"rule": None, "table": mutant.table.name, "line": mutant.table.place.start.line}
    if mutant.fact is not None:
        record = {"rule": None, "fact": mutant.fact.name, "line": mutant.fact.place.start.line}
    return {**record, "kind": slip.kind.value, "before": slip.before, "after": slip.after}
