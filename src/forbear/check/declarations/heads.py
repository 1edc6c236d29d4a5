"""The heads of a file, and the clauses that belong to the policy's."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from attrs import fields_dict, frozen

from forbear.base.diagnostic import Label, Report
from forbear.base.source import Place, Source
from forbear.language.model.messages import diagnosis
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Literal, Module
from forbear.version import LANGUAGE

_OF_POLICY = frozenset({"applies", "subject_to", "omits", "read", "reviewed"})
"""Clauses that a vocabulary has not."""


@frozen
class Heads:
    """The heads of a file, and the clauses of the policy's, those after a `uses` among them."""

    policy: nodes.PolicyHead | None
    vocabulary: nodes.VocabularyHead | None
    clauses: nodes.HeadClauses

    @property
    def name(self) -> str:
        """The name of the policy; `policy` if it has no head."""
        return "policy" if self.policy is None else self.policy.name.text


def heads_of(module: Module, report: Report) -> Heads:
    """The heads of a file. A clause under none, or a second head, is reported."""
    source = module.source
    heads: dict[str, Any] = {}
    clauses: dict[str, object] = {}
    owner: nodes.PolicyHead | nodes.VocabularyHead | None = None
    for node in module.statements:
        match node:
            case nodes.PolicyHead() | nodes.VocabularyHead():
                kind = "vocabulary" if isinstance(node, nodes.VocabularyHead) else "policy"
                if kind in heads:
                    first = Label(Place(source, heads[kind].name.span), "the first")
                    report(
                        diagnosis("misplaced-head.second", Place(source, node.name.span), kind=kind, related=(first,))
                    )
                    owner = None
                    continue
                heads[kind] = owner = node
            case nodes.Uses():
                pass
            case _:
                owner = None
                continue
        for word in fields_dict(nodes.HeadClauses):
            clause = getattr(node.clauses, word)
            if clause is None:
                continue
            if owner is None or (word in _OF_POLICY and isinstance(owner, nodes.VocabularyHead)):
                variant = "not-under-head" if owner is None else "not-under-policy"
                report(diagnosis(f"misplaced-head.{variant}", Place(source, clause.span), word=word.replace("_", " ")))
            elif isinstance(owner, nodes.PolicyHead) or word in ("currency", "language"):
                if word in clauses and isinstance(node, nodes.Uses):
                    place = Place(source, clause.span)
                    report(diagnosis("repeated-clause.head", place, word=word.replace("_", " ")))
                clauses[word] = clause
                if isinstance(clause, Literal):
                    _check_language(clause, source, report)
    return Heads(heads.get("policy"), heads.get("vocabulary"), nodes.HeadClauses(**clauses))  # type: ignore[arg-type]


def _check_language(version: Literal, source: Source, report: Report) -> None:
    """Reports a version of the language that this Forbear does not read."""
    if version.kind == "bad" or version.value in range(1, LANGUAGE + 1):
        return
    later = isinstance(version.value, Decimal) and version.value % 1 == 0 and version.value > LANGUAGE
    variant = "later" if later else "none"
    place = Place(source, version.span)
    report(diagnosis(f"language-version.{variant}", place, language=LANGUAGE, version=f"{version.value}"))
