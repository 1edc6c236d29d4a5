"""Module to typed policy: the checker. It returns a policy, or diagnostics, or a policy with warnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import evolve, frozen

from forbear.check.conditions.conditions import typed_condition
from forbear.check.conditions.values import period_of
from forbear.check.declarations.definitions import definitions
from forbear.check.declarations.events import events_of
from forbear.check.declarations.heads import Heads, heads_of
from forbear.check.declarations.vocabulary import policy_currency, vocabulary
from forbear.check.files import Files, Pinned, Reads, gather, read_standard
from forbear.check.forgotten_none import forgotten_nones
from forbear.check.locations import Location, identity_of
from forbear.check.promises.promises import accept, ensure, example
from forbear.check.rules.rules import rules
from forbear.check.scope import Definitions, Scope, Vocabulary
from forbear.composition.standards import standing_over, under_standards
from forbear.diagnostic import Diagnostic, Label, Report, Severity, has_errors
from forbear.model.names import shipped_in
from forbear.model.policy import Conforms, Subject, TypedPolicy, clock, facts_read
from forbear.semantics.to_text import digest
from forbear.source import MAXIMUM_ERRORS, Place, Source
from forbear.syntax import ast
from forbear.syntax.parser import too_many_errors


@frozen
class Checked:
    """A typed policy, unless there are errors, and all that there is to say of its files.

    `files` are those of the disk that were read: its own, those that it uses, and the standards that it promises to
    keep or is subject to.
    `settings` are the names that it has a setting for, whatever else may be wrong.
    """

    policy: TypedPolicy | None
    diagnostics: tuple[Diagnostic, ...]
    files: tuple[Path, ...] = ()
    settings: frozenset[str] = frozenset()


def check(source: Source, where: Location | None, settings: Mapping[str, object]) -> Checked:
    """Reads and checks a policy with all files that it uses; `settings` takes the place of the file's own values."""
    reads = Reads()
    if where is not None:
        reads.keep(where, source)
    return _check(source, where, settings, reads, judged=True)


def _check(
    source: Source,
    where: Location | None,
    settings: Mapping[str, object],
    reads: Reads,
    *,
    judged: bool,
    within: tuple[str, ...] = (),
) -> Checked:
    """Standards to conform to are read for the policy that is judged by them, and for none that judges.

    `within` are the files that are subject to this one, one behind the other.
    """
    files = gather(source, where, reads)
    diagnostics = list(files.diagnostics)
    paths = list(files.paths)
    try:
        policy = _typed(files, where, settings, reads, diagnostics, paths, judged=judged, within=within)
        known = frozenset(policy.settings)
    except _TooManyErrors as stopped:
        diagnostics.append(too_many_errors(stopped.place))
        policy = None
        statements = [node for module in files.modules for node in module.statements]
        known = frozenset([node.name.text for node in statements if isinstance(node, ast.Setting)])
    unique = tuple(dict.fromkeys(diagnostics))
    return Checked(None if has_errors(unique) else policy, unique, tuple(paths), known)


class _TooManyErrors(Exception):
    """More errors than are reported. It never leaves this file."""

    def __init__(self, place: Place) -> None:
        self.place = place


def _limited(report: Report) -> Report:
    """The same, up to the most errors that are reported; the one after them ends the check with `_TooManyErrors`."""
    errors = 0

    def limited(diagnostic: Diagnostic) -> None:
        nonlocal errors
        errors += diagnostic.severity is Severity.ERROR
        if errors > MAXIMUM_ERRORS:
            raise _TooManyErrors(diagnostic.place)
        report(diagnostic)

    return limited


def _typed(
    files: Files,
    where: Location | None,
    settings: Mapping[str, object],
    reads: Reads,
    diagnostics: list[Diagnostic],
    paths: list[Path],
    *,
    judged: bool,
    within: tuple[str, ...],
) -> TypedPolicy:
    """The policy of these files, whatever is wrong with it, which `diagnostics` take up; `paths` take up what is
    read."""

    def told(diagnostic: Diagnostic) -> None:
        if not _follows(diagnostic, files):
            diagnostics.append(diagnostic)

    report = _limited(told)
    if not has_errors(files.diagnostics):  # else nothing is loaded, and what is left of a file has another digest
        for pinned in files.pinned:
            _check_pin(pinned, _declared_digest(pinned.modules), diagnostics.append)
    within = within if where is None else (*within, identity_of(where))
    heads = heads_of(files.modules[-1], report)
    subjects = []
    for used in () if heads.clauses.subject_to is None else heads.clauses.subject_to.standards:
        subject = _subject(used, files.modules[-1].source, where, within, diagnostics.append, paths, reads)
        if subject is None:
            files = evolve(files, complete=False)
        else:
            subjects.append(subject)
    policy = _policy(files.modules, heads, subjects, settings, report)
    if judged:
        promised = [node for node in files.modules[-1].statements if isinstance(node, ast.Conforms)]
        found = [_standard(node, files.modules[-1].source, where, diagnostics, paths, reads) for node in promised]
        policy = policy.with_conforms(tuple([one for one in found if one is not None]))
    if judged and not has_errors(diagnostics):
        diagnostics += forgotten_nones(policy)
    return policy


def _standard(
    node: ast.Conforms,
    source: Source,
    where: Location | None,
    diagnostics: list[Diagnostic],
    paths: list[Path],
    reads: Reads,
) -> Conforms | None:
    """The standard that a policy promises to keep, or what is wrong with its file; `paths` takes up what is read."""
    read = read_standard(node.standard, source, where, reads)
    if isinstance(read, Diagnostic):
        diagnostics.append(read)
        return None
    checked = _check(*read, {}, reads, judged=False)
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


def _subject(
    used: ast.Used,
    source: Source,
    where: Location | None,
    within: tuple[str, ...],
    report: Report,
    paths: list[Path],
    reads: Reads,
) -> Subject | None:
    """A standard that a policy is subject to; None where something is wrong with it, which is told. `paths` takes up
    what is read."""
    place = Place(source, used.named.span)
    read = read_standard(used.named, source, where, reads)
    if isinstance(read, Diagnostic):
        report(read)
        return None
    identity = identity_of(read[1])
    if identity in within:
        report(
            Diagnostic(
                code="circular-uses",
                message=f"`{used.named.text}` is this file, or is subject to it in turn",
                place=place,
                help="take it out here, or there",
            )
        )
        return None
    checked = _check(*read, {}, reads, judged=False, within=within)
    paths.extend(checked.files)
    for diagnostic in checked.diagnostics:
        if diagnostic.severity is Severity.ERROR:
            report(diagnostic)
    if checked.policy is None:
        return None
    if not checked.policy.standard:
        report(
            Diagnostic(
                code="bad-standard",
                message=f"`{used.named.text}` is no standard, so no policy can be subject to it",
                place=place,
                help=f"begin that file with `standard NAME`, if it sets bounds for others; to take its declarations "
                f'write `uses "{used.named.text}"`',
            )
        )
        return None
    if used.pin is not None:
        pinned = Pinned(used.pin.text, Place(source, used.pin.span), used.named.text)
        _check_pin(pinned, digest(checked.policy), report)
    return Subject(checked.policy, place, identity)


def _declared_digest(modules: tuple[ast.Module, ...]) -> str | Diagnostic:
    """The digest of what a file declares, with the files that it uses; or what is wrong with that by itself."""
    found: list[Diagnostic] = []
    report = _limited(found.append)
    try:
        heads = heads_of(modules[-1], lambda diagnostic: None)  # a head says nothing to those who use the file
        words, bare = _declared(modules, heads, None, {}, report)
        known = definitions(Scope(modules[-1].source, words, report))
    except _TooManyErrors:
        return next(diagnostic for diagnostic in found if diagnostic.severity is Severity.ERROR)
    for diagnostic in found:
        if diagnostic.severity is Severity.ERROR:
            return diagnostic
    return digest(_with_definitions(bare, known))


def _check_pin(pinned: Pinned, found: str | Diagnostic, report: Report) -> None:
    """Tells of a file that is not what somebody has pinned it to, or of which nobody can say that."""
    if isinstance(found, Diagnostic):
        report(
            Diagnostic(
                code="wrong-digest",
                message=f"`{pinned.named}` has no digest to compare with its pin, since by itself it is in error: "
                f"{found.message}",
                place=pinned.place,
                help=f"let `{pinned.named}` declare what it speaks of, or use the file that does; or take the pin out",
                related=(Label(found.place, f"{found.message}, without the files beside it"),),
            )
        )
    elif found != pinned.digest:
        report(
            Diagnostic(
                code="wrong-digest",
                message=f"`{pinned.named}` is not what it is pinned to: its digest is {found}, not {pinned.digest}",
                place=pinned.place,
                help=f"look at what has changed in it, validate the policy with it, and then write `{found}`",
            )
        )


def _declared(
    modules: tuple[ast.Module, ...],
    heads: Heads,
    currency: str | None,
    settings: Mapping[str, object],
    report: Report,
) -> tuple[Vocabulary, TypedPolicy]:
    """What files declare, and the policy that they make without definitions, rules and promises. `currency` is that of
    sums for which no file names one."""
    head, clauses = heads.policy, heads.clauses
    source = modules[-1].source
    titled = head or heads.vocabulary
    currency = policy_currency(modules) or currency
    words = vocabulary(modules, currency, settings, report)
    scope = Scope(source, words, report)
    events, derived = events_of([(module, node) for module in modules for node in module.statements], scope)
    in_force = period_of(clauses.in_force, scope)
    return words, TypedPolicy(
        name="policy" if head is None else head.name.text,
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
        definitions=dict.fromkeys(words.definitions),
        settings=words.settings,
        rules=(),
        examples=(),
        ensures=(),
        conforms=(),
        accepts=(),
        place=Place(source, (0, 0) if head is None else head.span),
    )


def _with_definitions(policy: TypedPolicy, known: Definitions) -> TypedPolicy:
    return evolve(policy, definitions={name: None if its is None else its.condition for name, its in known.items()})


def _policy(
    modules: tuple[ast.Module, ...],
    heads: Heads,
    subjects: Sequence[Subject],
    settings: Mapping[str, object],
    report: Report,
) -> TypedPolicy:
    module = modules[-1]
    source = module.source
    clauses = heads.clauses
    currency = next(filter(None, [one.standard.currency for one in subjects]), None)
    words, bare = _declared(modules, heads, currency, settings, report)
    bare, of_standards = under_standards(bare, subjects, report)
    words = evolve(words, facts=bare.facts, actions=bare.actions, clock=clock(bare))
    scope = Scope(source, words, report)
    known = definitions(scope)
    scope = evolve(scope, defined=known)
    applies = None
    if clauses.applies is not None:
        applies = typed_condition(clauses.applies.condition, scope)
    nodes = [node for node in module.statements if isinstance(node, ast.Rule)]
    own = rules(nodes, bare.name, applies, of_standards, scope)
    bare = evolve(_with_definitions(bare, known), rules=standing_over(own, of_standards))
    rule_names = dict.fromkeys(rule.name for rule in bare.rules)
    read = facts_read(bare)
    statements = module.statements
    return bare.with_promises(
        examples=tuple([example(node, read, bare, scope) for node in statements if isinstance(node, ast.Example)]),
        ensures=tuple([ensure(node, bare, scope) for node in statements if isinstance(node, ast.Ensure)]),
        accepts=tuple([accept(node, rule_names, scope) for node in statements if isinstance(node, ast.Accept)]),
    )
