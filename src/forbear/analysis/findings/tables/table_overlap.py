"""`table-overlap`: a case in which two rows hold of a table that says no two do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding
from forbear.analysis.engine.space import check_witness
from forbear.base.diagnostic import Code, Diagnostic, Label, Severity
from forbear.language.model.messages import diagnosis
from forbear.language.model.names import listed
from forbear.language.model.tables import Table
from forbear.semantics import meaning
from forbear.space.formulas import Formula, inside
from forbear.space.regions import Box
from forbear.space.search.index import Regions
from forbear.space.search.index import Row as Places


def table_overlaps(analysis: Analysis) -> Iterator[Candidate]:
    """A candidate for each row that meets an earlier one, of tables that say no two rows do. None can be accepted."""
    for table in analysis.policy.tables:
        if not table.no_overlap:
            continue
        apart = [row for row in table.rows if not row.otherwise]
        boxes = [analysis.space.boxes(row.condition, when_unknown=False) for row in apart]
        places = Places([len(of_row) for of_row in boxes])
        regions = Regions(boxes, places, analysis.space.masks, analysis.searcher.bound)
        for number, of_row in enumerate(boxes):
            earlier = regions.meeting(of_row) & ((1 << places.bit(number)) - 1)
            if earlier:
                yield _candidate(analysis, table, number, places.numbers(earlier & places.all), boxes)


def _candidate(
    analysis: Analysis, table: Table, number: int, earlier: Sequence[int], boxes: Sequence[Sequence[Box]]
) -> Candidate:
    row = table.rows[number]

    def find(more: Formula) -> Diagnostic | None:
        in_row, searcher = inside(boxes[number]), analysis.searcher
        meeting = [place for place in earlier if searcher.holds(in_row, inside(boxes[place]), more)]
        if not meeting:
            return None
        rows = [table.rows[place] for place in meeting]
        read = [table_row.condition for table_row in (row, *rows)]  # a row without effects makes no rule
        point = searcher.case(in_row, inside(boxes[meeting[0]]), more, read=read)
        assert point is not None
        truths = [meaning.truth(condition, analysis.policy.facts, point.case) for condition in read[:2]]
        check_witness(truths == [True, True], TABLE_OVERLAP.code, point)
        return diagnosis(
            "table-overlap.rows",
            row.place,
            code=TABLE_OVERLAP.code,
            related=tuple([Label(table_row.place, f"`{table_row.name}`") for table_row in rows[:3]]),
            rules=tuple([table_row.name for table_row in (*rows, row) if table_row.makes_rule]),
            witness=point.witness,
            row=row.name,
            first=rows[0].name,
            more=listed([table_row.name for table_row in rows[1:]], 3) or None,
        )

    return Candidate((), find, row.place)


TABLE_OVERLAP = Finding(
    Code("table-overlap", Severity.ERROR),
    table_overlaps,
    applies=lambda policy: any(table.no_overlap for table in policy.tables),
)
