"""The heads of a file, and the clauses that belong to the policy's."""

from __future__ import annotations

from attrs import frozen

from forbear.diagnostic import Diagnostic, Label, Report
from forbear.source import Place
from forbear.syntax import ast

_OF_POLICY = frozenset({"applies", "subject_to"})
"""Clauses that a vocabulary has not."""


@frozen
class Heads:
    """The heads of a file, and the clauses of the policy's, those behind a `uses` among them."""

    policy: ast.PolicyHead | None
    vocabulary: ast.VocabularyHead | None
    clauses: ast.HeadClauses

    @property
    def name(self) -> str:
        """The name of the policy; that of one without a head is `policy`."""
        return "policy" if self.policy is None else self.policy.name.text


def heads_of(module: ast.Module, report: Report) -> Heads:
    """The heads of a file. What stands under none, or a second time, is reported."""
    source = module.source
    head: ast.PolicyHead | None = None
    vocabulary_head: ast.VocabularyHead | None = None
    seen: dict[str, ast.PolicyHead | ast.VocabularyHead] = {}
    clauses: dict[str, ast.Text | ast.Name | ast.Period | ast.Applies | ast.SubjectTo] = {}
    owner: ast.PolicyHead | ast.VocabularyHead | None = None
    for node in module.statements:
        match node:
            case ast.PolicyHead() | ast.VocabularyHead():
                kind = "vocabulary" if isinstance(node, ast.VocabularyHead) else "policy"
                if kind in seen:
                    report(
                        Diagnostic(
                            code="misplaced-head",
                            message=f"a second {kind} begins in this file",
                            place=Place(source, node.name.span),
                            help=f"put each {kind} into a file of its own",
                            related=(Label(Place(source, seen[kind].name.span), "the first"),),
                        )
                    )
                    owner = None
                    continue
                seen[kind] = owner = node
                if isinstance(node, ast.PolicyHead):
                    head = node
                else:
                    vocabulary_head = node
            case ast.Uses():
                pass
            case _:
                owner = None
                continue
        for word in ("version", "source", "currency", "in_force", "applies", "subject_to"):
            clause = getattr(node.clauses, word)
            if clause is None:
                continue
            if owner is None or (word in _OF_POLICY and isinstance(owner, ast.VocabularyHead)):
                report(
                    Diagnostic(
                        code="misplaced-head",
                        message=f"`{word.replace('_', ' ')}` stands under no head"
                        + (" of a policy" if owner is not None else ""),
                        place=Place(source, clause.span),
                        help="write it below `policy NAME`, before the rules",
                    )
                )
            elif isinstance(owner, ast.PolicyHead) or word == "currency":
                if word in clauses and isinstance(node, ast.Uses):
                    report(
                        Diagnostic(
                            code="repeated-clause",
                            message=f"`{word.replace('_', ' ')}` stands twice under this head",
                            place=Place(source, clause.span),
                            help="keep one of the two",
                        )
                    )
                clauses[word] = clause
    return Heads(head, vocabulary_head, ast.HeadClauses(**clauses))  # type: ignore[arg-type]
