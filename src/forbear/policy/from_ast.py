"""Module to typed policy: the checker. It returns a policy, or diagnostics, or a policy with warnings."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from forbear.diagnostic import Diagnostic, Label, Severity, has_errors
from forbear.policy.conditions_from_ast import typed_condition
from forbear.policy.definitions_from_ast import definitions
from forbear.policy.events_from_ast import events_of
from forbear.policy.files import Files, gather, read_standard
from forbear.policy.forgotten_none import forgotten_nones
from forbear.policy.names import shipped_in
from forbear.policy.promises_from_ast import accept, ensure, example
from forbear.policy.rules_from_ast import rules
from forbear.policy.typed import Conforms, TypedPolicy, facts_read
from forbear.policy.values_from_ast import Report, period_of
from forbear.policy.vocabulary_from_ast import policy_currency, vocabulary
from forbear.source import Place, Source, Span
from forbear.syntax import ast


@frozen
class Checked:
    """A typed policy, unless there are errors, and all that there is to say of its files.

    `files` are those that were read: its own, those that it uses, and the standards that it promises to keep.
    `settings` are the names that it has a setting for, whatever else may be wrong.
    """

    policy: TypedPolicy | None
    diagnostics: tuple[Diagnostic, ...]
    files: tuple[Path, ...] = ()
    settings: frozenset[str] = frozenset()


def check(source: Source, path: Path | None, settings: Mapping[str, object]) -> Checked:
    """Reads and checks a policy with all files that it uses; `settings` takes the place of the file's own values."""
    with _without_collection():
        return _check(source, path, settings, judged=True)


@contextmanager
def _without_collection() -> Iterator[None]:
    """A policy is a large tree without circles: looking for circles while it grows finds none, and takes a third of
    the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _check(source: Source, path: Path | None, settings: Mapping[str, object], *, judged: bool) -> Checked:
    """Standards are read for the policy that is judged by them, and for none that judges."""
    files = gather(source, path)
    diagnostics = list(files.diagnostics)
    paths = list(files.paths)

    def report(diagnostic: Diagnostic) -> None:
        if not _follows(diagnostic, files):
            diagnostics.append(diagnostic)

    policy = _policy(files.modules, settings, report)
    if judged:
        promised = [node for node in files.modules[-1].statements if isinstance(node, ast.Conforms)]
        found = [_standard(node, files.modules[-1].source, path, diagnostics, paths) for node in promised]
        policy = policy.with_conforms(tuple([one for one in found if one is not None]))
    if judged and not has_errors(diagnostics):
        diagnostics += forgotten_nones(policy)
    unique = tuple(dict.fromkeys(diagnostics))
    return Checked(None if has_errors(unique) else policy, unique, tuple(paths), frozenset(policy.settings))


def _standard(
    node: ast.Conforms, source: Source, path: Path | None, diagnostics: list[Diagnostic], paths: list[Path]
) -> Conforms | None:
    """The standard that a policy promises to keep, or what is wrong with its file; `paths` takes up what is read."""
    read = read_standard(node.standard, source, path)
    if isinstance(read, Diagnostic):
        diagnostics.append(read)
        return None
    checked = _check(*read, {}, judged=False)
    paths.extend(checked.files)
    diagnostics.extend(one for one in checked.diagnostics if one.severity is Severity.ERROR)
    return None if checked.policy is None else Conforms(checked.policy, Place(source, node.span))


def _follows(diagnostic: Diagnostic, files: Files) -> bool:
    """Whether it may be only a consequence of a statement or a file that could not be read, and declares nothing."""
    if diagnostic.code in _OF_NAMES:
        return not files.complete or diagnostic.place.text in files.broken
    if diagnostic.code == "duplicate-name":
        # With a fact or an action that could not be read, the file had had no use for the standard vocabulary.
        return bool(files.broken & {"fact", "action"}) and any(shipped_in(label.place) for label in diagnostic.related)
    return diagnostic.code in _OF_STATEMENTS and (not files.complete or bool(files.broken))


_OF_NAMES = frozenset(["unknown-name", "unknown-action", "unknown-rule", "bad-accept"])
_OF_STATEMENTS = frozenset(["no-clock", "no-action", "misplaced-head", "bad-override"])


def _policy(modules: tuple[ast.Module, ...], settings: Mapping[str, object], report: Report) -> TypedPolicy:
    module = modules[-1]
    source = module.source
    head, vocabulary_head, clauses = _head(module, report)
    titled = head or vocabulary_head
    currency = policy_currency(modules)
    words = vocabulary(modules, currency, settings, report)
    known = definitions(words, report)
    events, derived = events_of(
        [(module, node) for module in modules for node in module.statements], words, currency, report
    )
    name = "policy" if head is None else head.name.text
    in_force = period_of(clauses.in_force, words.settings, source, report)
    applies = None
    if clauses.applies is not None:
        applies = typed_condition(clauses.applies.condition, words, known, source, report)
    typed_rules = rules(module, name, words, known, applies, report)
    rule_names = dict.fromkeys(rule.name for rule in typed_rules)
    bare = TypedPolicy(
        name=name,
        headed=head is not None,
        standard=head is not None and head.kind == "standard",
        title=None if titled is None or titled.title is None else titled.title.text,
        version=None if clauses.version is None else clauses.version.text,
        source=None if clauses.source is None else clauses.source.text,
        currency=currency,
        since=in_force[0],
        until=in_force[1],
        facts=words.facts,
        events=events,
        derived=derived,
        actions=words.actions,
        groups=words.groups,
        ladders=words.ladders,
        definitions=frozenset(words.definitions),
        settings=words.settings,
        rules=typed_rules,
        examples=(),
        ensures=(),
        conforms=(),
        accepts=(),
        place=Place(source, Span(0, 0) if head is None else head.span),
    )
    read = facts_read(bare)
    statements = module.statements
    return bare.with_promises(
        examples=tuple(
            [
                example(node, words, read, in_force, bare, source, report)
                for node in statements
                if isinstance(node, ast.Example)
            ]
        ),
        ensures=tuple(
            [
                ensure(node, words, known, in_force, source, report)
                for node in statements
                if isinstance(node, ast.Ensure)
            ]
        ),
        accepts=tuple(
            [
                accept(node, words, known, rule_names, source, report)
                for node in statements
                if isinstance(node, ast.Accept)
            ]
        ),
    )


def _head(
    module: ast.Module, report: Report
) -> tuple[ast.PolicyHead | None, ast.VocabularyHead | None, ast.HeadClauses]:
    """The heads of a file, and the clauses of the policy's, those behind a `uses` among them."""
    source = module.source
    head: ast.PolicyHead | None = None
    vocabulary_head: ast.VocabularyHead | None = None
    seen: dict[str, ast.PolicyHead | ast.VocabularyHead] = {}
    clauses: dict[str, ast.Text | ast.Name | ast.Period | ast.Applies] = {}
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
        for word in ("version", "source", "currency", "in_force", "applies"):
            clause = getattr(node.clauses, word)
            if clause is None:
                continue
            if owner is None or (word == "applies" and isinstance(owner, ast.VocabularyHead)):
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
    return head, vocabulary_head, ast.HeadClauses(**clauses)  # type: ignore[arg-type]
