"""From a table to the rows of a sheet, and what of it no cell can say."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.base.frozen import frozen
from forbear.check.sheets.cells import bare
from forbear.language.model.names import counted
from forbear.language.model.policy import TypedPolicy
from forbear.language.model.tables import Table
from forbear.language.syntax import nodes
from forbear.language.syntax.literals import Unreadable, read_string
from forbear.language.syntax.nodes import Text
from forbear.language.syntax.parser import parse
from forbear.language.syntax.words import comments_of

_TEXTS = ("because", "source")


@frozen
class Exported:
    """The cells of a sheet, by rows, the headings first; and what is left out, in words."""

    rows: tuple[tuple[str, ...], ...]
    left_out: tuple[str, ...]


def exported(table: Table, node: nodes.Table, policy: TypedPolicy) -> Exported:
    """A table as a sheet. `node` is the table as it was written."""
    written = {"because": node.because, "source": node.source}
    added = [word for word, text in written.items() if text is not None and word not in table.headings]
    rows = [(*table.headings, *added)]
    for row in table.rows:
        cells = [
            _cell(text, heading, written.get(heading), policy)
            for heading, text in zip(table.headings, row.cells, strict=True)
        ]
        rows.append((*cells, *[text.text for word in added if (text := written[word]) is not None]))
    return Exported(tuple(rows), tuple(_left_out(table, node)))


def _cell(text: str, heading: str, of_table: Text | None, policy: TypedPolicy) -> str:
    if heading in _TEXTS:
        if text:
            try:
                return read_string(text)
            except Unreadable:
                return text
        return "" if of_table is None else of_table.text
    fact = policy.facts.get(heading)
    return text if fact is None else bare(text, fact)


def _left_out(table: Table, node: nodes.Table) -> Iterator[str]:
    source = table.place.source
    if node.title is not None:
        yield f'its title: "{node.title.text}"'
    clauses = (("when", node.when), ("unless", node.unless))
    for word, condition in clauses:
        if condition is not None:
            yield f"`{word} {' '.join(source.text[slice(*condition.span)].split())}`"
    if node.overrides or node.overrides_all:
        yield f"`overrides {', '.join(name.text for name in node.overrides) or 'all'}`"
    if node.in_force is not None:
        yield f"`{' '.join(source.text[slice(*node.in_force.span)].split())}`"
    promises = [word for word, promised in (("complete", table.complete), ("no overlap", table.no_overlap)) if promised]
    if promises:
        yield f"`{', '.join(promises)}`"
    comments = len(comments_of(source.text[slice(*node.span)]))
    if comments:
        yield counted(comments, "comment")


def as_written(table: Table) -> nodes.Table:
    """A table as it was written."""
    module, _ = parse(table.place.source)
    return next(node for node in module.statements if isinstance(node, nodes.Table) and node.name.text == table.name)
