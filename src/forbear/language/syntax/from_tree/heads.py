"""Tree to the heads of a file, and to `uses`."""

from __future__ import annotations

from typing import cast

from forbear.language.syntax.from_tree.parts import Nodes, Reader, condition_of, name_of, span_of
from forbear.language.syntax.nodes import (
    Applies,
    HeadClauses,
    Omits,
    PolicyHead,
    Reading,
    Readings,
    Reviewed,
    SubjectTo,
    Text,
    Used,
    Uses,
    VocabularyHead,
)
from forbear.language.syntax.tree import Tree


def policy_head(tree: Tree, read: Reader) -> PolicyHead:
    kind, name, title, *clauses = cast(Nodes, tree.children)
    return PolicyHead(
        str(kind),  # type: ignore[arg-type]
        name_of(name),
        read.text(title),
        _head_clauses(clauses, read),
        span=span_of(tree),
    )


def vocabulary_head(tree: Tree, read: Reader) -> VocabularyHead:
    name, title, *clauses = cast(Nodes, tree.children)
    return VocabularyHead(name_of(name), read.text(title), _head_clauses(clauses, read), span=span_of(tree))


def uses(tree: Tree, read: Reader) -> Uses:
    children = cast(Nodes, tree.children)
    targets = [_used(child, read) for child in children if child.data == "used"]
    clauses = [child for child in children if child.data != "used"]
    return Uses(tuple(targets), _head_clauses(clauses, read), span=span_of(tree))


def _head_clauses(trees: Nodes, read: Reader) -> HeadClauses:
    clauses = read.clauses(trees)
    return HeadClauses(
        read.clause_text(clauses, "version"),
        read.clause_text(clauses, "source"),
        name_of(clauses["currency"].children[0]) if "currency" in clauses else None,
        read.period(clauses.get("in_force")),
        _applies(clauses.get("applies"), read),
        _subject_to(clauses.get("subject_to"), read),
        _omits(clauses.get("omits"), read),
        _readings(clauses.get("read"), read),
        _reviewed(clauses.get("reviewed"), read),
        read.count(cast(Nodes, clauses["language"].children)[1]) if "language" in clauses else None,
    )


def _applies(tree: Tree | None, read: Reader) -> Applies | None:
    if tree is None:
        return None
    _, condition = cast(Nodes, tree.children)
    return Applies(condition_of(condition, read), span=span_of(tree))


def _subject_to(tree: Tree | None, read: Reader) -> SubjectTo | None:
    if tree is None:
        return None
    _, *standards = cast(Nodes, tree.children)
    return SubjectTo(tuple([_used(standard, read) for standard in standards]), span=span_of(tree))


def _omits(tree: Tree | None, read: Reader) -> Omits | None:
    if tree is None:
        return None
    _, *texts = cast(Nodes, tree.children)
    return Omits(tuple([cast(Text, read.text(text)) for text in texts]), span=span_of(tree))


def _readings(tree: Tree | None, read: Reader) -> Readings | None:
    if tree is None:
        return None
    _, *readings = cast(Nodes, tree.children)
    pairs = [reading.children for reading in readings]
    return Readings(
        tuple([Reading(cast(Text, read.text(text)), read.literal(date)) for date, text in pairs]), span=span_of(tree)
    )


def _reviewed(tree: Tree | None, read: Reader) -> Reviewed | None:
    if tree is None:
        return None
    _, _, by, until = cast(Nodes, tree.children)
    return Reviewed(
        read.text(by) if by.type == "STRING" else None,
        None if until is None else read.literal(until),
        span=span_of(tree),
    )


def _used(tree: Tree, read: Reader) -> Used:
    token, pinned = cast(Nodes, tree.children)
    named = cast(Text, read.text(token)) if token.type == "STRING" else name_of(token)
    return Used(named, None if pinned is None else read.text(pinned.children[1]))
