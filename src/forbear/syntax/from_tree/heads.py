"""Tree to the heads of a file, and to `uses`."""

from __future__ import annotations

from typing import cast

from lark import Token, Tree

from forbear.syntax.ast.heads import Applies, HeadClauses, PolicyHead, SubjectTo, Used, Uses, VocabularyHead
from forbear.syntax.ast.parts import Text
from forbear.syntax.from_tree.conditions import condition_of
from forbear.syntax.from_tree.parts import Nodes, Notes, clause_text, clauses_of, name_of, period_of, span_of, text_of


def policy_head(tree: Tree[Token], notes: Notes) -> PolicyHead:
    kind, name, title, *clauses = cast(Nodes, tree.children)
    return PolicyHead(
        str(kind),  # type: ignore[arg-type]
        name_of(name),
        text_of(title, notes),
        _head_clauses(clauses, notes),
        span_of(tree),
    )


def vocabulary_head(tree: Tree[Token], notes: Notes) -> VocabularyHead:
    name, title, *clauses = cast(Nodes, tree.children)
    return VocabularyHead(name_of(name), text_of(title, notes), _head_clauses(clauses, notes), span_of(tree))


def uses(tree: Tree[Token], notes: Notes) -> Uses:
    children = cast(Nodes, tree.children)
    targets = [_used(child, notes) for child in children if child.data == "used"]
    clauses = [child for child in children if child.data != "used"]
    return Uses(tuple(targets), _head_clauses(clauses, notes), span_of(tree))


def _head_clauses(trees: Nodes, notes: Notes) -> HeadClauses:
    clauses = clauses_of(trees, notes)
    return HeadClauses(
        clause_text(clauses, "version", notes),
        clause_text(clauses, "source", notes),
        name_of(clauses["currency"].children[0]) if "currency" in clauses else None,
        period_of(clauses.get("in_force"), notes),
        _applies(clauses.get("applies"), notes),
        _subject_to(clauses.get("subject_to"), notes),
    )


def _applies(tree: Tree[Token] | None, notes: Notes) -> Applies | None:
    if tree is None:
        return None
    _, condition = cast(Nodes, tree.children)
    return Applies(condition_of(condition, notes), span_of(tree))


def _subject_to(tree: Tree[Token] | None, notes: Notes) -> SubjectTo | None:
    if tree is None:
        return None
    _, *standards = cast(Nodes, tree.children)
    return SubjectTo(tuple([_used(standard, notes) for standard in standards]), span_of(tree))


def _used(tree: Tree[Token], notes: Notes) -> Used:
    token, pinned = cast(Nodes, tree.children)
    named = cast(Text, text_of(token, notes)) if token.type == "STRING" else name_of(token)
    return Used(named, None if pinned is None else text_of(pinned.children[1], notes))
