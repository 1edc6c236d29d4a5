"""Optional facts that rules read and of which a file has no column: their names may be misspelt there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from forbear.language.model.names import did_you_mean
from forbear.portfolio.options import HISTORY
from forbear.space.predicates.specs import Specs


def lacking(
    versions: Iterable[Specs], columns: Sequence[str], names: Mapping[str, str], *, by_rows: bool
) -> dict[str, str | None]:
    """The facts without which something that rules read is unknown in each row, each with the column that is no fact
    and nearest to it, if one is near.

    The other arguments are those of `options_of`, which refuses columns that lack a fact which is not optional. With
    `by_rows` a fact may follow from another column: then that is the one which is lacking.
    """
    tables = list(versions)
    known = {*HISTORY, *(fact for table in tables for fact in table.facts)}
    given = {names.get(column, column) for column in columns}
    others = [column for column in columns if names.get(column, column) not in known]
    lacked: dict[str, str | None] = {}
    for table in tables:
        derived = {spec.name: spec for spec in table.history.derived} if by_rows else {}
        for fact in table.needed:
            if fact in given or table.facts[fact].absent != "unknown":
                continue
            spec = derived.get(fact)
            column = fact if spec is None else HISTORY[0] if spec.events is not None else spec.of
            if column is not None and column not in given:
                near = did_you_mean(column, others)
                lacked[column] = None if near is None else near.meant
    return lacked
