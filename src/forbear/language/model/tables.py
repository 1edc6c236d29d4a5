"""Tables: rules by rows, and what is promised of these."""

from __future__ import annotations

from attrs import frozen

from forbear.base.source import Place
from forbear.language.model.conditions import Condition


@frozen
class Row:
    """A row of a table: the rule that it is, by its name, and where it holds. One without effects makes no rule.

    One that is `otherwise` holds where no row above does. `cells` are as the author wrote them.
    """

    name: str
    condition: Condition
    otherwise: bool
    makes_rule: bool
    cells: tuple[str, ...]
    place: Place


@frozen
class Table:
    """A table. Its rows count if `when` holds; the condition of each includes it.

    A `complete` one promises that some row holds in each case in which `when` does, and `no_overlap` that no two do.
    `headings` are as the author wrote them. `actions` are those that its rows can name; None stands for any.
    """

    name: str
    title: str | None
    headings: tuple[str, ...]
    actions: frozenset[str] | None
    rows: tuple[Row, ...]
    when: Condition
    complete: bool
    no_overlap: bool
    place: Place


def promised(table: Table) -> tuple[Condition, ...]:
    """Returns the conditions about which a table promises something; none if it promises nothing."""
    if not (table.complete or table.no_overlap):
        return ()
    return (table.when, *[row.condition for row in table.rows])
